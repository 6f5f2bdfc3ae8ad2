import signal
import time

import pytest
from hand_fed import ENDED, PICTURES, READY, HandFedStage, configured
from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QRegion
from PySide6.QtWidgets import QApplication

from bci_online.errors import BciError, ConfigError
from bci_online.gui.frames import display
from bci_online.gui.frames.display import Display
from bci_online.gui.frames.frame_clock import FrameClock
from bci_online.gui.subject import screen
from bci_online.gui.subject.screen import DECLINED, SessionFrames, run_speller
from bci_online.gui.subject.screen import ENDED as CAME_TO_ITS_END
from bci_online.paradigms.picture import SpellerPicture

pytestmark = pytest.mark.usefixtures("qapp")

SPACE, ESCAPE = Qt.Key.Key_Space, Qt.Key.Key_Escape
SESSION = [READY, PICTURES["cue"], PICTURES["flash"], PICTURES["gap"], PICTURES["decided"], ENDED]


class Clock:
    """Time as it passes, and more where a test lets it pass."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.passed


@pytest.fixture(autouse=True)
def short_farewell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "FAREWELL_S", 0.05)


def press(key: Qt.Key, *, again: bool = False) -> None:
    """Press a key in the window that is open."""
    (window,) = QGuiApplication.topLevelWindows()
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, autorep=again)
    QCoreApplication.sendEvent(window, event)


def run(stage: HandFedStage, clock: Clock | None = None, **keys: object) -> int:
    return run_speller(stage, configured(**keys), clock or Clock())


def test_a_session_is_shown_frame_by_frame_to_its_end():
    stage = HandFedStage(SESSION)

    code = run(stage)

    assert code == CAME_TO_ITS_END
    assert len(stage.stamps) == len(stage.due) > len(SESSION)
    assert all(stamp >= due for stamp, due in zip(stage.stamps, stage.due, strict=True))


def test_frames_are_due_on_one_grid_although_one_was_slow():
    clock = Clock()

    def dawdle() -> None:
        clock.passed += 0.034

    stage = HandFedStage(SESSION, at={3: dawdle})

    run(stage, clock)

    places = [(due - stage.due[0]) * 100.0 for due in stage.due]
    assert places == pytest.approx([round(place) for place in places], abs=1e-6)
    assert round(places[4] - places[3]) >= 3
    assert stage.late[3]


@pytest.mark.parametrize(
    ("state", "command"),
    [("flash", "pause"), ("pausing", "resume"), ("paused", "resume"), ("between", "pause")],
)
def test_space_pauses_and_goes_on(state, command):
    stage = HandFedStage([PICTURES[state]], at={3: lambda: press(SPACE), 5: lambda: press(ESCAPE)})

    run(stage)

    assert stage.commands == [command, "abort"]


def test_a_key_that_is_held_down_is_one_wish():
    def hold() -> None:
        press(SPACE)
        for _ in range(5):
            press(SPACE, again=True)

    stage = HandFedStage([PICTURES["flash"]], at={3: hold, 5: lambda: press(ESCAPE)})

    run(stage)

    assert stage.commands == ["pause", "abort"]


def test_escape_ends_the_session_and_its_last_frame_is_still_shown():
    stage = HandFedStage([PICTURES["flash"]], at={2: lambda: press(ESCAPE)})

    code = run(stage)

    assert code == CAME_TO_ITS_END
    assert stage.pictures[0].reason == "abort"
    assert len(stage.stamps) == len(stage.due) == 3


def test_other_keys_mean_nothing():
    stage = HandFedStage(SESSION, at={1: lambda: press(Qt.Key.Key_A)})

    run(stage)

    assert stage.commands == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_session_in_order_and_is_handled_as_before_afterwards(number):
    before = signal.getsignal(number)
    stage = HandFedStage([PICTURES["flash"]], at={2: lambda: signal.raise_signal(number)})

    code = run(stage)

    assert code == CAME_TO_ITS_END
    assert stage.commands == ["abort"]
    assert signal.getsignal(number) is before


def test_closing_the_window_ends_the_session_in_order():
    def close() -> None:
        (window,) = QGuiApplication.topLevelWindows()
        window.close()

    stage = HandFedStage([PICTURES["flash"]], at={2: close})

    run(stage)

    assert stage.commands == ["abort"]
    assert len(stage.stamps) == len(stage.due) == 3


def test_a_window_that_nobody_can_see_holds_the_session_until_it_is_seen_again():
    def visible(is_visible: bool) -> None:
        (window,) = QGuiApplication.topLevelWindows()
        window.setVisible(is_visible)

    stage = HandFedStage(
        [PICTURES["flash"]],
        at={2: lambda: visible(False), 5: lambda: visible(True), 20: lambda: press(ESCAPE)},
    )

    run(stage)

    assert stage.commands == ["hide", "show", "abort"]
    assert len(stage.stamps) == len(stage.due)


def test_nothing_is_left_open():
    run(HandFedStage(SESSION))

    assert QGuiApplication.topLevelWindows() == []


def test_an_error_of_the_session_closes_all_and_is_raised():
    def break_down() -> None:
        raise OSError("the stream is gone")

    stage = HandFedStage([PICTURES["flash"]], at={3: break_down})

    with pytest.raises(OSError, match="the stream is gone"):
        run(stage)
    assert QGuiApplication.topLevelWindows() == []


# The question before it


def answered(key: Qt.Key, monkeypatch: pytest.MonkeyPatch) -> tuple[int, HandFedStage]:
    """Answer the question by `key`, once it is seen."""
    shown = FrameClock.shown

    def and_press(clock: FrameClock, stamp: float) -> bool:
        if clock.n_frames == 2 and not stage.due:
            press(key)
        return shown(clock, stamp)

    monkeypatch.setattr(FrameClock, "shown", and_press)
    stage = HandFedStage(SESSION)
    return run(stage, warning=True), stage


def test_nothing_flashes_before_the_subject_says_that_it_may(monkeypatch):
    code, stage = answered(SPACE, monkeypatch)

    assert code == CAME_TO_ITS_END
    assert stage.due


def test_a_subject_who_leaves_has_seen_no_frame_of_the_session(monkeypatch):
    code, stage = answered(ESCAPE, monkeypatch)

    assert code == DECLINED
    assert stage.due == []


def test_a_simulated_subject_is_asked_nothing():
    stage = HandFedStage(SESSION)

    run_speller(stage, configured(warning=True), Clock(), warn=False)

    assert stage.due


# Around it


def test_a_picture_of_each_state_is_kept_once_all_is_over(tmp_path):
    stage = HandFedStage(SESSION)

    run_speller(stage, configured(), Clock(), pictures=tmp_path / "kept")

    kept = {file.stem: QImage(str(file)) for file in (tmp_path / "kept").glob("*.png")}
    assert set(kept) == {"ready", "cue", "flash", "flashing", "decided", "ended"}
    assert all(image.size() == QSize(1280, 720) for image in kept.values())


def test_who_aborts_a_session_does_not_wait_for_its_pictures(tmp_path):
    stage = HandFedStage([PICTURES["flash"]], at={2: lambda: press(ESCAPE)})

    run_speller(stage, configured(), Clock(), pictures=tmp_path / "kept")

    assert stage.pictures[0].reason == "abort"
    assert not (tmp_path / "kept").exists()


def test_a_display_of_another_refresh_rate_is_refused_with_both():
    stage = HandFedStage(SESSION)
    with Display(configured().screen, 60.0, Clock()) as opened:
        opened.refresh_hz = 143.9
        with pytest.raises(ConfigError, match=r"refresh_hz = 60.* refreshes at 143.9 Hz"):
            run_speller(stage, configured(60.0), Clock(), display=opened)


def test_a_monitor_that_is_not_there_names_those_that_are():
    stage = HandFedStage(SESSION)

    with pytest.raises(ConfigError, match="no monitor 'HDMI-7' is connected; there is") as caught:
        run(stage, monitor="HDMI-7")
    assert "\n" not in str(caught.value)


def test_full_screen_covers_the_monitor():
    sizes = []

    def look() -> None:
        (window,) = QGuiApplication.topLevelWindows()
        sizes.append((window.size(), window.screen().size()))

    run(HandFedStage(SESSION, at={3: look}), fullscreen=True)

    ((window, screen),) = sizes
    assert window == screen


def test_bindings_that_lose_references_are_refused_before_a_session(monkeypatch):
    counts = iter([10_000, 9_900])
    monkeypatch.setattr(display.sys, "getrefcount", lambda _: next(counts))

    with pytest.raises(BciError, match=r"PySide6-Essentials<6\.12"):
        display._check_bindings()


def test_where_there_is_no_vertical_sync_the_screen_says_so():
    with Display(configured().screen, 60.0, Clock()) as opened:
        assert not opened.locked
        assert opened.refresh_hz == 60.0


def test_the_cue_beeps_once_where_sound_is_wanted(monkeypatch):
    beeps: list[int] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(1))
    cue = PICTURES["cue"]

    run(HandFedStage([READY, cue, cue, PICTURES["flash"], cue, ENDED]), sound=True)
    run(HandFedStage([READY, cue, ENDED]))

    assert len(beeps) == 2


def test_a_frame_like_the_one_before_is_not_made_again():
    made = []

    class Painter:
        def prepare(self, picture: SpellerPicture, *arguments: object) -> QRegion:
            made.append(picture)
            return QRegion(0, 0, 1, 1)

    lit = PICTURES["flash"]
    frames = SessionFrames(HandFedStage([READY, READY, lit, lit, lit]), Painter())
    sizes = [QSize(4, 3)] * 4 + [QSize(8, 6)]

    changed = [not frames.prepare(1.0, size, 1.0).isEmpty() for size in sizes]

    assert changed == [True, False, True, False, True]
    assert made == [READY, lit, lit]


def test_the_last_picture_stays_for_a_moment_unless_it_was_broken_off():
    class Painter:
        def prepare(self, *arguments: object) -> None:
            return

    for last, stays in ((ENDED, True), (PICTURES["aborted"], False)):
        frames = SessionFrames(HandFedStage([last]), Painter())
        frames.prepare(5.0, QSize(), 1.0)
        frames.shown(5.0, late=False)
        assert frames.done is not stays
        frames.shown(7.0, late=False)
        assert frames.done
