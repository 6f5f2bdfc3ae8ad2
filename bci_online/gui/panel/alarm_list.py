"""The alarms that are not acknowledged yet, and a line for notes."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from bci_online.gui.fonts import Typeface
from bci_online.gui.panel.figure_wording import duration
from bci_online.gui.themes import Theme
from bci_online.session_state.alarms import Alarm

__all__ = ["AlarmList"]

TEXT_PX, LINE_PX, TIME_PX = 12, 18, 40
LONGEST_NOTE = 200


class _Lines(QWidget):
    """The alarms, the newest first, as many as fit."""

    def __init__(self, theme: Theme, typeface: Typeface) -> None:
        super().__init__()
        self._theme, self._typeface = theme, typeface
        self.lines: list[tuple[str, str, bool]] = []

    def sizeHint(self) -> QSize:
        return QSize(340, 5 * LINE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        painter.fillRect(self.rect(), QColor(theme.ground))
        painter.setFont(self._typeface.font(TEXT_PX))
        if not self.lines:
            painter.setPen(QColor(theme.quiet))
            painter.drawText(
                QRectF(0, 0, self.width(), LINE_PX), Qt.AlignmentFlag.AlignVCenter, "no alarm"
            )
        top = 0
        for place, (time, text, is_alarm) in enumerate(self.lines):
            is_last = place == len(self.lines) - 1
            if not is_last and top + 3 * LINE_PX > self.height():
                self._paint_line(painter, top, "", f"and {len(self.lines) - place} more", False)
                break
            top += self._paint_line(painter, top, time, text, is_alarm)
        painter.end()

    def _paint_line(self, painter: QPainter, top: int, time: str, text: str, is_alarm: bool) -> int:
        """Paint an alarm, on two lines where it is long; return how high it is."""
        theme, middle = self._theme, int(Qt.AlignmentFlag.AlignVCenter)
        width = self.width() - TIME_PX - 10
        is_long = painter.fontMetrics().horizontalAdvance(text) > width
        height = LINE_PX * (2 if is_long else 1)
        line = QRectF(0, top, self.width(), height)
        if is_alarm:
            painter.fillRect(line.adjusted(0, 1, 0, -1), QColor(theme.cue))
        painter.setPen(QColor(theme.ground if is_alarm else theme.cue))
        painter.drawText(line.adjusted(4, 0, 0, 0), middle, time)
        room = QRectF(TIME_PX + 6, top, width, height)
        painter.drawText(room, middle | int(Qt.TextFlag.TextWordWrap), text)
        return height


class AlarmList(QWidget):
    """Alarms, a button to acknowledge them, and a line for a note.

    Parameters
    ----------
    theme : Theme
        Colours.
    typeface : Typeface
        Font.
    acknowledge : callable
        Called when the button is pressed.
    note : callable
        Called with the text of a note.

    See Also
    --------
    bci_online.session_state.alarms.Alarms : What it shows.
    """

    def __init__(
        self,
        theme: Theme,
        typeface: Typeface,
        acknowledge: Callable[[], None],
        note: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._note = note
        self._lines = _Lines(theme, typeface)
        self.seen = QPushButton("Seen")
        self.seen.setToolTip("acknowledge all alarms (A)")
        self.seen.clicked.connect(acknowledge)
        self.text = QLineEdit()
        self.text.setPlaceholderText("a note for the recording")
        self.text.setMaxLength(LONGEST_NOTE)
        self.text.returnPressed.connect(self._noted)
        self.add = QPushButton("Note")
        self.add.clicked.connect(self._noted)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self.text, self.add, self.seen):
            row.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._lines, 1)
        column.addLayout(row)

    def show_alarms(self, alarms: Sequence[Alarm], began: float | None) -> None:
        """Show `alarms`, with their times since the session `began`."""
        lines = []
        for alarm in reversed(alarms):
            times = f" (×{alarm.count})" if alarm.count > 1 else ""
            since = None if began is None else alarm.last - began
            when = duration(since) if since is not None and since >= 0 else ""
            lines.append((when, alarm.text + times, alarm.level == "alarm"))
        self.seen.setEnabled(bool(lines))
        if lines != self._lines.lines:
            self._lines.lines = lines
            self._lines.update()

    def allow_notes(self, allowed: bool) -> None:
        """Allow notes while a session receives them."""
        self.text.setEnabled(allowed)
        self.add.setEnabled(allowed)

    def _noted(self) -> None:
        text = self.text.text().strip()
        if text:
            self._note(text)
            self.text.clear()
