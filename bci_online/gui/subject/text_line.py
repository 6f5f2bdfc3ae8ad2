"""The line at the top: the text to spell, and the spelled text."""

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from bci_online.gui.fonts import Typeface, is_right_to_left
from bci_online.gui.themes import Theme
from bci_online.paradigms.p300.spelled_text import text_of

__all__ = ["TextLine"]

# Shares of a letter's height: the width of a place, and the distance between the two words.
PLACE, BETWEEN = 0.95, 1.4
# Shares of the line's height: the letters, and their smallest size; below it a word is cut.
LETTER, LEAST = 0.62, 0.3


@dataclass(frozen=True)
class TextLine:
    """Paint ``target | typed``; in free spelling only the typed text, with a rule at its end.

    Parameters
    ----------
    typeface : Typeface
        Typeface.
    theme : Theme
        Colours.

    See Also
    --------
    bci_online.paradigms.p300.spelling.Spelling : The text.
    """

    typeface: Typeface
    theme: Theme

    def paint(
        self,
        painter: QPainter,
        room: QRectF,
        text: tuple[str, ...],
        spelled: tuple[str, ...],
        start: float,
    ) -> None:
        """Paint into `room`; typed text without a target begins `start` pixels from its left."""
        if text:
            self._paint_cued(painter, room, text, spelled)
        else:
            self._paint_free(painter, room, spelled, start)

    def _paint_cued(
        self, painter: QPainter, room: QRectF, text: tuple[str, ...], spelled: tuple[str, ...]
    ) -> None:
        here = len(spelled)
        font, place, shown = self._measured(room, text, spelled, here)
        between = BETWEEN * font.pixelSize()
        total = 2 * len(shown) * place + between
        left = room.center().x() - total / 2
        second = left + len(shown) * place + between
        is_mirrored = is_right_to_left(text)
        if is_mirrored:
            left, second = second, left
        painter.setFont(font)
        for i, n in enumerate(shown):
            x = (len(shown) - 1 - i if is_mirrored else i) * place
            at = QRectF(room.left(), room.top(), place, room.height())
            self._letter(painter, at.translated(left + x - room.left(), 0), text[n], n == here)
            typed = at.translated(second + x - room.left(), 0)
            if n < here:
                self._letter(painter, typed, spelled[n] or "·", True)
            else:
                self._rule(painter, typed, font, n == here)
        painter.setPen(QPen(QColor(self.theme.dim), max(1.0, font.pixelSize() / 24)))
        middle = (min(left, second) + len(shown) * place) + between / 2
        reach = 0.45 * font.pixelSize()
        centre = room.center().y()
        painter.drawLine(QLineF(middle, centre - reach, middle, centre + reach))

    def _measured(
        self, room: QRectF, text: tuple[str, ...], spelled: tuple[str, ...], here: int
    ) -> tuple[QFont, float, range]:
        """Return font, width of a place, and the places that are shown: all if they are legible."""
        least = LEAST * room.height()
        n = len(text)
        while True:
            width = room.width() / (2 * n + BETWEEN)
            fits = QSizeF(width / PLACE * 0.9, room.height())
            font = self.typeface.fitted({*text, *spelled}, fits, LETTER * room.height())
            if n <= 1 or font.pixelSize() >= least:
                break
            n -= 1
        metrics = QFontMetricsF(font)
        widest = max(metrics.horizontalAdvance(symbol) for symbol in {*text, *spelled})
        place = max(PLACE * font.pixelSize(), 1.2 * widest)
        place = min(place, (room.width() - BETWEEN * font.pixelSize()) / (2 * n))
        first = min(max(0, here - n // 2), len(text) - n)
        return font, place, range(first, first + n)

    def _letter(self, painter: QPainter, at: QRectF, symbol: str, is_bright: bool) -> None:
        painter.setPen(QColor(self.theme.text if is_bright else self.theme.quiet))
        painter.drawText(at, Qt.AlignmentFlag.AlignCenter, symbol)

    def _rule(self, painter: QPainter, at: QRectF, font: QFont, is_here: bool) -> None:
        """Draw a place that waits for its letter."""
        px = font.pixelSize()
        colour = QColor(self.theme.cue if is_here else self.theme.dim)
        y = at.center().y() + 0.5 * px
        inset = min(0.12 * px, 0.2 * at.width())
        painter.fillRect(
            QRectF(at.left() + inset, y, at.width() - 2 * inset, max(2.0, 0.06 * px)), colour
        )

    def _paint_free(
        self, painter: QPainter, room: QRectF, spelled: tuple[str, ...], start: float
    ) -> None:
        font = self.typeface.fitted(spelled or ("X",), room.size(), LETTER * room.height())
        metrics = QFontMetricsF(font)
        px = font.pixelSize()
        is_mirrored = is_right_to_left(spelled)
        whole = text = text_of(spelled)
        first = 0
        while metrics.horizontalAdvance(text) > room.width() - start - px and first < len(whole):
            first += 1
            text = "…" + whole[first:]
        width = metrics.horizontalAdvance(text)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.text))
        box = QRectF(room.left() + start, room.top(), width + 1, room.height())
        caret = box.right() + 0.1 * px
        if is_mirrored:
            box.moveRight(room.right() - start)
            caret = box.left() - 0.7 * px
        # Aligned at its beginning: centred text would ignore the space after a word.
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, flags | Qt.TextFlag.TextSingleLine, text)
        self._rule(
            painter, QRectF(QPointF(caret, box.top()), QSizeF(0.6 * px, box.height())), font, True
        )
