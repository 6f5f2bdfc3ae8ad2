"""Disks that fill up, and folders that cannot be written."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.faults.fault import Fault, Group, Outcome
from benchmarks.faults.program import Program
from benchmarks.faults.recorded import eeg_stamps, recording_in, traceback_in
from benchmarks.faults.stage import READY_S, RECORDING, Skipped, Stage

TOLD_S, ENDS_S = 2.0, 60.0


@contextmanager
def disk(stage: Stage, name: str, options: str) -> Iterator[Path]:
    """Yield a folder that is a separate disk in memory.

    Raises
    ------
    Skipped
        Where nothing may be mounted; only root may.
    """
    folder = stage.empty(name)
    if _mount("-t", "tmpfs", "-o", options, "tmpfs", folder):
        raise Skipped("a disk in memory cannot be mounted here; run as root on Linux")
    try:
        yield folder
    finally:
        # What writes there ends before the disk goes.
        stage.end_all()
        subprocess.run(["umount", "-l", folder], check=False)


def _mount(*arguments: object) -> int:
    return subprocess.run(
        ["mount", *map(str, arguments)], capture_output=True, check=False
    ).returncode


def fills(command: str, stage: Stage, number: int) -> Outcome:
    """Let another file take all that is left, while a session is recorded."""
    with disk(stage, f"full-{command}-{number}", "size=64m") as folder:
        program = stage.recording_session(command, folder / "session")
        time.sleep(4.0)
        at = time.monotonic()
        _fill(folder / "filler")
        told = program.wait_for("disk takes no more", "has not grown", timeout=10.0, since=at)
        wrong = "" if told and told[0] - at <= TOLD_S else "it was not reported within 2 s"
        if command == "spell":
            time.sleep(5.0)
            wrong = wrong or ("spelling did not go on" if program.code is not None else "")
            program.interrupt()
        ended = program.ended(ENDS_S)
        wrong = wrong or ("the session did not end" if ended is None else "")
        return _outcome(folder, program, at, told and told[0] - at, wrong)


def _fill(path: Path) -> None:
    block = bytes(1 << 16)
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(block) == len(block):
                pass
        except OSError:
            return


def _outcome(folder: Path, program: Program, at: float, told: float | None, wrong: str) -> Outcome:
    """Say what a session left behind: all that came before the disk was full can be read."""
    path, lost = recording_in(folder), None
    if path is not None:
        try:
            lost = at - float(eeg_stamps(path)[-1])
        except Exception as error:
            wrong = wrong or f"the recording cannot be read ({type(error).__name__})"
    cut = [p.name for p in folder.rglob("*.json") if not p.read_bytes().rstrip().endswith(b"}")]
    if cut:
        wrong = wrong or f"{', '.join(cut)} is cut"
    wrong = traceback_in(folder, program.text) or wrong
    return Outcome(told_s=told, lost=None if lost is None else max(0.0, lost), wrong=wrong)


def refused(name: str, options: str, stage: Stage, number: int) -> Outcome:
    """Ask for a session where there is no room for it, or nothing can be written."""
    with disk(stage, f"{name}-{number}", options) as folder:
        target = folder / "session"
        began = time.monotonic()
        program = stage.start(*stage.arguments("spell", target))
        ended = program.ended(READY_S)
        line = program.said("error:")
        wrong = "" if program.code == 2 and line else f"exit code {program.code}"
        if "Traceback" in program.text:
            wrong = "a traceback"
        if program.said(RECORDING):
            wrong = "the session began"
        return Outcome(
            facts={"ended": (ended or began + READY_S) - began}, wrong=wrong,
            note=line[1][:200] if line else "",
        )  # fmt: skip


TEXT = """\
The session's folder is a separate disk in memory. While it is recorded, another file takes all
that is left: a calibration must end, spelling must go on, each with an alarm. *Lost* is what the
recording lacks before that moment: LabRecorder holds the newest half second. A session that has no
room is refused before it begins. Right means: reported within 2 s, whole small files, no traceback.
"""
DISKS = Group(
    "disks", "Disks", TEXT,
    (
        Fault("full-record", "full in a calibration", partial(fills, "record"), times=3),
        Fault("full-spell", "full while spelling", partial(fills, "spell"), times=3),
        Fault("small", "1 MB free at the start", partial(refused, "small", "size=1m")),
        Fault("read-only", "a folder that is read-only", partial(refused, "read-only", "ro")),
    ),
    columns={"refused after, s": "ended"},
)  # fmt: skip
