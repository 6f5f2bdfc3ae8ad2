"""From cells of flashes to the rows of a table: one row per method, with its AUC."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from calibration.experiments.compared_methods import BASELINE
from calibration.experiments.statistics import corrected, mean_interval, paired, signed_rank_p

__all__ = ["Row", "summarise"]

Cell = Mapping[str, Any]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One method's line of a table.

    Parameters
    ----------
    part : str
        The protocol or the number of flashes that the line is for.
    method : str
        Its name.
    n : int
        How many ``units`` the means are over.
    units : str
        Runs, subjects or splits.
    auc : float
        Mean.
    auc_sd : float, optional
        Standard deviation; None for a single unit.
    auc_low, auc_high : float, optional
        95 % interval of the mean.
    selection_rate : float
        Share of the sensors that is used, mean.
    f_measure : float, optional
        Of chosen and true sensors; None where the truth is not known.
    p : float, optional
        Of the signed-rank test against the baseline.
    p_holm : float, optional
        The same, corrected for the number of methods in this part of the table.
    n_pairs : int
        Units in the test.

    See Also
    --------
    summarise : Makes the rows.
    """

    part: str
    method: str
    n: int
    units: str
    auc: float
    auc_sd: float | None
    auc_low: float | None
    auc_high: float | None
    selection_rate: float
    f_measure: float | None
    p: float | None
    p_holm: float | None
    n_pairs: int


def summarise(
    cells: Sequence[Cell], results: Sequence[Mapping[str, Any] | None], part: str = ""
) -> list[Row]:
    """Return one row per part and method, in the order of the cells.

    Parameters
    ----------
    cells, results : sequence of mapping
        As given to and returned by `run_cells`; cells without a result are left out.
    part : str
        Which parameter divides the table into parts.

    Returns
    -------
    rows : list of Row
        Those without any result are left out.

    See Also
    --------
    calibration.experiments.statistics.mean_interval : The interval.
    calibration.experiments.figures.draw_table : Draws the rows.

    Notes
    -----
    Where there are two subjects or more a unit is a subject, averaged over its splits: splits of
    one recording share flashes and are not independent pairs. Simulated subjects of one run share
    what is common to the run, and a joint method shares everything among them: a unit is the run,
    averaged over its subjects.

    Examples
    --------
    >>> cells = [{"method": name, "split": n} for n in (0, 1) for name in ("svm", "gsvm-2")]
    >>> results = [{"auc": auc, "selection_rate": 0.5} for auc in (0.8, 0.9, 0.7, 0.8)]
    >>> [(row.method, round(row.auc, 3)) for row in summarise(cells, results)]
    [('svm', 0.75), ('gsvm-2', 0.85)]
    """
    grouped: dict[str, dict[str, dict[Any, dict[Any, Mapping[str, Any]]]]] = {}
    unit = _unit(cells)
    for cell, result in zip(cells, results, strict=True):
        if result is not None:
            methods = grouped.setdefault(str(cell.get(part, "")), {})
            own = methods.setdefault(cell["method"], {})
            key = cell["subject" if unit == "subjects" else "split"]
            own.setdefault(key, {})[cell["split"]] = result
    return [
        row
        for name, methods in grouped.items()
        for row in corrected(
            [
                _row(name, method, unit, own, methods.get(BASELINE, {}))
                for method, own in methods.items()
            ]
        )
    ]


def _unit(cells: Sequence[Cell]) -> str:
    if not any("subject" in cell for cell in cells):
        return "runs"
    return "subjects" if len({cell["subject"] for cell in cells}) > 1 else "splits"


def _row(
    part: str,
    method: str,
    units: str,
    own: Mapping[Any, Mapping[Any, Mapping[str, Any]]],
    baseline: Mapping[Any, Mapping[Any, Mapping[str, Any]]],
) -> Row:
    areas = [_mean(list(results.values()), "auc") for results in own.values()]
    everything = [result for results in own.values() for result in results.values()]
    shared = 0.0
    if units == "splits":
        shared = _mean(everything, "n_test") / _mean(everything, "n_train")
    low, high = mean_interval(areas, shared)
    p = None
    pairs = ([], []) if method == BASELINE else paired(own, baseline, "auc")
    if pairs[0]:
        p = signed_rank_p(*pairs)
    has_truth = "f_measure" in everything[0]
    return Row(
        part=part,
        method=method,
        n=len(areas),
        units=units,
        auc=float(np.mean(areas)),
        auc_sd=float(np.std(areas, ddof=1)) if len(areas) > 1 else None,
        auc_low=None if math.isnan(low) else max(low, 0.0),
        auc_high=None if math.isnan(high) else min(high, 1.0),
        selection_rate=_mean(everything, "selection_rate"),
        f_measure=_mean(everything, "f_measure") if has_truth else None,
        p=p,
        p_holm=None,
        n_pairs=len(pairs[0]),
    )


def _mean(results: Sequence[Mapping[str, Any]], key: str) -> float:
    return float(np.mean([result[key] for result in results]))
