"""Ctrl-C in whatever runs."""

import random
import time
from functools import partial
from pathlib import Path

import psutil

from benchmarks.faults.fault import Fault, Group, Outcome
from benchmarks.faults.kills import alive_after
from benchmarks.faults.program import Program
from benchmarks.faults.recorded import lost_before, recording_in, traceback_in
from benchmarks.faults.stage import Skipped, Stage

ENDS_S, STUCK_S = 2.0, 30.0
SESSIONS = ("record", "spell", "feedback", "demo")
CLOSING = "closing the recording"


def arguments(command: str, stage: Stage, folder: Path) -> list[object]:
    """Return the command line of anything that takes seconds."""
    if command in SESSIONS:
        return stage.arguments(command, folder / "session")
    known = ["--decoder", stage.decoder, "--json", "-"]
    return {
        "run": ["bci_online", "run", *known],
        "replay": ["bci_online", "replay", stage.recording, *known, "--speed", "1"],
        "train": ["calibration", "train", stage.recording, "--config", stage.speller, "--method",
                  "gsvm-2", "-o", folder / "x.decoder"],
        "evaluate": ["calibration", "evaluate", "simulated", "-o", folder / "tables"],
        "simulate": ["bci_online", "simulate"],
        "doctor": ["bci_online", "doctor"],
    }[command]  # fmt: skip


def once(command: str, stage: Stage, number: int) -> Outcome:
    """Send Ctrl-C to the process group at a random moment, as a terminal does."""
    rng = random.Random(f"{command} {number}")
    folder = stage.empty(f"interrupted-{command}-{number}")
    program = stage.start(*arguments(command, stage, folder))
    time.sleep(rng.uniform(1.0, 25.0 if command in SESSIONS else 5.0))
    family = program.family()
    if program.code is not None:
        raise Skipped("it had ended before")
    recorder = program.parts().get("recorder")
    at = time.monotonic()
    program.interrupt()
    closing = _closing(program, recorder, at)
    ended = program.ended(STUCK_S)
    left = alive_after(family, 1.0)
    took = (ended or at + STUCK_S) - at
    (folder / "output.txt").write_text(program.text, encoding="utf-8")
    own = took - closing
    wrong = ""
    if found := traceback_in(folder, program.text):
        wrong = found
    elif left:
        wrong = f"left processes: {', '.join(left)}"
    elif program.code not in (130, 2, -2):
        wrong = f"exit code {program.code}"
    elif own > ENDS_S:
        wrong = "it took more than 2 s beside the recorder's closing"
    elif path := recording_in(folder):
        _, wrong = lost_before(path, at)
    return Outcome(facts={"all": took, "own": own}, wrong=wrong)


def _closing(program: Program, recorder: psutil.Process | None, at: float) -> float:
    """Wait while LabRecorder closes its file; return how long that took."""
    if recorder is None:
        return 0.0
    line = program.wait_for(CLOSING, timeout=STUCK_S, since=at)
    if line is None:
        return 0.0
    psutil.wait_procs([recorder], timeout=STUCK_S)
    return time.monotonic() - line[0]


TEXT = """\
`SIGINT` to the process group at a random moment, as a terminal sends it for Ctrl-C. LabRecorder
takes up to 6 s to close its file; a line says so, and that time is not counted in *beside the
recorder's closing*. Right means: at most 2 s there, exit code 130 (that of the signal while Python
still begins), no process left, no traceback, a recording that opens.
"""
INTERRUPTS = Group(
    "ctrl-c", "Ctrl-C", TEXT,
    tuple(
        Fault(command, f"`{command}`", partial(once, command), times=3)
        for command in (*SESSIONS, "run", "replay", "train", "evaluate", "simulate", "doctor")
    ),
    columns={"ended after, s": "all", "beside the recorder's closing, s": "own"},
    tried=("bci_online.__main__", "calibration.__main__"),
)  # fmt: skip
