"""What a fault, a group of faults and one trial are; the file of results."""

import datetime
import math
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import msgspec

from bci_online.atomic_write import write_atomically
from benchmarks.faults.stage import Skipped, Stage
from benchmarks.kept_rows import code_of, rows_of

Fact = float | str
# What a session runs: its commands, and all parts of it.
SESSIONS = tuple(f"bci_online.commands.{name}" for name in ("spell", "feedback", "demo", "part"))
SESSIONS += ("calibration.commands.record",)


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What followed from one fault.

    Parameters
    ----------
    told_s : float or None
        Seconds until a person could know of it; None where it was not reported.
    lost : float or None
        What was lost, in the unit of its group; None where that means nothing.
    facts : dict
        Further columns of the group.
    wrong : str
        What was wrong; empty where all is right.
    note : str
        What was said, or what followed.
    """

    told_s: float | None = None
    lost: float | None = None
    facts: dict[str, Fact] = {}
    wrong: str = ""
    note: str = ""


class Trial(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One trial of a fault, a line of the results file.

    Or a row of an earlier page, where its trials are lost: number 0, with the `cells` of that row.
    """

    fault: str
    number: int
    outcome: Outcome = Outcome()
    seconds: float = 0.0
    load: float = 0.0
    nice: int = 0
    commit: str = ""
    code: str = ""
    """Of its group when it was tried (`Group.code`); empty where that is not known."""
    day: str = ""
    """When it was tried, or the page was written: year, month, day."""
    system: str = ""
    """Where it was tried; whoever writes the page may do so elsewhere."""
    cells: tuple[str, ...] = ()
    """Behind the row's name, up to how many were right."""


@dataclass(frozen=True)
class Fault:
    """A fault that can be tried alone, by ``group/name``.

    Parameters
    ----------
    name : str
        Short, unique in its group.
    how : str
        How it is injected.
    once : callable
        Injects it once, given the stage and the number of the trial, which is also the seed.
    times : int
        How often.
    """

    name: str
    how: str
    once: Callable[[Stage, int], Outcome]
    times: int = 1


@dataclass(frozen=True)
class Group:
    """Faults of one kind, a table of the page.

    Parameters
    ----------
    name, title, text : str
        For the command line; for the page.
    faults : tuple of Fault
        Its rows.
    lost : str
        Unit of what is lost.
    columns : dict
        Headers of further columns, and the fact of each.
    tried : tuple of str
        Modules whose code, and what they import of ours, is tried.
    is_live : bool
        Whether times are real ones, so that they depend on how busy the computer is.
    """

    name: str
    title: str
    text: str
    faults: tuple[Fault, ...]
    lost: str = "s"
    columns: dict[str, str] = field(default_factory=dict)
    is_live: bool = True
    tried: tuple[str, ...] = SESSIONS

    @property
    def code(self) -> str:
        """A hash of the code that is tried; a trial of another code is old."""
        return code_of(*self.tried)


def try_fault(group: Group, fault: Fault, stage: Stage, number: int) -> Trial:
    """Inject a fault once and return what followed."""
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        outcome = fault.once(stage, number)
    except Skipped as reason:
        outcome = Outcome(note=f"skipped: {reason}")
    return Trial(
        fault=f"{group.name}/{fault.name}", number=number, outcome=_rounded(outcome),
        seconds=round(time.monotonic() - began, 1), load=round(load, 1), nice=os.nice(0),
        commit=commit(), code=group.code, day=f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        system=system(),
    )  # fmt: skip


def _rounded(outcome: Outcome) -> Outcome:
    """Leave six digits of each number: a line stays short."""
    return msgspec.structs.replace(
        outcome,
        told_s=outcome.told_s and _six_digits(outcome.told_s),
        lost=outcome.lost and _six_digits(outcome.lost),
        # JSON has no word for what is no number.
        facts={
            key: _six_digits(fact)
            if isinstance(fact, float | int) and math.isfinite(fact)
            else str(fact)
            for key, fact in outcome.facts.items()
        },
    )


def _six_digits(value: float) -> float:
    return float(value) if value == round(value) else float(f"{value:.6g}")


def system() -> str:
    """Return the computer and the versions that this program runs on."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pylsl", "pyxdf"))
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {libraries}"
    )


def commit() -> str:
    """Return the short name of the commit that is tried; empty outside of a repository."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def latest(trials: Iterable[Trial]) -> list[Trial]:
    """Return the last trial of each fault and number; rows of an earlier page where none is."""
    found = {(trial.fault, trial.number): trial for trial in trials}
    tried = {trial.fault for trial in found.values() if not trial.cells}
    return [found[key] for key in sorted(found) if not found[key].cells or key[0] not in tried]


def tidy(results: Path) -> list[Trial]:
    """Leave in the results file what counts, in order; return it."""
    trials = latest(rows_of(results, Trial))
    write_atomically(results, b"".join(msgspec.json.encode(trial) + b"\n" for trial in trials))
    return trials
