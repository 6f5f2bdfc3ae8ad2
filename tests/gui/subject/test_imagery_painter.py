from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from bci_online.config import Config, ImagerySpec, Presentation, ScreenSpec
from bci_online.gui.frames.display import Display
from bci_online.gui.subject import screen
from bci_online.gui.subject.imagery_geometry import TOWARDS
from bci_online.gui.subject.imagery_painter import ImageryPainter
from bci_online.gui.subject.screen import SessionFrames, run_imagery
from bci_online.gui.subject.texts import read_texts
from bci_online.gui.themes import THEMES
from bci_online.paradigms.picture import ImageryPicture

pytestmark = pytest.mark.usefixtures("qapp")

SIZES = [QSize(800, 600), QSize(1920, 1080), QSize(3840, 2160)]
SMALL = QSize(320, 240)
HANDS = ("left_hand", "right_hand")
FOUR = ("left_hand", "right_hand", "tongue", "feet")
SHAPES = ("bar", "ball", "cursor")


def shown(state: str, **keys: object) -> ImageryPicture:
    """Return a picture of a trial in the middle of a run."""
    given = {"n": 7, "n_total": 40, "cross": state in {"fixation", "cue", "imagery"}}
    return ImageryPicture(**(given | {"state": state} | keys))


def fed(values: Mapping[str, float], asked: str = "left_hand", **keys: object) -> ImageryPicture:
    return shown("imagery", asked=asked, feedback=dict(values), **keys)


PICTURES = {
    "ready": ImageryPicture(state="ready"),
    "between": shown("between"),
    "fixation": shown("fixation", beep=True),
    "cue": shown("cue", cue="left_hand", asked="left_hand"),
    "hidden": shown("imagery", asked="left_hand"),
    "nothing": fed({}),
    "some": fed({"left_hand": 0.5}),
    "hit": fed({"left_hand": 1.0}, outcome="hit", hits=5, judged=7),
    "miss": fed({"right_hand": 1.0}, outcome="miss", hits=5, judged=7),
    "deciding": shown("deciding", asked="left_hand", feedback={"left_hand": 0.8}),
    "timeout": shown(
        "outcome", asked="left_hand", feedback={"left_hand": 0.8}, outcome="timeout", judged=7
    ),
    "pausing": fed({"left_hand": 0.5}, pausing=True),
    "paused": shown("paused"),
    "ended": shown("ended", reason="done", hits=30, judged=40),
    "aborted": shown("ended", reason="abort"),
}


def painter_of(
    classes: tuple[str, ...] = HANDS,
    texts: str = "en",
    shape: str = "bar",
    words: dict[str, str] | None = None,
    **screen: object,
) -> ImageryPainter:
    spec = ImagerySpec(shape=shape, words=words or {})
    return ImageryPainter(classes, spec, ScreenSpec(**screen), read_texts(texts))


def pixels(image: QImage) -> NDArray[np.uint8]:
    """Return an image as an array, shape (height, width, 3), BGR."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.width(), 4)[..., :3].copy()


def coloured(image: QImage, colour: str) -> NDArray[np.bool_]:
    """Return which pixels have exactly this colour."""
    red, green, blue, _ = QColor(colour).getRgb()
    return (pixels(image) == (blue, green, red)).all(axis=2)


def middle_of(mask: NDArray[np.bool_], painter: ImageryPainter) -> NDArray[np.float64]:
    """Return where the pixels lie on average, in shares of the way from the cross, (x, y)."""
    rows, columns = np.nonzero(mask)
    centre, reach = painter.geometry.centre, painter.geometry.reach
    return np.array([columns.mean() - centre.x(), rows.mean() - centre.y()]) / reach


def is_ground(image: QImage, place: QRectF, ground: str) -> bool:
    return bool(coloured(image.copy(place.toRect()), ground).all())


# What is seen


@pytest.mark.parametrize("label", FOUR)
@pytest.mark.parametrize("size", SIZES[:2], ids=QSize.width)
def test_the_arrow_lies_and_widens_towards_where_its_class_points(label, size):
    painter = painter_of(FOUR)
    directions = ImagerySpec().directions_of(FOUR)

    image = painter.image(shown("cue", cue=label, asked=label), size)

    field = painter.geometry.field.toRect()
    cue = coloured(image, painter.theme.cue)
    cue[painter.geometry.word.toRect().top() :] = False
    along = TOWARDS[directions[label]]
    rows, columns = np.nonzero(cue)
    at = np.column_stack([columns - field.center().x(), rows - field.center().y()])
    forward = at @ [along.x(), along.y()] / painter.geometry.reach
    sideways = np.abs(at @ [-along.y(), along.x()]) / painter.geometry.reach
    assert forward.min() > 0.1
    assert 0.7 < forward.max() < 1.0
    assert sideways[forward > 0.62].max() > 2 * sideways[forward < 0.6].max()


def test_cues_differ_in_form_and_not_only_in_colour():
    painter = painter_of(FOUR)

    images = [
        pixels(painter.image(shown("cue", cue=label, asked=label), SIZES[0])) for label in FOUR
    ]

    grounds = [image != images[0][0, 0] for image in images]
    for i, one in enumerate(grounds):
        for other in grounds[i + 1 :]:
            assert (one != other).any(axis=2).sum() > 1000


@pytest.mark.parametrize("state", ["fixation", "cue", "hidden", "some", "between", "deciding"])
def test_the_cross_is_there_while_the_subject_is_to_look_at_it(state):
    painter = painter_of()

    image = painter.image(PICTURES[state], SIZES[0])

    centre = painter.geometry.centre
    up = centre - QPointF(0, 0.06 * painter.geometry.reach)
    colour = image.pixelColor(up.toPoint()).name()
    assert (colour == painter.theme.lit) == PICTURES[state].cross


def test_calibration_shows_nothing_of_what_the_decoder_would_say():
    painter = painter_of()

    image = painter.image(PICTURES["hidden"], SIZES[0])

    seen = {painter.theme.cue, painter.theme.decision, painter.theme.dim}
    assert not any(coloured(image, colour).any() for colour in seen)


@pytest.mark.slow
@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=st.floats(0.05, 1.0), side=st.sampled_from(HANDS))
def test_a_bar_is_as_long_as_the_evidence_and_lies_on_its_side(value, side):
    painter = painter_of()

    image = painter.image(fed({side: value}), SIZES[1])

    columns = np.flatnonzero(coloured(image, painter.theme.decision).any(axis=0))
    ends = (columns - painter.geometry.centre.x()) / painter.geometry.reach
    sign = -1 if side == "left_hand" else 1
    assert np.abs(ends).max() == pytest.approx(value, abs=0.02)
    assert (np.sign(np.median(ends))) == sign


@pytest.mark.parametrize("shape", ["ball", "cursor"])
@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.tuples(*[st.floats(0, 1)] * 4))
def test_ball_and_cursor_are_where_the_evidence_draws_them(shape, values):
    painter = painter_of(FOUR, shape=shape)
    left, right, up, down = values

    # No cross: it lies over them.
    image = painter.image(
        shown("deciding", feedback=dict(zip(FOUR, values, strict=True))), SIZES[0]
    )

    at = middle_of(coloured(image, painter.theme.decision), painter)
    np.testing.assert_allclose(at, [right - left, down - up], atol=0.03)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_scale_is_fixed_whatever_was_shown_before(shape):
    painter, fresh = painter_of(shape=shape), painter_of(shape=shape)
    for value in (0.2, 1.0, 0.05):
        painter.image(fed({"left_hand": value}), SIZES[0])

    images = [each.image(PICTURES["some"], SIZES[0]) for each in (painter, fresh)]

    np.testing.assert_array_equal(*map(pixels, images))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_end_that_is_asked_for_is_heavier_than_the_other(shape):
    painter = painter_of(shape=shape)

    image = painter.image(fed({}, asked="right_hand"), SIZES[1])

    middle = round(painter.geometry.centre.x())
    drawn = ~coloured(image, painter.theme.ground)
    drawn[:, middle - 60 : middle + 60] = False
    drawn[painter.geometry.foot.toRect().top() :] = False
    left, right = drawn[:, :middle].sum(), drawn[:, middle:].sum()
    assert right > 1.25 * left


def test_hit_miss_and_timeout_have_signs_and_words_of_their_own():
    painter = painter_of()
    word = None
    parts = []
    for name in ("hit", "miss", "timeout"):
        image = painter.image(PICTURES[name], SIZES[1])
        word = painter.geometry.word.toRect()
        parts.append(pixels(image.copy(word)) != pixels(image)[0, 0])

    for i, one in enumerate(parts):
        assert one.any()
        for other in parts[i + 1 :]:
            assert (one != other).any(axis=2).sum() > 300


@pytest.mark.parametrize("state", ["ready", "paused", "ended", "aborted"])
def test_the_cross_gives_way_to_words_where_nobody_is_to_look_at_it(state):
    painter = painter_of()

    image = painter.image(PICTURES[state], SIZES[0])

    assert not is_ground(image, painter.geometry.room, painter.theme.ground)
    assert not coloured(image, painter.theme.decision).any()


@pytest.mark.parametrize(
    ("state", "is_loud"), [("cue", True), ("pausing", True), ("between", False)]
)
def test_the_quiet_line_says_what_is_to_be_done(state, is_loud):
    painter = painter_of()

    image = painter.image(PICTURES[state], SIZES[0])

    foot = painter.geometry.foot.toRect()
    foot.setWidth(foot.width() // 3)
    colour = painter.theme.text if is_loud else painter.theme.quiet
    assert coloured(image.copy(foot), colour).any()


def test_a_score_is_shown_once_there_is_one():
    painter = painter_of()
    some = shown("between", hits=5, judged=7)

    with_score, without = (painter.image(p, SIZES[0]) for p in (some, PICTURES["between"]))

    foot = painter.geometry.foot.toRect()
    inked = [
        np.flatnonzero(coloured(image.copy(foot), painter.theme.quiet)[:, 200:].any(axis=0)).size
        for image in (with_score, without)
    ]
    assert inked[0] > 1.3 * inked[1]


@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
def test_the_patch_is_bright_with_the_cue_and_nothing_else_stands_there(corner):
    painter = painter_of(FOUR, photodiode=corner)
    bright = painter.image(PICTURES["cue"], SIZES[0])
    dark = painter.image(PICTURES["some"], SIZES[0])

    patch = painter.geometry.patch
    assert coloured(bright.copy(patch.toRect()), "#ffffff").all()
    assert coloured(dark.copy(patch.toRect()), "#000000").all()
    for other in (painter.geometry.word, painter.geometry.foot, painter.geometry.field):
        assert not other.intersects(patch)


# Nothing is clipped


@pytest.mark.parametrize("state", PICTURES)
@pytest.mark.parametrize("size", [SMALL, *SIZES], ids=QSize.width)
def test_no_ink_touches_the_edge_of_the_window_or_of_its_band(state, size):
    for language in ("en", "de"):
        painter = painter_of(FOUR, texts=language, font_scale=1.5)
        image = painter.image(PICTURES[state], size, read_texts(language).unlocked)

        width, height = size.width(), size.height()
        foot = painter.geometry.foot
        for edge in (
            QRectF(0, 0, width, 2),
            QRectF(0, height - 1, width, 1),
            QRectF(0, 0, 2, height),
            QRectF(width - 2, 0, 2, height),
            QRectF(0, foot.top(), width, 1),
        ):
            assert is_ground(image, edge, painter.theme.ground), (language, edge)


@pytest.mark.parametrize("classes", [HANDS, FOUR], ids=len)
@pytest.mark.parametrize("size", [SMALL, *SIZES], ids=QSize.width)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_moves_stays_in_its_field_and_off_the_words(classes, size, shape):
    painter = painter_of(classes, shape=shape)
    full = fed(dict.fromkeys(classes, 1.0)) if shape == "bar" else fed({classes[-1]: 1.0})

    image = painter.image(full, size)

    moving = painter.geometry.moving.toAlignedRect()
    drawn = ~coloured(image, painter.theme.ground)
    drawn[moving.top() : moving.bottom() + 1, moving.left() : moving.right() + 1] = False
    drawn[painter.geometry.foot.toRect().top() :] = False
    assert not drawn.any()
    geometry = painter.geometry
    assert geometry.word.bottom() <= geometry.foot.top() + 1
    assert geometry.field.top() >= 0
    if classes == FOUR:
        assert geometry.word.top() >= geometry.field.bottom() - 1


@pytest.mark.parametrize("words", [{"left_hand": "W" * 60}, {"left_hand": "יד שמאל"}, {}])
def test_a_word_of_any_length_or_script_fits(words):
    painter = painter_of(words=words, font_scale=1.5)
    painter.image(PICTURES["between"], SIZES[0])
    place = painter.geometry.word

    image = painter.image(PICTURES["cue"], SIZES[0])

    for x in (place.left(), place.right() - 1):
        assert is_ground(image, QRectF(x, place.top(), 1, place.height()), painter.theme.ground)


@pytest.mark.parametrize("theme", THEMES)
def test_all_that_is_drawn_is_of_the_theme(theme):
    painter = painter_of(theme=theme)

    image = painter.image(PICTURES["some"], SIZES[0])

    for colour in (painter.theme.ground, painter.theme.decision, painter.theme.cue):
        assert coloured(image, colour).any()


# Only what changed is painted


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(st.sampled_from(sorted(PICTURES)), min_size=2, max_size=5),
    shape=st.sampled_from(SHAPES),
    corner=st.sampled_from(["off", "bottom-right"]),
)
def test_painting_what_changed_gives_the_whole_picture(names, shape, corner):
    painter, whole = (painter_of(shape=shape, photodiode=corner) for _ in range(2))
    image = QImage(SMALL, QImage.Format.Format_RGB32)

    for name in names:
        region = painter.prepare(PICTURES[name], SMALL)
        on = QPainter(image)
        painter.paint(on, region)
        on.end()

    np.testing.assert_array_equal(pixels(image), pixels(whole.image(PICTURES[names[-1]], SMALL)))


def test_the_same_picture_again_is_not_painted():
    painter = painter_of()
    painter.prepare(PICTURES["some"], SIZES[0])

    assert painter.prepare(PICTURES["some"], SIZES[0]).isEmpty()


# In a window


class Fed:
    """Gives one picture a frame, the last one on and on."""

    def __init__(self, *pictures: ImageryPicture) -> None:
        self.pictures = list(pictures)
        self.commands: list[str] = []

    @property
    def finished(self) -> bool:
        return self.pictures[0].state == "ended"

    def step(self, now: float) -> ImageryPicture:
        return self.pictures.pop(0) if len(self.pictures) > 1 else self.pictures[0]

    def shown(self, stamp: float, *, late: bool = False) -> None:
        return

    def command(self, name: str) -> None:
        self.commands.append(name)


def test_a_session_is_shown_to_its_end_without_a_question_and_leaves_pictures(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(screen, "FAREWELL_S", 0.05)
    config = Config(
        paradigm="motor_imagery",
        presentation=Presentation(refresh_hz=100.0),
        screen=ScreenSpec(fullscreen=False, warning=True),
    )
    stage = Fed(*PICTURES.values(), PICTURES["ended"])

    import time

    with Display(config.screen, 100.0, time.monotonic) as display:
        run_imagery(stage, config, display, pictures=tmp_path / "kept")

    names = {path.stem for path in (tmp_path / "kept").iterdir()}
    assert names >= {"ready", "cue", "imagery", "hit", "miss", "timeout", "paused", "ended"}


def test_it_beeps_as_the_cross_appears(monkeypatch):
    beeps: list[int] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(1))
    stage = Fed(*(PICTURES[name] for name in ("fixation", "cue", "hidden", "between", "fixation")))
    frames = SessionFrames(stage, painter_of(), sound=True)

    for n in range(5):
        frames.prepare(n / 60, SMALL, 1.0)
        frames.shown(n / 60, late=False)

    assert len(beeps) == 2
