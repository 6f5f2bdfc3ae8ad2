"""Is the stated error rate kept, how soon, and what is typed when nobody looks.

    python benchmarks/evidence.py --results evidence.jsonl [--subjects 50] [--letters 100]
        [--recordings RECORDINGS] [--output docs/evidence.md]

Simulated subjects, no LSL. Each one (another seed: other noise, another strength of response)
copies 20 letters for calibration and then a session of further letters. The online chain cuts the
epochs of both. The decoder is a shrinkage LDA on the first 3, 5, 8 or 20 calibration letters. The
same session is decided with dynamic stopping at a stated error rate, and after fixed numbers of
repetitions; `P300Speller` decides. In a third recording of ten minutes the subject has no response
at all: nobody looks.

The rule is the present one (`calibration.p300.evidence`), or the former one: only symbols share the
posterior, and the threshold is counted on the calibration letters themselves.

Each subject's results are a line of the results file. A run that was stopped goes on with the next
subject. Seconds a letter are those of the flashes used plus cue and pause. With `--recordings`,
real subjects are added.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from decided_letters import decided, scores_of
from evidence_tables import tables
from former_rule import former_evidence
from numpy.typing import NDArray
from real_letters import real_subjects
from simulated_subjects import configured, copied
from subject_results import each_subject

from bci_online.config import Config, Evidence, Stopping
from bci_online.messages import Decision
from bci_online.metrics import auc
from calibration.p300.epochs import EpochSet
from calibration.p300.evidence import fit_evidence
from calibration.p300.fitting import FittedDecoder, LinearMethod
from calibration.p300.recorded_epochs import RecordedEpochs

RATES = (0.01, 0.05, 0.1)
CALIBRATIONS = (3, 5, 8, 20)
FIXED = (3, 5, 8, 15)
RESPONSES_UV = (4.8, 6.0, 7.5, 9.5, 11.5)
"""Strength of the response: AUCs of single flashes from about 0.75 to 0.92."""

NOBODY_LETTERS = 17
"""Letters of 15 repetitions in ten minutes."""

Rule = Literal["present", "former", "fixed"]


class Way(msgspec.Struct, frozen=True):
    """What came of one session, decided in one way.

    ``typed`` are letters typed in ten minutes of nobody; -1: not tried.
    """

    rule: Rule
    calibration: int
    rate: float
    repetitions: int
    letters: int
    decided: int
    wrong: int
    flashes: int
    typed: int = -1


class Subject(msgspec.Struct, frozen=True):
    """All results of one subject."""

    seed: int
    letters: int
    auc: float
    ways: tuple[Way, ...]


def evidences(fitted: FittedDecoder, stopping: Stopping) -> Iterator[tuple[Rule, float, Evidence]]:
    """Return what each rule makes of a decoder's held-out scores, at each stated rate."""
    scores = np.concatenate([letter.scores for letter in fitted.letters])
    labels = np.concatenate([letter.is_target for letter in fitted.letters])
    for rate in RATES:
        stated = msgspec.structs.replace(stopping, error_rate=rate)
        yield "present", rate, fit_evidence(scores, labels, fitted.letters, stated)
    former = former_evidence(fitted.letters, stopping, RATES)
    for rate, evidence in zip(RATES, former, strict=True):
        yield "former", rate, evidence


def fitted_on(recorded: RecordedEpochs, rows: NDArray[np.int64], config: Config) -> FittedDecoder:
    """Return a shrinkage LDA of some epochs."""
    return LinearMethod(name="lda").fit(recorded, rows, config)


def ways_of(
    fitted: FittedDecoder, n: int, session: EpochSet, nobody: EpochSet | None, config: Config
) -> Iterator[Way]:
    """Decide a session by each rule, at each stated rate."""
    scores = scores_of(fitted, session)
    unseen = None if nobody is None else scores_of(fitted, nobody)
    for rule, rate, evidence in evidences(fitted, config.stopping):
        typed = -1
        if nobody is not None and unseen is not None and rate == 0.05:
            typed = len(answered(decided(unseen, nobody, evidence, config)))
        decisions = decided(scores, session, evidence, config)
        yield counted(decisions, rule, n, rate, 0, typed)


def fixed_ways(fitted: FittedDecoder, n: int, session: EpochSet, config: Config) -> Iterator[Way]:
    """Decide a session after each number of repetitions."""
    scores = scores_of(fitted, session)
    for repetitions in FIXED:
        decisions = decided(scores, session, fitted.evidence, config, repetitions)
        yield counted(decisions, "fixed", n, 0.0, repetitions)


def answered(decisions: list[Decision]) -> list[Decision]:
    """Return the decisions that typed a letter."""
    return [decision for decision in decisions if decision.value is not None]


def counted(
    decisions: list[Decision], rule: Rule, n: int, rate: float, repetitions: int, typed: int = -1
) -> Way:
    """Count what was decided, and how."""
    typed_letters = answered(decisions)
    return Way(
        rule=rule,
        calibration=n,
        rate=rate,
        repetitions=repetitions,
        letters=len(decisions),
        decided=len(typed_letters),
        wrong=sum(decision.value != decision.truth for decision in typed_letters),
        flashes=sum(decision.flashes for decision in decisions),
        typed=typed,
    )


def one_subject(seed: int, n_letters: int, folder: Path) -> Subject:
    """Calibrate, spell, look away, and decide in every way."""
    configs = [
        configured(seed, 0.05, looks=looks, responses_uv=RESPONSES_UV)
        for looks in (True, True, False)
    ]
    lengths = max(CALIBRATIONS), n_letters, NOBODY_LETTERS
    recorded = copied(seed, configs, lengths, folder)
    letter, session, nobody = recorded[0].all().letter, recorded[1].all(), recorded[2].all()
    ways: list[Way] = []
    for n in CALIBRATIONS:
        fitted = fitted_on(recorded[0], np.flatnonzero(letter < n), configs[0])
        ways += ways_of(fitted, n, session, nobody, configs[0])
    ways += fixed_ways(fitted, n, session, configs[0])
    return Subject(seed, n_letters, auc(session.y, fitted.ratios(session)), tuple(ways))


def real_ways(recordings: Path) -> dict[str, list[Way]]:
    """Return what came of each real set: calibrated on some letters, tried on the others."""
    found: dict[str, list[Way]] = {}
    for one in real_subjects(recordings):
        fitted = fitted_on(one.recorded, one.calibration, one.config)
        ways = ways_of(fitted, one.n_calibration, one.fresh, None, one.config)
        found.setdefault(one.set_name, []).extend(ways)
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", type=int, default=50)
    parser.add_argument("--letters", type=int, default=100)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    subjects = each_subject(
        options.results,
        Subject,
        options.subjects,
        lambda seed, folder: one_subject(seed, options.letters, folder),
        belongs=lambda one: one.letters == options.letters,
        words=lambda one: f"AUC {one.auc:.3f}",
    )
    aucs = [subject.auc for subject in subjects]
    real = {} if options.recordings is None else real_ways(options.recordings)
    page = [
        "# Evidence: is the stated error rate kept?",
        "",
        *__doc__.splitlines()[5:],
        "",
        f"Made by `python benchmarks/evidence.py --results evidence.jsonl --subjects "
        f"{options.subjects} --letters {options.letters}"
        f"{' --recordings RECORDINGS' * (options.recordings is not None)} --output "
        f"docs/evidence.md`: {len(subjects)} subjects, AUC of single flashes {min(aucs):.2f} to "
        f"{max(aucs):.2f}.",
        "",
        *tables([subject.ways for subject in subjects], real, Config()),
        "",
    ]
    print("\n".join(page))
    if options.output:
        options.output.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
