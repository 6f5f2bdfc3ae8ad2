"""Figures of merit in numpy; `calibration` uses the same ones."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "auc",
    "bits_per_selection",
    "cluster_bootstrap_auc",
    "itr_bits_per_min",
    "proportion_interval",
]

_Z95 = 1.959963984540054


def auc(y: ArrayLike, scores: ArrayLike) -> float:
    """Return the area under the ROC curve, ties counted half.

    Parameters
    ----------
    y : array_like of bool, shape (n,)
        True for targets.
    scores : array_like of float, shape (n,)
        Larger means more target-like.

    Returns
    -------
    area : float
        NaN where one class is missing.

    Notes
    -----
    The Mann-Whitney statistic divided by the number of pairs.
    """
    truth = np.asarray(y, dtype=bool)
    values = np.asarray(scores, dtype=float)
    n_targets = int(truth.sum())
    n_others = truth.size - n_targets
    if not n_targets or not n_others:
        return math.nan
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[inverse]
    pairs_won = ranks[truth].sum() - n_targets * (n_targets + 1) / 2
    return float(pairs_won / (n_targets * n_others))


def proportion_interval(successes: float, n: int, z: float = _Z95) -> tuple[float, float]:
    """Return Wilson's interval for a proportion, (0, 1) where nothing was seen.

    References
    ----------
    Wilson (1927), JASA 22:209; 95 % by default.
    """
    if n == 0:
        return 0.0, 1.0
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At the ends the two terms are equal, but for their last bit.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def cluster_bootstrap_auc(
    y: NDArray[np.bool_],
    scores: NDArray[np.float64],
    clusters: NDArray[np.int64],
    n_draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % interval of the AUC when whole clusters (letters, runs) are drawn again.

    Parameters
    ----------
    y, scores : ndarray, shape (n,)
        As for `auc`.
    clusters : ndarray of int, shape (n,)
        The letter or run that each score belongs to: flashes of one letter are not independent.
    n_draws : int
        Number of bootstrap draws.
    seed : int
        Seed of the draws.

    Returns
    -------
    low, high : float
        NaN where there are fewer than two clusters, or no AUC.
    """
    names = np.unique(clusters)
    if names.size < 2 or math.isnan(auc(y, scores)):
        return math.nan, math.nan
    members = [np.flatnonzero(clusters == name) for name in names]
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(n_draws):
        chosen = np.concatenate([members[i] for i in rng.integers(names.size, size=names.size)])
        draws.append(auc(y[chosen], scores[chosen]))
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return float(low), float(high)


def bits_per_selection(n_choices: int, accuracy: float) -> float:
    """Return the information of one selection, in bits; 0 at or below chance.

    References
    ----------
    Wolpaw et al. (2002), Clin. Neurophysiol. 113:767.
    """
    if n_choices < 2 or accuracy <= 1 / n_choices:
        return 0.0
    bits = math.log2(n_choices)
    if accuracy < 1:
        bits += accuracy * math.log2(accuracy)
        bits += (1 - accuracy) * math.log2((1 - accuracy) / (n_choices - 1))
    return bits


def itr_bits_per_min(n_choices: int, accuracy: float, selections: int, duration_s: float) -> float:
    """Return the information transfer rate over `duration_s`, pauses included."""
    if duration_s <= 0:
        return 0.0
    return bits_per_selection(n_choices, accuracy) * selections * 60 / duration_s
