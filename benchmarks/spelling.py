"""Evidence, promise and length of a calibration, on the same simulated subjects.

    python -m benchmarks.spelling --results spelling.jsonl [--subjects 100] [--letters 100]
        [--recordings RECORDINGS] [--output docs]

writes evidence.md, promise.md and calibration-length.md. Each subject's results are a line of the
results file. A run that was stopped goes on with the next subject; fewer `--subjects` make the
pages of those that are there.

Simulated subjects, no LSL. Each one (another seed: other noise, another strength of response)
copies 20 letters for calibration and then a session of further letters. Filter and epochs are those
of the online chain, made once for all that is tried with them.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config, Promise
from bci_online.metrics import auc
from benchmarks import calibration_length, evidence, evidence_tables, promise
from benchmarks.simulated_subjects import NOBODY_LETTERS, configured, copied
from benchmarks.subject_results import each_subject, parser_of
from calibration.p300.fitting import FittedDecoder

CALIBRATIONS = (3, 5, 8, calibration_length.MOST)
RATE = 0.05


class Subject(msgspec.Struct, frozen=True):
    """All results of one subject; ``kept`` after each of `CALIBRATIONS`, None for no promise."""

    seed: int
    letters: int
    auc: float
    ways: tuple[evidence.Way, ...]
    kept: tuple[promise.Kept | None, ...]
    length: calibration_length.Length


def one_subject(seed: int, n_letters: int) -> Subject:
    """Calibrate, spell, look away, and decide in every way."""
    configs = [configured(seed, RATE, looks=looks) for looks in (True, True, False)]
    config = configs[0]
    known, spelled, away = copied(seed, configs, (max(CALIBRATIONS), n_letters, NOBODY_LETTERS))
    letter, session, nobody = known.all().letter, spelled.all(), away.all()

    @cache
    def after(n: int) -> tuple[FittedDecoder, Promise | None]:
        return promise.trained(known, np.flatnonzero(letter < n), config)

    @cache
    def kept_after(n: int) -> promise.Kept | None:
        return promise.compared(*after(n), session, config)

    ways: list[evidence.Way] = []
    for n in CALIBRATIONS:
        ways += evidence.ways_of(after(n)[0], n, session, nobody, config)
    most = CALIBRATIONS[-1]
    fitted, _ = after(most)
    ways += evidence.fixed_ways(fitted, most, session, config)
    return Subject(
        seed,
        n_letters,
        auc(session.y, fitted.ratios(session)),
        tuple(ways),
        tuple(map(kept_after, CALIBRATIONS)),
        calibration_length.length_of(lambda n: after(n)[1], kept_after),
    )


def belongs(kept: Subject, n_letters: int) -> bool:
    """Return whether kept results are of sessions so long, and say what training promised."""
    present = [way for way in kept.ways if way.rule == "present"]
    return kept.letters == n_letters and all(way.promised is not None for way in present)


def pages(subjects: Sequence[Subject], recordings: Path | None) -> dict[str, list[str]]:
    """Return the lines of each page, without its head."""
    real = {} if recordings is None else evidence.real_ways(recordings)
    kept = {
        n: [found for one in subjects if (found := one.kept[i]) is not None]
        for i, n in enumerate(CALIBRATIONS)
    }
    promised = promise.table(kept)
    if recordings is not None:
        promised += ["", "Real subjects:", "", *promise.real_sets(recordings)]
    return {
        "evidence": evidence_tables.tables(
            [(one.auc, one.ways) for one in subjects], real, Config()
        ),
        "promise": promised,
        "calibration-length": calibration_length.table([one.length for one in subjects]),
    }


TITLES = {
    "evidence": ("Evidence: is the stated error rate kept?", evidence.__doc__),
    "promise": ("The promise: does it hold?", promise.__doc__),
    "calibration-length": (
        "How long a calibration is that ends by itself",
        calibration_length.__doc__,
    ),
}


def main() -> None:
    """Run from the command line."""
    parser = parser_of(__doc__, 100)
    parser.add_argument("--letters", type=int, default=100)
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--output", type=Path, help="folder of the pages")
    options = parser.parse_args()
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        lambda seed, _: one_subject(seed, options.letters),
        belongs=lambda one: belongs(one, options.letters),
        words=lambda one: f"AUC {one.auc:.3f}",
    )
    aucs = [subject.auc for subject in subjects]
    made = [
        f"Made by `python -m benchmarks.spelling --results spelling.jsonl --subjects "
        f"{options.subjects} --letters {options.letters}"
        f"{' --recordings RECORDINGS' * (options.recordings is not None)} --output docs`: "
        f"{len(subjects)} subjects, AUC of single flashes {min(aucs):.2f} to {max(aucs):.2f}."
    ]
    shared = __doc__.splitlines()[9:]
    for name, lines in pages(subjects, options.recordings).items():
        title, about = TITLES[name]
        page = [f"# {title}", "", *shared, "", *about.splitlines()[2:], "", *made, "", *lines, ""]
        print("\n".join(page))
        if options.output:
            (options.output / f"{name}.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
