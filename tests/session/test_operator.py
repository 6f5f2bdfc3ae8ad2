"""What an operator's panel may ask of a session, over real LSL."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bci_online.acquisition.lsl import TextInlet, TextOutlet, session_source_id
from bci_online.acquisition.lsl.control import ControlInlet, ControlOutlet
from bci_online.errors import BciError
from bci_online.markers import SessionEnded, SessionStarted
from bci_online.messages import Command, DecisionLine, Journal
from bci_online.notes import Corrected, OperatorNote, Pause, Probe, Resume
from bci_online.session.onlooker import Onlooker
from bci_online.session.operator import LONGEST_NOTE, Operator
from bci_online.session_lines import SessionStatus
from bci_online.session_state import SessionState

pytestmark = pytest.mark.live

PATIENCE_S = 30.0


class Desk:
    """A conductor's end, what goes out of it, and panels."""

    def __init__(self, log: Path) -> None:
        self.session = uuid.uuid4().hex[:8]
        self.control = ControlOutlet(self.session)
        self.typed: list[str] = []
        self.operator = Operator(self.session, "copy", "p300", self.control, log, self._take_typed)
        self.state = SessionState()
        self.received = ControlInlet(self.session)
        self.asked: list[Command] = []
        self.panels: list[Onlooker] = []
        self.alarm = ""
        self.said: list[str] = []
        self.until(lambda: self.received.is_connected)

    def _take_typed(self) -> list[str]:
        taken, self.typed = self.typed, []
        return taken

    def panel(self) -> Onlooker:
        self.panels.append(Onlooker(self.session))
        self.until(lambda: self.panels[-1].has_consumers)
        return self.panels[-1]

    def until(self, true: Callable[[], bool]) -> None:
        """Attend until something holds."""
        until = time.monotonic() + PATIENCE_S
        while True:
            said = self.operator.serve(self.state, "recording", 1234, self.alarm)
            self.said += [status.text for status in said]
            self.asked += [c for c in self.received.read() if isinstance(c, Command)]
            if true():
                return
            assert time.monotonic() < until
            time.sleep(0.01)

    def close(self) -> None:
        for part in (*self.panels, self.received, self.operator, self.control):
            part.close()


@pytest.fixture
def desk(tmp_path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "log")
    yield desk
    desk.close()


def test_only_what_a_panel_may_ask_for_is_passed_on(desk):
    panel = desk.panel()
    for name, argument in (
        ("start", ""),
        ("status", "{}"),
        ("shutdown", "-h now"),
        ("pause", "ignored"),
        ("note", "undo 3" + "x" * 500),
        ("undo", ""),
        ("abort", ""),
    ):
        panel.send(name, argument)

    desk.until(lambda: Command("abort") in desk.asked)

    note = OperatorNote(("undo 3" + "x" * 500)[:LONGEST_NOTE])
    assert desk.asked == [
        Command("pause"), Command("note", note), Command("undo"), Command("abort"),
    ]  # fmt: skip
    assert desk.operator.n_unread == 1
    assert desk.operator.n_refused == 0


def test_a_correction_is_passed_on_only_for_the_letter_that_is_offered_now(desk):
    panel = desk.panel()
    for trial, value in enumerate("HQX", start=1):
        desk.state.observe(DecisionLine(value=value, trial=trial), 0.0)
    desk.state.observe(Journal("reread", 9.0, text="I", value=2), 0.0)

    # The panel still shows the second letter when the third one is offered.
    desk.state.observe(Journal("reread", 9.5, text="Y", value=3), 0.0)
    panel.send("correct", "2")
    panel.send("correct", "3")
    panel.send("pause")
    desk.until(lambda: Command("pause") in desk.asked)

    assert desk.asked == [Command("note", Corrected(3, "Y")), Command("pause")]


def test_a_start_is_not_passed_on_but_lets_the_conductor_start(desk):
    panel = desk.panel()
    assert not desk.operator.may_start()

    panel.send("start")
    desk.until(desk.operator.may_start)

    assert desk.asked == []


def test_lines_that_are_not_signed_are_refused_counted_and_said(desk):
    stranger = TextOutlet("a stranger", "Control", session_source_id(desk.session, "panel"))
    desk.until(stranger.has_consumers)
    for line in ("no JSON", '{"session":"other","number":1,"name":"abort"}', "[" * 5000):
        stranger.push(line)

    desk.until(lambda: desk.operator.n_refused == 3)

    assert desk.asked == []
    (said,) = desk.said
    assert "another program sends under this session's name" in said
    stranger.close()


def test_a_silent_stream_with_the_panels_id_does_not_keep_out_its_abort(desk):
    stranger = TextOutlet("a stranger", "Control", session_source_id(desk.session, "panel"))
    desk.until(stranger.has_consumers)

    desk.panel().send("abort")
    desk.until(lambda: Command("abort") in desk.asked)

    assert desk.operator.has_abort
    stranger.close()


def test_a_line_that_somebody_sends_again_is_refused(desk):
    overheard = TextInlet(session_source_id(desk.session, "panel"))
    panel = desk.panel()
    assert overheard.wait(PATIENCE_S)
    panel.send("undo")
    desk.until(lambda: desk.asked == [Command("undo")])
    (line, stamp) = next(one for one in overheard.read(PATIENCE_S) if '"undo"' in one.text)
    panel.close()

    stranger = TextOutlet("a stranger", "Control", session_source_id(desk.session, "panel"))
    desk.until(stranger.has_consumers)
    stranger.push(line, stamp)
    desk.until(lambda: desk.operator.n_refused == 1)

    assert desk.asked == [Command("undo")]
    stranger.close()
    overheard.close()


def test_commands_of_a_panel_that_is_opened_again_arrive(desk):
    first = desk.panel()
    for _ in range(3):
        first.send("undo")
    desk.until(lambda: len(desk.asked) == 3)
    first.close()
    second = desk.panel()

    second.send("pause")
    desk.until(lambda: len(desk.asked) == 4)

    assert desk.asked[-1] == Command("pause")


def test_panels_receive_the_state_of_the_session(desk):
    panel = desk.panel()
    said: list[SessionStatus] = []

    def told() -> bool:
        said.extend(each for each in panel.read() if isinstance(each, SessionStatus))
        return bool(said) and bool(said[-1].alarm)

    desk.operator.may_start()
    desk.alarm = "the recorder died"
    desk.until(told)

    assert said[-1] == SessionStatus("recording", "copy", True, 1234, "the recorder died", "p300")


def test_a_panel_that_comes_late_receives_what_it_missed(desk):
    for received in (SessionStarted({}), Probe(), Pause()):
        desk.state.observe(received, time.monotonic())
    panel = desk.panel()
    said: list[SessionStatus] = []

    def told(state: Callable[[SessionStatus], bool]) -> None:
        def comes() -> bool:
            said.extend(each for each in panel.read() if isinstance(each, SessionStatus))
            return any(map(state, said))

        desk.until(comes)

    told(lambda each: each.paused and each.seconds is not None and not each.ended)
    desk.state.observe(Resume(), time.monotonic())
    told(lambda each: not each.paused)
    for reason in ("done", "abort"):
        desk.state.observe(SessionEnded(reason), time.monotonic())
    told(lambda each: each.ended == "done")
    assert said[0].paused
    assert [each.seconds for each in said] == sorted(each.seconds for each in said)


def test_an_abort_is_passed_on_and_known_to_the_conductor(desk):
    panel = desk.panel()
    assert not desk.operator.has_abort

    panel.send("abort")
    desk.until(lambda: desk.operator.has_abort)
    desk.until(lambda: desk.asked == [Command("abort")])


def test_a_session_whose_panel_is_closed_before_its_start_does_not_wait(desk):
    desk.operator._processes.start("no-such-part")

    def refused() -> bool:
        try:
            return desk.operator.may_start()
        except BciError as error:
            return "closed before the session was started" in str(error)

    desk.until(refused)


def test_a_panel_that_reads_nothing_holds_nobody_up(desk):
    stuck = TextInlet(session_source_id(desk.session, "control"))
    assert stuck.wait(PATIENCE_S)
    status = SessionStatus("x" * 1000)

    began = time.monotonic()
    for _ in range(20_000):
        desk.control.report(status)
    seconds = time.monotonic() - began

    # It is 20 MB that nobody takes; a sender that waited would never end.
    assert seconds < PATIENCE_S
    stuck.close()


def test_what_a_program_types_is_obeyed_as_a_panel_is_and_nonsense_is_counted(desk):
    desk.typed = ["undo", "note the cap moved", "status", "hide", "note", "", "öffne"]

    desk.until(lambda: len(desk.asked) == 2)

    assert desk.asked == [Command("undo"), Command("note", OperatorNote("the cap moved"))]
    assert desk.operator.n_unread == 5
    assert not desk.operator.has_abort
    desk.typed = ["abort"]
    desk.until(lambda: len(desk.asked) == 3)
    assert desk.operator.has_abort
