"""Pages of text: a pause, the end, the question about flashing light."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from bci_online.gui.fonts import Typeface
from bci_online.gui.themes import Theme

__all__ = ["paint_notice"]


def paint_notice(
    painter: QPainter,
    room: QRectF,
    typeface: Typeface,
    theme: Theme,
    title: str,
    body: str,
    hint: str,
) -> None:
    """Paint a title, a text beneath it and a hint beneath that, in the middle of `room`.

    Parameters
    ----------
    painter : QPainter
        Active.
    room : QRectF
        Where, in logical pixels.
    typeface : Typeface
        Font.
    theme : Theme
        Colours.
    title, body, hint : str
        Plain text.

    See Also
    --------
    bci_online.gui.subject.question.WarningFrames : Asks a question so.
    """
    above, below = (0.22, 0.16) if body else (0.5, 0.5)
    height = room.height()
    head = QRectF(room.left(), room.top(), room.width(), above * height)
    foot = QRectF(room.left(), room.bottom() - below * height, room.width(), below * height)
    middle = QRectF(head.bottomLeft(), foot.topRight())
    if not body:
        centred_low = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
        painter.setFont(typeface.wrapped(title, head, 0.14 * height))
        painter.setPen(QColor(theme.text))
        painter.drawText(head, centred_low | Qt.TextFlag.TextWordWrap, title)
        foot.adjust(0, 0.05 * height, 0, 0)
        painter.setFont(typeface.wrapped(hint, foot, 0.06 * height))
        painter.setPen(QColor(theme.quiet))
        painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, hint)
        return
    for text, part, px, colour in (
        (title, head, 0.09, theme.cue),
        (body, middle, 0.05, theme.text),
        (hint, foot, 0.05, theme.cue),
    ):
        painter.setFont(typeface.wrapped(text, part, px * height))
        painter.setPen(QColor(colour))
        painter.drawText(part, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, text)
