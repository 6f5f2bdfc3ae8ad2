"""From held-out scores of flashes to evidence: densities, what they are worth, when to stop."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence, Stopping
from bci_online.paradigms.p300.decision import P300Speller, log_likelihood_ratio
from bci_online.preprocessing.artefacts import artefacts
from calibration.p300.flash_model import FlashModel, fit_flash_model, simulated_letters
from calibration.p300.scored_letters import ScoredLetter
from calibration.stopping import THRESHOLDS, rate_interval

__all__ = [
    "FEWEST_LETTERS",
    "densities",
    "evidence_of",
    "fit_evidence",
    "log_posteriors",
    "stopped",
]

NOBODY = 0.5
"""Prior probability that nobody looks, before the first letter."""

N_SUBJECTS, N_LETTERS = 40, 50
"""Draws of the model's parameters, and letters simulated with each of them."""

FEWEST_LETTERS = 3
"""Fewer letters promise nothing: of two, the spread between letters is the prior's alone."""

NEAR = 0.005
"""Where no threshold keeps the stated rate: this much more error is worth no more waiting."""


def fit_evidence(
    scores: NDArray[np.float64],
    y: NDArray[np.bool_],
    letters: Sequence[ScoredLetter],
    stopping: Stopping,
) -> Evidence:
    """Learn what a score is worth, and when a letter may be decided.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,)
        Held-out scores, each fold's standardised by its training scores.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.
    letters : sequence of ScoredLetter
        The same scores by letter; may be empty.
    stopping : Stopping
        The error rate to keep.

    Returns
    -------
    evidence : Evidence
        Without letters, the densities alone.

    See Also
    --------
    calibration.p300.flash_model.fit_flash_model : The model behind it.

    Notes
    -----
    Densities and the parts of the variance that repetitions do not average out are those of
    `fit_flash_model`. The threshold is the lowest one that keeps the stated error rate on 2000
    letters simulated with that model. Its parameters are drawn within their uncertainty, so few
    calibration letters give a higher threshold, but not one that waits for ever. It is not below
    1 less twice the stated rate: the model is not exact. Where waiting cannot reach the rate,
    because the evidence saturates, the lowest threshold that is near the least error is taken, and
    nothing is promised.

    Examples
    --------
    >>> scores, y = np.array([1.0, 3.0, -1.0, 1.0]), np.array([True, True, False, False])
    >>> found = fit_evidence(scores, y, [], Stopping())
    >>> found.target_mean, found.promised
    (2.0, False)
    """
    usable = [letter for letter in letters if 0 < letter.is_target.mean() < 1]
    if len(usable) < 2:
        evidence = densities(scores, y)
        return msgspec.structs.replace(evidence, error_rate=stopping.error_rate, nobody=NOBODY)
    model = fit_flash_model(usable)
    evidence = Evidence(
        target_mean=model.nontarget_mean + model.difference,
        nontarget_mean=model.nontarget_mean,
        spread=float(np.sqrt(model.flash)),
        code_spread=float(np.sqrt(model.code)),
        letter_spread=float(np.sqrt(model.letter)),
        difference_error=model.difference_error,
        nobody=NOBODY,
        error_rate=stopping.error_rate,
    )
    return _with_threshold(evidence, model, usable, stopping)


def densities(scores: NDArray[np.float64], y: NDArray[np.bool_]) -> Evidence:
    """Fit two normal densities of one spread.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,)
    y : ndarray of bool, shape (n_epochs,)
        True for targets; both classes are there.

    Returns
    -------
    evidence : Evidence
        Without a threshold of its own.

    See Also
    --------
    fit_evidence : With a threshold.

    Examples
    --------
    >>> found = densities(np.array([1.0, 3.0, -1.0, 1.0]), np.array([True, True, False, False]))
    >>> found.target_mean, found.nontarget_mean, found.spread
    (2.0, 0.0, 1.0)
    """
    target_mean, other_mean = scores[y].mean(), scores[~y].mean()
    residuals = np.where(y, scores - target_mean, scores - other_mean)
    spread = max(float(residuals.std()), 1e-9)
    return Evidence(target_mean=float(target_mean), nontarget_mean=float(other_mean), spread=spread)


def evidence_of(
    scores: NDArray[np.float64],
    peak_to_peak: NDArray[np.float64],
    evidence: Evidence,
    limits: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """Return the evidence for a target of each epoch, as the online chain weighs it.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,)
    peak_to_peak : ndarray, shape (n_epochs, n_channels)
        Of each epoch, in the stream's unit.
    evidence : Evidence
        Fitted on held-out scores.
    limits : ndarray, shape (n_channels,), or None
        Beyond them an epoch is an artefact.

    Returns
    -------
    ratios : ndarray, shape (n_epochs,)
        Log-likelihood ratios; 0 for artefacts.

    Examples
    --------
    >>> peak_to_peak, limits = np.array([[50.0], [500.0]]), np.array([100.0])
    >>> evidence_of(np.array([1.0, -1.0]), peak_to_peak, Evidence(), limits).tolist()
    [2.0, 0.0]
    """
    ratios = log_likelihood_ratio(scores, evidence)
    ratios[artefacts(peak_to_peak, limits)] = 0.0
    return ratios


def log_posteriors(
    scores: NDArray[np.float64], letter: ScoredLetter, evidence: Evidence
) -> NDArray[np.float64]:
    """Return the log posterior of each symbol after each flash, as the speller computes it.

    Parameters
    ----------
    scores : ndarray, shape (..., n_flashes)
        Of the letter itself, or of many that are flashed like it.
    letter : ScoredLetter
        Which symbols each flash lit.
    evidence : Evidence

    Returns
    -------
    log_posterior : ndarray, shape (..., n_flashes, n_symbols)
        Every symbol is equally likely before; what is left of 1 is the posterior that nobody looks.

    See Also
    --------
    stopped : Decide with them.

    Examples
    --------
    >>> lit = np.eye(2, dtype=bool)
    >>> letter = ScoredLetter(np.array([1.0, -1.0]), lit[:, 0], lit, np.zeros(2, dtype=int), 0)
    >>> np.exp(log_posteriors(letter.scores, letter, Evidence())).round(2).tolist()
    [[0.88, 0.12], [0.98, 0.02]]
    """
    ratios = evidence.temperature * log_likelihood_ratio(scores, evidence)
    lit = letter.lit
    total = np.cumsum(ratios[..., np.newaxis] * lit, axis=-2)
    # Codes that light a symbol: its flashes in a repetition of which no flash was rejected.
    per_repetition = np.max(
        [lit[letter.repetition == n].sum(axis=0) for n in np.unique(letter.repetition)], axis=0
    )
    repetitions = np.cumsum(lit, axis=0) / np.maximum(per_repetition, 1)
    logits = total / (1 + evidence.saturation * repetitions)
    logits += np.log1p(-evidence.nobody) - np.log(lit.shape[1])
    largest = logits.max(axis=-1, keepdims=True)
    weights = np.exp(logits - largest).sum(axis=-1, keepdims=True)
    # The hypothesis that nobody looks has a log-likelihood ratio of 0.
    return logits - largest - np.log(weights + evidence.nobody * np.exp(-largest))


class _Simulated(NamedTuple):
    """What became of simulated letters, each (n_letters, n_thresholds)."""

    decided: NDArray[np.bool_]
    wrong: NDArray[np.bool_]


def _with_threshold(
    evidence: Evidence, model: FlashModel, letters: Sequence[ScoredLetter], stopping: Stopping
) -> Evidence:
    decided, wrong = _simulated(evidence, model, letters, stopping)
    rates = wrong.sum(axis=0) / np.maximum(decided.sum(axis=0), 1)
    allowed = np.flatnonzero(THRESHOLDS >= min(1 - 2 * stopping.error_rate, THRESHOLDS[-1]))
    kept = allowed[rates[allowed] <= stopping.error_rate]
    near = allowed[rates[allowed] <= rates[allowed].min() + NEAR]
    chosen = (kept if kept.size else near)[0]
    counts = (values[:, chosen].reshape(N_SUBJECTS, -1).sum(axis=1) for values in (wrong, decided))
    low, high = rate_interval(*counts)
    return msgspec.structs.replace(
        evidence,
        threshold=float(THRESHOLDS[chosen]),
        expected_error=(low, float(rates[chosen]), high),
        promised=bool(kept.size) and len(letters) >= FEWEST_LETTERS,
    )


def _simulated(
    evidence: Evidence, model: FlashModel, letters: Sequence[ScoredLetter], stopping: Stopping
) -> _Simulated:
    """Decide simulated letters; the letters of one drawn subject follow each other."""
    rng = np.random.default_rng(0)
    decided, wrong = [], []
    for number in range(N_SUBJECTS):
        letter = letters[number % len(letters)]
        shown, scores, truth = simulated_letters(
            model, letter, N_LETTERS, stopping.max_repetitions, rng
        )
        log_posterior = log_posteriors(scores, shown, evidence)
        is_decided, at = stopped(log_posterior, shown.repetition, stopping, THRESHOLDS)
        best = log_posterior.argmax(axis=-1)
        chosen = np.take_along_axis(best, at, axis=-1)
        decided.append(is_decided)
        wrong.append(is_decided & (chosen != truth[:, np.newaxis]))
    return _Simulated(np.concatenate(decided), np.concatenate(wrong))


def stopped(
    log_posterior: NDArray[np.float64],
    repetition: NDArray[np.int64],
    stopping: Stopping,
    thresholds: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return whether letters are decided at each threshold, and at which flash.

    Parameters
    ----------
    log_posterior : ndarray, shape (..., n_flashes, n_symbols)
        After each flash.
    repetition : ndarray of int, shape (n_flashes,)
    stopping : Stopping
    thresholds : ndarray, shape (n_thresholds,)

    Returns
    -------
    decided : ndarray of bool, shape (..., n_thresholds)
    flash : ndarray of int, shape (..., n_thresholds)
        The last flash if nothing is decided.

    See Also
    --------
    bci_online.paradigms.p300.decision.P300Speller : Decides so online.

    Examples
    --------
    >>> log_posterior = np.log([[0.5, 0.5], [0.9, 0.1], [0.99, 0.01]])
    >>> rule = Stopping(min_repetitions=1)
    >>> stopped(log_posterior, np.arange(3), rule, np.array([0.8, 0.95]))[1].tolist()
    [1, 2]
    """
    confidence = np.exp(log_posterior.max(axis=-1))
    weak = confidence[..., -1] < P300Speller.WEAK
    # The least number of repetitions is reached with the last flash of the last of them.
    confidence[..., : np.flatnonzero(repetition < stopping.min_repetitions)[-1]] = 0.0
    # What is decided at the last flash needs no threshold.
    confidence[..., -1] = np.where(weak, confidence[..., -1], 1.0)
    # Confidence that was reached once counts from then on: a sorted search serves all thresholds.
    highest = np.maximum.accumulate(confidence, axis=-1)
    at = np.sum(highest[..., np.newaxis, :] < thresholds[:, np.newaxis], axis=-1)
    last = repetition.size - 1
    return at <= last, np.minimum(at, last)
