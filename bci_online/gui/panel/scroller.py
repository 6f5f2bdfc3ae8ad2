"""The incoming EEG with its markers."""

import math
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from bci_online.config import FilterSpec
from bci_online.gui.fonts import Typeface
from bci_online.gui.panel.columns import ColumnExtremes
from bci_online.gui.panel.trace_image import TraceImage
from bci_online.gui.themes import Theme
from bci_online.messages import StreamSpec, unit_name
from bci_online.preprocessing.filters import CausalFilter, bandpass

__all__ = ["Scroller"]

NAMES_PX, STRIP_PX, AXIS_PX, VALUES_PX = 52, 18, 20, 50
SMALL_PX = 11
SCALES = tuple(step * 10.0**power for power in range(-2, 5) for step in (1, 2, 5))
WINDOWS_S = (2.0, 5.0, 10.0, 20.0, 30.0)
# Lower rows could not be distinguished.
ROW_PX = 6
# A row shows so many RMS at first; noise seldom leaves it.
ROW_RMS = 6.5
LOWEST_HZ, HIGHEST_HZ = 1.0, 40.0


class Scroller(QWidget):
    """Traces from right to left, one per channel; a strip of markers above, seconds below.

    Parameters
    ----------
    theme : Theme
        Colours.
    typeface : Typeface
        Font.
    waits : str
        What stands there before a signal came.

    See Also
    --------
    bci_online.gui.panel.trace_image.TraceImage : Draws the traces.

    Notes
    -----
    The traces are band-passed from 1 to 40 Hz: an electrode's offset would hide everything. Quality
    and spectrum are those of the unfiltered signal.
    """

    def __init__(self, theme: Theme, typeface: Typeface, waits: str = "no signal yet") -> None:
        super().__init__()
        self._theme, self._font, self._waits = theme, typeface.font(SMALL_PX), waits
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.window_s, self.per_row = 10.0, 50.0
        self._spec: StreamSpec | None = None
        self._filter: CausalFilter | None = None
        self._columns: ColumnExtremes | None = None
        self._image: TraceImage | None = None
        self._frame: QPixmap | None = None
        self._marks: deque[tuple[float, str, bool]] = deque(maxlen=2000)
        self._marked: NDArray[np.bool_] = np.zeros(0, bool)
        self._rms: NDArray[np.float64] = np.zeros(0)
        self._page = 0
        self._scaled = False
        self._ratio = 1.0

    def open(self, spec: StreamSpec) -> None:
        """Show another stream from now on."""
        self._spec = spec
        highest = min(HIGHEST_HZ, 0.4 * spec.sfreq)
        band = FilterSpec(l_freq=min(LOWEST_HZ, highest / 4), h_freq=highest, order=2)
        self._filter = CausalFilter(bandpass(band, spec.sfreq))
        self._marked, self._rms = np.zeros(len(spec.ch_names), bool), np.zeros(0)
        self._scaled, self._page = False, 0
        self._columns = None
        self._lay_out()

    def push(
        self, data: NDArray[np.floating], times: NDArray[np.float64], *, hole: bool = False
    ) -> None:
        """Take samples (n_times, n_channels) and their common times (n_times,)."""
        if self._filter is None or not len(times) or data.shape[1] != self._marked.size:
            return
        if hole:
            self._filter.restart()
        shown = self._filter.process(data.T.astype(np.float64)).T
        if self._columns is None or self._image is None:
            return
        first, stop = self._columns.push(shown.astype(np.float32), times, new_piece=hole)
        self._image.draw(first, stop)

    def mark(self, time: float, text: str, *, is_word: bool) -> None:
        """Show a marker: a tick, or a line with its word."""
        self._marks.append((time, text, is_word))

    def judge(self, rms: NDArray[np.float64], bad: Sequence[bool]) -> None:
        """Take each channel's RMS, shown beside it, and which of them call for attention."""
        self._rms, self._frame = rms, None
        self.update()
        if not self._scaled and rms.size:
            self._scaled = True
            wanted = max(ROW_RMS * float(np.median(rms)), SCALES[0])
            self.per_row = min(SCALES, key=lambda scale: abs(math.log(scale / wanted)))
            self._redraw()
        marked = np.asarray(bad, bool)
        if not np.array_equal(marked, self._marked):
            self._marked = marked
            self._redraw()

    def zoom(self, step: int) -> None:
        """Make a row show less (`step` > 0) or more of the unit."""
        nearest = min(range(len(SCALES)), key=lambda place: abs(SCALES[place] - self.per_row))
        self.per_row = SCALES[min(max(nearest - step, 0), len(SCALES) - 1)]
        self._scaled = True
        self._redraw()

    def stretch(self, step: int) -> None:
        """Show fewer (`step` < 0) or more seconds; the traces begin again."""
        place = WINDOWS_S.index(self.window_s) + step
        self.window_s = WINDOWS_S[min(max(place, 0), len(WINDOWS_S) - 1)]
        self._lay_out()

    def turn(self, step: int) -> None:
        """Show other channels, where not all find room."""
        self._page = min(max(self._page + step, 0), self._n_pages() - 1)
        self._lay_out()

    def caption(self) -> str:
        """Return what is shown, and its scale, in words."""
        if self._spec is None:
            return self._waits
        highest = min(HIGHEST_HZ, 0.4 * self._spec.sfreq)
        shown, n_channels = self._shown(), len(self._spec.ch_names)
        which = f"{n_channels} channels"
        if shown.stop - shown.start < n_channels:
            which = f"channels {shown.start + 1} to {shown.stop} of {n_channels} (page up, down)"
        return (
            f"EEG, {which}, {LOWEST_HZ:g}–{highest:g} Hz · "
            f"{self.per_row:g} {unit_name(self._spec.unit)} per row"
        )

    def _n_pages(self) -> int:
        n_channels = 1 if self._spec is None else len(self._spec.ch_names)
        return math.ceil(n_channels / max(1, self._area().height() // ROW_PX))

    def _shown(self) -> slice:
        """Return which channels are on the page; pages are alike."""
        n_channels, n_pages = 0 if self._spec is None else len(self._spec.ch_names), self._n_pages()
        n_shown = math.ceil(n_channels / n_pages)
        first = min(self._page, n_pages - 1) * n_shown
        return slice(first, min(first + n_shown, n_channels))

    def refresh(self) -> None:
        """Paint what is new: the traces and the strip, not the names."""
        self.update(QRect(NAMES_PX, 0, self._area().width(), self.height() - AXIS_PX))

    def sizeHint(self) -> QSize:
        """Return a good size."""
        return QSize(900, 480)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out again."""
        self._lay_out()

    def _area(self) -> QRect:
        return QRect(
            NAMES_PX, STRIP_PX, self.width() - NAMES_PX - VALUES_PX,
            self.height() - STRIP_PX - AXIS_PX,
        )  # fmt: skip

    def _lay_out(self) -> None:
        """Make columns and image for the size of the widget."""
        self._frame = self._image = None
        area = self._area()
        self.update()
        if self._spec is None or area.width() < 50 or area.height() < 50:
            return
        n_channels = len(self._spec.ch_names)
        # Not more columns than samples, else some would stay empty.
        column_px = max(1, math.ceil(area.width() / (self.window_s * self._spec.sfreq)))
        n_columns = area.width() // column_px
        per_s, before = n_columns / self.window_s, self._columns
        is_same = before is not None and (before.n_columns, before.columns_per_s) == (
            n_columns, per_s,
        )  # fmt: skip
        # Columns of another width cannot be made of these: the traces begin again.
        if before is None or not is_same:
            self._columns = before = ColumnExtremes(n_channels, n_columns, per_s)
        self._image = TraceImage(
            before, area.height(), column_px, self._theme, self.per_row, self._shown()
        )
        self._redraw()

    def _redraw(self) -> None:
        if self._image is not None:
            self._image.per_row, self._image.marked = self.per_row, self._marked[self._shown()]
            self._image.draw_all()
        self._frame = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the newest columns, and their surroundings where requested."""
        painter = QPainter(self)
        if self._frame is None or self._ratio != self.devicePixelRatio():
            self._ratio = self.devicePixelRatio()
            self._frame = self._framed()
        area = self._area()
        painter.setClipRegion(event.region())
        painter.drawPixmap(0, 0, self._frame)
        if self._image is None or self._columns is None:
            painter.setPen(QColor(self._theme.quiet))
            painter.setFont(self._font)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._waits)
        else:
            self._image.paint(painter, area.left(), area.top())
            self._paint_marks(painter, area, self._columns)
        painter.end()

    def _paint_marks(self, painter: QPainter, area: QRect, columns: ColumnExtremes) -> None:
        newest_time = (columns.newest + 1) / columns.columns_per_s
        pixels_per_s = area.width() / self.window_s
        word, tick = QColor(self._theme.decision), QColor(self._theme.quiet)
        painter.setFont(self._font)
        taken: float = area.right()
        for time, text, is_word in reversed(self._marks):
            x = area.right() - (newest_time - time) * pixels_per_s
            if x < area.left():
                break
            if x > area.right() + 1:
                continue
            painter.setPen(word if is_word else tick)
            if not is_word:
                painter.drawLine(int(x), STRIP_PX - 5, int(x), STRIP_PX - 1)
                continue
            painter.drawLine(int(x), 2, int(x), area.bottom())
            width = painter.fontMetrics().horizontalAdvance(text) + 6
            if x + width < taken:
                painter.drawText(int(x) + 3, 11, text)
                taken = x

    def _framed(self) -> QPixmap:
        """Return the names, the axis and the ground."""
        frame = QPixmap(self.size() * self._ratio)
        frame.setDevicePixelRatio(self._ratio)
        frame.fill(QColor(self._theme.ground))
        painter = QPainter(frame)
        painter.setFont(self._font)
        painter.setPen(QColor(self._theme.quiet))
        area = self._area()
        self._paint_seconds(painter, area)
        if self._spec is not None:
            self._paint_names(painter, area, self._spec.ch_names, self._shown())
        painter.end()
        return frame

    def _paint_names(
        self, painter: QPainter, area: QRect, names: Sequence[str], shown: slice
    ) -> None:
        row = area.height() / (shown.stop - shown.start)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        unit = "" if self._spec is None else unit_name(self._spec.unit)
        room = QRectF(area.right(), 0, VALUES_PX - 2, STRIP_PX - 4)
        painter.drawText(room, int(right), f"RMS {unit}" if len(unit) < 3 else "RMS")
        # Names that would lie over each other are left out, evenly.
        every = math.ceil(painter.fontMetrics().height() * 0.95 / row)
        for place in range(shown.start, shown.stop, every):
            middle = area.top() + (place - shown.start + 0.5) * row
            bad = bool(self._marked[place]) if self._marked.size == len(names) else False
            painter.setPen(QColor(self._theme.cue if bad else self._theme.quiet))
            room = QRectF(0, middle - 8, NAMES_PX - 6, 16)
            painter.drawText(room, int(right), names[place])
            if self._rms.size == len(names):
                room.moveRight(self.width() - 2)
                painter.drawText(room, int(right), f"{self._rms[place]:.3g}")

    def _paint_seconds(self, painter: QPainter, area: QRect) -> None:
        n_steps = next(n for n in (10, 5) if self.window_s % n == 0 or n == 5)
        if self.window_s == 2.0:
            n_steps = 4
        for step in range(n_steps + 1):
            x = area.left() + round(step * (area.width() - 1) / n_steps)
            painter.drawLine(x, area.bottom() + 1, x, area.bottom() + 4)
            seconds = self.window_s * (step / n_steps - 1)
            text = f"{seconds:g}".replace("-", "−") + (" s" if step == n_steps else "")
            width = painter.fontMetrics().horizontalAdvance(text)
            left = x - width / 2
            painter.drawText(QRectF(left, area.bottom() + 4, width + 2, 15), text)
