"""Where things are on the speller's screen."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF

from bci_online.config import LayoutSpec

__all__ = ["SpellerGeometry", "corner_patch", "speller_geometry"]

# Shares of the window's height.
MARGIN, HEAD, WORDS, FOOT, PATCH = 0.03, 0.11, 0.09, 0.065, 0.09
# In wider cells the symbols of a row would lie too far apart; words need wider cells than letters.
LETTER_ASPECT, WORD_ASPECT = 1.45, 3.2


@dataclass(frozen=True)
class SpellerGeometry:
    """Rectangles in whole logical pixels.

    Parameters
    ----------
    head : QRectF
        Text to spell and spelled text.
    words : QRectF
        Suggestions; empty if there are none.
    matrix : QRectF
        All cells together.
    cells : dict of str to QRectF
        The cell of each symbol.
    foot : QRectF
        The quiet line.
    patch : QRectF
        Patch for a photodiode; empty if there is none.

    See Also
    --------
    speller_geometry : Makes it.
    """

    head: QRectF
    words: QRectF
    matrix: QRectF
    cells: dict[str, QRectF]
    foot: QRectF
    patch: QRectF

    def suggested(self, n: int) -> list[QRectF]:
        """Return a cell for each of `n` suggestions, side by side."""
        width = int(self.words.width() / max(n, 1))
        return [
            QRectF(self.words.left() + i * width, self.words.top(), width, self.words.height())
            for i in range(n)
        ]


def speller_geometry(
    size: QSize,
    layout: LayoutSpec,
    *,
    corner: str = "off",
    with_words: bool = False,
    mirrored: bool = False,
) -> SpellerGeometry:
    """Divide a window.

    Parameters
    ----------
    size : QSize
        Size of the window in logical pixels.
    layout : LayoutSpec
        Rows of symbols.
    corner : str
        Corner of the photodiode's patch, or ``off``; text keeps away from it.
    with_words : bool
        Whether suggestions need room.
    mirrored : bool
        Whether rows run from right to left.

    Returns
    -------
    places : SpellerGeometry
        Nothing overlaps.

    See Also
    --------
    bci_online.gui.subject.imagery_geometry.imagery_geometry : The same for imagery.
    """
    width, height = size.width(), size.height()
    margin = round(MARGIN * min(width, height))
    patch = corner_patch(corner, size)
    inset = margin + round(patch.width())
    top, bottom = margin, height - round(margin / 2)
    head = QRectF(inset, top, width - 2 * inset, round(HEAD * height))
    words_height = round(WORDS * height) if with_words else 0
    foot_height = round(FOOT * height)
    foot = QRectF(inset, bottom - foot_height, width - 2 * inset, foot_height)
    room = QRectF(margin, head.bottom() + words_height + margin, width - 2 * margin, 0)
    room.setBottom(foot.top() - round(margin / 2))
    matrix, cells = _cells(room, layout, mirrored=mirrored)
    words = QRectF(matrix.left(), head.bottom(), matrix.width(), words_height)
    return SpellerGeometry(head, words, matrix, cells, foot, patch)


def corner_patch(corner: str, size: QSize) -> QRectF:
    """Return the place of a photodiode; empty if `corner` is ``off``.

    Parameters
    ----------
    size : QSize
        Of the window in logical pixels.
    corner : str
        Such as ``top-left``, or ``off``.

    Returns
    -------
    patch : QRectF
        A square in that corner.

    See Also
    --------
    bci_online.preprocessing.photodiode.display_delay : What it is for.
    """
    if corner == "off":
        return QRectF()
    side = round(PATCH * min(size.width(), size.height()))
    x = 0 if corner.endswith("left") else size.width() - side
    y = 0 if corner.startswith("top") else size.height() - side
    return QRectF(x, y, side, side)


def _cells(room: QRectF, layout: LayoutSpec, *, mirrored: bool) -> tuple[QRectF, dict[str, QRectF]]:
    rows = [tuple(row) for row in layout.rows]
    n_rows, n_columns = len(rows), len(rows[0])
    is_wordy = any(len(symbol) > 2 for row in rows for symbol in row)
    cell_height = int(room.height() / n_rows)
    aspect = WORD_ASPECT if is_wordy else LETTER_ASPECT
    cell_width = int(min(room.width() / n_columns, aspect * cell_height))
    cell = QSizeF(cell_width, cell_height)
    corner = QPointF(
        int(room.center().x() - n_columns * cell_width / 2),
        int(room.center().y() - n_rows * cell_height / 2),
    )
    matrix = QRectF(corner, QSizeF(n_columns * cell_width, n_rows * cell_height))
    cells = {}
    for y, row in enumerate(rows):
        for place, symbol in enumerate(row):
            x = n_columns - 1 - place if mirrored else place
            cells[symbol] = QRectF(corner + QPointF(x * cell_width, y * cell_height), cell)
    return matrix, cells
