"""The question before anything flashes."""

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QRegion

from bci_online.gui.subject.notices import paint_notice
from bci_online.gui.subject.picture_painter import PicturePainter
from bci_online.gui.subject.texts import Texts

__all__ = ["WarningFrames"]


class WarningFrames:
    """Ask whether flashing light is harmless for the subject: Space continues, Esc leaves.

    Parameters
    ----------
    painter : PicturePainter
        Gives size and colours.
    texts : Texts
        The question.

    See Also
    --------
    bci_online.gui.subject.screen.run_speller : Asks it first.
    """

    def __init__(self, painter: PicturePainter[Any, Any], texts: Texts) -> None:
        self._painter, self._texts = painter, texts
        self._size = QSize()
        self.accepted: bool | None = None

    @property
    def done(self) -> bool:
        """Whether there is an answer."""
        return self.accepted is not None

    def prepare(self, due: float, size: QSize, ratio: float) -> QRegion:
        """Return the whole window if its size is new, else nothing."""
        if size == self._size:
            return QRegion()
        self._size = QSize(size)
        return QRegion(0, 0, size.width(), size.height())

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint the question."""
        texts, size = self._texts, self._size
        painter.fillRect(0, 0, size.width(), size.height(), self._painter.theme.ground)
        height = 0.84 * size.height()
        # Short lines of text are easier to read.
        width = min(0.84 * size.width(), 1.4 * height)
        room = QRectF((size.width() - width) / 2, (size.height() - height) / 2, width, height)
        paint_notice(
            painter,
            room,
            self._painter.typeface,
            self._painter.theme,
            texts.warning,
            texts.warning_body,
            texts.warning_hint,
        )

    def shown(self, stamp: float, *, late: bool) -> None:
        """Do nothing: the question has no timing."""

    def hide(self, hidden: bool) -> None:
        """Do nothing: the question waits for its answer."""

    def press(self, key: int) -> None:
        """Take the answer."""
        if key in {Qt.Key.Key_Space, Qt.Key.Key_Escape}:
            self.accepted = key == Qt.Key.Key_Space

    def leave(self) -> None:
        """Leave without an answer, which counts as no."""
        self.accepted = False
