"""Sessions that tests start as a user does, in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROC = Path("/proc")


def children_of(pid: int) -> dict[str, int]:
    """Return the process id of each part of a session, by its role."""
    found = {}
    for child in (PROC / str(pid) / "task" / str(pid) / "children").read_text().split():
        words = (PROC / child / "cmdline").read_bytes().decode().split("\0")
        role = words[words.index("part") + 1] if "part" in words else "recorder"
        worker = {"promises", "supervise"}.intersection(words)
        found[worker.pop() if worker else role] = int(child)
    return found


class Run:
    """A session in a process of its own."""

    def __init__(self, module: str, *arguments: object, stdin: int | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments), "--json", "-"],
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=os.sep,
        )  # fmt: skip
        self.rows: list[dict] = []
        self.pids: dict[str, int] = {}

    def until(self, text: str) -> None:
        """Read what it says up to the row that holds `text`."""
        for line in self.process.stdout:
            self.rows.append(json.loads(line))
            if text in line:
                self.pids = children_of(self.process.pid)
                return
        raise AssertionError(f"{text!r} did not come: {self.process.stderr.read()}")

    def end(self) -> str:
        """Wait for its end; return what it said to standard error."""
        out, errors = self.process.communicate(timeout=180)
        self.rows += [json.loads(line) for line in out.splitlines()]
        return errors

    def left_over(self) -> list[str]:
        """Return the parts that still run."""
        return [role for role, pid in self.pids.items() if (PROC / str(pid)).exists()]


def decisions(rows: list[dict]) -> list[dict]:
    """Return those rows that say what was decided, or that nothing was."""
    return [row for row in rows if row["type"] in {"decision", "no_decision"}]


def replayed(recording: Path, decoder: Path) -> list[dict]:
    """Decide a recording again."""
    command = [sys.executable, "-m", "bci_online", "replay", recording, "--decoder", decoder]
    command = [*map(str, command), "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return decisions([json.loads(line) for line in done.stdout.splitlines()])


def same_decisions(live: list[dict], again: list[dict]) -> bool:
    """Return whether all that decisions say is the same, confidences to 1e-5.

    A recording begins some seconds after its engine. What the filter kept of those seconds changes
    the first scores by some 1e-6, and a confidence rests on a sum of dozens of them.
    """
    same = ("value", "trial", "truth", "repetitions", "flashes")
    facts = [[[row[key] for key in same] for row in rows] for rows in (live, again)]
    confidences = [[row["confidence"] for row in rows] for rows in (live, again)]
    return facts[0] == facts[1] and confidences[0] == pytest.approx(confidences[1], abs=1e-5)
