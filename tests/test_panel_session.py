"""A running session does not depend on its operator's panel, whatever becomes of that."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing

import pytest
import simulated_files
from session_runs import Run, decisions, replayed, same_decisions
from test_sessions import config, summary_in

from bci_online.commands.bodies.panel_window import _only_session
from bci_online.notes import OperatorNote
from bci_online.session.onlooker import Onlooker
from bci_online.session.processes import Processes
from bci_online.session_lines import SessionStatus

pytestmark = pytest.mark.live

PATIENCE_S = 60.0


def until(true: Callable[[], bool]) -> None:
    """Wait until something holds."""
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.timeout(400)
def test_a_panel_that_hangs_and_then_dies_changes_no_decision(tmp_path, started, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    path = config(tmp_path)
    path.write_text(path.read_text() + "[screen]\npanel = true\n", encoding="utf-8")
    run = Run(
        "bci_online", "spell", "--decoder", simulated_files.decoder(), "--simulate", "--headless",
        "--copy", "BCB", "--config", path, "-o", tmp_path / "session",
    )  # fmt: skip
    started.append(run)

    run.until('"decision"')
    os.kill(run.pids["panel"], signal.SIGSTOP)
    run.until('"decision"')
    os.kill(run.pids["panel"], signal.SIGKILL)
    errors = run.end()

    assert run.process.returncode == 0, errors
    assert run.left_over() == []
    live, summary = decisions(run.rows), summary_in(tmp_path)
    assert summary["ended"] == "done"
    assert summary["spelled"] == "BCB"
    assert not any(row["late"] for row in live)
    folder = tmp_path / "session"
    assert same_decisions(live, replayed(folder / summary["recording"], folder / "session.decoder"))


@pytest.mark.timeout(400)
def test_notes_and_abort_arrive_while_the_terminal_asks_about_the_electrodes(tmp_path):
    path = config(tmp_path)
    path.write_text(path.read_text() + "[eeg]\nname = 'bci-online/amp/eeg'\n", encoding="utf-8")
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    command = [sys.executable, "-m", "calibration", "record", "p300", "--headless"]
    command += ["--config", str(path), "-o", str(tmp_path / "session")]
    shown = bytearray()
    received: list[object] = []

    def asks(times: int) -> bool:
        try:
            shown.extend(os.read(ours, 4096))
        except BlockingIOError:
            return False
        return shown.count(b"Ctrl-C ends: ") == times

    with Processes() as amplifier:
        amplifier.start("amplifier", "amp", "--config", str(path))
        session = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True
        )
        os.close(theirs)
        try:
            until(lambda: asks(1))
            os.write(ours, b"l\n")
            until(lambda: asks(2))
            with closing(Onlooker(_only_session())) as panel:

                def hears(said: Callable[[object], bool]) -> bool:
                    received.extend(panel.read())
                    return any(map(said, received))

                until(lambda: hears(lambda _: panel.has_consumers) and not panel.missing)
                panel.send("note", "cap moved")
                until(lambda: hears(lambda each: each == OperatorNote("cap moved")))
                panel.send("abort")
                until(lambda: hears(lambda each: isinstance(each, SessionStatus) and each.ended))
            errors = session.communicate(timeout=PATIENCE_S)[1]
        finally:
            session.kill()
            session.wait()
            os.close(ours)

    assert session.returncode == 2
    assert errors == "error: the session was ended before it began\n"
