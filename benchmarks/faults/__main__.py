"""Try faults, keep what follows, write the page.

python -m benchmarks.faults --results faults.jsonl [GROUP | GROUP/FAULT ...] [--output PAGE]
"""

import argparse
import signal
from pathlib import Path

from benchmarks.faults.fault import Fault, Outcome, keep, known_trials, latest, try_fault
from benchmarks.faults.page import page
from benchmarks.faults.stage import Stage
from benchmarks.faults.table import GROUPS


def asked() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.faults")
    parser.add_argument("names", nargs="*", help="groups, or single faults as GROUP/FAULT")
    parser.add_argument("--results", type=Path, required=True, help="a line for each trial")
    parser.add_argument("--output", type=Path, help="the page to write")
    parser.add_argument("--again", action="store_true", help="try also what was tried before")
    parser.add_argument("--times", type=int, help="how many trials of each fault")
    parser.add_argument("--minutes", type=float, default=10.0, help="of fuzzing each kind")
    parser.add_argument("--hours", type=float, default=24.0, help="of stream time")
    parser.add_argument("--real-minutes", type=float, default=30.0, help="of real time")
    parser.add_argument("--peer", type=Path, help="a Python that has mne-lsl")
    parser.add_argument("--list", action="store_true", help="print which faults there are")
    parser.add_argument("--page-only", action="store_true", help="write the page, try nothing")
    return parser.parse_args()


def chosen(names: list[str]) -> dict[str, Fault]:
    """Return the faults that are asked for, by their whole names."""
    every = {f"{group.name}/{fault.name}": fault for group in GROUPS for fault in group.faults}
    unknown = [n for n in names if n not in every and n not in {g.name for g in GROUPS}]
    if unknown:
        raise SystemExit(f"error: there is no fault {', '.join(unknown)}; see --list")
    return {
        name: fault
        for name, fault in every.items()
        if not names or name in names or name.split("/")[0] in names
    }


def main() -> None:
    """Do what the command line asks for."""
    options = asked()
    # A shell lets what runs in the background ignore Ctrl-C, and programs inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if options.list:
        for name, fault in chosen(options.names).items():
            print(f"{name} ({fault.times} times): {fault.how}")
        return
    if not options.page_only:
        try_all(options)
    if options.output:
        options.output.write_text(page(latest(known_trials(options.results))), encoding="utf-8")


def try_all(options: argparse.Namespace) -> None:
    """Try what was not tried yet, one after the other."""
    done = {(trial.fault, trial.number) for trial in known_trials(options.results)}
    with Stage.of(options) as stage:
        for name, fault in chosen(options.names).items():
            for number in range(1, (options.times or fault.times) + 1):
                if (name, number) in done and not options.again:
                    continue
                trial = try_fault(name, fault, stage, number)
                stage.end_all()
                keep(options.results, trial)
                print(f"{name} {number}: {words(trial.outcome)}", flush=True)


def words(outcome: Outcome) -> str:
    """Return an outcome for the terminal."""
    facts = ", ".join(f"{key} {value}" for key, value in outcome.facts.items())
    parts = [f"reported after {outcome.told_s} s, lost {outcome.lost}", facts, outcome.note]
    return "; ".join(part for part in (*parts, outcome.wrong and f"WRONG: {outcome.wrong}") if part)


if __name__ == "__main__":
    main()
