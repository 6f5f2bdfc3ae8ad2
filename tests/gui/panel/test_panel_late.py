"""A panel that is opened late, or closed and opened again, says what is true."""

from collections.abc import Callable, Iterator

import pytest
import shiboken6
from panel_fed import Fed

from bci_online.gui.panel.figure_wording import activity
from bci_online.gui.panel.watchdog import Watchdog
from bci_online.markers import (
    Cue,
    Flash,
    SessionEnded,
    SessionStarted,
    TrialStart,
)
from bci_online.messages import DecisionLine, Journal, TrialEvidence
from bci_online.metrics import itr_bits_per_min
from bci_online.notes import Note, Pause, Resume, ScreenHidden, ScreenSeen, Undo
from bci_online.session_lines import SessionStatus
from bci_online.session_state import SessionState

Make = Callable[[], Fed]

ALL = {"pause", "undo", "finish", "abort"}
TOLD = {
    "waiting": (SessionStatus("waiting for the streams", "copy"), {"abort"}),
    "ready": (SessionStatus("recording", "copy", waits=True), {"start", "abort"}),
    "running": (SessionStatus("recording", "copy", seconds=200.0), ALL),
    "paused": (SessionStatus("recording", "copy", seconds=200.0, paused=True), ALL),
    "ended": (SessionStatus("recording", "copy", seconds=200.0, ended="done"), set()),
}


@pytest.fixture
def make(qapp) -> Iterator[Make]:
    made: list[Fed] = []

    def fed() -> Fed:
        made.append(Fed())
        return made[-1]

    yield fed
    for each in made:
        each.panel.close()
        shiboken6.delete(each.panel)


def told(*said: object, at: float = 1000.0) -> SessionState:
    figures = SessionState()
    for each in said:
        figures.observe(each, at)
    return figures


@pytest.mark.parametrize("state", TOLD)
def test_the_state_and_its_buttons_are_those_of_the_session(state, make):
    conducted, buttons = TOLD[state]
    fed = make()
    fed.say(conducted)

    fed.tick()

    header = fed.panel.header
    assert fed.panel.state.phase == header._state.words[0] == state
    assert {name for name, each in header.buttons.items() if each.isEnabled()} == buttons
    assert header.buttons["pause"].text() == ("Resume" if state == "paused" else "Pause")


def test_time_is_the_sessions_and_counts_are_said_to_begin_later(make):
    fed = make()
    fed.say(TOLD["running"][0])
    fed.tick()
    fed.now += 10.0
    fed.tick()

    rest = fed.panel.header._state.words[2]

    assert rest.startswith("3:30 ")
    assert rest.endswith("counted from 3:20 on")


def test_a_panel_that_was_there_in_time_says_nothing_of_that(make):
    fed = make()
    fed.begin("copy")
    fed.say(SessionStatus("recording", "copy", seconds=0.1))
    fed.tick()

    assert "counted" not in fed.panel.header._state.words[2]


def test_speed_is_over_the_time_that_was_looked_on():
    figures = told(TOLD["running"][0])
    figures.observe(TrialStart(9, "A"), 1010.0)
    for trial in (9, 10):
        figures.observe(DecisionLine(value="A", trial=trial, correct=True), 1030.0)

    assert figures.seconds(1060.0) == pytest.approx(60.0)
    assert figures.began == pytest.approx(800.0)
    assert figures.trial == 10


def test_streams_are_gone_that_were_there_or_do_not_come():
    figures = told(TOLD["running"][0], Journal("ready", 0.0))
    dog = Watchdog(figures)
    streams = ("markers", "decisions", "journal")

    def alarms(now: float, missing: tuple[str, ...]) -> list[str]:
        figures.observe(Journal("ready", 0.0), now)
        dog.check(now, missing, 0.0)
        return [alarm.text for alarm in figures.alarms.open]

    assert alarms(1000.0, streams) == []
    assert alarms(1003.0, ("markers",)) == []
    assert alarms(1004.0, ("markers", "decisions")) == ["the session's stream of decisions is gone"]
    assert figures.phase == "lost"
    assert alarms(1010.5, ("markers",))[1:] == ["the session's stream of markers is gone"]
    assert alarms(1011.0, ()) != []
    assert figures.phase == "running"


def test_an_engine_and_an_eeg_of_which_nothing_ever_came_are_missed():
    figures = told(TOLD["running"][0])
    dog = Watchdog(figures)

    for now in (1000.0, 1009.0):
        dog.check(now, (), None)
    early = list(figures.alarms.open)
    dog.check(1010.5, (), None)

    assert early == []
    assert figures.silent == ("EEG", "the engine")


def test_a_pause_that_was_lost_from_sight_is_a_pause_again(make):
    fed = make()
    fed.begin("copy")
    fed.event(Pause())
    seen = []

    for missing in ((), ("markers",), ()):
        fed.session.missing = missing
        fed.tick()
        seen.append((fed.panel.state.phase, fed.panel.header.buttons["pause"].text()))

    assert seen == [("paused", "Resume"), ("lost", "Resume"), ("paused", "Resume")]


def test_what_is_only_repeated_does_not_undo_a_marker_that_is_newer():
    running, paused = TOLD["running"][0], TOLD["paused"][0]
    states = []
    figures = told(running)
    for said in (Pause(), running, paused, Resume(), paused, running):
        figures.observe(said, 1001.0)
        states.append(figures.phase)

    assert states == ["paused", "paused", "paused", "running", "running", "running"]


def test_a_pause_whose_marker_never_came_is_reported():
    figures = told(SessionStarted({"mode": "copy"}), TOLD["running"][0])

    figures.observe(TOLD["paused"][0], 1001.0)

    assert figures.phase == "paused"


def test_a_screen_that_cannot_be_seen_is_said_to_whoever_is_there_and_to_who_comes_late():
    hidden = SessionStatus("recording", "copy", seconds=200.0, hidden=True)
    there, late = told(TOLD["running"][0]), told(hidden)
    for received in (ScreenHidden(), hidden, hidden):
        there.observe(received, 1001.0)

    for figures in (there, late):
        assert activity(figures) == "the screen is hidden; the session waits until it is visible"
        assert [alarm.count for alarm in figures.alarms.open] == [1]
        figures.observe(ScreenSeen(), 1002.0)
        assert activity(figures) == ""


def test_a_session_that_ends_without_a_marker_has_ended_and_why():
    figures = told(SessionStarted({"mode": "copy"}), TOLD["running"][0])

    figures.observe(SessionStatus("recording", seconds=9.0, ended="the screen was killed"), 1009.0)
    figures.observe(SessionEnded("abort"), 1010.0)

    assert (figures.phase, figures.reason) == ("ended", "the screen was killed")


def test_windows_of_imagery_are_no_answers_before_any_cue():
    conducted = SessionStatus("recording", "feedback", paradigm="motor_imagery", seconds=60.0)

    assert told(conducted, Journal("onset", 0.0, 5)).unanswered is None


def test_the_choices_of_imagery_are_those_of_its_evidence():
    figures = told(SessionStarted({"paradigm": "motor_imagery"}), Cue("left_hand"))
    figures.observe(
        TrialEvidence(1, 4, 0.9, {"left_hand": 0.4, "feet": 0.3, "tongue": 0.3}), 1004.0
    )
    figures.observe(DecisionLine(value="feet", trial=1, truth="feet", correct=True), 1005.0)

    assert figures.bits_per_min(1060.0) == pytest.approx(itr_bits_per_min(3, 1.0, 1, 60.0))
    assert figures.undone is None


def test_rest_is_right_or_wrong_for_a_decoder_that_knows_it_alone():
    at_rest = DecisionLine(type="no_decision", trial=1, truth="rest", correct=False)
    figures = told(Cue("rest"), TrialEvidence(1, 4, 0.9, {"left_hand": 0.5, "feet": 0.5}), at_rest)

    assert figures.right == (0, 0)
    figures.observe(TrialEvidence(2, 4, 0.9, {"left_hand": 0.5, "rest": 0.5}), 1002.0)
    assert figures.right == (0, 1)


def test_letters_that_came_to_nothing_are_not_counted_as_undone():
    figures = told(SessionStarted({"mode": "free"}), Flash(1))
    figures.observe(DecisionLine(value="A", trial=1), 1001.0)
    figures.observe(DecisionLine(type="no_decision", trial=2), 1002.0)
    for note in (Undo(2), Undo(1), Undo(1), Note("undo it")):
        figures.observe(note, 1003.0)

    assert figures.undone == 1
