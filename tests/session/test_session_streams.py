"""What a session's streams hold is read into structs; what cannot be read is counted, over LSL."""

import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from bci_online.acquisition.lsl import MarkerOutlet, session_outlet
from bci_online.markers import Flash
from bci_online.messages import DecisionLine, Journal, SessionEnd, Status
from bci_online.notes import Note, Undo
from bci_online.session.onlooker import Onlooker
from bci_online.session.streams import SessionStreams
from bci_online.session_lines import EngineReady, line_text
from bci_online.session_state import SessionState

PATIENCE_S = 30.0
pytestmark = pytest.mark.live

KINDS = ("markers", "decisions", "journal")


@pytest.fixture
def outlets() -> Iterator[dict]:
    session = uuid.uuid4().hex[:8]
    made = {kind: session_outlet(session, kind) for kind in ("decisions", "journal")}
    made |= {"markers": MarkerOutlet(session)}
    yield made | {"session": session}
    for outlet in made.values():
        outlet.close()


def connected(outlets: dict) -> SessionStreams:
    streams = SessionStreams(outlets["session"])
    until(lambda: not list(streams.read()) and all_received(outlets))
    return streams


def all_received(outlets: dict) -> bool:
    return all(outlets[kind].has_consumers() for kind in KINDS)


def until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_each_stream_is_read_into_its_structs(outlets):
    streams, received = connected(outlets), []
    outlets["markers"].push(Flash(3, True).text())
    outlets["markers"].push(Undo(2).text())
    outlets["markers"].push("note/undo%202")
    outlets["decisions"].push(line_text(DecisionLine(value="A", trial=2)))
    outlets["journal"].push(line_text(Journal("onset", 1.0, 5)))
    outlets["journal"].push(line_text(SessionEnd("end")))
    outlets["journal"].push(line_text(Status("info", "last")))

    until(lambda: received.extend(streams.read()) or len(received) >= 6)

    assert sorted(received, key=repr) == sorted(
        [Flash(3, True), Undo(2), Undo(2), DecisionLine(value="A", trial=2),
         Journal("onset", 1.0, 5), Status("info", "last")],
        key=repr,
    )  # fmt: skip
    assert (streams.n_unread, streams.missing) == (0, ())
    streams.close()


def test_lines_that_cannot_be_read_are_counted_and_others_go_on(outlets):
    streams, received = connected(outlets), []
    outlets["markers"].push("S  1")
    outlets["markers"].push("note/{broken")
    for kind in ("decisions", "journal"):
        for line in ("{no JSON}", '{"type":' + "[" * 20_000 + "}", '{"type":"unknown"}'):
            outlets[kind].push(line)

    until(lambda: received.extend(streams.read()) or streams.n_unread >= 7)

    assert streams.n_unread == 7
    assert received == [Note("{broken")]
    streams.close()


def test_a_panel_keeps_the_first_eeg_that_an_engine_receives(outlets):
    panel, received = Onlooker(outlets["session"]), []
    until(lambda: not list(panel.read()) and all_received(outlets))
    for name in ("amp", "other"):
        outlets["journal"].push(line_text(EngineReady(1.0, name, "EEG")))

    until(lambda: received.extend(panel.read()) or len(received) == 2)

    state = SessionState()
    for message in received:
        state.observe(message, 0.0)
    assert state.engine.eeg == {"name": "amp", "type": "EEG"}
    panel.close()
