"""The common part of all painters."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QRegion

from bci_online.config import ScreenSpec
from bci_online.gui.fonts import Typeface
from bci_online.gui.themes import theme_of

__all__ = ["NOTICES", "PicturePainter", "beside", "whole"]

# In these states a text replaces the field.
NOTICES = frozenset({"ready", "paused", "ended"})
# Height of letters, as a share of their place.
FOOT_LETTER = 0.54


class Divided(Protocol):
    """The places that a window of every paradigm has."""

    @property
    def foot(self) -> QRectF:
        """Place of the quiet line."""
        ...

    @property
    def patch(self) -> QRectF:
        """Place of the photodiode's patch; invalid if there is none."""
        ...


Picture = TypeVar("Picture")
Geometry = TypeVar("Geometry", bound=Divided)


class PicturePainter(ABC, Generic[Picture, Geometry]):
    """Paint pictures of one kind; only the changes since the frame before are painted.

    Parameters
    ----------
    screen : ScreenSpec
        Theme, font, the photodiode's corner.

    Raises
    ------
    ConfigError
        If a font is missing.

    See Also
    --------
    bci_online.gui.subject.speller_painter.SpellerPainter : Of letters.
    bci_online.gui.subject.imagery_painter.ImageryPainter : Of imagery.
    """

    def __init__(self, screen: ScreenSpec) -> None:
        self.theme = theme_of(screen)
        self.typeface = Typeface(screen.font, screen.font_scale)
        self._corner = screen.photodiode
        self._size = QSize()
        self._geometry: Geometry | None = None
        self._foot_font = QFont()

    @property
    def geometry(self) -> Geometry:
        """Where things are; there is none before the first frame."""
        if self._geometry is None:
            raise ValueError("nothing was prepared yet: the window's size is not known")
        return self._geometry

    @abstractmethod
    def prepare(
        self, picture: Picture, size: QSize, ratio: float = 1.0, status: str = ""
    ) -> QRegion:
        """Make the frame that shows `picture`; return what differs from the frame before.

        Parameters
        ----------
        picture : Picture
            What to show.
        size : QSize
            Size of the window in logical pixels.
        ratio : float
            Device pixels per logical pixel.
        status : str
            A word about the screen itself, for the quiet line.
        """

    @abstractmethod
    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint `region` of the prepared frame."""

    def image(self, picture: Picture, size: QSize, status: str = "") -> QImage:
        """Return `picture` as an image, for instance to save it."""
        self.prepare(picture, size, 1.0, status)
        image = QImage(size, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        self.paint(painter, whole(size))
        painter.end()
        return image

    def _fit_foot(self, lines: Iterable[str], right: str) -> None:
        """Choose one size for all states: the longest line must fit, beside `right`."""
        foot = self.geometry.foot.size()
        texts = [f"{left}      {right}" for left in lines]
        self._foot_font = self.typeface.fitted(texts, foot, FOOT_LETTER * foot.height())

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
    """Join the parts of a line that are not empty, side by side.

    Parameters
    ----------
    *parts : str
        Some may be empty.

    Returns
    -------
    line : str
        Without gaps for empty parts.

    See Also
    --------
    bci_online.gui.subject.texts.Texts : Where they come from.
    """
    return "   ·   ".join(part for part in parts if part)


def whole(size: QSize) -> QRegion:
    """Return the whole window as a region.

    Parameters
    ----------
    size : QSize
        Of the window.

    Returns
    -------
    region : QRegion
        From its upper left corner.

    See Also
    --------
    PicturePainter : Paints a region.
    """
    return QRegion(QRect(0, 0, size.width(), size.height()))
