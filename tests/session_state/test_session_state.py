"""One state of a session, folded from its messages, and views that cannot disagree about it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bci_online.channel_quality import Electrodes
from bci_online.gui.panel.figure_wording import activity
from bci_online.markers import (
    Cue,
    Flash,
    Layout,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import DecisionLine, Gap, Journal, Status, TrialEvidence
from bci_online.notes import (
    Corrected,
    Note,
    Pause,
    Resume,
    ScreenHidden,
    ScreenSeen,
    ScreenWaits,
    Undo,
)
from bci_online.session.operator import Operator
from bci_online.session_lines import EngineReady, SessionStatus
from bci_online.session_state import SessionState
from bci_online.session_state.alarms import AlarmsSeen, Silence, alarm_of
from bci_online.terminal.session_view import SessionView

LAYOUT = Layout({1: ("A", "B"), 2: ("C", "D")})
SPELLING = [
    EngineReady(0.0, "amp"),
    ScreenWaits(),
    SessionStarted({"mode": "copy", "paradigm": "p300"}),
    LAYOUT,
    TrialStart(1, "A"),
    Flash(1, True),
    Journal("onset", 0.0, 5),
    TrialEvidence(1, 1, 0.9, {"A": 0.95}),
    DecisionLine(value="A", trial=1, truth="A", correct=True),
    TrialEnd(1),
    Pause(),
    Resume(),
    TrialStart(2, "B"),
    Flash(2, False),
    ScreenHidden(),
    ScreenSeen(),
    DecisionLine(value="C", trial=2, truth="B", correct=False),
    Undo(2),
    SessionEnded("done"),
    SessionEnded("abort"),
]
ANY = st.lists(
    st.sampled_from(
        [*SPELLING, TrialStart(), Cue("feet"), Status("info", "x"), Status("alarm", "y"),
         Gap(0, 9, 1.0, bridged=False), Note("hm"), SessionStatus("recording", seconds=3.0),
         SessionStatus("recording", paused=True, hidden=True), Electrodes(())]
    ),
    max_size=25,
)  # fmt: skip


def folded(*messages: object) -> SessionState:
    state = SessionState(is_cued=True)
    for second, message in enumerate(messages):
        state.observe(message, 100.0 + second)
    return state


def test_what_an_engine_says_of_the_amplifier_is_a_warning_until_it_is_seen():
    state = SessionState()
    ready = EngineReady(0.0, "amp", findings=("sends 200 samples a second",))

    state.observe(ready, 0.0)
    state.observe(AlarmsSeen(), 1.0)
    state.observe(ready, 2.0)

    assert state.alarms.open == []
    assert state.alarms.n_acknowledged == 1


def test_a_stall_takes_the_samples_back_that_counted_as_lost():
    lost, stall = Gap(0, 505, 1.0, False), Gap(8, -505, 1.0, False, late=True, reason="stall")

    assert folded(lost, stall).signal.lost == 0
    assert alarm_of(stall) == ("alarm", "the amplifier stalled: 505 samples were late, not lost")


def test_trials_of_another_session_that_have_the_same_numbers_are_not_taken_back():
    start, undo = SessionStarted({"mode": "free"}), Undo(2)
    letters = [DecisionLine(value="A", trial=trial) for trial in (1, 2)]

    assert folded(start, *letters, undo, start).undone == 1
    assert folded(start, *letters, start, letters[0], undo).undone == 0
    assert folded(start, *letters, undo, start, *letters, undo).undone == 2


def test_a_whole_session_is_folded_from_its_messages():
    state = folded(*SPELLING)

    assert (state.phase, state.reason, state.mode) == ("ended", "done", "copy")
    assert (state.began, state.ended) == (102.0, 118.0)
    assert (state.engine.eeg, state.screen_waits) == ({"name": "amp"}, True)
    assert (state.right, state.undone, state.letters.answered) == ((1, 2), 1, [1])
    assert (state.signal.markers, state.signal.epochs, state.unanswered) == (2, 1, 1)


@pytest.mark.parametrize(
    ("n", "phase", "doing", "lit"),
    [
        (2, "waiting", "starting", ()),
        (3, "running", "settling", ()),
        (5, "running", "cued", ()),
        (6, "running", "flashing", ("A", "B")),
        (9, "running", "decided", ("A", "B")),
        (10, "running", "trial over", ()),
        (11, "paused", "trial over", ()),
        (12, "running", "resumed", ()),
        (19, "ended", "decided", ()),
    ],
)
def test_each_message_moves_the_session_on(n, phase, doing, lit):
    state = folded(*SPELLING[:n])

    assert (state.phase, state.activity, state.lit) == (phase, doing, lit)


def test_a_trial_begins_without_the_evidence_of_the_one_before():
    state = folded(*SPELLING[:13])

    assert (state.evidence, state.decision, state.n_flashes, state.symbol) == (None, None, 0, "B")


def test_an_offer_shows_the_letter_that_it_changes_however_many_came_since():
    decisions = SessionState().decisions
    for trial, value in enumerate("HQ" + "ABCDEFGHIJKLMNOP", start=1):
        decisions.add(DecisionLine(value=value, trial=trial))

    decisions.observe(Journal("reread", 9.0, text="I", value=2))

    assert decisions.offer == "QABCDEFGHIJK → IABCDEFGHIJK?"


def test_what_was_never_typed_is_not_offered():
    decisions = SessionState().decisions
    decisions.add(DecisionLine(value="H", trial=1))
    decisions.add(DecisionLine(value="Q", trial=2, late=True))
    decisions.observe(Journal("reread", 9.0, text="M", value=1))

    decisions.observe(Journal("reread", 9.0, text="I", value=2))

    assert decisions.offered == Corrected(1, "M")


def test_speed_and_time_are_worked_out_once_for_terminal_and_panel():
    state = folded(*SPELLING[:5])
    lines = [
        DecisionLine(value="A", trial=1, truth="A", correct=True),
        DecisionLine(type="no_decision", trial=2),
        DecisionLine(value="B", trial=3, truth="B", correct=True, late=True),
    ]
    for line in lines:
        state.observe(line, 110.0)
    decisions = state.decisions

    assert (decisions.n_chosen, decisions.n_undecided, decisions.n_late) == (1, 1, 1)
    assert decisions.chosen == lines[:1]
    assert state.per_minute(132.0) == pytest.approx(60 * 1 / 30.0)
    assert state.elapsed(132.0) == pytest.approx(30.0)
    assert SessionState().per_minute(132.0) is SessionState().elapsed(132.0) is None


def test_what_a_panel_notices_by_itself_is_observed_too():
    state = folded(*SPELLING[:5], Status("alarm", "x"))

    state.observe(Silence(("EEG",)), 110.0)
    lost = state.phase
    state.observe(AlarmsSeen(), 111.0)
    state.observe(Silence(()), 112.0)

    assert (lost, state.phase) == ("lost", "running")
    assert (state.alarms.open, state.alarms.n_acknowledged) == ([], 1)


@given(ANY)
def test_no_order_of_messages_is_refused_and_an_end_is_final(messages):
    state = folded(*messages)
    reason = state.reason

    state.observe(SessionStarted({}), 500.0)
    state.observe(SessionEnded("later"), 501.0)

    assert state.phase == "ended"
    assert state.reason == reason or not reason


@given(ANY, st.integers(0, 25))
def test_what_the_conductor_reports_makes_a_late_panel_agree(messages, n):
    known = folded(*messages[:n])
    report = SessionStatus(
        "recording", known.mode, seconds=None if known.began is None else 5.0,
        paused=known.is_paused, hidden=known.is_hidden, ended=known.reason,
    )  # fmt: skip

    late = folded(report)

    for name in ("mode", "is_paused", "is_hidden", "reason"):
        assert getattr(late, name) == getattr(known, name)
    assert (late.phase == "ended") == (known.phase == "ended")


class Sent:
    """A control stream that keeps what is reported."""

    def __init__(self) -> None:
        self.reports: list[SessionStatus] = []

    def report(self, status: SessionStatus) -> None:
        self.reports.append(status)


def rendered(view: SessionView) -> str:
    console = Console(width=80, height=24, force_terminal=True, _environ={})
    with console.capture() as captured:
        console.print(view, height=24)
    return captured.get()


@pytest.mark.live
@pytest.mark.parametrize("n", range(len(SPELLING) + 1))
def test_terminal_panel_and_conductor_say_the_same_of_one_session(n, tmp_path, monkeypatch):
    rows = [["A", "B"], ["C", "D"]]
    view = SessionView("copying", rows, [["A", "B"]], lambda: 100.0)
    panel, conductor, sent = SessionState(), SessionState(), Sent()
    operator = Operator("test", "copy", "p300", sent, Path(tmp_path / "log"))  # type: ignore[arg-type]
    monkeypatch.setattr(operator, "_pass_on", lambda offered: None)
    for message in SPELLING[:n]:
        view.observe(message)
        panel.observe(message, 100.0)
        conductor.observe(message, 100.0)

    operator.serve(conductor, "recording", 0, "")
    operator.close()

    report, shown, doing = sent.reports[-1], rendered(view), activity(panel)
    assert report.paused == panel.is_paused == view.state.is_paused
    assert report.hidden == panel.is_hidden == ("screen hidden" in shown)
    assert report.ended == panel.reason == view.state.reason
    assert (panel.phase == "ended") == bool(report.ended) == ("finished (" in shown)
    assert ("flashing" in doing) <= ("flashing" in shown)
    assert panel.right == view.state.right
