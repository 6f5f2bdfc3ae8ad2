"""From held-out scores to evidence: densities, temperature, and when to stop."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from bci_online.config import Evidence, Stopping
from bci_online.metrics import proportion_interval
from bci_online.paradigms.p300.decision import P300Speller, log_likelihood_ratio
from calibration.p300.epochs import EpochSet

__all__ = [
    "THRESHOLDS",
    "ScoredLetter",
    "densities",
    "fit_evidence",
    "in_another_order",
    "log_posteriors",
    "scored_letters",
    "stopped",
    "with_threshold",
]

FEWEST_LETTERS = 20
# Of fewer the bootstrap says nothing: two letters that are alike have no spread at all.
FEWEST_TO_STOP_EARLY = 5
N_SYNTHETIC = 40
THRESHOLDS = 1 - np.geomspace(0.5, 1e-5, 60)


class ScoredLetter(msgspec.Struct, frozen=True, eq=False):
    """The flashes of one letter whose truth is known, in order.

    ``scores`` (n_flashes,) are held out; ``lit`` (n_flashes, n_symbols) says which symbols each
    flash lit; ``repetition`` (n_flashes,) counts from 0; ``truth`` is a column of ``lit``.
    """

    scores: NDArray[np.float64]
    is_target: NDArray[np.bool_]
    lit: NDArray[np.bool_]
    repetition: NDArray[np.int64]
    truth: int


def scored_letters(epochs: EpochSet, scores: NDArray[np.float64]) -> list[ScoredLetter]:
    """Arrange held-out scores (n_epochs,) by letter; letters of unknown truth are left out.

    Flashes that were rejected are not there: a letter with many of them counts by the others, where
    a speller would ask it again.
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
    The temperature minimises the letters' mean log-loss over all repetitions, with each letter's
    densities fitted without it. It only ever discounts: flashes overlap, so that their sum is
    overconfident. The threshold is the smallest whose error on letters, put together anew from
    the repetitions of one held-out letter at a time, is at most the stated rate; with fewer than 20
    letters the upper end of a bootstrap over letters must be.
    """
    evidence = densities(scores, y)
    if len(letters) < 2:
        return msgspec.structs.replace(evidence, error_rate=stopping.error_rate)
    own = [_without(letters, i) for i in range(len(letters))]
    evidence = msgspec.structs.replace(evidence, temperature=_temperature(letters, own))
    return _with_threshold(evidence, letters, own, stopping)


def densities(scores: NDArray[np.float64], y: NDArray[np.bool_]) -> Evidence:
    """Return two normal densities of one spread."""
    target_mean, other_mean = scores[y].mean(), scores[~y].mean()
    residuals = np.where(y, scores - target_mean, scores - other_mean)
    spread = max(float(residuals.std()), 1e-9)
    return Evidence(target_mean=float(target_mean), nontarget_mean=float(other_mean), spread=spread)


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


def with_threshold(evidence: Evidence, counts: NDArray[np.int64], error_rate: float) -> Evidence:
    """Return `evidence` with the lowest threshold that keeps the stated error rate.

    Parameters
    ----------
    evidence : Evidence
        Whose densities and temperature the counts were made with.
    counts : ndarray of int, shape (n_units, 2, n_thresholds)
        How often each held-out letter or trial went wrong, and was decided, at each of THRESHOLDS.
    error_rate : float
        Of what is decided. With fewer than 20 units the upper end of a bootstrap must keep it; with
        fewer than 5 the highest threshold is taken.
    """
    rng = np.random.default_rng(0)
    draws = counts[rng.integers(len(counts), size=(2000, len(counts)))].sum(axis=1)
    rates = draws[:, 0] / np.maximum(draws[:, 1], 1)
    low, high = np.percentile(rates, [2.5, 97.5], axis=0)
    wrong, decided = counts.sum(axis=0)
    errors = wrong / np.maximum(decided, 1)
    promised = len(counts) >= FEWEST_LETTERS
    judged = errors if promised else high
    if len(counts) < FEWEST_TO_STOP_EARLY:
        judged = np.ones_like(high)
    kept = np.flatnonzero(judged <= error_rate)
    chosen = kept[0] if kept.size else THRESHOLDS.size - 1
    upper = float(high[chosen])
    if not wrong[chosen]:
        # What never happened has no spread to draw from: the letters are counted, not their draws.
        upper = proportion_interval(0, len(counts))[1]
    expected = float(low[chosen]), float(errors[chosen]), upper
    return msgspec.structs.replace(
        evidence,
        threshold=float(THRESHOLDS[chosen]),
        error_rate=error_rate,
        expected_error=expected,
        promised=promised and bool(kept.size),
    )


def _wrong_and_decided(
    letter: ScoredLetter,
    evidence: Evidence,
    temperature: float,
    stopping: Stopping,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return how many letters go wrong and how many are decided, shape (2, n_thresholds).

    Letters are put together from the repetitions of this one, in random order.
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
    """Return a letter of at most so many of the repetitions, in random order.

    Not with replacement: a repetition twice would tell nothing new, and make letters harder than
    they are.
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
    """Return whether a letter is decided at each threshold, and at which flash (n_thresholds,).

    As `P300Speller` does; where nothing is decided the flash is the last.
    """
    confidence = np.exp(log_posterior.max(axis=1))
    weak = confidence[-1] < P300Speller.WEAK
    # A repetition is over with its last flash: only then the least number is reached.
    confidence[: np.flatnonzero(repetition < stopping.min_repetitions)[-1]] = 0.0
    confidence[-1] = max(confidence[-1], 1.0 - weak)
    reached = confidence[np.newaxis, :] >= thresholds[:, np.newaxis]
    decided = reached.any(axis=1)
    return decided, np.where(decided, reached.argmax(axis=1), repetition.size - 1)
