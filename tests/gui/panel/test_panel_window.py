"""The panel's window, fed by hand."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import shiboken6
from panel_fed import STATES, Fed, ended, flawed, ready, spelling
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from bci_online.gui.panel.evidence_bars import ROW_PX
from bci_online.gui.panel.shades import shade
from bci_online.gui.panel.trace_image import TRACE_SHADE
from bci_online.gui.panel.window import FRAMES, LAST_WORDS_S
from bci_online.gui.themes import THEMES
from bci_online.markers import Flash
from bci_online.messages import ClockOffset, DecisionLine, Journal, Marker, Reading, Status
from bci_online.notes import Corrected, NotCorrected, Pause, Promised
from bci_online.session_lines import SessionStatus

Make = Callable[..., Fed]
TRACE = shade(THEMES["dark"], TRACE_SHADE).name()


@pytest.fixture
def make(qapp) -> Iterator[Make]:
    made: list[Fed] = []

    def fed(*arguments: object, **keys: object) -> Fed:
        made.append(Fed(*arguments, **keys))
        made[-1].panel.resize(1280, 720)
        return made[-1]

    yield fed
    for each in made:
        each.panel.close()
        shiboken6.delete(each.panel)


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_painted_and_says_what_it_is(state, make):
    fed = make(bad=flawed) if state == "alarm" else make()
    fed.panel.show()

    STATES[state](fed)
    picture = fed.panel.grab().toImage()

    words = dict.fromkeys(("calibration", "spelling", "alarm", "imagery"), "running")
    word = (words | {"late": "paused"}).get(state, state)
    assert fed.panel.state.phase == word
    assert fed.signal.stopped == (state == "ended")
    assert not picture.isNull()
    colours = {picture.pixelColor(x, y).name() for x in range(0, 1280, 3) for y in range(90, 480)}
    assert (TRACE in colours) == (state != "waiting")
    assert ("#e69f00" in colours) == (state == "alarm")


def test_buttons_work_when_somebody_listens_and_it_makes_sense(make):
    fed = make()
    buttons = fed.panel.header.buttons

    def enabled() -> set[str]:
        fed.tick()
        return {name for name, button in buttons.items() if button.isEnabled()}

    fed.session.has_consumers = False
    assert enabled() == set()
    fed.session.has_consumers = True
    assert enabled() == {"abort"}
    fed.say(SessionStatus("recording", "copy", waits=True))
    assert enabled() == {"start", "abort"}
    fed.begin("copy")
    assert enabled() == {"pause", "undo", "finish", "abort"}
    for mode in ("calibration", "feedback"):
        fed.panel.state.mode = mode
        assert enabled() == {"pause", "finish", "abort"}


def test_buttons_send_their_commands_and_a_pause_is_ended_by_the_same_one(make, qtbot):
    fed = make()
    fed.begin("copy")
    fed.tick()
    buttons = fed.panel.header.buttons

    for name in ("pause", "undo", "abort"):
        qtbot.mouseClick(buttons[name], Qt.MouseButton.LeftButton)
    fed.say(Pause())
    fed.tick()
    qtbot.mouseClick(buttons["pause"], Qt.MouseButton.LeftButton)

    assert fed.session.sent == [("pause", ""), ("undo", ""), ("abort", ""), ("resume", "")]
    assert buttons["pause"].text() == "Resume"


def test_a_letter_that_is_read_again_is_offered_until_it_is_corrected_and_one_key_accepts(
    make, qtbot
):
    fed = make()
    fed.panel.show()
    fed.begin("free")
    button = fed.panel.header.buttons["correct"]
    fed.say(DecisionLine(value="H", trial=1), DecisionLine(value="Q", trial=2))
    fed.tick()
    qtbot.keyClick(fed.panel, Qt.Key.Key_C)
    assert not button.isVisible()

    fed.say(Journal("reread", 9.0, text="I", value=2))
    fed.tick()
    shown = button.isVisible(), button.text()
    qtbot.keyClick(fed.panel, Qt.Key.Key_C)
    fed.say(Corrected(2, "I"))
    fed.tick()

    assert shown == (True, "HQ → HI? (C)")
    assert fed.session.sent == [("correct", "2")]
    assert not button.isVisible()


def test_a_correction_that_was_refused_is_said_and_no_longer_offered(make):
    fed = make()
    fed.begin("free")
    fed.say(DecisionLine(value="H", trial=1), Journal("reread", 9.0, text="HELLO", value=1))
    fed.tick()

    fed.say(NotCorrected(1))
    fed.tick()

    assert fed.panel.state.decisions.offer == ""
    assert [alarm.text for alarm in fed.panel.state.alarms.open] == [NotCorrected(1).words]


def test_a_session_that_has_ended_is_followed_to_its_last_words_and_costs_little_then(make, qtbot):
    fed = make()
    ended(fed)
    fed.panel.start()
    busy = fed.panel._timer.interval()
    for _ in range(3):
        fed.now += 0.9 * LAST_WORDS_S
        fed.say(SessionStatus("recording", "copy"))
        fed.tick()
    fed.say(Status("alarm", "the recording is not whole"))
    fed.tick()
    assert not fed.session.closed

    fed.now += 1.1 * LAST_WORDS_S
    fed.tick()
    fed.say(Status("alarm", "nobody reads this"))
    fed.tick()

    assert fed.session.closed
    assert fed.panel._timer.interval() > 10 * busy
    alarms = [line[1] for line in fed.panel.alarms._lines.lines]
    assert "the recording is not whole" in alarms
    assert "nobody reads this" not in alarms
    qtbot.mouseClick(fed.panel.alarms.seen, Qt.MouseButton.LeftButton)
    fed.panel.tick()
    assert "the recording is not whole" not in [line[1] for line in fed.panel.alarms._lines.lines]


def test_notes_are_sent_and_empty_ones_are_not(make, qtbot):
    fed = make()
    fed.begin("copy")
    fed.tick()

    for text in ("  ", "subject moved"):
        fed.panel.alarms.text.setText(text)
        qtbot.mouseClick(fed.panel.alarms.add, Qt.MouseButton.LeftButton)

    assert fed.session.sent == [("note", "subject moved")]


def test_alarms_stay_until_they_are_seen(make, qtbot):
    fed = make()
    fed.begin("copy")
    fed.say(Status("alarm", "no sample for 0.6 s"))
    fed.tick()
    fed.eeg(5.0)

    assert [line[1] for line in fed.panel.alarms._lines.lines][-1] == "no sample for 0.6 s"
    qtbot.mouseClick(fed.panel.alarms.seen, Qt.MouseButton.LeftButton)
    fed.tick()
    assert fed.panel.state.alarms.n_acknowledged > 0
    assert "no sample for 0.6 s" not in [line[1] for line in fed.panel.alarms._lines.lines]


def test_nothing_is_lost_between_two_frames_of_the_window(make):
    fed = make()
    fed.begin("copy")
    fed.say(*(Flash(code % 12 + 1) for code in range(500)))
    fed.say(*(Status("alarm", f"fault {'abcdefgh'[n]}") for n in range(8)))

    fed.tick()

    assert fed.panel.state.signal.markers == 500
    assert len(fed.panel.state.alarms.open) == 8


def test_markers_are_drawn_at_their_common_time(make):
    fed = make()
    fed.eeg(3.0)
    offset = ClockOffset("markers", 5.0, 900.0)
    fed.signal.waiting.append(
        Reading((), (Marker("trial/start/1/A", 102.5, "markers"),), (offset,))
    )
    fed.tick()

    assert fed.panel.scroller._marks[-1] == (pytest.approx(1002.5), "trial/start/1/A", True)


def test_frame_intervals_are_figures_and_not_drawn(make):
    fed = make()
    frames = [Marker(text, 1.0, FRAMES) for text in ("16.67", "16.67", "no number")]
    fed.signal.waiting.append(Reading(markers=tuple(frames)))

    fed.tick()

    assert fed.panel.frames.n == 2
    assert len(fed.panel.scroller._marks) == 0


@pytest.mark.parametrize(("n_channels", "sfreq"), [(1, 128.0), (64, 512.0), (256, 512.0)])
def test_any_number_of_channels_is_shown(n_channels, sfreq, make):
    fed = make(n_channels, sfreq)
    fed.panel.show()
    fed.eeg(2.6)

    picture = fed.panel.scroller.grab().toImage()

    trace = {picture.pixelColor(x, y).name() for x in range(700, 850, 2) for y in range(20, 400)}
    assert TRACE in trace


def test_a_stream_that_comes_back_as_another_is_shown_again(make):
    fed = make(16, 250.0)
    ready(fed)
    other = Fed(8, 128.0)
    fed.signal.waiting += [other.spec]
    fed.tick()

    assert len(fed.panel.scroller._spec.ch_names) == 8
    other.panel.close()
    shiboken6.delete(other.panel)


def test_keys_change_the_scale_and_the_seconds(make, qtbot):
    fed = make()
    fed.panel.show()
    ready(fed)
    before, scroller = fed.panel.scroller.per_row, fed.panel.scroller
    begun = [scroller._marked.size]

    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right):
        qtbot.keyClick(fed.panel, key)

    assert scroller.per_row == pytest.approx(before / 2, rel=0.3)
    assert scroller.window_s == 5.0
    assert scroller.caption().startswith("EEG, 16 channels, 1–40 Hz")
    assert begun == [16]


def test_what_is_shown_is_without_the_electrodes_offset(make):
    fed = make()
    fed.panel.show()
    fed.eeg(6.0)
    columns = fed.panel.scroller._columns

    low, high = columns.between(columns.newest - 100, columns.newest)

    assert np.nanmax(np.abs([low, high])) < 200.0


def test_the_evidence_is_that_of_the_open_trial(make):
    fed = make()
    spelling(fed)

    standing = fed.panel.evidence._evidence

    assert standing is not None
    assert standing.trial == 5
    assert next(iter(standing.posterior)) == "N"


def test_channels_that_find_no_room_are_on_other_pages_with_their_past(make, qtbot):
    fed = make(256, 512.0)
    fed.panel.show()
    fed.eeg(2.6)
    scroller = fed.panel.scroller
    pages = []

    for _ in range(5):
        pages.append((scroller._shown().start, scroller._shown().stop))
        qtbot.keyClick(fed.panel, Qt.Key.Key_PageDown)
    picture = scroller.grab().toImage()

    assert pages == [(0, 64), (64, 128), (128, 192), (192, 256), (192, 256)]
    assert "channels 193 to 256 of 256" in scroller.caption()
    assert TRACE in {picture.pixelColor(x, y).name() for x in range(600, 800) for y in (100, 200)}


@pytest.mark.parametrize(("low", "colour"), [(0.45, "quiet"), (0.72, "quiet"), (0.93, "decision")])
def test_a_calibration_that_ends_by_its_promise_shows_how_far_it_is(low, colour, make):
    fed = make()
    fed.begin("calibration")
    fed.tick()
    bars = fed.panel.evidence

    def filled() -> float:
        image = bars.grab().toImage()
        y = image.height() // 2 - ROW_PX + 3
        row = [image.pixelColor(x, y) for x in range(image.width())]
        return row.count(QColor(getattr(THEMES["dark"], colour))) / len(row)

    assert filled() == 0
    fed.say(Promised(4, (low, 0.95, 0.99), wanted=0.9))
    fed.tick()

    assert filled() == pytest.approx(min(low / 0.9, 1), abs=0.01)
    assert "4 letters promise 9.5 of 10 right" in fed.panel.state.no_evidence
