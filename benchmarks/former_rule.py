"""The stopping rule of letters before there was a model of flashes, to compare with.

Symbols alone share the posterior: somebody always looks. One temperature discounts the evidence,
and the threshold is counted on the calibration letters themselves, with their repetitions in
random order.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from bci_online.config import Evidence, Stopping
from calibration.p300.evidence import densities
from calibration.p300.letter_stopping import log_posteriors, stopped
from calibration.p300.scored_letters import ScoredLetter
from calibration.stopping import THRESHOLDS, with_threshold

N_SYNTHETIC = 40
"""Letters that are put together from the repetitions of each held-out letter."""


def former_evidence(
    letters: Sequence[ScoredLetter], stopping: Stopping, rates: Sequence[float]
) -> list[Evidence]:
    """Return what the rule made of held-out scores, at each stated error rate."""
    own = [_densities([*letters[:i], *letters[i + 1 :]]) for i in range(len(letters))]

    def log_loss(log_temperature: float) -> float:
        temperature = float(np.exp(log_temperature))
        pairs = zip(letters, own, strict=True)
        return float(np.mean([_log_loss(one, at(each, temperature)) for one, each in pairs]))

    found = minimize_scalar(log_loss, bounds=(np.log(0.02), 0.0), method="bounded")
    temperature = float(np.exp(found.x))
    rng = np.random.default_rng(0)
    counts = np.array(
        [
            _wrong_and_decided(letter, at(each, temperature), stopping, rng)
            for letter, each in zip(letters, own, strict=True)
        ]
    )
    evidence = at(_densities(letters), temperature)
    return [with_threshold(evidence, counts, rate) for rate in rates]


def at(evidence: Evidence, temperature: float) -> Evidence:
    """Return the evidence with another temperature."""
    return msgspec.structs.replace(evidence, temperature=temperature)


def _densities(letters: Sequence[ScoredLetter]) -> Evidence:
    scores = np.concatenate([letter.scores for letter in letters])
    return densities(scores, np.concatenate([letter.is_target for letter in letters]))


def _log_loss(letter: ScoredLetter, evidence: Evidence) -> float:
    log_posterior = log_posteriors(letter.scores, letter, evidence)
    ends = np.flatnonzero(np.diff(letter.repetition, append=letter.repetition[-1] + 1))
    return -float(log_posterior[ends, letter.truth].mean())


def _wrong_and_decided(
    letter: ScoredLetter, evidence: Evidence, stopping: Stopping, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return how many letters go wrong and how many are decided, shape (2, n_thresholds)."""
    counts = np.zeros((2, THRESHOLDS.size), dtype=np.int64)
    for _ in range(N_SYNTHETIC):
        made = _in_another_order(letter, stopping.max_repetitions, rng)
        log_posterior = log_posteriors(made.scores, made, evidence)
        is_decided, flash = stopped(
            np.exp(log_posterior.max(axis=1)), made.repetition, stopping, THRESHOLDS
        )
        wrong = log_posterior.argmax(axis=1)[flash] != letter.truth
        counts += is_decided & wrong, is_decided
    return counts


def _in_another_order(
    letter: ScoredLetter, max_repetitions: int, rng: np.random.Generator
) -> ScoredLetter:
    parts = [np.flatnonzero(letter.repetition == r) for r in np.unique(letter.repetition)]
    drawn = rng.permutation(len(parts))[:max_repetitions]
    rows = np.concatenate([parts[i] for i in drawn])
    repetition = np.repeat(np.arange(drawn.size), [parts[i].size for i in drawn])
    return ScoredLetter(
        letter.scores[rows], letter.is_target[rows], letter.lit[rows], repetition, letter.truth
    )
