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

MOST = 700.0
"""More evidence is no more certain, and its exponential would be infinite or 0."""


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
    flashes = _Flashes(letter, evidence)
    flat = ratios.reshape(-1, ratios.shape[-1])
    logits = flashes.after_each(flashes.evidence(flat)).swapaxes(1, 2)
    largest = logits.max(axis=-1, keepdims=True)
    total = np.exp(logits - largest).sum(axis=-1, keepdims=True) + flashes.nobody * np.exp(-largest)
    logits -= largest + np.log(total)
    return logits.reshape(*ratios.shape, -1)


class _Flashes:
    """How the evidence of a letter's flashes adds up for each symbol.

    A symbol's evidence changes with the flashes that light it alone, so it is computed for these,
    a sixth of all, and looked up for the others.
    """

    def __init__(self, letter: ScoredLetter, evidence: Evidence) -> None:
        lit = letter.lit.T
        n_lit = np.cumsum(lit, axis=1)
        most = int(n_lit.max())
        # Those that light a symbol, in order; others follow where it has fewer, and are never used.
        self._own = np.argsort(~lit, axis=1, kind="stable")[:, :most]
        self._at = n_lit + (most + 1) * np.arange(len(lit))[:, np.newaxis]
        # Codes that light a symbol: its flashes in a repetition of which no flash was rejected.
        in_repetition = letter.repetition == np.unique(letter.repetition)[:, np.newaxis]
        per_repetition = np.max(lit.astype(float) @ in_repetition.T, axis=1, keepdims=True)
        repetitions = np.arange(most + 1) / np.maximum(per_repetition, 1)
        self._weight = 1 / (1 + evidence.saturation * repetitions)
        # The hypothesis that nobody looks has a log-likelihood ratio of 0.
        self.nobody = evidence.nobody / (1 - evidence.nobody) * len(lit)

    def evidence(self, ratios: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return that for each symbol after 0, 1, … of its flashes, (n_letters, n_symbols, …).

        ``ratios`` are those of each flash (n_letters, n_flashes).
        """
        sums = np.zeros((len(ratios), *self._weight.shape))
        np.cumsum(ratios[:, self._own], axis=-1, out=sums[..., 1:])
        sums *= self._weight
        return sums

    def after_each(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what `evidence` gives, or what is made of it, after each flash.

        Of shape (n_letters, n_symbols, n_flashes).
        """
        return values.reshape(len(values), -1).take(self._at, axis=1)


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
    flashes = [_Flashes(letter, evidence) for letter in shown]
    found = []
    for number in range(N_SUBJECTS):
        letter, own = shown[number % len(letters)], flashes[number % len(letters)]
        scores, truth = simulated_letters(model, letter, N_LETTERS, rng)
        ratios = evidence.temperature * log_likelihood_ratio(scores, evidence)
        of_symbols = own.after_each(np.exp(np.clip(own.evidence(ratios), -MOST, MOST)))
        confidence = of_symbols.max(axis=1) / (of_symbols.sum(axis=1) + own.nobody)
        decided, at = stopped(confidence, letter.repetition, stopping, thresholds)
        chosen = of_symbols[np.arange(N_LETTERS)[:, np.newaxis], :, at].argmax(axis=-1)
        found.append((decided, decided & (chosen != truth[:, np.newaxis]), at + 1))
    return DrawnDecisions(*(np.stack(each) for each in zip(*found, strict=True)))
