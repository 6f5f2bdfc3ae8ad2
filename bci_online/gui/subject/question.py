"""The question that is asked before anything flashes."""

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QRegion

from bci_online.gui.subject.notices import paint_notice
from bci_online.gui.subject.picture_painter import PicturePainter
from bci_online.gui.subject.texts import Texts

__all__ = ["WarningFrames"]


class WarningFrames:
    """Asks whether flashing light is harmless for the subject: Space goes on, Esc leaves.

    Attributes
    ----------
    accepted : bool or None
        The answer; None before there is one.
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
        """Return what is new: nothing, but in a window of another size."""
        if size == self._size:
            return QRegion()
        self._size = QSize(size)
        return QRegion(0, 0, size.width(), size.height())

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint the question."""
        texts, size = self._texts, self._size
        painter.fillRect(0, 0, size.width(), size.height(), self._painter.theme.ground)
        height = 0.84 * size.height()
        # Lines of text are read best where they are not long.
        width = min(0.84 * size.width(), 1.4 * height)
        room = QRectF((size.width() - width) / 2, (size.height() - height) / 2, width, height)
        paint_notice(
            painter,
            room,
            self._painter.lettering,
            self._painter.theme,
            texts.warning,
            texts.warning_body,
            texts.warning_hint,
        )

    def shown(self, stamp: float, *, late: bool) -> None:
        """Nothing depends on when it is shown."""

    def hide(self, hidden: bool) -> None:
        """Nothing depends on it: an answer is awaited anyway."""

    def press(self, key: int) -> None:
        """Take the answer."""
        if key in {Qt.Key.Key_Space, Qt.Key.Key_Escape}:
            self.accepted = key == Qt.Key.Key_Space

    def leave(self) -> None:
        """Leave without an answer: that is a no."""
        self.accepted = False
