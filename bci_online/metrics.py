"""Figures of merit, the same for live runs, replays and calibration.

scipy takes 0.2 s to load, so the function that needs it loads it: a session's conductor does not
call it.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Z95",
    "auc",
    "aucs",
    "bits_per_selection",
    "frequency_interval",
    "itr_bits_per_min",
    "proportion_interval",
    "welch_t",
]

Z95 = 1.959963984540054
"""Half of a 95 % interval, in standard deviations of the normal distribution."""


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

    See Also
    --------
    aucs : Of many columns at once.
    calibration.bootstrap.cluster_bootstrap_auc : How sure that area is.

    Notes
    -----
    The Mann-Whitney statistic divided by the number of pairs. scikit-learn's ``roc_auc_score`` is
    the same number; nothing that runs live imports scikit-learn.

    Examples
    --------
    >>> auc([True, False, True, False], [2.0, 1.0, 1.0, 0.0])
    0.875
    """
    return float(aucs(y, scores))


def aucs(y: ArrayLike, scores: ArrayLike) -> NDArray[np.float64]:
    """Return the area under the ROC curve of each column.

    Parameters
    ----------
    y : array_like of bool, shape (n,)
        True for targets.
    scores : array_like of float, shape (n, ...)
        Such as the values of epochs, each channel and latency by itself.

    Returns
    -------
    areas : ndarray, shape (...)
        NaN where one class is missing.

    See Also
    --------
    auc : Of one column.

    Examples
    --------
    >>> aucs([True, False], [[2.0, 0.0], [1.0, 1.0]]).tolist()
    [1.0, 0.0]
    """
    truth = np.asarray(y, dtype=bool)
    values = np.asarray(scores)
    n_targets = int(truth.sum())
    n_others = truth.size - n_targets
    if not n_targets or not n_others:
        return np.full(values.shape[1:], math.nan)
    # Column by column: epochs of hours need no second copy.
    areas = [_area(column[truth], column[~truth]) for column in values.reshape(truth.size, -1).T]
    return np.array(areas).reshape(values.shape[1:])


def _area(targets: NDArray[Any], others: NDArray[Any]) -> float:
    """Return the area under the ROC curve; a tie counts half."""
    targets, others = np.sort(targets.astype(float)), np.sort(others.astype(float))
    # NaN comes last.
    if np.isnan(targets[-1]) or np.isnan(others[-1]):
        return math.nan
    won = (others.searchsorted(targets) + others.searchsorted(targets, "right")).sum() / 2
    return float(won / (targets.size * others.size))


def welch_t(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Welch's t value of the difference between two groups, in each column.

    Parameters
    ----------
    one, other : ndarray, shape (n_one, ...) and (n_other, ...)
        Such as epochs of targets and of others.

    Returns
    -------
    t : ndarray, shape (...)
        Positive where `one` is larger. 0 where neither group varies, and everywhere if a group has
        fewer than two members.

    See Also
    --------
    aucs : How well the groups separate in each column, whatever their distributions.

    Examples
    --------
    >>> welch_t(np.array([3.0, 5.0]), np.array([-1.0, 1.0])).round(3).item()
    2.828
    """
    t = np.zeros(one.shape[1:])
    if min(len(one), len(other)) < 2:
        return t
    variance = one.var(axis=0, ddof=1) / len(one) + other.var(axis=0, ddof=1) / len(other)
    difference = one.mean(axis=0) - other.mean(axis=0)
    return np.divide(difference, np.sqrt(variance), out=t, where=variance > 0)


def proportion_interval(successes: float, n: int, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's interval for a proportion.

    Parameters
    ----------
    successes : float
        How many of `n` succeeded.
    n : int
        How many were tried.
    z : float
        Quantile of the normal density; 95 % of it lie within the default.

    Returns
    -------
    low, high : float
        (0, 1) where nothing was tried.

    See Also
    --------
    auc : The other figure that needs an interval.

    References
    ----------
    Wilson (1927), JASA 22:209.

    Examples
    --------
    >>> low, high = proportion_interval(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    if n == 0:
        return 0.0, 1.0
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At the ends the two terms are equal except for their last bit.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def frequency_interval(n: int, minutes: float) -> tuple[float, float]:
    """Return the exact 95 % interval of how often something happens per minute.

    Parameters
    ----------
    n : int
        How often it happened.
    minutes : float
        In how much time; above 0.

    Returns
    -------
    low, high : float
        Per minute, if the events are independent of each other.

    See Also
    --------
    proportion_interval : The interval of a share.

    References
    ----------
    Garwood (1936), Biometrika 28:437: the interval of a Poisson mean.

    Examples
    --------
    >>> low, high = frequency_interval(2, minutes=4.0)
    >>> round(low, 2), round(high, 2)
    (0.06, 1.81)
    """
    from scipy.special import gammaincinv

    # Half a chi-squared quantile with twice the degrees of freedom.
    low = gammaincinv(n, 0.025) if n else 0.0
    return float(low) / minutes, float(gammaincinv(n + 1, 0.975)) / minutes


def bits_per_selection(n_choices: int, accuracy: float) -> float:
    """Return the information of one selection, in bits; 0 at or below chance.

    Parameters
    ----------
    n_choices : int
        Between how many symbols or classes each selection chooses.
    accuracy : float
        Share of right selections; errors are taken to be spread evenly over the other choices.

    Returns
    -------
    bits : float
        At most the logarithm of `n_choices` to base 2.

    See Also
    --------
    itr_bits_per_min : The same per minute.

    References
    ----------
    Wolpaw et al. (2002), Clin. Neurophysiol. 113:767.

    Examples
    --------
    >>> bits_per_selection(32, 1.0)
    5.0
    >>> round(bits_per_selection(36, 0.9), 2)
    4.19
    """
    if n_choices < 2 or accuracy <= 1 / n_choices:
        return 0.0
    bits = math.log2(n_choices)
    if accuracy < 1:
        bits += accuracy * math.log2(accuracy)
        bits += (1 - accuracy) * math.log2((1 - accuracy) / (n_choices - 1))
    return bits


def itr_bits_per_min(n_choices: int, accuracy: float, selections: int, duration_s: float) -> float:
    """Return the information transfer rate over all of the time, pauses included.

    Parameters
    ----------
    n_choices : int
        Symbols or classes to choose from.
    accuracy : float
        Share of right selections.
    selections : int
        How many were made, right or wrong.
    duration_s : float
        In how many seconds.

    Returns
    -------
    rate : float
        In bits per minute; 0 where no time went by.

    See Also
    --------
    bits_per_selection : The information of one selection.

    Examples
    --------
    >>> itr_bits_per_min(32, 1.0, selections=6, duration_s=60.0)
    30.0
    """
    if duration_s <= 0:
        return 0.0
    return bits_per_selection(n_choices, accuracy) * selections * 60 / duration_s
