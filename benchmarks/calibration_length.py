"""How many letters a calibration needs that ends by its own promise.

    python benchmarks/calibration_length.py --results length.jsonl [--subjects 50] [--letters 60]
        [--wanted 0.9] [--output docs/calibration-length.md]

Simulated subjects, no LSL. Each one copies up to 20 letters. After each letter, from the third on,
a shrinkage LDA is trained and its promise made. The calibration ends where the lower end of the
promised share of right letters is 90 %, at the latest after 20. The decoder of that moment then
spells fresh letters, and so does the decoder of all 20: a calibration that ends early must not cost
accuracy. Stated error rate 5 %.

Each subject's results are a line of the results file. A run that was stopped goes on with the next
subject.
"""

import argparse
from pathlib import Path

import msgspec
import numpy as np
from evidence_tables import interval
from promise import RATE, Kept, compared, trained
from simulated_subjects import configured, copied
from subject_results import each_subject

from bci_online.config import Config
from calibration.p300.epochs import EpochSet
from calibration.p300.recorded_epochs import RecordedEpochs

FEWEST, MOST = 3, 20


class Length(msgspec.Struct, frozen=True):
    """Where one subject's calibration ended, and what came of it; ``whole`` is that of 20."""

    seed: int
    wanted: float
    ended: int
    early: Kept
    whole: Kept


def length_of(
    seed: int, recorded: RecordedEpochs, fresh: EpochSet, config: Config, wanted: float
) -> Length:
    """Calibrate letter by letter until enough is promised, then spell."""
    letter = recorded.all().letter
    for n in range(FEWEST, MOST + 1):
        fitted, promise = trained(recorded, np.flatnonzero(letter < n), config)
        if promise is not None and promise.right[0] >= wanted:
            break
    assert promise is not None
    early = compared(fitted, promise, fresh, config)
    fitted, promise = trained(recorded, np.flatnonzero(letter < MOST), config)
    assert promise is not None
    return Length(seed, wanted, n, early, compared(fitted, promise, fresh, config))


def one_subject(seed: int, n_letters: int, wanted: float, folder: Path) -> Length:
    """Record a subject, and let the calibration end by itself."""
    config = configured(seed, RATE)
    recorded = copied(seed, (config, config), (MOST, n_letters), folder)
    return length_of(seed, recorded[0], recorded[1].all(), config, wanted)


def table(found: list[Length]) -> list[str]:
    """Return the lines of the page's table."""
    ended = np.array([one.ended for one in found])
    quarter, median, most = np.percentile(ended, [25, 50, 75])
    lines = [
        f"Letters until the end: median {median:.0f} of {MOST}, quartiles {quarter:.0f} and "
        f"{most:.0f}; {np.sum(ended == MOST)} of {ended.size} subjects took all.",
        "",
        "| calibration | letters right, % (95 % interval over subjects) | s a letter |",
        "|---|---|---|",
    ]
    for name, kept in (
        ("ends by itself", [one.early for one in found]),
        (f"all {MOST} letters", [one.whole for one in found]),
    ):
        right, letters = (
            np.array([getattr(one, what) for one in kept]) for what in ("right", "letters")
        )
        low, high = interval(right, letters)
        seconds = np.mean([one.seconds[0] for one in kept])
        lines.append(
            f"| {name} | {100 * right.sum() / letters.sum():.1f} "
            f"({100 * low:.1f}-{100 * high:.1f}) | {seconds:.1f} |"
        )
    return lines


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", type=int, default=50)
    parser.add_argument("--letters", type=int, default=60)
    parser.add_argument("--wanted", type=float, default=0.9)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    found = each_subject(
        options.results,
        Length,
        options.subjects,
        lambda seed, folder: one_subject(seed, options.letters, options.wanted, folder),
        belongs=lambda one: one.wanted == options.wanted,
        words=lambda one: f"{one.ended} letters",
    )
    aucs = [one.whole.auc for one in found]
    page = [
        "# How long a calibration is that ends by itself",
        "",
        *__doc__.splitlines()[5:],
        "",
        f"Made by `python benchmarks/calibration_length.py --results length.jsonl --subjects "
        f"{options.subjects} --letters {options.letters} --wanted {options.wanted:g} --output "
        f"docs/calibration-length.md`: {len(found)} subjects, AUC of single flashes "
        f"{min(aucs):.2f} to {max(aucs):.2f}.",
        "",
        *table(found),
        "",
    ]
    print("\n".join(page))
    if options.output:
        options.output.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
