"""Fewer electrodes: the order in which sensors enter the path, and the AUC of each number of them.

Sensors are ranked by the λ at which their weights leave zero. The first k of the ranking are the
choice of "at most k". Every number of sensors is tested on held-out trials: each fold makes its own
ranking, and weights without shrinkage on the chosen sensors alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from bci_online.metrics import auc, cluster_bootstrap_auc
from calibration.sparse.compiled import one_blas_thread
from calibration.sparse.decoders.refit import Moments, lda, moments, ridge
from calibration.sparse.decoders.training_set import (
    Decoder,
    TrainingSet,
    sensor_strengths,
    sparse_path,
)
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.trials import (
    Trials,
    checked_alphas,
    checked_regularizer,
    checked_trials,
)

__all__ = ["Ranking", "SensorPath", "rank_sensors", "selection_frequency", "sensor_path"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

ALPHAS = np.geomspace(1.0, 0.01, 41)
# The path is solved in parts: sparse solutions are found first and fast, and a search for few
# sensors can stop there.
PARTS = 5
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192)
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Ranking:
    """Sensors in the order in which they enter the regularisation path.

    Attributes
    ----------
    sensors : ndarray of int, shape (n_entered,)
        Those that enter at the same λ by falling strength. A sensor that never enters is not here.
    alphas, lambdas : ndarray, shape (n_entered,)
        Where each entered: as a fraction of λ_max, and λ itself.
    """

    sensors: Rows
    alphas: Array
    lambdas: Array


@dataclass(frozen=True)
class SensorPath:
    """Held-out AUC against the number of sensors.

    Attributes
    ----------
    ranking : Ranking
        Made on all trials.
    sizes : ndarray of int, shape (n_sizes,)
        Numbers of sensors; the last is all of them, chosen or not. Where fewer enter a fold's path
        than requested, that fold has those.
    auc, low, high : ndarray, shape (n_sizes,)
        AUC of held-out scores and its 95 % interval over whole units.
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


def rank_sensors(model: GroupSVM, X: Any, y: Any, most: int | None = None) -> Ranking:
    """Rank sensors by where they enter the path.

    Parameters
    ----------
    model : GroupSVM
        The penalty; its ``alpha`` and ``refit`` are not used. An adaptive one takes its weights
        from a first solution at ``adaptive_alpha`` (else ``alpha``), and sensors that have none
        there never enter.
    X : array-like, shape (n_epochs, n_channels, n_times)
    y : array-like, shape (n_epochs,)
    most : int, optional
        Stop where so many are ranked.

    Returns
    -------
    ranking : Ranking

    Raises
    ------
    ValueError
        If a parameter, a shape, a label or a value breaks its rule.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import GroupSVM
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 8, 5))  # epochs, channels, times
    >>> y = np.repeat([0, 1], 50)
    >>> X[y == 1, 2] += 1.0
    >>> X[y == 1, 5] += 0.5
    >>> rank_sensors(GroupSVM(tol=1e-3), X, y, most=2).sensors.tolist()[:2]
    [2, 5]
    """
    if model.penalty == "l2":
        raise ValueError("penalty must be one that chooses sensors, got 'l2'")
    model = clone(model)
    trials = checked_trials(model, X, y, None)
    with one_blas_thread():
        train = trials.training_set(np.arange(len(trials.y)), model.class_weight, model.scaling)
        return _ranked(model, trials, train, most)


def sensor_path(
    model: GroupSVM,
    X: Any,
    y: Any,
    folds: Sequence[tuple[Rows, Rows]],
    units: Rows,
    refit: str = "lda",
    n_draws: int = 400,
) -> SensorPath:
    """Measure held-out AUC for every number of sensors along the path.

    Parameters
    ----------
    model, X, y
        As for `rank_sensors`.
    folds : sequence of (train, test)
        Splits by letter or run; each makes its own ranking.
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
    rank_sensors : The ranking.
    calibration.folds.outer_folds : Folds, and `units` of their epochs.
    """
    if refit not in ("lda", "l2"):
        raise ValueError(f"refit must be 'lda' or 'l2', got {refit!r}")
    ranking = rank_sensors(model, X, y)
    model = clone(model)
    trials = checked_trials(model, X, y, None)
    n_sensors = trials.layout.n_sensors
    most = max(ranking.sensors.size, 1)
    sizes = np.array([*[k for k in SIZES if k <= most and k < n_sensors], n_sensors])
    scores = np.full((sizes.size, len(trials.y)), np.nan)
    with one_blas_thread():
        for train, test in folds:
            scores[:, test] = _held_out(model, trials, train, test, sizes, refit)
    seen = np.isfinite(scores[0])
    truth, drawn = trials.y[seen] > 0, np.asarray(units)[seen]
    intervals = [cluster_bootstrap_auc(truth, row[seen], drawn, n_draws) for row in scores]
    low, high = np.array(intervals).T
    return SensorPath(
        ranking, sizes, np.array([auc(truth, row[seen]) for row in scores]), low, high
    )


def selection_frequency(
    model: GroupSVM, X: Any, y: Any, units: Rows, k: int, n_resamples: int = 20, seed: int = 0
) -> Array:
    """Return in which share of bootstrap resamples each sensor is among the first k.

    Parameters
    ----------
    model, X, y
        As for `rank_sensors`.
    units : ndarray of int, shape (n_epochs,)
        Letters or runs: drawn as a whole, since the flashes of one are not independent. Draws
        without both classes are drawn again.
    k : int
        Number of sensors.
    n_resamples, seed : int

    Returns
    -------
    shares : ndarray, shape (n_sensors,)

    Raises
    ------
    ValueError
        If a parameter, a shape, a label or a value breaks its rule.

    References
    ----------
    Meinshausen and Bühlmann (2010), Stability selection, JRSS-B 72:417.
    """
    X, y, units = np.asarray(X), np.asarray(y), np.asarray(units)
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(units == name) for name in np.unique(units)]
    if not any(np.unique(y[rows]).size == 2 for rows in members):
        raise ValueError("units must hold one with both classes, else no resample could be ranked")
    counts = np.zeros(X.shape[1])
    for _ in range(n_resamples):
        rows = np.empty(0, dtype=np.int64)
        while np.unique(y[rows]).size < 2:
            draw = rng.integers(len(members), size=len(members))
            rows = np.concatenate([members[i] for i in draw])
        counts[rank_sensors(model, X[rows], y[rows], k).sensors[:k]] += 1
    return counts / n_resamples


def _ranked(model: GroupSVM, trials: Trials, train: TrainingSet, most: int | None) -> Ranking:
    layout = train.layout
    entered: list[int] = []
    alphas: list[float] = []
    lambdas: list[float] = []
    for alpha, found in _path(model, trials, train):
        strengths = sensor_strengths(found.coef, layout)
        strengths[entered] = 0.0
        new = np.flatnonzero(strengths)
        entered += new[np.argsort(-strengths[new], kind="stable")].tolist()
        alphas += [alpha] * new.size
        lambdas += [found.lam] * new.size
        if most is not None and len(entered) >= most:
            break
    return Ranking(np.array(entered, dtype=np.int64), np.array(alphas), np.array(lambdas))


def _path(model: GroupSVM, trials: Trials, train: TrainingSet) -> Iterator[tuple[float, Decoder]]:
    """Yield solutions from λ_max down, part by part so that one may stop early."""
    regularizer = checked_regularizer(model, model.q, trials.layout)
    budget: dict[str, Any] = {"tol": model.tol, "max_iter": model.max_iter}
    strengths = None
    if model.adaptive:
        alpha = model.alpha if model.adaptive_alpha is None else model.adaptive_alpha
        first = sparse_path(train, regularizer, checked_alphas(alpha), **budget)[0]
        strengths = sensor_strengths(first.coef, train.layout)
    for part in np.array_split(ALPHAS, PARTS):
        solved = sparse_path(train, regularizer, part, strengths=strengths, **budget)
        yield from zip(part.tolist(), solved, strict=True)


def _held_out(
    model: GroupSVM, trials: Trials, train: Rows, test: Rows, sizes: Rows, refit: str
) -> Array:
    """Return standardised scores of a fold's test trials, shape (n_sizes, n_test)."""
    fold = trials.training_set(train, model.class_weight, model.scaling)
    known = moments(fold.Z, fold.y, fold.weights, fold.s, fold.layout)
    order = _ranked(model, trials, fold, int(sizes[-2]) if sizes.size > 1 else 1).sensors
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
