"""What a fault, a group of faults and one trial are; the file of results."""

import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import msgspec

from benchmarks.faults.stage import Skipped, Stage

Fact = float | str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
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


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One trial of a fault, a line of the results file."""

    fault: str
    number: int
    outcome: Outcome
    seconds: float = 0.0
    load: float = 0.0
    nice: int = 0
    commit: str = ""
    system: str = ""
    """Where it was tried; whoever writes the page may do so elsewhere."""


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


def known_trials(results: Path) -> list[Trial]:
    """Return the trials of a results file; a line that was cut by a kill does not count."""
    lines = results.read_bytes().splitlines() if results.exists() else []
    trials = []
    for line in lines:
        try:
            trials.append(msgspec.json.decode(line, type=Trial))
        except msgspec.MsgspecError:
            continue
    return trials


def try_fault(name: str, fault: Fault, stage: Stage, number: int) -> Trial:
    """Inject a fault once and return what followed."""
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        outcome = fault.once(stage, number)
    except Skipped as reason:
        outcome = Outcome(note=f"skipped: {reason}")
    seconds = round(time.monotonic() - began, 1)
    return Trial(
        fault=name, number=number, outcome=outcome, seconds=seconds, load=round(load, 1),
        nice=os.nice(0), commit=commit(), system=system(),
    )  # fmt: skip


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


def keep(results: Path, trial: Trial) -> None:
    """Append a trial to the results."""
    results.parent.mkdir(parents=True, exist_ok=True)
    with results.open("ab") as file:
        file.write(msgspec.json.encode(trial) + b"\n")


def latest(trials: Iterable[Trial]) -> list[Trial]:
    """Return the last trial of each fault and number: one that was tried again counts once."""
    found = {(trial.fault, trial.number): trial for trial in trials}
    return [found[key] for key in sorted(found)]
