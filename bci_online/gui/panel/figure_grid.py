"""Figures in columns: what they are on the left, their values on the right."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from bci_online.gui.fonts import Typeface
from bci_online.gui.themes import Theme

__all__ = ["Figure", "FigureGrid"]

Figure = tuple[str, str, bool]
"""What it is, its value, and whether that calls for attention."""

TEXT_PX, LINE_PX, GAP_PX = 12, 18, 16


class FigureGrid(QWidget):
    """Groups of figures beside each other.

    Parameters
    ----------
    theme : Theme
        Colours.
    typeface : Typeface
        Font.
    titles : sequence of str
        Of the groups.

    See Also
    --------
    bci_online.gui.panel.figure_wording.groups_of : The figures.
    """

    def __init__(self, theme: Theme, typeface: Typeface, titles: Sequence[str]) -> None:
        super().__init__()
        self._theme, self._typeface, self._titles = theme, typeface, titles
        self._groups: Sequence[Sequence[Figure]] = [()] * len(titles)

    def show_figures(self, groups: Sequence[Sequence[Figure]]) -> None:
        """Show one group of figures under each title."""
        if groups != self._groups:
            self._groups = groups
            self.update()

    def sizeHint(self) -> QSize:
        """Return a good size."""
        return QSize(640, 9 * LINE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all of it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.ground))
        n_groups = len(self._titles)
        width = (self.width() - GAP_PX * (n_groups - 1)) / n_groups
        for place, (title, figures) in enumerate(zip(self._titles, self._groups, strict=True)):
            room = QRectF(place * (width + GAP_PX), 0, width, self.height())
            self._paint_group(painter, title, figures, room)
        painter.end()

    def _paint_group(
        self, painter: QPainter, title: str, figures: Sequence[Figure], room: QRectF
    ) -> None:
        theme = self._theme
        left, right = (
            int(side | Qt.AlignmentFlag.AlignVCenter)
            for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        )
        font = self._typeface.font(TEXT_PX)
        painter.setFont(font)
        painter.setPen(QColor(theme.dim))
        painter.drawText(QRectF(room.left(), 0, room.width(), LINE_PX), left, title)
        painter.drawLine(int(room.left()), LINE_PX, int(room.right()), LINE_PX)
        metrics = painter.fontMetrics()
        for place, (what, value, bad) in enumerate(figures):
            line = QRectF(room.left(), LINE_PX + 4 + place * LINE_PX, room.width(), LINE_PX)
            taken = metrics.horizontalAdvance(value)
            name = metrics.elidedText(
                what, Qt.TextElideMode.ElideRight, int(room.width()) - taken - 6
            )
            painter.setPen(QColor(theme.quiet))
            painter.drawText(line, left, name)
            painter.setPen(QColor(theme.cue if bad else theme.text))
            painter.drawText(line, right, value)
