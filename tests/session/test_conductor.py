"""What a session's conductor does where others hang or fail, over real LSL."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from bci_online.config import Config
from bci_online.errors import BciError
from bci_online.messages import Status
from bci_online.notes import Probe
from bci_online.session.conductor import SessionPlan
from bci_online.session.electrodes import accept_by_itself
from bci_online.session.folder import SessionFolder
from bci_online.session.onlooker import Onlooker
from bci_online.session.processes import Processes, _Child
from bci_online.session.running_session import RunningSession
from bci_online.session_lines import SessionStatus

pytestmark = pytest.mark.live

PATIENCE_S = 30.0


@pytest.fixture
def session(tmp_path: Path) -> RunningSession:
    folder = SessionFolder(tmp_path, subject="01", session="01", task="p300", run=1)
    plan = SessionPlan(name=uuid.uuid4().hex[:8], folder=folder, config=Config())
    return RunningSession(plan, lambda received: None, accept_by_itself)


def until(true: Callable[[], bool]) -> None:
    """Wait until something holds."""
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def hang(session: RunningSession, part: str) -> None:
    """Start a part that does nothing, not even end."""
    session._processes.start(part)
    os.kill(session._processes._children[part].process.pid, signal.SIGSTOP)


def test_an_abort_ends_a_session_whose_screen_hangs(session):
    with session:
        hang(session, "screen")
        # Without its arguments it ends at once.
        session._processes.start("engine")
        until(lambda: "engine" in session._processes.ended())
        session._operator.has_abort = True

        session.run()

    assert session.failure == "the session's screen did not end, and was killed"


def test_a_part_that_fails_at_the_end_is_named_with_its_reason(session):
    with session:
        for part in ("screen", "engine"):
            # Without its arguments it ends at once, with an error.
            session._processes.start(part)
        until(lambda: len(session._processes.ended()) == 2)
        session._operator.has_abort = True

        session.run()

    assert session.failure.startswith("the session's screen ended (exit code 2)")


def test_nobody_waits_for_the_streams_of_a_part_that_has_ended(session):
    with session:
        session._processes.start("engine")
        until(lambda: "engine" in session._processes.ended())

        with pytest.raises(BciError, match=r"the session's engine ended \(exit code 2\)"):
            session._probe(Probe().text())


def test_a_part_of_a_session_in_the_background_ends_with_its_parent():
    command = [sys.executable, "-m", "bci_online", "part", "amplifier", uuid.uuid4().hex[:8]]
    # As a shell starts what it runs in the background.
    part = subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )  # fmt: skip
    try:
        # Its parent holds the other end, also when it is killed.
        part.communicate(timeout=PATIENCE_S)
    finally:
        part.kill()
        part.wait()

    assert part.returncode == 130


def test_a_part_that_has_not_begun_yet_ends_at_once_and_without_a_word(tmp_path):
    log = tmp_path / "session.log"
    with Processes(log) as processes:
        for wait_s in (0.02, 0.1, 0.3):
            processes.start("amplifier", uuid.uuid4().hex[:8])
            time.sleep(wait_s)
            process = processes._children["amplifier"].process

            processes.stop()

            assert process.returncode == -signal.SIGTERM or wait_s == 0.3

    assert "Traceback" not in log.read_text()


def test_why_a_session_ends_is_told_before_anything_is_closed(session, monkeypatch):
    told: list[object] = []
    monkeypatch.setattr(session, "show", told.append)
    monkeypatch.setattr(session._processes, "stop", lambda: told.append("closed"))

    with pytest.raises(BciError), session:
        raise BciError("the session's engine was killed")

    assert told == [Status("info", "the session ends: the session's engine was killed"), "closed"]


def test_an_onlooker_receives_why_a_session_ended_that_never_began(session):
    said: list[SessionStatus] = []
    over = threading.Event()

    def look_on() -> None:
        with closing(Onlooker(session._plan.name)) as panel:
            while not over.wait(0.01):
                said.extend(each for each in panel.read() if isinstance(each, SessionStatus))

    beside = threading.Thread(target=look_on)
    beside.start()
    try:
        hang(session, "engine")
        until(lambda: session._listen() or bool(said))
        session.__exit__(BciError, BciError("the session's engine was killed"), None)
    finally:
        over.set()
        beside.join()

    assert [told.ended for told in said][:1] == [""]
    assert said[-1].ended == "the session's engine was killed"


@pytest.mark.parametrize("part", ["screen", "engine"])
def test_a_part_that_hangs_is_said_while_it_hangs(session, part, monkeypatch):
    said: list[Status] = []
    monkeypatch.setattr(session, "show", said.append)
    with session:
        for seconds in (0.1, 0.9, 3.0, 0.0):
            monkeypatch.setattr(session._processes, "silent", lambda now, s=seconds: {part: s})
            session._watch_parts()

    hung, back = said
    assert (hung.level, back.level) == ("alarm", "info")
    assert hung.text.startswith(f"the {part} has not answered for 0.9 s: ")
    assert back.text == f"the {part} answers again, after 3.0 s"
    assert session._alarms == [hung.text]
    assert session.failure == ""


def test_a_recorder_that_hung_and_writes_again_is_no_failure(session, monkeypatch):
    told: list[Status] = []
    hangs = "the recording has not grown for 1.5 s (its recorder hangs)"
    faults, back = iter([hangs, "", ""]), iter(["", hangs])
    recorder = SimpleNamespace(is_alive=True, n_bytes=0, stop=lambda **_: "closed")
    monkeypatch.setattr(session, "show", told.append)
    monkeypatch.setattr(session._disk, "check", lambda *_, **__: next(faults))
    monkeypatch.setattr(session._disk, "came_back", lambda n_bytes: next(back))
    monkeypatch.setattr(type(session._disk), "may_come_back", True)
    with session:
        session._recorder, session._recording = recorder, True
        failures = []
        for _ in range(3):
            session._watch_parts()
            failures.append(session.failure)

    assert failures == [hangs, hangs, ""]
    assert told[0] == Status("alarm", hangs)
    assert told[1].text == "the recorder writes again: nothing is missing"


def test_frames_of_a_hidden_screen_are_not_waited_for(session, monkeypatch):
    said: list[Status] = []
    monkeypatch.setattr(session, "show", said.append)
    monkeypatch.setattr(session._processes, "silent", lambda now: {"screen": 9.0})
    with session:
        session._state.is_hidden = True
        session._watch_parts()

    assert said == []


def test_a_process_that_beats_is_silent_from_then_on():
    begin = time.monotonic()
    with Processes() as processes:
        # The process of `monitors` never beats.
        processes.start("monitors")
        assert processes.silent(begin) == {}
        code = "from bci_online.session.parent import beat; beat(); input()"
        line, theirs = socket.socketpair()
        with theirs:
            beating = subprocess.Popen([sys.executable, "-c", code], stdin=theirs.fileno())
        processes._children["beating"] = _Child(beating, line)
        until(lambda: bool(processes.silent(begin)))

        assert processes.silent(begin + 5.0) == {"beating": 5.0}
