from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSize

from bci_online.config import LayoutSpec
from bci_online.gui.subject.speller_geometry import corner_patch, speller_geometry

LAYOUT = LayoutSpec(rows=("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "56789⌫"))
CORNERS = ["off", "top-left", "top-right", "bottom-left", "bottom-right"]
SIZES = st.builds(QSize, st.integers(320, 4000), st.integers(240, 2400))


@settings(max_examples=40)
@given(size=SIZES, corner=st.sampled_from(CORNERS), words=st.booleans(), mirrored=st.booleans())
def test_nothing_lies_over_anything_else_or_beyond_the_window(size, corner, words, mirrored):
    found = speller_geometry(size, LAYOUT, corner=corner, with_words=words, mirrored=mirrored)

    window = QRectF(0, 0, size.width(), size.height())
    parts = [found.head, found.matrix, found.foot, *([found.words] if words else [])]
    assert all(window.contains(part) for part in parts)
    assert not any(one.intersects(other) for one, other in combinations(parts, 2))
    cells = list(found.cells.values())
    assert all(found.matrix.contains(cell) for cell in cells)
    assert not any(one.intersects(other) for one, other in combinations(cells, 2))
    assert len({(cell.width(), cell.height()) for cell in cells}) == 1
    assert not found.head.intersects(found.patch)
    assert not found.foot.intersects(found.patch)
    edges = [edge for part in parts for edge in part.getRect()]
    assert edges == [int(edge) for edge in edges]


def test_a_mirrored_row_runs_from_right_to_left_and_rows_stay_where_they_are():
    size = QSize(1280, 720)

    plain = speller_geometry(size, LAYOUT).cells
    mirrored = speller_geometry(size, LAYOUT, mirrored=True).cells

    for row in LAYOUT.rows:
        assert [mirrored[symbol] for symbol in row] == [plain[symbol] for symbol in reversed(row)]


def test_cells_of_words_are_wider_than_those_of_letters():
    words = LayoutSpec(rows=(("yes", "no"), ("pain", "rest"), ("hot", "cold"), ("up", "off")))
    letters = LayoutSpec(rows=("AB", "CD", "EF", "GH"))
    size = QSize(1920, 1080)

    wide = speller_geometry(size, words).cells["pain"]
    narrow = speller_geometry(size, letters).cells["C"]

    assert wide.height() == narrow.height()
    assert wide.width() > 2 * narrow.width()


@pytest.mark.parametrize("n", [1, 3, 5])
def test_suggestions_stand_side_by_side_within_their_line(n):
    found = speller_geometry(QSize(1280, 720), LAYOUT, with_words=True)

    cells = found.suggested(n)

    assert len(cells) == n
    assert all(found.words.contains(cell) for cell in cells)
    assert not any(one.intersects(other) for one, other in combinations(cells, 2))


@pytest.mark.parametrize("corner", CORNERS[1:])
def test_the_patch_lies_in_the_very_corner_that_is_named(corner):
    size = QSize(1000, 600)

    patch = corner_patch(corner, size)

    vertical, horizontal = corner.split("-")
    assert patch.left() == 0 if horizontal == "left" else patch.right() == 1000
    assert patch.top() == 0 if vertical == "top" else patch.bottom() == 600
    assert corner_patch("off", size).isEmpty()
