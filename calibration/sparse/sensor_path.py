"""Fewer electrodes: the held-out AUC of each number of sensors.

Every number of sensors is tested on held-out trials: each fold makes its own ranking
(`sensor_ranking`), and weights without shrinkage on the chosen sensors alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from bci_online.metrics import Z95, auc
from calibration.blas_threads import one_blas_thread
from calibration.bootstrap import cluster_bootstrap_auc
from calibration.sparse.decoders.refit import Moments, lda, moments, ridge
from calibration.sparse.decoders.training_set import TrainingSet
from calibration.sparse.estimators.cross_validation import folds_of
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.trials import (
    Trials,
    check_whole,
    checked_trials,
    checked_units,
)
from calibration.sparse.sensor_ranking import Ranking, rank_sensors, ranking_of

__all__ = ["SensorPath", "sensor_path"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192)


@dataclass(frozen=True)
class SensorPath:
    """Held-out AUC against the number of sensors.

    Parameters
    ----------
    ranking : Ranking
        Made on all trials.
    sizes : ndarray of int, shape (n_sizes,)
        Numbers of sensors; the last is all of them, chosen or not. If fewer enter a fold's
        path than requested, that fold has those.
    auc, low, high : ndarray, shape (n_sizes,)
        AUC of held-out scores and its 95 % interval over whole units.

    See Also
    --------
    sensor_path : Measures one.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration.sparse.sensor_ranking import Ranking
    >>> ranking = Ranking(np.array([2, 0, 1]), np.array([1.0, 0.5, 0.2]), np.array([8.0, 4.0, 1.6]))
    >>> aucs = np.array([0.70, 0.89, 0.90])
    >>> path = SensorPath(ranking, np.array([1, 2, 3]), aucs, aucs - 0.04, aucs + 0.04)
    >>> path.smallest_within_one_error()  # The standard error of 0.90 is about 0.02.
    2
    """

    ranking: Ranking
    sizes: Rows
    auc: Array
    low: Array
    high: Array

    def smallest_within_one_error(self) -> int:
        """Return the smallest number of sensors within one standard error of the best AUC.

        The error is that of the best AUC, from its interval. Without an interval the number
        with the best AUC is returned. The rule is that of Breiman et al. (1984), Classification
        and Regression Trees, section 3.4.3.
        """
        best = int(np.argmax(self.auc))
        error = (self.high[best] - self.low[best]) / (2 * Z95)
        bar = self.auc[best] - (0.0 if np.isnan(error) else error)
        return int(self.sizes[np.argmax(self.auc >= bar)])


def sensor_path(
    model: GroupSVM,
    X: Any,
    y: Any,
    folds: Any,
    units: Rows,
    refit: str = "lda",
    n_draws: int = 400,
) -> SensorPath:
    """Measure held-out AUC for every number of sensors along the path.

    Parameters
    ----------
    model : GroupSVM
        The penalty; its ``alpha`` and ``refit`` are not used.
    X : array-like, shape (n_epochs, n_channels, n_times)
        The epochs.
    y : array-like, shape (n_epochs,)
        Two labels.
    folds : sequence of (train, test), int or splitter
        Splits by letter or run; each makes its own ranking. An int keeps each unit on one side.
    units : ndarray of int, shape (n_epochs,)
        What is drawn as a whole for the intervals: letters, runs.
    refit : {"lda", "l2"}
        How the weights on the first k sensors are found.
    n_draws : int
        Bootstrap draws of each interval.

    Returns
    -------
    path : SensorPath
        The ranking on all epochs, and AUC with 95 % intervals by number of sensors. Scores are
        standardised by each fold's training scores before they are put together.

    Raises
    ------
    ValueError
        If a parameter, a shape, a label or a value breaks its rule.

    See Also
    --------
    calibration.sparse.sensor_ranking.rank_sensors : The ranking.
    calibration.folds.outer_folds : Folds, and `units` of their epochs.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import GroupSVM
    >>> rng = np.random.default_rng(0)
    >>> X, y, units = rng.normal(size=(80, 4, 3)), np.tile([0, 1], 40), np.repeat(np.arange(8), 10)
    >>> X[y == 1, 2] += 2.0  # one of four sensors sees the response
    >>> halves = [(np.flatnonzero(units < 4), np.flatnonzero(units >= 4))]
    >>> path = sensor_path(GroupSVM(tol=1e-3), X, y, halves, units, n_draws=20)
    >>> path.ranking.sensors[0].item(), path.sizes[0].item(), bool(path.auc[0] > 0.95)
    (2, 1, True)
    """
    if refit not in ("lda", "l2"):
        raise ValueError(f"refit must be 'lda' or 'l2', got {refit!r}")
    check_whole("n_draws", n_draws)
    ranking = rank_sensors(model, X, y)
    model = clone(model)
    trials = checked_trials(model, X, y, None)
    units = checked_units("units", units, len(trials.y))
    splits = folds_of(folds, trials, units)
    n_sensors = trials.layout.n_sensors
    most = max(ranking.sensors.size, 1)
    sizes = np.array([*[k for k in SIZES if k <= most and k < n_sensors], n_sensors])
    scores = np.full((sizes.size, len(trials.y)), np.nan)
    with one_blas_thread():
        for train, test in splits:
            scores[:, test] = _held_out(model, trials, train, test, sizes, refit)
    seen = np.isfinite(scores[0])
    truth, drawn = trials.y[seen] > 0, units[seen]
    intervals = [cluster_bootstrap_auc(truth, row[seen], drawn, n_draws) for row in scores]
    low, high = np.array(intervals).T
    return SensorPath(
        ranking, sizes, np.array([auc(truth, row[seen]) for row in scores]), low, high
    )


def _held_out(
    model: GroupSVM, trials: Trials, train: Rows, test: Rows, sizes: Rows, refit: str
) -> Array:
    """Return standardised scores of a fold's test trials, shape (n_sizes, n_test)."""
    fold = trials.training_set(train, model.class_weight, model.scaling)
    known = moments(fold.Z, fold.y, fold.weights, fold.s, fold.layout)
    order = ranking_of(model, trials, fold, int(sizes[-2]) if sizes.size > 1 else 1).sensors
    tested = trials.X[test].reshape(len(test), -1)[:, fold.layout.order]
    tested = (tested - fold.scaling.centre) / fold.scaling.spread
    scores = np.empty((sizes.size, len(test)))
    for row, size in enumerate(sizes):
        everything = size == fold.layout.n_sensors
        chosen = np.arange(size) if everything else np.sort(order[:size])
        coef = _refit(fold, known, chosen, refit)
        trained = fold.Z @ coef
        scores[row] = (tested @ coef - trained.mean()) / max(float(trained.std()), 1e-12)
    return scores


def _refit(fold: TrainingSet, known: Moments, sensors: Rows, refit: str) -> Array:
    if refit == "lda":
        return lda(known, sensors)[0]
    return ridge(fold.Z, fold.y, fold.s, known, sensors)[0]
