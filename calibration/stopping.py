"""The stopping threshold that keeps a stated error rate, from held-out letters or trials."""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from bci_online.config import Evidence
from bci_online.metrics import frequency_interval, proportion_interval

__all__ = ["THRESHOLDS", "Rest", "rate_interval", "with_threshold"]

FEWEST_UNITS = 20
# With fewer the bootstrap is useless: two equal letters have no spread.
FEWEST_TO_STOP_EARLY = 5
N_DRAWS = 2000

THRESHOLDS = 1 - np.geomspace(0.5, 1e-5, 60)
"""The posteriors that are tried as the threshold, rising, shape (n_thresholds,)."""


class _ErrorRates(NamedTuple):
    """Share of the decided units that is wrong at each threshold, each (n_thresholds,).

    ``low`` and ``high`` are the ends of the 95 % interval of a bootstrap over units.
    """

    low: NDArray[np.float64]
    rate: NDArray[np.float64]
    high: NDArray[np.float64]


class Rest(NamedTuple):
    """What held-out rest says at each threshold, and what it may say.

    Parameters
    ----------
    n_false : ndarray of int, shape (n_thresholds,)
        Decisions at rest.
    minutes : ndarray, shape (n_thresholds,)
        Rest until a decision, or its end.
    most_per_min : float
        As many decisions per minute are allowed.

    See Also
    --------
    with_threshold : Keeps the limit.

    Examples
    --------
    >>> rest = Rest(np.array([8, 1]), minutes=np.array([4.0, 4.0]), most_per_min=0.5)
    >>> rest.is_kept.tolist(), rest.expected(1)[1]  # at most two in four minutes
    ([False, True], 0.25)
    """

    n_false: NDArray[np.int64]
    minutes: NDArray[np.float64]
    most_per_min: float

    @property
    def is_kept(self) -> NDArray[np.bool_]:
        """At which thresholds the limit is kept, shape (n_thresholds,)."""
        return self.n_false <= self.most_per_min * self.minutes

    def expected(self, at: int) -> tuple[float, float, float]:
        """Return decisions per minute at a threshold: lower end of 95 %, value, upper end."""
        n, minutes = int(self.n_false[at]), float(self.minutes[at])
        low, high = frequency_interval(n, minutes)
        return low, n / minutes, high


def with_threshold(
    evidence: Evidence,
    counts: NDArray[np.int64],
    error_rate: float,
    rest: Rest | None = None,
    least: float = 0.0,
    groups: NDArray[np.int64] | None = None,
) -> Evidence:
    """Return `evidence` with the lowest threshold that keeps the stated rates.

    Parameters
    ----------
    evidence : Evidence
        The counts were made with its densities and temperature.
    counts : ndarray of int, shape (n_units, 2, n_thresholds)
        How often each held-out letter or trial was wrong, and how often it was decided, at each of
        `THRESHOLDS`.
    error_rate : float
        Share of the decided units that may be wrong. With fewer than 20 units the upper end of a
        bootstrap over units must keep it. With fewer than 5 the highest threshold is taken.
    rest : Rest, optional
        Its limit must be kept, too. Where no threshold keeps both, the highest is taken.
    least : float
        No lower threshold is taken. Where hardly any unit reaches the one that is taken, nothing is
        promised: no rate is known of what was not decided.
    groups : ndarray of int, shape (n_units,), optional
        Units of one group were decided by the same classifier. The rate that is judged is higher by
        as much as drawing whole groups widens its interval.

    Returns
    -------
    evidence : Evidence
        With ``threshold``, ``error_rate``, ``expected_error`` and ``promised``, and with rest
        ``expected_false``.

    See Also
    --------
    rate_interval : The error rates of subjects.
    calibration.p300.evidence.fit_evidence : The threshold of letters, from a model of the scores.

    Examples
    --------
    Of 30 trials none is wrong at any threshold, so the lowest one is taken:

    >>> counts = np.zeros((30, 2, THRESHOLDS.size), dtype=int)
    >>> counts[:, 1] = 1
    >>> found = with_threshold(Evidence(), counts, 0.05)
    >>> found.threshold, found.promised
    (0.5, True)
    """
    rates = _error_rates(counts)
    promised = len(counts) >= FEWEST_UNITS
    judged = rates.rate if promised else rates.high
    if groups is not None:
        wide = _error_rates_of_groups(counts, groups)
        judged = judged + np.maximum(wide.high - rates.high, 0.0)
        low, high = np.minimum(wide.low, rates.low), np.maximum(wide.high, rates.high)
        rates = _ErrorRates(low, rates.rate, high)
    if len(counts) < FEWEST_TO_STOP_EARLY:
        judged = np.ones_like(rates.high)
    is_kept = (judged <= error_rate) & (THRESHOLDS >= least)
    if rest is not None:
        is_kept &= rest.is_kept
    kept = np.flatnonzero(is_kept)
    chosen = kept[0] if kept.size else THRESHOLDS.size - 1
    upper = float(rates.high[chosen])
    n_decided = int(counts[:, 1, chosen].sum())
    if not counts[:, 0, chosen].any():
        # Where no unit is wrong, no draw is: the interval is that of the number of decisions.
        upper = proportion_interval(0, n_decided)[1] if n_decided else 1.0
    return msgspec.structs.replace(
        evidence,
        threshold=float(THRESHOLDS[chosen]),
        error_rate=error_rate,
        expected_error=(float(rates.low[chosen]), float(rates.rate[chosen]), upper),
        expected_false=None if rest is None else rest.expected(int(chosen)),
        promised=promised
        and n_decided >= FEWEST_TO_STOP_EARLY
        and bool(judged[chosen] <= error_rate),
    )


def _error_rates(counts: NDArray[np.int64]) -> _ErrorRates:
    rng = np.random.default_rng(0)
    return _rates_of(
        counts[rng.integers(len(counts), size=(N_DRAWS, len(counts)))].sum(axis=1), counts
    )


def _error_rates_of_groups(counts: NDArray[np.int64], groups: NDArray[np.int64]) -> _ErrorRates:
    """Draw groups, and then units within each."""
    rng = np.random.default_rng(0)
    parts = [counts[groups == group] for group in np.unique(groups)]
    draws = np.zeros((N_DRAWS, *counts.shape[1:]), dtype=np.int64)
    for _ in parts:
        taken = rng.integers(len(parts), size=N_DRAWS)
        for number, own in enumerate(parts):
            rows = np.flatnonzero(taken == number)
            draws[rows] += own[rng.integers(len(own), size=(rows.size, len(own)))].sum(axis=1)
    return _rates_of(draws, counts)


def _rates_of(draws: NDArray[np.int64], counts: NDArray[np.int64]) -> _ErrorRates:
    drawn = draws[:, 0] / np.maximum(draws[:, 1], 1)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    wrong, decided = counts.sum(axis=0)
    return _ErrorRates(low, wrong / np.maximum(decided, 1), high)


def rate_interval(wrong: NDArray[np.int64], decided: NDArray[np.int64]) -> tuple[float, float]:
    """Return where 95 % of the error rates of subjects lie, from a few decisions of each.

    Parameters
    ----------
    wrong, decided : ndarray of int, shape (n_subjects,)
        Simulated decisions.

    Returns
    -------
    low, high : float
        Error rates, from 0 to 1.

    See Also
    --------
    bci_online.metrics.proportion_interval : The interval of one rate.
    calibration.p300.promise.promise_of : Simulates the decisions.

    Notes
    -----
    The rates vary more than the subjects do, for each comes from a few decisions. That part of the
    variance is taken off; the interval is that of a beta distribution with what is left.

    Examples
    --------
    >>> low, high = rate_interval(np.array([0, 1, 2, 1]), np.array([50, 50, 50, 50]))
    >>> round(low, 3), round(high, 3)
    (0.005, 0.043)
    """
    rate = wrong.sum() / max(decided.sum(), 1)
    if not 0 < rate < 1:
        return proportion_interval(int(wrong.sum()), int(decided.sum()))
    binomial = rate * (1 - rate)
    each = decided.mean()
    # The mean rate itself is known no better than so many decisions allow.
    least = binomial / decided.sum()
    seen = np.var(wrong / np.maximum(decided, 1), ddof=1)
    variance = min(max(seen - binomial / each, 0.0) + least, 0.99 * binomial)
    size = binomial / variance - 1
    # The quantile function of scipy.stats, which takes 0.4 s to load.
    low, high = betaincinv(rate * size, (1 - rate) * size, [0.025, 0.975])
    return float(low), float(high)
