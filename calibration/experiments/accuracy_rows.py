"""From cells of networks to the rows of a table: one row per weighting of the losses."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from bci_online.metrics import proportion_interval
from calibration.experiments.compared_methods import FIXED
from calibration.experiments.statistics import corrected, mean_interval, paired, signed_rank_p

__all__ = ["AccuracyRow", "summarise_accuracies"]

Folds = Mapping[int, Mapping[str, Any]]


class AccuracyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One weighting's line of a table.

    Parameters
    ----------
    part : str
        Protocol that the line is for.
    method : str
        The loss weighting.
    n : int
        Subjects.
    units : str
        What ``n`` counts.
    accuracy : float
        Mean over subjects, each of them the mean over its folds.
    sd : float, optional
        Standard deviation over subjects; None for a single one.
    low, high : float
        95 % interval of the mean.
    n_right, n_decided : int
        Right decisions, and all decisions, of the networks of all folds.
    n_trials : int
        Test trials.
    macro_f1 : float
        Mean over subjects.
    auc : float, optional
        Mean over subjects; None with more than two classes.
    commonest : float
        Share of the commonest class: what always naming it would reach.
    p : float, optional
        Of the signed-rank test against "fixed", or without it against the first row.
    p_holm : float, optional
        The same, corrected for the number of methods in this part of the table.
    n_pairs : int
        Subjects in the test.
    of_subjects : tuple of float
        The accuracy of each.

    See Also
    --------
    summarise_accuracies : Makes the rows.
    """

    part: str
    method: str
    n: int
    units: str
    accuracy: float
    sd: float | None
    low: float
    high: float
    n_right: int
    n_decided: int
    n_trials: int
    macro_f1: float
    auc: float | None
    commonest: float
    p: float | None
    p_holm: float | None
    n_pairs: int
    of_subjects: tuple[float, ...]


def summarise_accuracies(
    cells: Sequence[Mapping[str, Any]],
    results: Sequence[Mapping[str, Any] | None],
    part: str = "protocol",
) -> list[AccuracyRow]:
    """Return one row per protocol and weighting, in the order of the cells.

    Parameters
    ----------
    cells, results : sequence of mapping
        As given to and returned by `run_cells`; cells without a result are left out.
    part : str
        Which parameter divides the table into parts.

    Returns
    -------
    rows : list of AccuracyRow
        Those without any result are left out.

    See Also
    --------
    calibration.experiments.auc_rows.summarise : The same for flashes.
    calibration.experiments.figures.draw_accuracies : Draws the rows.

    Notes
    -----
    A unit is a subject: networks of one subject's folds are tested on the same trials. For a single
    subject the interval is Wilson's over all of its trials, and there is no test.

    Examples
    --------
    >>> cells = [{"protocol": "p", "method": "fixed", "subject": s, "fold": 0} for s in ("1", "2")]
    >>> counts = {"n_test": 4, "macro_f1": 0.7, "commonest": 0.5}
    >>> results = [{"accuracy": n / 4, "n_right": n, **counts} for n in (3, 4)]
    >>> row = summarise_accuracies(cells, results)[0]
    >>> row.accuracy, row.n_right, row.n_decided, row.of_subjects
    (0.875, 7, 8, (0.75, 1.0))
    """
    grouped: dict[str, dict[str, dict[str, dict[int, Mapping[str, Any]]]]] = {}
    for cell, result in zip(cells, results, strict=True):
        if result is not None:
            own = grouped.setdefault(cell[part], {}).setdefault(cell["method"], {})
            own.setdefault(cell["subject"], {})[cell["fold"]] = result
    return [
        row
        for name, methods in grouped.items()
        for row in corrected(
            [
                _row(name, method, own, methods.get(FIXED, next(iter(methods.values()))))
                for method, own in methods.items()
            ]
        )
    ]


def _row(
    part: str, method: str, own: Mapping[str, Folds], baseline: Mapping[str, Folds]
) -> AccuracyRow:
    values = [_mean(list(folds.values()), "accuracy") for folds in own.values()]
    everything = [result for folds in own.values() for result in folds.values()]
    n_trials = sum(next(iter(folds.values()))["n_test"] for folds in own.values())
    low, high = mean_interval(values)
    if len(values) == 1:
        low, high = proportion_interval(values[0] * n_trials, n_trials)
    pairs = paired(own, baseline, "accuracy")
    is_tested = own is not baseline and len(pairs[0]) > 1
    p = signed_rank_p(*pairs) if is_tested else math.nan
    return AccuracyRow(
        part=part,
        method=method,
        n=len(values),
        units="subjects",
        accuracy=float(np.mean(values)),
        sd=float(np.std(values, ddof=1)) if len(values) > 1 else None,
        low=max(low, 0.0),
        high=min(high, 1.0),
        n_right=sum(result["n_right"] for result in everything),
        n_decided=sum(result["n_test"] for result in everything),
        n_trials=n_trials,
        macro_f1=_mean(everything, "macro_f1"),
        auc=_mean(everything, "auc") if "auc" in everything[0] else None,
        commonest=_mean(everything, "commonest"),
        p=None if math.isnan(p) else p,
        p_holm=None,
        n_pairs=len(pairs[0]) if is_tested else 0,
        of_subjects=tuple(values),
    )


def _mean(results: Sequence[Mapping[str, Any]], key: str) -> float:
    return float(np.mean([result[key] for result in results]))
