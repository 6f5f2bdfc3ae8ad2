"""Means with their intervals, the signed-rank test against a baseline, and Holm's correction."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

__all__ = ["corrected", "f_measure", "holm", "mean_interval", "paired", "signed_rank_p"]

LARGEST_EXACT = 13

AnyRow = TypeVar("AnyRow", bound=msgspec.Struct)


def f_measure(chosen: ArrayLike, true: ArrayLike) -> float:
    """Return 2 |S ∩ T| / (|S| + |T|) of chosen and true sensors; 0 where nothing was chosen.

    Parameters
    ----------
    chosen, true : array-like of int
        Numbers of sensors.

    Returns
    -------
    f : float
        From 0 to 1, where both are the same.

    See Also
    --------
    calibration.experiments.simulated.compute : Where the true sensors are known.

    Examples
    --------
    >>> f_measure([0, 1, 2], [1, 2, 3])
    0.6666666666666666
    """
    S, T = set(np.asarray(chosen).tolist()), set(np.asarray(true).tolist())
    return 2 * len(S & T) / (len(S) + len(T))


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Return p values corrected for their number; None stays None and does not count.

    Parameters
    ----------
    ps : sequence of float or None
        Of one family of tests, such as all methods of a table against the same baseline.

    Returns
    -------
    corrected : list of float or None
        In the order given. If those below 5 % count as different, the chance of any error in the
        family is at most 5 %.

    See Also
    --------
    signed_rank_p : One test.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65.

    Examples
    --------
    >>> holm([0.04, None, 0.01, 0.03])
    [0.06, None, 0.03, 0.06]
    """
    tested = sorted((p, k) for k, p in enumerate(ps) if p is not None)
    corrected: list[float | None] = [None] * len(ps)
    highest = 0.0
    for rank, (p, k) in enumerate(tested):
        highest = max(highest, min((len(tested) - rank) * p, 1.0))
        corrected[k] = highest
    return corrected


def corrected(rows: Sequence[AnyRow]) -> list[AnyRow]:
    """Return the rows of one part of a table with Holm's p values.

    Parameters
    ----------
    rows : sequence of struct
        With ``p`` and ``p_holm``.

    Returns
    -------
    rows : list of struct
        The same with ``p_holm``.

    See Also
    --------
    holm : The correction.

    Examples
    --------
    >>> one = msgspec.defstruct("One", ["p", "p_holm"], frozen=True)
    >>> [row.p_holm for row in corrected([one(0.01, None), one(0.04, None)])]
    [0.02, 0.04]
    """
    ps = holm([getattr(row, "p") for row in rows])  # noqa: B009 - a struct of any kind
    return [msgspec.structs.replace(row, p_holm=p) for row, p in zip(rows, ps, strict=True)]


def mean_interval(values: Sequence[float], shared: float = 0.0) -> tuple[float, float]:
    """Return the 95 % interval of a mean, NaN where one value is all there is.

    Parameters
    ----------
    values : sequence of float
        One per run, subject or split.
    shared : float
        n_test/n_train of splits of one recording, whose training sets overlap; 0 for runs or
        subjects, which are independent.

    Returns
    -------
    low, high : float
        The ends of the interval.

    See Also
    --------
    signed_rank_p : Compares two methods.

    Notes
    -----
    Student's t with the variance s² (1/n + shared): overlapping splits agree with each other more
    than they do with the truth, and s²/n alone would promise far too much.

    References
    ----------
    Nadeau and Bengio (2003), Machine Learning 52:239.

    Examples
    --------
    >>> [round(end, 2) for end in mean_interval([0.8, 0.9, 1.0])]
    [0.65, 1.15]
    >>> [round(end, 2) for end in mean_interval([0.8, 0.9, 1.0], shared=0.25)]  # splits overlap
    [0.57, 1.23]
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

    Returns
    -------
    own, baseline : list of float
        In the same order.

    See Also
    --------
    signed_rank_p : Tests the pairs.

    Examples
    --------
    >>> own = {"1": {0: {"auc": 0.8}, 1: {"auc": 0.9}}, "2": {0: {"auc": 0.7}}}
    >>> baseline = {"1": {0: {"auc": 0.6}}}  # its second split failed, and the second subject
    >>> paired(own, baseline, "auc")
    ([0.8], [0.6])
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

    Equal pairs are ranked and then dropped (Pratt). Equal differences share a mean rank.

    Parameters
    ----------
    values, baseline : array-like, shape (n_pairs,)
        Such as the AUC of each subject by two methods.

    Returns
    -------
    p : float
        With up to thirteen different pairs exact, with ties too; with more the normal
        approximation, corrected for ties. 1 where all pairs are equal, NaN without a pair.

    See Also
    --------
    paired : Makes the pairs.

    References
    ----------
    Wilcoxon (1945), Biometrics Bulletin 1:80; Pratt (1959), JASA 54:655.

    Examples
    --------
    >>> signed_rank_p([0.9, 0.8, 0.7, 0.9, 0.8], [0.8, 0.7, 0.6, 0.7, 0.5])  # 2 of 32 signs
    0.0625
    """
    # Differences of equal AUCs may differ in their last bit, and must tie.
    differences = np.round(np.asarray(values, dtype=float) - np.asarray(baseline, dtype=float), 12)
    if not differences.size:
        return math.nan
    signed = (np.sign(differences) * stats.rankdata(np.abs(differences)))[differences != 0.0]
    if signed.size < 2:
        # One pair is as likely in one direction as in the other; scipy refuses fewer than two.
        return 1.0
    if signed.size > LARGEST_EXACT:
        return float(stats.wilcoxon(differences, zero_method="pratt", method="asymptotic").pvalue)
    # `wilcoxon` has no exact method for ties and equal pairs. Trying all signs of the ranks is one.
    every_sign = {"permutation_type": "samples", "n_resamples": np.inf}
    return float(stats.permutation_test((signed,), np.sum, **every_sign).pvalue)
