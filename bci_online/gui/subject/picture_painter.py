"""What the painters of every paradigm's picture have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QRegion

from bci_online.config import ScreenSpec
from bci_online.gui.fonts import Lettering
from bci_online.gui.themes import theme_of

__all__ = ["NOTICES", "PicturePainter", "beside", "whole"]

# The field gives way to words where nobody is to look at it.
NOTICES = frozenset({"ready", "paused", "ended"})
# Of the height of its place.
FOOT_LETTER = 0.54


class Divided(Protocol):
    """A window divided into places, of which every paradigm has these."""

    @property
    def foot(self) -> QRectF:
        """The quiet line's."""
        ...

    @property
    def patch(self) -> QRectF:
        """The photodiode's, invalid where there is none."""
        ...


Picture = TypeVar("Picture")
Geometry = TypeVar("Geometry", bound=Divided)


class PicturePainter(ABC, Generic[Picture, Geometry]):
    """Paints pictures of one kind: only what changed, from what was shown before.

    Parameters
    ----------
    screen : ScreenSpec
        Theme, font, the photodiode's corner.

    Raises
    ------
    ConfigError
        If a font is missing.
    """

    def __init__(self, screen: ScreenSpec) -> None:
        self.theme = theme_of(screen)
        self.lettering = Lettering(screen.font, screen.font_scale)
        self._corner = screen.photodiode
        self._size = QSize()
        self._geometry: Geometry | None = None
        self._foot_font = QFont()

    @property
    def geometry(self) -> Geometry:
        """Where things stand; there is none before the first frame."""
        if self._geometry is None:
            raise ValueError("nothing was prepared yet: the window's size is not known")
        return self._geometry

    @abstractmethod
    def prepare(
        self, picture: Picture, size: QSize, ratio: float = 1.0, status: str = ""
    ) -> QRegion:
        """Make the frame that shows `picture`; return what changes of the one before.

        Parameters
        ----------
        picture : Picture
            What to show.
        size : QSize
            Of the window, in logical pixels.
        ratio : float
            Device pixels in a logical one.
        status : str
            A word on the screen itself, for the quiet line.
        """

    @abstractmethod
    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint `region` of the frame that was prepared."""

    def image(self, picture: Picture, size: QSize, status: str = "") -> QImage:
        """Return `picture` as an image, for instance to keep."""
        self.prepare(picture, size, 1.0, status)
        image = QImage(size, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        self.paint(painter, whole(size))
        painter.end()
        return image

    def _fit_foot(self, lines: Iterable[str], right: str) -> None:
        """Take one size for all states: the longest line has to fit, beside `right`."""
        foot = self.geometry.foot.size()
        texts = [f"{left}      {right}" for left in lines]
        self._foot_font = self.lettering.fitted(texts, foot, FOOT_LETTER * foot.height())

    def _paint_foot(
        self, painter: QPainter, room: QRectF, left: str, right: str, *, is_loud: bool
    ) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._foot_font)
        painter.setPen(QColor(self.theme.text if is_loud else self.theme.quiet))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, left)
        painter.setPen(QColor(self.theme.quiet))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, right)

    def _paint_patch(self, painter: QPainter, region: QRegion, *, is_lit: bool) -> None:
        patch = self.geometry.patch
        if patch.isValid() and region.intersects(patch.toRect()):
            painter.fillRect(patch, QColor("white" if is_lit else "black"))


def beside(*parts: str) -> str:
    """Return what there is of a line's parts, side by side."""
    return "   ·   ".join(part for part in parts if part)


def whole(size: QSize) -> QRegion:
    """Return all of a window."""
    return QRegion(QRect(0, 0, size.width(), size.height()))
