"""What a table of cells says: means with honest intervals, and signed ranks against a baseline."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = ["f_measure", "mean_interval", "paired", "signed_rank_p"]

LARGEST_EXACT = 13


def f_measure(chosen: ArrayLike, true: ArrayLike) -> float:
    """Return 2 |S ∩ T| / (|S| + |T|) of chosen and true sensors; 0 where nothing was chosen."""
    S, T = set(np.asarray(chosen).tolist()), set(np.asarray(true).tolist())
    return 2 * len(S & T) / (len(S) + len(T))


def mean_interval(values: Sequence[float], shared: float = 0.0) -> tuple[float, float]:
    """Return the 95 % interval of a mean, NaN where one value is all there is.

    Parameters
    ----------
    values : sequence of float
        One per run, subject or split.
    shared : float
        n_test/n_train of splits of one recording, whose training sets overlap; 0 for runs or
        subjects, which are independent.

    Notes
    -----
    Student's t with the variance s² (1/n + shared): overlapping splits agree with each other more
    than they do with the truth, and s²/n alone would promise far too much.

    References
    ----------
    Nadeau and Bengio (2003), Machine Learning 52:239.
    """
    x = np.asarray(values, dtype=float)
    if x.size < 2:
        return math.nan, math.nan
    half = stats.t.ppf(0.975, x.size - 1) * x.std(ddof=1) * math.sqrt(1 / x.size + shared)
    return float(x.mean() - half), float(x.mean() + half)


def paired(
    own: Mapping[Any, Mapping[Any, Mapping[str, Any]]],
    baseline: Mapping[Any, Mapping[Any, Mapping[str, Any]]],
    key: str,
) -> tuple[list[float], list[float]]:
    """Return the means of both over the splits that both have, one for each unit that both have.

    Parameters
    ----------
    own, baseline : mapping
        Of each unit, each split's results; a split that failed is missing.
    key : str
        Which result.
    """
    pairs = []
    for unit in own.keys() & baseline.keys():
        splits = own[unit].keys() & baseline[unit].keys()
        if splits:
            means = (np.mean([part[unit][s][key] for s in splits]) for part in (own, baseline))
            pairs.append(tuple(map(float, means)))
    return [one for one, _ in pairs], [other for _, other in pairs]


def signed_rank_p(values: ArrayLike, baseline: ArrayLike) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test on pairs.

    Equal pairs are ranked and then dropped (Pratt), equal differences share a mean rank. Up to
    thirteen pairs all signs are tried, so that ties cost nothing of exactness; above, the normal
    approximation is corrected for them. 1 where all pairs are equal, NaN without a pair.

    References
    ----------
    Wilcoxon (1945), Biometrics Bulletin 1:80; Pratt (1959), JASA 54:655.
    """
    # Differences of equal AUCs may differ in their last bit, and must tie.
    differences = np.round(np.asarray(values, dtype=float) - np.asarray(baseline, dtype=float), 12)
    if not differences.size:
        return math.nan
    ranks = stats.rankdata(np.abs(differences))[differences != 0.0]
    signs = np.sign(differences[differences != 0.0])
    if not ranks.size:
        return 1.0
    observed = abs(float(signs @ ranks))
    if ranks.size <= LARGEST_EXACT:
        sums = np.abs(_every_sign(ranks.size) @ ranks)
        return float(np.mean(sums >= observed - 1e-9))
    return float(2 * stats.norm.sf(observed / math.sqrt(float(ranks @ ranks))))


def _every_sign(n: int) -> NDArray[np.int64]:
    """Return all ways to put signs to n numbers, shape (2**n, n)."""
    return 2 * (np.arange(2**n)[:, np.newaxis] >> np.arange(n) & 1) - 1
