"""Another program that sends under a session's name changes nothing, and is counted and said."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import simulated_files
from session_runs import PROC, Run, children_of, decisions, replayed, same_decisions
from test_sessions import config, summary_in

from bci_online.acquisition.lsl import CONFIG_VARIABLE, loopback_config

pytestmark = pytest.mark.live

# What everybody on this computer can do: the session's name is in the list of processes. Each line
# is sent again and again, with and without something that looks like a signature.
STRANGER = """
import json, sys, time
import pylsl

session, kinds = sys.argv[1], sys.argv[2].split(",")
outlets = {
    kind: pylsl.StreamOutlet(
        pylsl.StreamInfo(f"bci-online-{kind}", "x", 1, 0, "string", f"bci-online/{session}/{kind}")
    )
    for kind in kinds
}
signed = f'"signed":"{16 * "0"}.1.{64 * "0"}"'
decision = {"type": "decision", "value": "C", "trial": 1, "confidence": 1.0, "time": 1.0}
lines = ["session/end/attacker", "flash/1/target", json.dumps(decision)]
for text in ("session/end/attacker", "trial/end/1", 'layout/{"1":["X"]}'):
    lines.append(json.dumps({"marker": text})[:-1] + "," + signed + "}")
for name in ("abort", "undo", "pause", "finish"):
    lines.append(json.dumps({"session": session, "number": 1, "name": name}))
    lines.append('{"name":"' + name + '",' + signed + "}")
while True:
    for outlet in outlets.values():
        for line in lines:
            outlet.push_sample([line])
    time.sleep(0.5)
"""


class Strangers:
    """Programs of somebody else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen] = []

    def send(self, session: str, *kinds: str) -> None:
        """Send on streams with the source_ids of a session that keeps to this computer."""
        environment = os.environ | {CONFIG_VARIABLE: str(loopback_config(self._folder, session))}
        command = [sys.executable, "-c", STRANGER, session, ",".join(kinds)]
        self._processes.append(subprocess.Popen(command, env=environment))

    def end(self) -> None:
        """End all of them."""
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def strangers(tmp_path) -> Iterator[Strangers]:
    made = Strangers(tmp_path)
    yield made
    made.end()


def session_of(run: Run) -> str:
    """Return the name of a session as the list of processes shows it."""
    while "screen" not in run.pids:
        # A child that has just begun still has its parent's command line.
        time.sleep(0.05)
        run.pids = children_of(run.process.pid)
    words = (PROC / str(run.pids["screen"]) / "cmdline").read_bytes().decode().split("\0")
    return words[words.index("screen") + 1]


@pytest.mark.timeout(300)
def test_a_stranger_neither_ends_nor_changes_a_session_and_is_counted(tmp_path, started, strangers):
    run = Run(
        "bci_online", "spell", "--decoder", simulated_files.decoder(), "--simulate", "--headless",
        "--copy", "BC", "--config", config(tmp_path), "-o", tmp_path / "session",
    )  # fmt: skip
    started.append(run)
    run.until("waiting for the streams")
    strangers.send(session_of(run), "panel", "signed")
    run.until('"decision"')
    strangers.send(session_of(run), "control", "markers", "decisions", "journal")
    errors = run.end()

    assert run.process.returncode == 0, errors
    live, summary = decisions(run.rows), summary_in(tmp_path)
    assert (summary["ended"], summary["spelled"]) == ("done", "BC")
    assert summary["refused_lines"]["panel"] > 10
    assert [alarm for alarm in summary["alarms"] if "bci-online" in alarm]
    said = [row["text"] for row in run.rows if row["type"] == "status" and "refused" in row["text"]]
    assert len(said) == len(set(said)) > 0
    folder = tmp_path / "session"
    assert same_decisions(live, replayed(folder / summary["recording"], folder / "session.decoder"))
