"""Where letters are stopped and what is decided: recorded ones, and ones drawn from the model."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence, Stopping
from bci_online.paradigms.p300.decision import P300Speller, log_likelihood_ratio
from calibration.p300.flash_model import FlashModel, extended, simulated_letters
from calibration.p300.scored_letters import ScoredLetter

__all__ = ["DrawnDecisions", "draw_decisions", "log_posteriors", "stopped"]

N_SUBJECTS, N_LETTERS = 40, 50
"""Draws of the model's parameters, and letters simulated with each of them."""

# The evidence of so many letters for each symbol fits in a core's cache.
AT_ONCE = 10


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
        What a score is worth.

    Returns
    -------
    log_posterior : ndarray, shape (..., n_flashes, n_symbols)
        Every symbol is equally likely before; the rest up to 1 is the posterior that nobody looks.

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
    flat = ratios.reshape(-1, ratios.shape[-1])
    behind, logarithm = _weighed(flat, _flashes_of(letter, evidence), evidence.nobody)
    return np.moveaxis(behind + logarithm, 0, -1).reshape(*ratios.shape, -1)


class _Flashes(NamedTuple):
    """What the evidence of the flashes of a letter is added up with.

    ``group`` says which group of symbols each flash lit (n_groups, n_flashes), and ``lights`` of
    which groups a symbol is one (n_symbols, n_groups). ``weight`` is what the sum of a symbol's
    evidence is multiplied by after each flash (n_symbols, n_flashes).
    """

    group: NDArray[np.float64]
    lights: NDArray[np.float64]
    weight: NDArray[np.float64]


def _flashes_of(letter: ScoredLetter, evidence: Evidence) -> _Flashes:
    lit = letter.lit.astype(float)
    # Codes that light a symbol: its flashes in a repetition of which no flash was rejected.
    in_repetition = letter.repetition == np.unique(letter.repetition)[:, np.newaxis]
    per_repetition = np.max(in_repetition.astype(float) @ lit, axis=0)
    repetitions = np.cumsum(lit, axis=0) / np.maximum(per_repetition, 1)
    weight = 1 / (1 + evidence.saturation * repetitions.T)
    if letter.code.max() < letter.lit.shape[1]:
        firsts = np.unique(letter.code, return_index=True)[1]
        return _Flashes(np.eye(firsts.size)[:, letter.code], lit[firsts].T, weight)
    # Random groups: there are more of them than symbols.
    return _Flashes(lit.T, np.eye(letter.lit.shape[1]), weight)


def _weighed(
    ratios: NDArray[np.float64], flashes: _Flashes, nobody: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each symbol's evidence less that of the likeliest, and the likeliest's log posterior.

    Of shape (n_symbols, n_letters, n_flashes) and (n_letters, n_flashes): sums and maxima over
    symbols are fastest along the first axis.
    """
    group, lights, weight = flashes
    # In place, because new memory for each step would take longer than the arithmetic.
    by_group = group[:, np.newaxis] * ratios
    np.cumsum(by_group, axis=-1, out=by_group)
    logits = (lights @ by_group.reshape(len(group), -1)).reshape(-1, *ratios.shape)
    logits *= weight[:, np.newaxis]
    largest = logits.max(axis=0)
    logits -= largest
    # The hypothesis that nobody looks has a log-likelihood ratio of 0.
    none = nobody / (1 - nobody) * len(lights) * np.exp(-largest)
    return logits, -np.log(np.exp(logits).sum(axis=0) + none)


def stopped(
    confidence: NDArray[np.float64],
    repetition: NDArray[np.int64],
    stopping: Stopping,
    thresholds: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return whether letters are decided at each threshold, and at which flash.

    Parameters
    ----------
    confidence : ndarray, shape (..., n_flashes)
        The posterior of the likeliest symbol after each flash; not changed.
    repetition : ndarray of int, shape (n_flashes,)
        Of each flash, from 0.
    stopping : Stopping
        Fewest repetitions.
    thresholds : ndarray, shape (n_thresholds,)
        Posteriors at which a letter may be decided.

    Returns
    -------
    decided : ndarray of bool, shape (..., n_thresholds)
        False where nothing is decided, even at the last flash.
    flash : ndarray of int, shape (..., n_thresholds)
        The last flash if nothing is decided.

    See Also
    --------
    bci_online.paradigms.p300.decision.P300Speller : Decides so online.

    Examples
    --------
    >>> confidence = np.array([0.5, 0.9, 0.99])
    >>> rule = Stopping(min_repetitions=1)
    >>> stopped(confidence, np.arange(3), rule, np.array([0.8, 0.95]))[1].tolist()
    [1, 2]
    """
    confidence = confidence.copy()
    weak = confidence[..., -1] < P300Speller.WEAK
    # The least number of repetitions is reached with the last flash of the last of them.
    confidence[..., : np.flatnonzero(repetition < stopping.min_repetitions)[-1]] = 0.0
    # What is decided at the last flash needs no threshold.
    confidence[..., -1] = np.where(weak, confidence[..., -1], 1.0)
    # The running maximum is sorted, so one search finds the first flash for every threshold.
    highest = np.maximum.accumulate(confidence, axis=-1)
    rows = highest.reshape(-1, repetition.size)
    at = np.stack([row.searchsorted(thresholds) for row in rows])
    at = at.reshape(*confidence.shape[:-1], thresholds.size)
    last = repetition.size - 1
    return at <= last, np.minimum(at, last)


class DrawnDecisions(NamedTuple):
    """What was decided about simulated letters.

    Parameters
    ----------
    decided, wrong : ndarray of bool, shape (n_subjects, n_letters, n_thresholds)
        Whether a letter was decided, and decided wrongly.
    flashes : ndarray of int, shape (n_subjects, n_letters, n_thresholds)
        Number of flashes until a letter was decided; all of them if it was not.

    See Also
    --------
    draw_decisions : Returns them; has an example.
    """

    decided: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    flashes: NDArray[np.int64]


def draw_decisions(
    evidence: Evidence,
    model: FlashModel,
    letters: Sequence[ScoredLetter],
    stopping: Stopping,
    thresholds: NDArray[np.float64],
) -> DrawnDecisions:
    """Decide letters of subjects that are drawn from a model, each of one symbol at random.

    Parameters
    ----------
    evidence : Evidence
        What the speller assumes about scores. The drawn subject's may be worth more or less.
    model : FlashModel
        Subjects are drawn within the uncertainty of its parameters.
    letters : sequence of ScoredLetter
        Drawn letters are flashed like these.
    stopping : Stopping
        Least and most repetitions.
    thresholds : ndarray, shape (n_thresholds,)
        The posteriors that are tried.

    Returns
    -------
    drawn : DrawnDecisions
        Of every drawn letter, at each threshold.

    See Also
    --------
    calibration.p300.flash_model.simulated_letters : Draws the letters.
    calibration.p300.evidence.fit_evidence : Chooses a threshold with them.
    calibration.p300.promise.promise_of : What they say of a session.

    Examples
    --------
    >>> lit = np.eye(4, dtype=bool)
    >>> letter = ScoredLetter(np.zeros(4), lit[:, 0], lit, np.zeros(4, dtype=int), truth=0)
    >>> model = FlashModel(
    ...     nontarget_mean=-1.0, difference=2.0, difference_error=0.1, flash=1.0, code=0.02,
    ...     letter=0.25, flash_dof=100.0, code_dof=30.0, letter_dof=8.0,
    ... )
    >>> drawn = draw_decisions(Evidence(), model, [letter], Stopping(), np.array([0.9, 0.99]))
    >>> drawn.wrong.shape
    (40, 50, 2)
    >>> bool(np.all(drawn.flashes[..., 0] <= drawn.flashes[..., 1]))
    True
    """
    rng = np.random.default_rng(0)
    shown = [extended(letter, stopping.max_repetitions) for letter in letters[:N_SUBJECTS]]
    flashes = [_flashes_of(letter, evidence) for letter in shown]
    parts = np.array_split(np.arange(N_LETTERS), N_LETTERS // AT_ONCE)
    found = []
    for number in range(N_SUBJECTS):
        letter, own = shown[number % len(letters)], flashes[number % len(letters)]
        scores, truth = simulated_letters(model, letter, N_LETTERS, rng)
        ratios = evidence.temperature * log_likelihood_ratio(scores, evidence)
        for part in parts:
            behind, logarithm = _weighed(ratios[part], own, evidence.nobody)
            decided, at = stopped(np.exp(logarithm), letter.repetition, stopping, thresholds)
            there = behind[:, np.arange(part.size)[:, np.newaxis], at]
            chosen = np.ascontiguousarray(np.moveaxis(there, 0, -1)).argmax(axis=-1)
            found.append((decided, decided & (chosen != truth[part, np.newaxis]), at + 1))
    decided, wrong, flash = (
        np.concatenate(each).reshape(N_SUBJECTS, N_LETTERS, thresholds.size)
        for each in zip(*found, strict=True)
    )
    return DrawnDecisions(decided, wrong, flash)
