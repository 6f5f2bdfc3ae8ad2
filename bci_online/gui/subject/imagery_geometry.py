"""Where things stand on the screen of motor imagery."""

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF

from bci_online.config import Direction
from bci_online.gui.subject.speller_geometry import FOOT, MARGIN, corner_patch

__all__ = ["TOWARDS", "ImageryGeometry", "imagery_geometry"]

TOWARDS: dict[Direction, QPointF] = {
    "left": QPointF(-1, 0), "right": QPointF(1, 0), "up": QPointF(0, -1), "down": QPointF(0, 1),
}  # fmt: skip
"""Unit vectors on a screen, whose y runs down."""

# Of the room above the quiet line: a word. Of the way from the cross to where a class is decided:
# what stands around its end, the cross's arms, and how far beneath the cross a word may begin.
WORD, BEYOND, ARM, BENEATH = 0.11, 1.17, 0.1, 0.3


@dataclass(frozen=True)
class ImageryGeometry:
    """Places in logical pixels.

    Parameters
    ----------
    centre : QPointF
        Of the cross.
    reach : float
        From there to where a class is decided.
    field : QRectF
        Cross, arrow and feedback.
    moving : QRectF
        What of the field may change from frame to frame.
    word : QRectF
        The cue in words, and the outcome.
    room : QRectF
        All above the quiet line.
    foot : QRectF
        The quiet line.
    patch : QRectF
        For a photodiode; empty where there is none.
    """

    centre: QPointF
    reach: float
    field: QRectF
    moving: QRectF
    word: QRectF
    room: QRectF
    foot: QRectF
    patch: QRectF


def imagery_geometry(
    size: QSize, directions: Collection[Direction], *, corner: str = "off"
) -> ImageryGeometry:
    """Divide a window.

    Parameters
    ----------
    size : QSize
        Of the window, in logical pixels.
    directions : collection of str
        Where classes point: nothing stands in a way that one of them takes.
    corner : str
        Of the photodiode's patch, or ``off``; lines of text keep clear of it.
    """
    width, height = size.width(), size.height()
    margin = round(MARGIN * min(width, height))
    patch = corner_patch(corner, size)
    inset = margin + round(patch.width())
    foot_height = round(FOOT * height)
    foot = QRectF(inset, height - round(margin / 2) - foot_height, width - 2 * inset, foot_height)
    room = QRectF(margin, margin, width - 2 * margin, foot.top() - 1.5 * margin)
    word_height = round(WORD * room.height())
    centre = QPointF(round(room.center().x()), round(room.center().y()))
    # The same whatever classes there are: a scale that a subject has learnt.
    reach = min(room.height() / 2 - word_height, room.width() / 2) / BEYOND
    word_top = centre.y() + reach * (BEYOND if "down" in directions else BENEATH)
    word = QRectF(inset, round(word_top), width - 2 * inset, word_height)
    return ImageryGeometry(
        centre=centre,
        reach=reach,
        field=_around(centre, reach * BEYOND, reach * BEYOND),
        moving=_around(
            centre,
            reach * (BEYOND if {"left", "right"} & set(directions) else BENEATH),
            reach * (BEYOND if {"up", "down"} & set(directions) else BENEATH),
        ),
        word=word,
        room=room,
        foot=foot,
        patch=patch,
    )


def _around(centre: QPointF, half_width: float, half_height: float) -> QRectF:
    half = QPointF(half_width, half_height)
    return QRectF(centre - half, QSizeF(2 * half_width, 2 * half_height))
