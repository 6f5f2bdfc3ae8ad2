"""Which channels are good, where they are on the head, and what is wrong with the others."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from bci_online.acquisition.montage import sensor_positions
from bci_online.gui.fonts import Typeface
from bci_online.gui.panel.shades import shade
from bci_online.gui.themes import Theme
from bci_online.preprocessing.quality import ChannelQuality

__all__ = ["WORDS", "ScalpMap"]

WORDS = {
    "placed": "{n} channels",
    "waits": "quality: no signal yet",
    "good": "{good} of {of} good",
    "rms": "RMS {rms} {unit}",
    "span": "({low} to {high})",
    "unplaced": "{n} not on the map",
    "more": "and {n} more",
}
"""What stands beside the head; a window of another language says it in its own words."""

TEXT_PX, SMALL_PX, LINE_PX = 13, 12, 18
WORDS_PX = 160
# The ring of the 10-10 system is 72 degrees from Cz; what lies below it is drawn outside the head.
RING_DEGREES = 72.0
OUTSIDE = 1.36
MOST_NAMED = 40
LEAST_DOT, MOST_DOT = 0.02, 0.12


class ScalpMap(QWidget):
    """A head from above, with one dot per channel; beside it what is wrong, in words.

    Parameters
    ----------
    theme : Theme
        Colours.
    typeface : Typeface
        Font.
    say : callable, optional
        Returns a text of `WORDS`, given its key and its values; in English if not given.

    See Also
    --------
    bci_online.preprocessing.quality.faults : What is wrong.
    """

    def __init__(
        self, theme: Theme, typeface: Typeface, say: Callable[..., str] | None = None
    ) -> None:
        super().__init__()
        self._theme, self._typeface, self._say = theme, typeface, say or _in_english
        self._places = {
            name.casefold(): _seen_from_above(place) for name, place in sensor_positions().items()
        }
        self._qualities: Sequence[ChannelQuality] = ()
        self.wrong: Mapping[str, str] = {}
        self._unit, self._is_judged = "", False

    def judge(
        self, qualities: Sequence[ChannelQuality], wrong: Mapping[str, str], unit: str
    ) -> None:
        """Show how good each channel is.

        Parameters
        ----------
        qualities : sequence of ChannelQuality
            One per channel.
        wrong : mapping of str to str
            What is wrong with which channel, as `bci_online.preprocessing.quality.faults` says.
        unit : str
            Of the RMS, as it is written.
        """
        self._qualities, self.wrong, self._unit = qualities, wrong, unit
        self._is_judged = True
        self.update()

    def place(self, ch_names: Sequence[str]) -> None:
        """Show where channels are, of whose signal nothing is known yet."""
        unknown = (ChannelQuality(name, 0.0, False, False, 0.0) for name in ch_names)
        self._qualities, self.wrong, self._is_judged = tuple(unknown), {}, False
        self.update()

    def sizeHint(self) -> QSize:
        """Return a good size."""
        return QSize(340, 190)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all of it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.ground))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.height(), self.width() - WORDS_PX)
        self._paint_head(painter, QPointF(side / 2, side / 2), side / 2 - 2)
        self._paint_words(painter, QRectF(side + 14, 0, self.width() - side - 14, side))
        painter.end()

    def _paint_head(self, painter: QPainter, centre: QPointF, reach: float) -> None:
        radius = reach / OUTSIDE
        painter.setPen(QPen(QColor(self._theme.dim), 1.5))
        painter.drawEllipse(centre, radius, radius)
        nose = [centre + QPointF(x * radius, -y * radius)
                for x, y in ((-0.12, 0.99), (0, 1.14), (0.12, 0.99))]  # fmt: skip
        painter.drawPolyline(nose)
        placed = [
            (quality, self._places[quality.name.casefold()])
            for quality in self._qualities
            if quality.name.casefold() in self._places
        ]
        named = len(placed) <= MOST_NAMED and radius > 60
        dot = radius * _dot_size([place for _, place in placed])
        painter.setFont(self._typeface.font(min(SMALL_PX, dot)))
        for quality, (x, y) in placed:
            self._paint_dot(
                painter, quality, centre + QPointF(x * radius, -y * radius), dot, named=named
            )

    def _paint_dot(
        self, painter: QPainter, quality: ChannelQuality, at: QPointF, radius: float, *, named: bool
    ) -> None:
        bad = quality.name in self.wrong
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.cue) if bad else shade(self._theme, 0.2))
        painter.drawEllipse(at, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if named:
            painter.setPen(QColor(self._theme.ground if bad else self._theme.text))
            room = QRectF(at.x() - 2 * radius, at.y() - radius, 4 * radius, 2 * radius)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, quality.name)

    def _paint_words(self, painter: QPainter, room: QRectF) -> None:
        """Say how many are good and what is wrong with the others, the first that fit."""
        n_lines = int(room.height() // LINE_PX)
        lines = self._lines(n_lines)
        top = room.top() + max(0.0, (room.height() - LINE_PX * len(lines)) / 2)
        painter.setFont(self._typeface.font(TEXT_PX))
        metrics = painter.fontMetrics()
        for place, (text, colour) in enumerate(lines):
            painter.setPen(QColor(colour))
            line = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
            at = QRectF(room.left(), top + place * LINE_PX, room.width(), LINE_PX)
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, line)

    def _lines(self, n_lines: int) -> list[tuple[str, str]]:
        qualities, theme = self._qualities, self._theme
        if not qualities:
            return [(self._say("waits"), theme.quiet)]
        say = self._say
        n_lost = sum(quality.name.casefold() not in self._places for quality in qualities)
        unplaced = [(say("unplaced", n=n_lost), theme.quiet)] if n_lost else []
        if not self._is_judged:
            return [(say("placed", n=len(qualities)), theme.text), *unplaced]
        wrong = list(self.wrong.items())
        rms = sorted(quality.rms for quality in qualities)
        n_good = len(qualities) - len(wrong)
        lines = [
            (say("good", good=n_good, of=len(qualities)), theme.text),
            (say("rms", rms=f"{rms[len(rms) // 2]:.3g}", unit=self._unit), theme.quiet),
            (say("span", low=f"{rms[0]:.3g}", high=f"{rms[-1]:.3g}"), theme.quiet),
            *unplaced,
        ]
        left = max(1, n_lines - len(lines))
        lines += [(f"{name} {what}", theme.cue) for name, what in wrong[:left]]
        if len(wrong) > left:
            lines[-1] = (say("more", n=len(wrong) - left + 1), theme.cue)
        return lines


def _in_english(key: str, **values: object) -> str:
    return WORDS[key].format(**values)


def _dot_size(places: Sequence[tuple[float, float]]) -> float:
    """Return a radius at which no dot lies on another."""
    nearest = min((math.dist(*pair) for pair in combinations(places, 2)), default=1.0)
    return max(LEAST_DOT, min(MOST_DOT, 0.47 * nearest))


def _seen_from_above(place: Iterable[float]) -> tuple[float, float]:
    """Return where a point of the unit sphere is drawn: the ring of the head has radius 1."""
    x, y, z = (float(part) for part in place)
    down = math.degrees(math.acos(max(-1.0, min(1.0, z))))
    length = math.hypot(x, y)
    if length == 0:
        return 0.0, 0.0
    return x / length * down / RING_DEGREES, y / length * down / RING_DEGREES
