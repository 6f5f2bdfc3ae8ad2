"""The head of a card: its number or tick, its title, and how it stands."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from bci_online.gui.lab.style import plain_tip
from bci_online.gui.panel.shades import shade
from bci_online.gui.themes import Theme
from bci_online.lab.lab_state import CardState

__all__ = ["CardHead"]


class CardHead(QAbstractButton):
    """Opens its card; a mark, a word and a colour say how the step stands.

    Parameters
    ----------
    theme : Theme
        Colours.
    number : int
        Of the step.
    title : str
        Of the step.

    See Also
    --------
    bci_online.gui.lab.card_view.CardView : The card.
    """

    def __init__(self, theme: Theme, number: int, title: str) -> None:
        super().__init__()
        self.theme, self._number, self._title = theme, number, title
        self._state: CardState = "blocked"
        self._line = self._word = ""
        self._shows_line = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_state(self, state: CardState, word: str, line: str) -> None:
        """Show how the step stands: the mark of its state, its word, and one line."""
        self._state, self._word, self._line = state, word, line
        self.setAccessibleName(f"{self._number}. {self._title}: {word}. {line}")
        self.setToolTip(plain_tip(line))
        self.update()

    def show_title(self, title: str) -> None:
        """Show another title."""
        self._title = title

    def show_line(self, shows: bool) -> None:
        """Show the line, or leave it to the open card."""
        self._shows_line = shows
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the card with Enter too, not with the space bar alone."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)

    def use_theme(self, theme: Theme) -> None:
        """Paint in other colours from now on."""
        self.theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return a height of two and a half lines of the system's font."""
        return QSize(400, round(2.5 * self.fontMetrics().height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark, the title and the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = self.fontMetrics().height()
        radius, middle = 0.72 * unit, self.height() / 2
        centre = QPointF(1.1 * unit, middle)
        self._paint_mark(painter, centre, radius)
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        left = round(centre.x() + radius + 0.7 * unit)
        is_quiet = self._state == "blocked"
        painter.setPen(QColor(self.theme.quiet if is_quiet else self.theme.text))
        width = max(painter.fontMetrics().horizontalAdvance(self._title), 8 * unit)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(QRectF(left, 0, width, self.height()), flags, self._title)
        painter.setFont(self.font())
        colour = self.theme.cue if self._state == "next" else self.theme.quiet
        painter.setPen(QColor(colour))
        word_width = painter.fontMetrics().horizontalAdvance(self._word) + unit
        right = self.width() - word_width
        at_right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        room = QRectF(right, 0, word_width - 0.4 * unit, self.height())
        painter.drawText(room, at_right, self._word)
        painter.setPen(QColor(self.theme.quiet))
        begin = left + width + unit
        line = painter.fontMetrics().elidedText(
            self._line if self._shows_line else "",
            Qt.TextElideMode.ElideRight,
            max(0, round(right - begin)),
        )
        painter.drawText(QRectF(begin, 0, right - begin, self.height()), flags, line)
        if self.hasFocus():
            painter.setPen(QColor(self.theme.decision))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()

    def _paint_mark(self, painter: QPainter, centre: QPointF, radius: float) -> None:
        """Paint a filled tick, a ring in the colour of what is next, or a grey ring."""
        theme = self.theme
        if self._state == "done":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.decision))
            painter.drawEllipse(centre, radius, radius)
            painter.setPen(QPen(QColor(theme.ground), 0.2 * radius, Qt.PenStyle.SolidLine))
            tick = [
                QPointF(centre.x() + radius * x, centre.y() + radius * y)
                for x, y in ((-0.42, 0.02), (-0.12, 0.34), (0.44, -0.32))
            ]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(tick)
            return
        is_next = self._state == "next"
        colour = QColor(theme.cue) if is_next else shade(theme, 0.45)
        painter.setPen(QPen(colour, 2.0 if is_next else 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, radius, radius)
        room = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), str(self._number))
