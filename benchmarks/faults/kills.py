"""Any process of any session is killed at any moment."""

import random
import time
from functools import partial
from pathlib import Path

import msgspec
import psutil

from benchmarks.faults.fault import Fault, Group, Outcome
from benchmarks.faults.program import Program
from benchmarks.faults.recorded import lost_before, recording_in, traceback_in
from benchmarks.faults.stage import READY_S, RECORDING, Skipped, Stage

ROLES = ("conductor", "engine", "screen", "recorder", "amplifier")
# One in five is hit while it gets ready, the others so many seconds after recording began.
STARTING, STARTING_S = 0.2, (1.0, 8.0)
LATEST_S = {"record": 12.0, "spell": 12.0, "feedback": 12.0, "demo": 60.0}
ENDING = "the session ends", "error:"
TOLD_S, LOST_S, ENDS_S = 1.0, 1.0, 30.0


def once(command: str, stage: Stage, number: int) -> Outcome:
    """Kill one process of a session, each in its turn."""
    rng = random.Random(f"{command} {number}")
    role = ROLES[(number - 1) % len(ROLES)]
    folder = stage.empty(f"killed-{command}-{number}")
    program = stage.start(*stage.arguments(command, folder / "session"))
    if rng.random() < STARTING:
        time.sleep(rng.uniform(*STARTING_S))
    else:
        program.wait_for(RECORDING, timeout=READY_S)
        time.sleep(rng.uniform(0, LATEST_S[command]))
    victim = program.part(role)
    if victim is None:
        raise Skipped(f"there was no {role}")
    family = program.family()
    at = time.monotonic()
    victim.kill()
    if role == "recorder" and goes_on(program, at):
        program.interrupt()
    ended = program.ended(ENDS_S)
    orphans = alive_after(family, ENDS_S if role == "conductor" else 3.0)
    gone_s = time.monotonic() - at
    (folder / "output.txt").write_text(program.text, encoding="utf-8")
    outcome = judged(role, program, folder, at)
    wrong = outcome.wrong
    if ended is None:
        wrong = "the session did not end within 30 s"
    elif orphans:
        wrong = f"left processes: {', '.join(sorted(orphans))}"
    facts: dict[str, float | str] = {"orphans": float(len(orphans))}
    facts["ended"] = gone_s if role == "conductor" else (ended or at + ENDS_S) - at
    wrong = wrong and f"{role} killed: {wrong}"
    note = f"{role} {outcome.note}".strip()
    return msgspec.structs.replace(outcome, facts=facts, note=note, wrong=wrong)


def goes_on(program: Program, at: float) -> bool:
    """Return whether a session goes on without its recorder, or with another one."""
    told = program.wait_for("recorder died", *ENDING, RECORDING, timeout=15.0, since=at)
    if told is None or any(text in told[1] for text in ENDING):
        return False
    return program.ended(3.0) is None


def judged(role: str, program: Program, folder: Path, at: float) -> Outcome:
    """Return what was reported and what the recording holds."""
    told = program.said(role, "no sample", since=at)
    # A LabRecorder that dies before it records is started again, and nothing is lost.
    restarted = role == "recorder" and bool(program.said(RECORDING, since=at))
    told_s = told[0] - at if told and role != "conductor" else None
    path = recording_in(folder)
    lost, unreadable = (None, "") if path is None else lost_before(path, at)
    wrong = ""
    if found := traceback_in(folder, program.text):
        wrong = found
    elif unreadable:
        wrong = unreadable
    elif lost is not None and lost > LOST_S:
        wrong = "more than 1 s of EEG is missing before the kill"
    elif role != "conductor" and not restarted and (told_s is None or told_s > TOLD_S):
        wrong = "it was not reported within 1 s"
    return Outcome(
        told_s=told_s, lost=lost, wrong=wrong, note="another was started" if restarted else ""
    )


def alive_after(family: list[psutil.Process], seconds: float) -> list[str]:
    """Return which processes are still there after so long."""
    _, alive = psutil.wait_procs(family, timeout=seconds)
    names = []
    for process in alive:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                names.append(" ".join(process.cmdline()[:6]))
        except psutil.NoSuchProcess:
            continue
    return names


TEXT = """\
`kill -9` of the conductor, the engine, the screen, LabRecorder or the amplifier, each in its turn:
one time in five while the session gets ready, else at a random moment of its first 12 s (demo:
60 s). *Lost* is what the recording lacks before the kill, as pyxdf reads it. A killed conductor
can report nothing; then its parts have to end by themselves. Right means: reported within 1 s, at
most 1 s lost, no process left, no traceback.
"""
KILLS = Group(
    "kills", "Processes killed", TEXT,
    tuple(
        Fault(command, f"a process of `{command}`", partial(once, command), times)
        for command, times in (("record", 15), ("spell", 15), ("feedback", 10), ("demo", 10))
    ),
    columns={"all ended after, s": "ended", "left": "orphans"},
)  # fmt: skip
