"""From held-out scores of flashes to evidence: densities, temperature, and when to stop."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from bci_online.config import Evidence, Stopping
from bci_online.paradigms.p300.decision import P300Speller, log_likelihood_ratio
from bci_online.preprocessing.artefacts import artefacts
from calibration.p300.epochs import EpochSet
from calibration.stopping import THRESHOLDS, with_threshold

__all__ = [
    "ScoredLetter",
    "densities",
    "evidence_of",
    "fit_evidence",
    "in_another_order",
    "log_posteriors",
    "scored_letters",
    "stopped",
]

N_SYNTHETIC = 40
"""Letters that are put together from the repetitions of each held-out letter."""


class ScoredLetter(msgspec.Struct, frozen=True, eq=False):
    """The flashes of one letter whose truth is known, in order.

    Attributes
    ----------
    scores : ndarray, shape (n_flashes,)
        Held out.
    is_target : ndarray of bool, shape (n_flashes,)
    lit : ndarray of bool, shape (n_flashes, n_symbols)
        Which symbols each flash lit.
    repetition : ndarray of int, shape (n_flashes,)
        Counted from 0.
    truth : int
        A column of ``lit``.
    """

    scores: NDArray[np.float64]
    is_target: NDArray[np.bool_]
    lit: NDArray[np.bool_]
    repetition: NDArray[np.int64]
    truth: int


def scored_letters(epochs: EpochSet, scores: NDArray[np.float64]) -> list[ScoredLetter]:
    """Arrange held-out scores (n_epochs,) by letter; letters of unknown truth are left out.

    Rejected flashes are not among them. A letter with many rejected flashes counts by the others; a
    speller would ask for it again.
    """
    letters = []
    for number, letter in enumerate(epochs.letters):
        rows = np.flatnonzero((epochs.letter == number) & np.isfinite(scores))
        rows = rows[[code in letter.symbols_of_code for code in epochs.code[rows]]]
        lines = letter.symbols_of_code.values()
        symbols = tuple(dict.fromkeys(symbol for line in lines for symbol in line))
        if letter.truth not in symbols or not rows.size:
            continue
        codes = epochs.code[rows]
        lit = np.array([[s in letter.symbols_of_code[code] for s in symbols] for code in codes])
        earlier = np.array([np.count_nonzero(codes[:i] == code) for i, code in enumerate(codes)])
        truth = symbols.index(letter.truth)
        letters.append(ScoredLetter(scores[rows], epochs.y[rows], lit, earlier, truth))
    return letters


def fit_evidence(
    scores: NDArray[np.float64],
    y: NDArray[np.bool_],
    letters: Sequence[ScoredLetter],
    stopping: Stopping,
) -> Evidence:
    """Learn what a score is worth.

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

    Notes
    -----
    The temperature minimises the mean log-loss of the letters over all repetitions. The densities
    for a letter are fitted without it. The temperature is never above 1: flashes overlap, so that
    their sum is overconfident. The threshold is the lowest that keeps the stated error rate
    (`with_threshold`) on letters that are put together from the repetitions of one held-out letter
    at a time.
    """
    evidence = densities(scores, y)
    if len(letters) < 2:
        return msgspec.structs.replace(evidence, error_rate=stopping.error_rate)
    own = [_without(letters, i) for i in range(len(letters))]
    evidence = msgspec.structs.replace(evidence, temperature=_temperature(letters, own))
    return _with_threshold(evidence, letters, own, stopping)


def densities(scores: NDArray[np.float64], y: NDArray[np.bool_]) -> Evidence:
    """Fit two normal densities of one spread.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,)
    y : ndarray of bool, shape (n_epochs,)
        True for targets; both classes are there.

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
    """
    ratios = log_likelihood_ratio(scores, evidence)
    ratios[artefacts(peak_to_peak, limits)] = 0.0
    return ratios


def _without(letters: Sequence[ScoredLetter], left_out: int) -> Evidence:
    others = [letter for i, letter in enumerate(letters) if i != left_out]
    scores = np.concatenate([letter.scores for letter in others])
    return densities(scores, np.concatenate([letter.is_target for letter in others]))


def log_posteriors(
    letter: ScoredLetter, evidence: Evidence, temperature: float
) -> NDArray[np.float64]:
    """Return the log posterior after each flash, shape (n_flashes, n_symbols)."""
    ratios = log_likelihood_ratio(letter.scores, evidence)
    logits = temperature * np.cumsum(ratios[:, np.newaxis] * letter.lit, axis=0)
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def _temperature(letters: Sequence[ScoredLetter], own: Sequence[Evidence]) -> float:
    def log_loss(log_temperature: float) -> float:
        losses = []
        for letter, evidence in zip(letters, own, strict=True):
            log_posterior = log_posteriors(letter, evidence, np.exp(log_temperature))
            ends = np.flatnonzero(np.diff(letter.repetition, append=letter.repetition[-1] + 1))
            losses.append(-log_posterior[ends, letter.truth].mean())
        return float(np.mean(losses))

    found = minimize_scalar(log_loss, bounds=(np.log(0.02), 0.0), method="bounded")
    return float(np.exp(found.x))


def _with_threshold(
    evidence: Evidence,
    letters: Sequence[ScoredLetter],
    own: Sequence[Evidence],
    stopping: Stopping,
) -> Evidence:
    rng = np.random.default_rng(0)
    counts = np.array(
        [
            _wrong_and_decided(letter, fold, evidence.temperature, stopping, rng)
            for letter, fold in zip(letters, own, strict=True)
        ]
    )
    return with_threshold(evidence, counts, stopping.error_rate)


def _wrong_and_decided(
    letter: ScoredLetter,
    evidence: Evidence,
    temperature: float,
    stopping: Stopping,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return how many letters go wrong and how many are decided, shape (2, n_thresholds).

    The letters are put together from the repetitions of this one, in random order.
    """
    counts = np.zeros((2, THRESHOLDS.size), dtype=np.int64)
    for _ in range(N_SYNTHETIC):
        made = in_another_order(letter, stopping.max_repetitions, rng)
        log_posterior = log_posteriors(made, evidence, temperature)
        decided, at = stopped(log_posterior, made.repetition, stopping, THRESHOLDS)
        wrong = log_posterior.argmax(axis=1)[at] != letter.truth
        counts += decided & wrong, decided
    return counts


def in_another_order(
    letter: ScoredLetter, max_repetitions: int, rng: np.random.Generator
) -> ScoredLetter:
    """Return a letter of at most `max_repetitions` of the repetitions, in random order.

    They are drawn without replacement: a second time a repetition says nothing new, and letters
    would be harder than they are.
    """
    parts = [np.flatnonzero(letter.repetition == r) for r in np.unique(letter.repetition)]
    drawn = rng.permutation(len(parts))[:max_repetitions]
    rows = np.concatenate([parts[i] for i in drawn])
    repetition = np.repeat(np.arange(drawn.size), [parts[i].size for i in drawn])
    return ScoredLetter(
        letter.scores[rows], letter.is_target[rows], letter.lit[rows], repetition, letter.truth
    )


def stopped(
    log_posterior: NDArray[np.float64],
    repetition: NDArray[np.int64],
    stopping: Stopping,
    thresholds: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return whether a letter is decided at each threshold, and at which flash.

    It decides as `P300Speller` does.

    Parameters
    ----------
    log_posterior : ndarray, shape (n_flashes, n_symbols)
        After each flash.
    repetition : ndarray of int, shape (n_flashes,)
    stopping : Stopping
    thresholds : ndarray, shape (n_thresholds,)

    Returns
    -------
    decided : ndarray of bool, shape (n_thresholds,)
    flash : ndarray of int, shape (n_thresholds,)
        The last flash if nothing is decided.
    """
    confidence = np.exp(log_posterior.max(axis=1))
    weak = confidence[-1] < P300Speller.WEAK
    # The least number of repetitions is reached with the last flash of the last of them.
    confidence[: np.flatnonzero(repetition < stopping.min_repetitions)[-1]] = 0.0
    confidence[-1] = max(confidence[-1], 1.0 - weak)
    reached = confidence[np.newaxis, :] >= thresholds[:, np.newaxis]
    decided = reached.any(axis=1)
    return decided, np.where(decided, reached.argmax(axis=1), repetition.size - 1)
