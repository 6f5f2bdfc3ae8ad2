"""Parts of a session that hang, and a computer that is busy with other things."""

import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil

from benchmarks.faults.fault import Fault, Group, Outcome
from benchmarks.faults.program import Program
from benchmarks.faults.recorded import traceback_in
from benchmarks.faults.stage import Skipped, Stage

FROZEN_S = 5.0
# LabRecorder writes twice a second: whether it hangs is known later.
TOLD_S, RECORDER_TOLD_S = 1.0, 2.0
ENDS_S = 120.0
WORD = "BRA"
HOG = "while True: pass"
TELLS = {
    "screen": ("screen has not answered",),
    "engine": ("engine has not answered",),
    "amplifier": ("no sample",),
    "recorder": ("recording has not grown",),
}


def once(role: str, stage: Stage, number: int) -> Outcome:
    """Stop a part of a spelling session for 5 s, at a random moment."""
    rng = random.Random(f"{role} {number}")
    folder, program = spelling(stage, f"frozen-{role}-{number}")
    time.sleep(rng.uniform(2.0, 8.0))
    victim = panel_of(stage, program) if role == "panel" else program.part(role)
    if victim is None:
        raise Skipped(f"there was no {role}")
    at = time.monotonic()
    victim.suspend()
    time.sleep(FROZEN_S)
    victim.resume()
    told = None if role not in TELLS else program.wait_for(*TELLS[role], timeout=2.0, since=at)
    outcome = finished(program)
    wrong = outcome.wrong
    most_s = RECORDER_TOLD_S if role == "recorder" else TOLD_S
    if role in TELLS and (told is None or told[0] - at > most_s):
        wrong = wrong or f"it was not reported within {most_s:g} s"
    wrong = traceback_in(folder, program.text) or wrong
    return Outcome(
        told_s=told[0] - at if told else None, lost=outcome.lost, facts=outcome.facts,
        note=told[1][:200] if told else "", wrong=wrong,
    )  # fmt: skip


def spelling(stage: Stage, name: str) -> tuple[Path, Program]:
    """Return the folder and the program of a spelling session that has begun."""
    folder = stage.empty(name)
    return folder, stage.recording_session("spell", folder / "session", WORD)


def panel_of(stage: Stage, program: Program) -> psutil.Process | None:
    """Open a panel beside a session, in the session's own network."""
    engine = program.part("engine")
    if engine is None:
        return None
    session = engine.cmdline()[engine.cmdline().index("engine") + 1]
    own = {key: value for key, value in engine.environ().items() if key == "LSLAPICFG"}
    panel = stage.start("bci_online", "panel", "--session", session, environment=own)
    time.sleep(5.0)
    return psutil.Process(panel.pid) if panel.code is None else None


def finished(program: Program) -> Outcome:
    """Wait for a session's end; return what became of its letters and samples."""
    ended = program.ended(ENDS_S)
    if ended is None:
        return Outcome(wrong="the session did not end within 120 s")
    summary = summary_of(program)
    engine = summary.get("engine") or {}
    decided = [row for row in program.rows() if row.get("type") == "decision"]
    n_wrong = sum(row.get("correct") is False and not row.get("late") for row in decided)
    facts: dict[str, float | str] = {
        "spelled": str(summary.get("spelled")),
        "late": float(engine.get("late") or 0),
    }
    wrong = "" if program.code == 0 else f"it ended with exit code {program.code}"
    if n_wrong:
        wrong = wrong or "a letter was decided wrongly and carried out"
    return Outcome(lost=float(engine.get("lost_samples") or 0), facts=facts, wrong=wrong)


def summary_of(program: Program) -> dict:
    """Return the last summary that it wrote; empty where there is none."""
    found = [row for row in program.rows() if row.get("type") == "summary"]
    return found[-1] if found else {}


def hogged(stage: Stage, number: int) -> Outcome:
    """Run six busy processes on the computer for ten seconds."""
    folder, program = spelling(stage, f"hogged-{number}")
    time.sleep(2.0)
    hogs = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(6)]
    try:
        time.sleep(10.0)
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
    outcome = finished(program)
    wrong = traceback_in(folder, program.text) or outcome.wrong
    return Outcome(lost=outcome.lost, facts=outcome.facts, wrong=wrong)


TEXT = f"""\
`SIGSTOP` of one process of `spell` for {FROZEN_S:g} s, then `SIGCONT`, at a random moment.
A simulated subject copies {WORD}, and the session must end as planned. A letter that was not
decided in time is asked again or left out, never guessed. Right means: reported within {TOLD_S:g} s
({RECORDER_TOLD_S:g} s for LabRecorder, which writes twice a second), no wrong letter, no
traceback. A panel and a conductor that hang change nothing that the subject sees; a conductor
cannot report that it hangs.
"""
FROZEN = Group(
    "frozen", "Parts that hang, a busy computer", TEXT,
    (
        *(
            Fault(role, f"the {role} hangs", partial(once, role), times=3)
            for role in ("screen", "engine", "amplifier", "recorder", "conductor", "panel")
        ),
        Fault("hog", "six busy processes for 10 s", hogged, times=3),
    ),
    lost="samples", columns={"spelled": "spelled", "late decisions": "late"},
)  # fmt: skip
