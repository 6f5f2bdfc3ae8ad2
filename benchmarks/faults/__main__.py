"""Try faults, keep what follows, write the page.

python -m benchmarks.faults [GROUP | GROUP/FAULT ...] [--page-only]
"""

import argparse
import signal
from pathlib import Path

from benchmarks.faults.fault import Fault, Group, Outcome, Trial, tidy, try_fault
from benchmarks.faults.page import page
from benchmarks.faults.stage import Stage
from benchmarks.faults.table import GROUPS
from benchmarks.kept_rows import add_row, kept_file, rows_of

ROOT = Path(__file__).resolve().parents[2]
RESULTS, PAGE = kept_file("faults"), ROOT / "docs/reliability.md"
FOLDER = ROOT / "build/faults"


def asked() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.faults")
    parser.add_argument("names", nargs="*", help="groups, or single faults as GROUP/FAULT")
    parser.add_argument("--results", type=Path, default=RESULTS, help="a line for each trial")
    parser.add_argument("--output", type=Path, help="the page; by default that of docs")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for sessions and decoders")
    parser.add_argument("--again", action="store_true", help="try also what was tried before")
    parser.add_argument("--old", action="store_true", help="try again where code has changed")
    parser.add_argument("--times", type=int, help="how many trials of each fault")
    parser.add_argument("--minutes", type=float, default=10.0, help="of fuzzing each kind")
    parser.add_argument("--hours", type=float, default=24.0, help="of stream time")
    parser.add_argument("--real-minutes", type=float, default=30.0, help="of real time")
    parser.add_argument("--peer", type=Path, help="a Python that has mne-lsl")
    parser.add_argument("--list", action="store_true", help="print which faults there are")
    parser.add_argument("--page-only", action="store_true", help="write the page, try nothing")
    return parser.parse_args()


def chosen(names: list[str]) -> list[tuple[Group, Fault]]:
    """Return the faults that are asked for, each with its group."""
    every = {f"{group.name}/{fault.name}": (group, fault) for group in GROUPS
             for fault in group.faults}  # fmt: skip
    unknown = [n for n in names if n not in every and n not in {g.name for g in GROUPS}]
    if unknown:
        raise SystemExit(f"error: there is no fault {', '.join(unknown)}; see --list")
    return [
        both
        for name, both in every.items()
        if not names or name in names or name.split("/")[0] in names
    ]


def main() -> None:
    """Do what the command line asks for."""
    options = asked()
    # A shell lets what runs in the background ignore Ctrl-C, and programs inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if options.list:
        for group, fault in chosen(options.names):
            print(f"{group.name}/{fault.name} ({fault.times} times): {fault.how}")
        return
    chosen(options.names)  # A wrong name ends here, before a page is written.
    # Results of one's own do not write the page of the repository.
    output = options.output or (PAGE if options.results.resolve() == RESULTS else None)
    try:
        if not options.page_only:
            try_all(options)
    finally:
        trials = tidy(options.results)
        if output:
            output.write_text(page(trials), encoding="utf-8")


def try_all(options: argparse.Namespace) -> None:
    """Try what was not tried yet, one after the other."""
    # None: it counts however old it is.
    done = {
        (trial.fault, trial.number): trial.code if options.old else None
        for trial in rows_of(options.results, Trial)
    }
    with Stage.of(options) as stage:
        for group, fault in chosen(options.names):
            for number in range(1, (options.times or fault.times) + 1):
                known = done.get((f"{group.name}/{fault.name}", number), "")
                if known in (None, group.code) and not options.again:
                    continue
                trial = try_fault(group, fault, stage, number)
                stage.end_all()
                add_row(options.results, trial)
                print(f"{trial.fault} {number}: {words(trial.outcome)}", flush=True)


def words(outcome: Outcome) -> str:
    """Return an outcome for the terminal."""
    facts = ", ".join(f"{key} {value}" for key, value in outcome.facts.items())
    parts = [f"reported after {outcome.told_s} s, lost {outcome.lost}", facts, outcome.note]
    return "; ".join(part for part in (*parts, outcome.wrong and f"WRONG: {outcome.wrong}") if part)


if __name__ == "__main__":
    main()
