"""Where things are on the screen of motor imagery."""

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

# WORD: height of a word, as a share of the room above the quiet line. The others are shares of the
# way from the cross to where a class is decided: the room around its end, the arms of the cross,
# and the distance beneath the cross at which a word may begin.
WORD, BEYOND, ARM, BENEATH = 0.11, 1.17, 0.1, 0.3


@dataclass(frozen=True)
class ImageryGeometry:
    """Places in logical pixels.

    Parameters
    ----------
    centre : QPointF
        Centre of the cross.
    reach : float
        Distance from there to where a class is decided.
    field : QRectF
        Cross, arrow and feedback.
    moving : QRectF
        The part of the field that may change from frame to frame.
    word : QRectF
        The cue in words, and the outcome.
    room : QRectF
        Everything above the quiet line.
    foot : QRectF
        The quiet line.
    patch : QRectF
        Patch for a photodiode; empty if there is none.

    See Also
    --------
    imagery_geometry : Makes it.
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
        Size of the window in logical pixels.
    directions : collection of str
        Where classes point; these directions stay free.
    corner : str
        Corner of the photodiode's patch, or ``off``; text keeps away from it.

    Returns
    -------
    places : ImageryGeometry
        Nothing overlaps.

    See Also
    --------
    bci_online.gui.subject.speller_geometry.speller_geometry : The same for letters.
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
    # It does not depend on the classes: a subject learns this scale.
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
