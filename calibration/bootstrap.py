"""Intervals of AUCs in which whole letters or runs are drawn again."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["bootstrap_aucs", "cluster_bootstrap_auc"]


def cluster_bootstrap_auc(
    y: NDArray[np.bool_],
    scores: NDArray[np.float64],
    clusters: NDArray[np.int64],
    n_draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % interval of the AUC, with whole letters or runs drawn again.

    Parameters
    ----------
    y, scores : ndarray, shape (n,)
        As for `bci_online.metrics.auc`.
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

    See Also
    --------
    bci_online.metrics.auc : The area itself.

    Notes
    -----
    Draws without both classes are left out. ``scipy.stats.bootstrap`` draws single observations
    and returns NaN once a draw has no AUC.

    Examples
    --------
    Twenty letters of twenty flashes each:

    >>> y = np.arange(400) % 4 == 0
    >>> scores = np.random.default_rng(0).standard_normal(400) + y
    >>> low, high = cluster_bootstrap_auc(y, scores, np.arange(400) // 20)
    >>> round(low, 2), round(high, 2)
    (0.72, 0.81)
    """
    draws = bootstrap_aucs(y, scores[np.newaxis], clusters, n_draws, seed)[:, 0]
    if not np.isfinite(draws).any():
        return math.nan, math.nan
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return float(low), float(high)


def bootstrap_aucs(
    y: NDArray[np.bool_],
    scores: NDArray[np.float64],
    clusters: NDArray[np.int64],
    n_draws: int,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the AUCs of several scores of the same epochs, with whole letters drawn again.

    Parameters
    ----------
    y : ndarray of bool, shape (n,)
        Whether each score is of a target.
    scores : ndarray, shape (n_scores, n)
        In each row a score of every epoch.
    clusters : ndarray of int, shape (n,)
        As for `cluster_bootstrap_auc`.
    n_draws, seed : int
        Number and seed of the draws.

    Returns
    -------
    aucs : ndarray, shape (n_draws, n_scores)
        Of the same draws in each row, so that differences are paired. NaN where there are fewer
        than two clusters, or no AUC.

    See Also
    --------
    cluster_bootstrap_auc : The interval of one AUC.

    Notes
    -----
    The pairs that targets of one cluster win against others of another cluster are counted once.
    The AUC of a draw follows from these counts and from how often each cluster was drawn.

    Examples
    --------
    >>> y = np.arange(40) % 4 == 0
    >>> scores = np.stack([y + 0.0, 1.0 - y])
    >>> bootstrap_aucs(y, scores, np.arange(40) // 4, n_draws=2).tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    names, member = np.unique(clusters, return_inverse=True)
    aucs = np.full((n_draws, len(scores)), math.nan)
    if names.size < 2 or not y.any() or y.all():
        return aucs
    rng = np.random.default_rng(seed)
    times = np.array(
        [np.bincount(rng.integers(names.size, size=names.size), minlength=names.size)
         for _ in range(n_draws)]
    )  # fmt: skip
    belongs = (member[:, np.newaxis] == np.arange(names.size)).astype(float)
    targets, others = belongs[y], belongs[~y]
    pairs = (times @ targets.sum(axis=0)) * (times @ others.sum(axis=0))
    for column, row in zip(aucs.T, scores, strict=True):
        won = targets.T @ _below(row[~y], others, row[y])
        np.divide(((times @ won) * times).sum(axis=1), pairs, out=column, where=pairs > 0)
    return aucs


def _below(
    values: NDArray[np.float64], belongs: NDArray[np.float64], limits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how many values of each cluster lie below each limit (n_limits, n_clusters).

    Those that are equal count half. ``belongs`` (n_values, n_clusters) is 1 where a value belongs.
    """
    order = np.argsort(values)
    counts = np.zeros((values.size + 1, belongs.shape[1]))
    np.cumsum(belongs[order], axis=0, out=counts[1:])
    ends = (np.searchsorted(values[order], limits, side=side) for side in ("left", "right"))
    first, last = (counts[end] for end in ends)
    return (first + last) / 2
