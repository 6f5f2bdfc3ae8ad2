"""The cell of a symbol in each of its looks, drawn once."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap

from bci_online.config import ScreenSpec
from bci_online.gui.fonts import Typeface, draw_image, read_icons, read_image
from bci_online.gui.themes import Theme

__all__ = ["ROW_LETTER", "Look", "SymbolCells"]

Look = Literal["dim", "lit", "cue", "decided"]
AT_REST: tuple[Look, ...] = ("dim", "lit")

# Shares of a cell: room of a symbol, and height of letters and of words.
ROOM_WIDTH, ROOM_HEIGHT, LETTER, WORD = 0.8, 0.88, 0.62, 0.42
ICON_OPACITY = 0.4
# Height of letters in the row beside the matrix, as a share of its height.
ROW_LETTER = 0.55


class SymbolCells:
    """The drawings of all cells of a window.

    Parameters
    ----------
    screen : ScreenSpec
        Icons, and the image of a flash.
    symbols : iterable of str
        Symbols of the matrix.
    typeface : Typeface
        Typeface.
    theme : Theme
        Colours.

    Raises
    ------
    ConfigError
        If an image is missing.

    See Also
    --------
    bci_online.gui.subject.speller_geometry.speller_geometry : Their places.
    """

    def __init__(
        self, screen: ScreenSpec, symbols: Iterable[str], typeface: Typeface, theme: Theme
    ) -> None:
        self._typeface, self._theme = typeface, theme
        self._icons = read_icons(screen, symbols)
        self._flash = read_image(Path(screen.flash_image)) if screen.flash_image else None
        self._places: Mapping[str, QRectF] = {}
        self._ratio = 1.0
        self._matrix: dict[str, QFont] = {}
        self._fonts: dict[str, QFont] = {}
        self._drawn: dict[tuple[str, Look], QPixmap] = {}

    def place(
        self, places: Mapping[str, QRectF], words: Mapping[str, QRectF], ratio: float
    ) -> None:
        """Draw the matrix and the suggested words for these places, at a pixel ratio.

        They are drawn here and not with the first flash, which would then be late.
        """
        if places != self._places or ratio != self._ratio:
            self._drawn.clear()
            self._matrix = self._fonts = self._matrix_fonts(places)
            self._places, self._ratio = dict(places), ratio
        self._drawn = {key: cell for key, cell in self._drawn.items() if key[0] in places}
        if words:
            self._fonts = self._matrix | self._row_fonts(words)
        for symbol, place in {**places, **words}.items():
            for look in AT_REST:
                self.drawn(symbol, look, place.size())

    def drawn(self, symbol: str, look: Look, size: QSizeF) -> QPixmap:
        """Return the drawing of a symbol's cell."""
        if (symbol, look) not in self._drawn:
            pixmap = QPixmap((size * self._ratio).toSize())
            pixmap.setDevicePixelRatio(self._ratio)
            pixmap.fill(QColor(self._theme.ground))
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw(painter, symbol, look, QRectF(QPointF(0, 0), size))
            painter.end()
            self._drawn[symbol, look] = pixmap
        return self._drawn[symbol, look]

    def font(self, symbol: str) -> QFont:
        """Return the font a symbol is drawn with."""
        return self._fonts[symbol]

    def _matrix_fonts(self, places: Mapping[str, QRectF]) -> dict[str, QFont]:
        """Return a font for each symbol: one size for letters, and one for words.

        If there are at least as many words as letters, all get the size of words.
        """
        cell = next(iter(places.values())).size()
        room = QSizeF(ROOM_WIDTH * cell.width(), ROOM_HEIGHT * cell.height())
        written = [symbol for symbol in places if symbol not in self._icons]
        words = [symbol for symbol in written if len(symbol) > 2]
        letters = [symbol for symbol in written if len(symbol) <= 2]
        high, low = LETTER * cell.height(), WORD * cell.height()
        if len(words) >= len(letters):
            return dict.fromkeys(written, self._typeface.fitted(written, room, low))
        return dict.fromkeys(letters, self._typeface.fitted(letters, room, high)) | dict.fromkeys(
            words, self._typeface.fitted(words, room, low)
        )

    def _row_fonts(self, words: Mapping[str, QRectF]) -> dict[str, QFont]:
        """Return a font for each symbol of the row beside the matrix: one size for its words."""
        fonts = {}
        for word, place in words.items():
            room = QSizeF(0.9 * place.width(), ROOM_HEIGHT * place.height())
            fonts[word] = self._typeface.fitted([word], room, ROW_LETTER * place.height())
        long = [word for word in words if len(word) > 1]
        smallest = min((fonts[word] for word in long), key=QFont.pixelSize, default=QFont())
        return fonts | dict.fromkeys(long, smallest)

    def _draw(self, painter: QPainter, symbol: str, look: Look, cell: QRectF) -> None:
        theme = self._theme
        colours = {"dim": theme.dim, "lit": theme.lit, "cue": theme.cue, "decided": theme.ground}
        inset = 0.05 * min(cell.width(), cell.height())
        within = cell.adjusted(3 * inset, 3 * inset, -3 * inset, -3 * inset)
        self._frame(painter, look, cell, inset)
        if look == "lit" and self._flash is not None:
            draw_image(painter, self._flash, within)
        elif symbol in self._icons:
            painter.setOpacity(ICON_OPACITY if look == "dim" else 1.0)
            draw_image(painter, self._icons[symbol], within)
        else:
            painter.setPen(QColor(colours[look]))
            painter.setFont(self._fonts[symbol])
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine
            painter.drawText(cell, flags, symbol)

    def _frame(self, painter: QPainter, look: Look, cell: QRectF, inset: float) -> None:
        """Draw a frame around the cue, and a filled one for the decision."""
        if look == "cue":
            painter.setPen(QPen(QColor(self._theme.cue), max(2.0, inset)))
        elif look == "decided":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.decision))
        else:
            return
        edge = 1.5 * inset
        frame = cell.adjusted(edge, edge, -edge, -edge)
        painter.drawRoundedRect(frame, 2.5 * inset, 2.5 * inset)
