"""Is the stated error rate kept, how soon, and what is typed when nobody looks.

The decoder is a shrinkage LDA on the first 3, 5, 8 or 20 calibration letters. The session that
follows is decided with dynamic stopping at a stated error rate, and after fixed numbers of
repetitions; `P300Speller` decides. In a third session of ten minutes the subject has no response
at all: nobody looks.

The rule is the present one (`calibration.p300.evidence`), or the former one: only symbols share the
posterior, and the threshold is counted on the calibration letters themselves. Seconds a letter are
those of the flashes used plus cue and pause.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from bci_online.config import Config, Evidence, Stopping
from bci_online.messages import Decision
from benchmarks.decided_letters import decided, scored_flashes, scores_of
from benchmarks.former_rule import former_evidence
from benchmarks.real_letters import RealSubject, nobody_looks, real_subjects
from benchmarks.simulated_subjects import NOBODY_LETTERS
from calibration.p300.epochs import EpochSet
from calibration.p300.evidence import at_rate
from calibration.p300.fitting import FittedDecoder, LinearMethod
from calibration.p300.flash_model import fit_flash_model
from calibration.p300.letter_stopping import draw_decisions
from calibration.p300.scored_letters import two_class
from calibration.stopping import THRESHOLDS

RATES = (0.01, 0.05, 0.1)
FIXED = (3, 5, 8, 15)
SEEDS = 20
"""How often real flashes make ten minutes in which nobody looks."""

Rule = Literal["present", "former", "fixed"]


class Way(msgspec.Struct, frozen=True):
    """What came of one session, decided in one way.

    ``promised``: training said that it keeps the stated rate; None: no training says so, or the
    results are older. ``typed`` are letters typed in ten minutes of nobody; -1: not tried.
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
    promised: bool | None = None


def evidences(fitted: FittedDecoder, stopping: Stopping) -> Iterator[tuple[Rule, float, Evidence]]:
    """Return what each rule makes of a decoder's held-out scores, at each stated rate."""
    letters = two_class(fitted.letters)
    model = fit_flash_model(letters)
    drawn = draw_decisions(fitted.evidence, model, letters, stopping, THRESHOLDS)
    for rate in RATES:
        yield "present", rate, at_rate(fitted.evidence, drawn, len(letters), rate)
    former = former_evidence(fitted.letters, stopping, RATES)
    for rate, evidence in zip(RATES, former, strict=True):
        yield "former", rate, evidence


def ways_of(
    fitted: FittedDecoder, n: int, session: EpochSet, nobody: EpochSet | None, config: Config
) -> Iterator[Way]:
    """Decide a session by each rule, at each stated rate."""
    letters = scored_flashes(scores_of(fitted, session), session)
    unseen = None if nobody is None else scored_flashes(scores_of(fitted, nobody), nobody)
    for rule, rate, evidence in evidences(fitted, config.stopping):
        typed = -1
        if unseen is not None and rate == 0.05:
            typed = len(answered(decided(unseen, evidence, config)))
        way = counted(decided(letters, evidence, config), rule, n, rate, 0, typed)
        yield msgspec.structs.replace(way, promised=evidence.promised)


def fixed_ways(fitted: FittedDecoder, n: int, session: EpochSet, config: Config) -> Iterator[Way]:
    """Decide a session after each number of repetitions."""
    letters = scored_flashes(scores_of(fitted, session), session)
    for repetitions in FIXED:
        decisions = decided(letters, fitted.evidence, config, repetitions)
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


def real_ways(recordings: Path) -> dict[str, list[Way]]:
    """Return what came of each real set: calibrated on some letters, tried on the others."""
    found: dict[str, list[Way]] = {}
    for one in real_subjects(recordings):
        fitted = LinearMethod(name="lda").fit(one.recorded, one.calibration, one.config)
        is_first = one.set_name not in found
        ways = found.setdefault(one.set_name, [])
        ways += ways_of(fitted, one.n_calibration, one.fresh, None, one.config)
        if is_first:
            ways += unseen_ways(fitted, one)
    return found


def unseen_ways(fitted: FittedDecoder, one: RealSubject) -> Iterator[Way]:
    """Decide ten minutes that nobody looks at, for twenty seeds, at a stated 5 %."""
    tried = [found for found in evidences(fitted, one.config.stopping) if found[1] == 0.05]
    for seed in range(SEEDS):
        nobody = nobody_looks(one.fresh, NOBODY_LETTERS, one.config, seed)
        letters = scored_flashes(scores_of(fitted, nobody), nobody)
        for rule, rate, evidence in tried:
            typed = len(answered(decided(letters, evidence, one.config)))
            yield Way(rule, one.n_calibration, rate, 0, 0, 0, 0, 0, typed)
