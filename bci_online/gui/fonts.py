"""Text and images fitted to their place."""

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetricsF, QImage, QPainter

from bci_online.config import ScreenSpec
from bci_online.errors import ConfigError

__all__ = ["Typeface", "is_right_to_left", "read_icons", "read_image"]

# Fonts are measured at this size and then scaled: at small sizes hinting makes widths uneven.
MEASURED_PX = 100
IMAGE_FILES = (".png", ".svg", ".jpg", ".jpeg", ".webp", ".bmp")


class Typeface:
    """One typeface with tabular figures, at any size that fits.

    Parameters
    ----------
    family : str
        Name of the font; empty: the system's.
    scale : float
        Factor of every requested size, as far as the place allows.

    Raises
    ------
    ConfigError
        If there is no such font.

    See Also
    --------
    is_right_to_left : How rows of its symbols run.
    """

    def __init__(self, family: str = "", scale: float = 1.0) -> None:
        if family and family not in QFontDatabase.families():
            raise ConfigError(f"screen.font: no font {family!r} is installed; empty: the system's")
        system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        self._family = family or QFontInfo(system).family()
        self._scale = scale

    def font(self, px: float) -> QFont:
        """Return the typeface at a height in pixels."""
        font = QFont(self._family)
        font.setPixelSize(max(1, int(px)))
        # Subpixel rendering adds coloured fringes, which differ between monitors.
        font.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
        if hasattr(font, "setFeature"):  # Qt 6.7
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def fitted(self, texts: Iterable[str], room: QSizeF, px: float) -> QFont:
        """Return the largest font up to `px` at which each text fits on one line in `room`."""
        metrics = QFontMetricsF(self.font(MEASURED_PX))
        width = height = 1.0
        for text in texts:
            ink = metrics.boundingRect(text)
            width = max(width, metrics.horizontalAdvance(text), ink.width())
            # Fallback fonts of other scripts may be taller than this typeface.
            height = max(height, metrics.height(), ink.height())
        most = MEASURED_PX * min(room.width() / width, room.height() / height)
        return self.font(min(px * self._scale, most))

    def wrapped(self, text: str, room: QRectF, px: float) -> QFont:
        """Return the largest font up to `px` at which the wrapped `text` fits in `room`."""
        size = px * self._scale
        flags = Qt.TextFlag.TextWordWrap
        while size > 1:
            metrics = QFontMetricsF(self.font(size))
            taken = metrics.boundingRect(QRectF(0, 0, room.width(), 1e6), flags, text)
            if taken.height() <= room.height() and taken.width() <= room.width():
                break
            size *= 0.95
        return self.font(size)


def is_right_to_left(symbols: Sequence[str]) -> bool:
    """Return whether the first letter with a direction runs from right to left.

    Parameters
    ----------
    symbols : sequence of str
        Of the matrix.

    Returns
    -------
    from_right : bool
        False if no letter has a direction.

    See Also
    --------
    bci_online.gui.subject.speller_geometry.speller_geometry : Mirrors the matrix.
    """
    for character in "".join(symbols):
        direction = unicodedata.bidirectional(character)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def read_image(path: Path) -> QImage:
    """Read an image file.

    Parameters
    ----------
    path : Path
        PNG, SVG or another format that Qt reads.

    Returns
    -------
    image : QImage
        It is not empty.

    Raises
    ------
    ConfigError
        If it cannot be read.

    See Also
    --------
    read_icons : Images of all symbols.
    """
    image = QImage(str(path))
    if image.isNull():
        raise ConfigError(f"{path}: cannot be read as an image")
    return image


def read_icons(screen: ScreenSpec, symbols: Iterable[str]) -> dict[str, QImage]:
    """Read the images of the symbols that have one in the folder ``icons``.

    Parameters
    ----------
    screen : ScreenSpec
        Its ``icons`` names the folder; empty: none.
    symbols : iterable of str
        Symbols of the matrix.

    Returns
    -------
    icons : dict of str to QImage
        Of the symbols that have one.

    Raises
    ------
    ConfigError
        If there is no such folder, it has no image for any symbol, or an image cannot be read.

    See Also
    --------
    read_image : Reads one.
    """
    if not screen.icons:
        return {}
    folder = Path(screen.icons)
    if not folder.is_dir():
        raise ConfigError(f"screen.icons: there is no folder {screen.icons!r}")
    wanted = set(symbols)
    files = {
        file.stem: file
        for file in sorted(folder.iterdir())
        if file.stem in wanted and file.suffix.lower() in IMAGE_FILES
    }
    if not files:
        raise ConfigError(
            f"screen.icons: folder {screen.icons!r} has no image named like a symbol of the "
            f"layout ({', '.join(IMAGE_FILES)})"
        )
    return {symbol: read_image(file) for symbol, file in files.items()}


def draw_image(painter: QPainter, image: QImage, room: QRectF) -> None:
    """Draw `image` in the middle of `room`, as large as possible."""
    size = QSizeF(image.size()).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRectF(room.center().x() - size.width() / 2, room.center().y() - size.height() / 2,
                    size.width(), size.height())  # fmt: skip
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(target, image)
