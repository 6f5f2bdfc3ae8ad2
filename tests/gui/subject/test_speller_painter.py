from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hand_fed import LAYOUT, PICTURES, ROW, shown
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QRegion

from bci_online.config import LayoutSpec, ScreenSpec
from bci_online.errors import ConfigError
from bci_online.gui.subject.screen import WarningFrames
from bci_online.gui.subject.speller_painter import SpellerPainter
from bci_online.gui.subject.texts import read_texts
from bci_online.gui.themes import THEMES, contrast, theme_of
from bci_online.paradigms.picture import SpellerPicture

pytestmark = pytest.mark.usefixtures("qapp")

SIZES = [QSize(800, 600), QSize(1920, 1080), QSize(3840, 2160)]
SMALL = QSize(320, 240)
HEBREW = LayoutSpec(rows=("אבגדהו", "זחטיכל", "מנסעפצ", "קרשת_⌫"))
ARABIC = LayoutSpec(rows=("ابتثجح", "خدذرزس", "شصضطظع", "غفقكلم", "نهوي_⌫"))
CYRILLIC = LayoutSpec(rows=("АБВГДЕЖ", "ЗИЙКЛМН", "ОПРСТУФ", "ХЦЧШЩЪЫ", "ЬЭЮЯ_Ё⌫"))
WORDS = LayoutSpec(
    rows=(("yes", "no", "thank you"), ("house", "bed", "food"), ("I am in pain", "call", "⌫"))
)
LAYOUTS = {
    "latin": LAYOUT,
    "hebrew": HEBREW,
    "arabic": ARABIC,
    "cyrillic": CYRILLIC,
    "words": WORDS,
}


def painter_of(layout: LayoutSpec = LAYOUT, texts: str = "en", **screen: object) -> SpellerPainter:
    return SpellerPainter(layout, ScreenSpec(**screen), read_texts(texts))


def pixels(image: QImage) -> NDArray[np.uint8]:
    """Return an image as an array, shape (height, width, 3), BGR."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.width(), 4)[..., :3].copy()


def brightest(image: QImage, place: QRectF) -> int:
    rect = place.toRect()
    return int(pixels(image.copy(rect)).sum(axis=2).max()) // 3


def value(colour: str) -> int:
    return sum(QColor(colour).getRgb()[:3]) // 3


def has(image: QImage, place: QRectF, colour: str) -> bool:
    red, green, blue, _ = QColor(colour).getRgb()
    return bool((pixels(image.copy(place.toRect())) == (blue, green, red)).all(axis=2).any())


def is_ground(image: QImage, place: QRectF, ground: str) -> bool:
    red, green, blue, _ = QColor(ground).getRgb()
    return bool((pixels(image.copy(place.toRect())) == (blue, green, red)).all())


# What is seen


def test_a_bar_shows_how_far_a_calibration_is():
    painter = painter_of(theme="dark")
    lengths = []
    for progress in (0.0, 0.5, 1.0):
        picture = SpellerPicture(state="between", text=("A",), progress=progress)
        image = painter.image(picture, SIZES[0])
        foot = painter.geometry.foot.toRect()
        row = pixels(image)[foot.top(), foot.left() : foot.right() + 1]
        red, green, blue, _ = QColor(painter.theme.quiet).getRgb()
        lengths.append((row == (blue, green, red)).all(axis=1).mean())

    assert lengths == pytest.approx([0.0, 0.5, 1.0], abs=0.01)


@pytest.mark.parametrize("size", SIZES[:2], ids=QSize.width)
def test_what_is_lit_is_bright_and_nothing_else(size):
    painter = painter_of()

    image = painter.image(PICTURES["flash"], size)

    theme = painter.theme
    for symbol, cell in painter.geometry.cells.items():
        expected = value(theme.lit if symbol in ROW else theme.dim)
        assert brightest(image, cell) == pytest.approx(expected, abs=6)


def test_a_flash_changes_luminance_and_moves_nothing():
    painter = painter_of()
    theme = painter.theme
    dim, lit = (painter.image(PICTURES[name], SIZES[0]) for name in ("gap", "flash"))
    place = painter.geometry.cells["H"].toRect()

    ground = value(theme.ground)
    covered = [
        (pixels(image.copy(place)).mean(axis=2) - ground) / (value(colour) - ground)
        for image, colour in ((dim, theme.dim), (lit, theme.lit))
    ]

    np.testing.assert_allclose(covered[0], covered[1], atol=0.05)


def test_the_cue_and_the_decision_have_their_own_colour_and_shape():
    painter = painter_of()

    cue = painter.image(PICTURES["cue"], SIZES[0])
    decided = painter.image(PICTURES["decided"], SIZES[0])

    cell = painter.geometry.cells["A"]
    corner = QRectF(cell.center().x() - 0.3 * cell.width(), cell.center().y() - 2, 4, 4)
    assert has(cue, cell, painter.theme.cue)
    assert is_ground(cue, corner, painter.theme.ground)
    assert has(decided, corner, painter.theme.decision)
    assert not has(decided, painter.geometry.matrix, painter.theme.cue)


@pytest.mark.parametrize("state", ["ready", "paused", "ended", "aborted"])
def test_the_matrix_gives_way_to_words_where_nobody_is_to_look_at_it(state):
    painter = painter_of()

    image = painter.image(PICTURES[state], SIZES[0])

    for symbol in ("A", "F", "5", "⌫"):
        assert is_ground(image, painter.geometry.cells[symbol], painter.theme.ground)
    assert not is_ground(image, painter.geometry.matrix, painter.theme.ground)


@pytest.mark.parametrize("state", ["cue", "choose", "pausing", "deciding", "undecided"])
def test_each_state_is_said_in_the_quiet_line(state):
    painter = painter_of()
    empty = painter.image(SpellerPicture(state="between"), SIZES[0])
    line = painter.geometry.foot.toRect()
    line.setWidth(line.width() // 3)

    image = painter.image(PICTURES[state], SIZES[0])

    assert is_ground(empty, QRectF(line), painter.theme.ground)
    assert not is_ground(image, QRectF(line), painter.theme.ground)


def test_the_quiet_line_says_where_frame_times_are_not_locked():
    painter = painter_of()
    free = SpellerPicture(state="flashing", trial=1)

    silent = painter.image(free, SIZES[0])
    said = painter.image(free, SIZES[0], "frame times not locked")

    assert is_ground(silent, painter.geometry.foot, painter.theme.ground)
    assert has(said, painter.geometry.foot, painter.theme.quiet)


@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
def test_the_patch_toggles_with_each_flash_in_its_corner(corner):
    painter = painter_of(photodiode=corner)
    levels = [
        brightest(painter.image(shown("flashing", flashes=n), SIZES[0]), painter.geometry.patch)
        for n in range(4)
    ]

    assert levels == [0, 255, 0, 255]
    at = painter.geometry.patch.toRect()
    assert (at.left() == 0, at.top() == 0) == (corner.endswith("left"), corner.startswith("top"))
    assert QRect(0, 0, 800, 600).contains(at)


@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_nothing_stands_under_the_patch(corner, layout):
    for size in SIZES:
        painter = painter_of(layout, photodiode=corner)
        painter.prepare(PICTURES["between"], size)

        places = painter.geometry
        for other in (places.head, places.foot, *places.cells.values()):
            assert not other.intersects(places.patch), (corner, size)


def test_there_is_no_patch_where_none_is_asked_for():
    painter = painter_of()

    image = painter.image(shown("flashing", flashes=1), SIZES[0])

    assert not has(image, QRectF(0, 0, 800, 600), "#ffffff")


def test_suggestions_are_shown_beneath_the_text_and_flash_too():
    painter = painter_of()

    image = painter.image(PICTURES["free"], SIZES[0])

    lit, dim = painter.geometry.suggested(3)[:2]
    assert brightest(image, lit) == pytest.approx(value(painter.theme.lit), abs=6)
    assert brightest(image, dim) == pytest.approx(value(painter.theme.dim), abs=6)
    assert lit.top() >= painter.geometry.head.bottom()
    assert lit.bottom() <= painter.geometry.matrix.top()


@pytest.mark.parametrize("layout", [LAYOUT, HEBREW], ids=["latin", "hebrew"])
@pytest.mark.parametrize("size", SIZES, ids=QSize.width)
def test_long_words_take_more_room_and_the_keys_stay_where_they_are(layout, size):
    places = {}
    for words in (("a", "be", "⌫", "☾"), ("verschiedenen", "versicherungen", "⌫", "☾")):
        painter = painter_of(layout)
        painter.prepare(shown("flashing", suggestions=words), size)
        cells = painter.suggested
        places[words[0]] = cells

        assert not any(a.intersects(b) for a, b in combinations(cells.values(), 2))
        for word, cell in cells.items():
            metrics = QFontMetricsF(painter.cells.font(word))
            assert metrics.horizontalAdvance(word) <= cell.width()
            assert painter.cells.font(word).pixelSize() >= 0.025 * size.height()
            assert QRectF(0, 0, size.width(), size.height()).contains(cell)

    short, long = places.values()
    assert (short["⌫"], short["☾"]) == (long["⌫"], long["☾"])


def test_room_for_suggestions_once_made_stays():
    painter = painter_of()
    painter.prepare(PICTURES["between"], SIZES[0])
    without = painter.geometry.matrix.height()
    painter.prepare(PICTURES["free"], SIZES[0])
    made = painter.geometry.cells

    painter.prepare(PICTURES["between"], SIZES[0])

    assert painter.geometry.cells == made
    assert painter.geometry.matrix.height() < without


@pytest.mark.parametrize("name", ["hebrew", "arabic"])
def test_a_matrix_that_is_read_from_the_right_begins_there(name):
    painter = painter_of(LAYOUTS[name])
    painter.prepare(PICTURES["ready"], SIZES[0])

    cells = painter.geometry.cells
    first, second, *_ = LAYOUTS[name].rows[0]
    assert cells[first].left() > cells[second].left()
    assert cells[first].right() == painter.geometry.matrix.right()


def test_a_text_that_is_read_from_the_right_is_spelled_from_there():
    painter = painter_of(HEBREW)
    text = tuple("שלום")
    before = painter.image(shown("between", text=text, spelled=()), SIZES[0])
    after = painter.image(shown("between", text=text, spelled=("ש",)), SIZES[0])

    changed = np.flatnonzero((pixels(before) != pixels(after)).any(axis=(0, 2)))

    middle = 400
    # The target is on the right; its next letter and the place that was filled moved on.
    assert changed.min() < middle < changed.max()
    typed = changed[changed < middle]
    assert typed.min() > 200


# Nothing is clipped


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5])
def test_every_symbol_fits_its_cell(layout, scale):
    for size in SIZES:
        painter = painter_of(layout, font_scale=scale)
        painter.prepare(PICTURES["ready"], size)

        for symbol, cell in painter.geometry.cells.items():
            metrics = QFontMetricsF(painter.cells.font(symbol))
            assert metrics.horizontalAdvance(symbol) <= cell.width()
            assert metrics.height() <= cell.height()
            assert metrics.boundingRect(symbol).height() <= cell.height()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_no_ink_touches_the_edge_of_a_cell(layout):
    symbols = tuple(symbol for row in layout.rows for symbol in row)
    painter = painter_of(layout, font_scale=1.5)

    image = pixels(painter.image(SpellerPicture(state="flashing", lit=symbols), SIZES[0]))

    ground = image[0, 0]
    for cell in painter.geometry.cells.values():
        rect = cell.toRect()
        part = image[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1]
        edges = (part[0], part[-1], part[:, 0], part[:, -1])
        assert all((edge == ground).all() for edge in edges)
        assert (part != ground).any()


@pytest.mark.parametrize("state", PICTURES)
@pytest.mark.parametrize("size", SIZES, ids=QSize.width)
def test_no_text_runs_out_of_its_band_in_any_state(state, size):
    for language in ("en", "de"):
        painter = painter_of(texts=language, font_scale=1.5)
        image = painter.image(PICTURES[state], size, read_texts(language).unlocked)

        ground = painter.theme.ground
        width, height = size.width(), size.height()
        head, foot = painter.geometry.head, painter.geometry.foot
        for edge in (
            QRectF(0, 0, width, 2),
            QRectF(0, height - 2, width, 2),
            QRectF(0, 0, 2, height),
            QRectF(width - 2, 0, 2, height),
            QRectF(head.left(), head.top(), 1, head.height()),
            QRectF(head.right() - 1, head.top(), 1, head.height()),
            QRectF(0, foot.top(), width, 1),
            QRectF(0, foot.bottom() - 1, width, 1),
        ):
            assert is_ground(image, edge, ground), (language, edge)


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_question_fits_the_window(scale, language):
    texts = read_texts(language)
    painter = painter_of(texts=language, font_scale=scale)
    for size in SIZES[:2]:
        question = WarningFrames(painter, texts)
        question.prepare(0.0, size, 1.0)
        image = QImage(size, QImage.Format.Format_RGB32)

        on = QPainter(image)
        question.paint(on, QRegion())
        on.end()

        width, height = size.width(), size.height()
        for edge in (
            QRectF(0, 0, width, 0.06 * height),
            QRectF(0, 0.94 * height, width, 0.06 * height),
            QRectF(0, 0, 0.06 * width, height),
            QRectF(0.94 * width, 0, 0.06 * width, height),
        ):
            assert is_ground(image, edge, painter.theme.ground)


@pytest.mark.parametrize(
    ("text", "n_spelled"),
    [("A", 0), ("BRAIN", 5), ("DONAUDAMPFSCHIFFFAHRT", 20), ("X" * 80, 79), ("W" * 30, 0)],
)
def test_a_text_of_any_length_stays_in_its_line_and_shows_the_next_letter(text, n_spelled):
    painter = painter_of()
    picture = shown("between", text=tuple(text), spelled=tuple(text[:n_spelled]))

    image = painter.image(picture, SIZES[0])

    head = painter.geometry.head
    for x in (head.left(), head.right() - 1):
        assert is_ground(image, QRectF(x, head.top(), 1, head.height()), painter.theme.ground)
    assert has(image, head, painter.theme.text)
    assert has(image, head, painter.theme.cue) == (n_spelled < len(text))


def test_of_a_long_typed_text_the_end_is_shown():
    painter = painter_of()
    long = "THE_QUICK_BROWN_FOX_JUMPS_OVER_THE_LAZY_DOG"

    image = painter.image(SpellerPicture(state="between", trial=9, spelled=tuple(long)), SIZES[0])

    head = painter.geometry.head
    assert has(image, head, painter.theme.cue)
    assert is_ground(
        image, QRectF(head.right() - 1, head.top(), 1, head.height()), painter.theme.ground
    )


# Only what changed is painted


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(list(PICTURES)), min_size=2, max_size=6))
def test_painting_what_changed_gives_what_painting_all_gives(names):
    painter = painter_of(photodiode="bottom-right")
    image = QImage(SMALL, QImage.Format.Format_RGB32)
    for name in names:
        region = painter.prepare(PICTURES[name], SMALL)
        on = QPainter(image)
        painter.paint(on, region)
        on.end()

    fresh = painter_of(photodiode="bottom-right")
    for name in names:  # suggestions make room, and it stays
        whole = fresh.image(PICTURES[name], SMALL)

    np.testing.assert_array_equal(pixels(image), pixels(whole))


def test_the_same_picture_changes_nothing():
    painter = painter_of()
    painter.prepare(PICTURES["flash"], SIZES[0])

    assert painter.prepare(PICTURES["flash"], SIZES[0]).isEmpty()


def test_a_flash_changes_its_cells_and_the_patch_alone():
    painter = painter_of(photodiode="bottom-left")
    painter.prepare(shown("flashing"), SIZES[0])

    changed = painter.prepare(shown("flashing", lit=ROW, flashes=1), SIZES[0])

    expected = QRegion(painter.geometry.patch.toRect())
    for symbol in ROW:
        expected += painter.geometry.cells[symbol].toRect()
    assert changed == expected


def test_another_size_or_pixel_ratio_changes_all():
    painter = painter_of()
    painter.prepare(PICTURES["flash"], SIZES[0])

    assert painter.prepare(PICTURES["flash"], SMALL) == QRegion(0, 0, 320, 240)
    assert painter.prepare(PICTURES["flash"], SMALL, 2.0) == QRegion(0, 0, 320, 240)


# Themes, images, fonts


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_can_be_read(name):
    theme = THEMES[name]

    assert contrast(theme.text, theme.ground) >= 7
    assert contrast(theme.dim, theme.ground) >= 2.3
    assert contrast(theme.quiet, theme.ground) >= 4.5
    assert contrast(theme.lit, theme.dim) >= 2.8
    assert contrast(theme.cue, theme.ground) >= 4.5
    assert contrast(theme.ground, theme.decision) >= 4.5


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


def test_red_and_full_contrast_are_no_default():
    assert theme_of(ScreenSpec()).lit != "#ffffff"
    assert theme_of(ScreenSpec(flash_colour="#ff0000")).lit == "#ff0000"


def icon(path: Path, colour: str) -> Path:
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    image.save(str(path))
    return path


def test_a_symbol_with_an_image_is_shown_as_that_image(tmp_path):
    icon(tmp_path / "house.png", "#00c000")
    painter = painter_of(WORDS, icons=str(tmp_path))

    image = painter.image(SpellerPicture(state="flashing", lit=("house",)), SIZES[0])

    middle = QRectF(painter.geometry.cells["house"].center(), QSize(2, 2))
    assert has(image, middle, "#00c000")
    assert not has(image, painter.geometry.cells["bed"], "#00c000")


def test_an_image_can_be_the_flash(tmp_path):
    painter = painter_of(flash_image=str(icon(tmp_path / "face.png", "#00c000")))

    image = painter.image(PICTURES["flash"], SIZES[0])

    for symbol, cell in painter.geometry.cells.items():
        assert has(image, cell, "#00c000") == (symbol in ROW)


def test_what_is_missing_is_one_line(tmp_path):
    (tmp_path / "house.png").write_text("no image")
    (tmp_path / "empty").mkdir()

    for screen, said in (
        ({"icons": str(tmp_path / "none")}, "there is no folder"),
        ({"icons": str(tmp_path / "empty")}, "no image named like a symbol"),
        ({"icons": str(tmp_path)}, "house.png: cannot be read as an image"),
        ({"flash_image": str(tmp_path / "none.png")}, "none.png: cannot be read as an image"),
        ({"font": "No Such Font"}, "no font 'No Such Font' is installed"),
    ):
        with pytest.raises(ConfigError, match=said) as caught:
            painter_of(WORDS, **screen)
        assert "\n" not in str(caught.value)


def test_nothing_stands_anywhere_before_the_first_frame():
    with pytest.raises(ValueError, match="the window's size is not known"):
        _ = painter_of().geometry
