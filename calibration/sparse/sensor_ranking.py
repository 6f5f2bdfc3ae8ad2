"""The order in which sensors enter the regularisation path, and how stable that order is.

Sensors are ranked by the λ at which their weights leave zero. The first k of the ranking are the
choice of "at most k".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from calibration.blas_threads import one_blas_thread
from calibration.sparse.decoders.first_sensors import entries
from calibration.sparse.decoders.training_set import TrainingSet, sensor_strengths, sparse_path
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.trials import (
    Trials,
    check_whole,
    checked_alpha,
    checked_regularizer,
    checked_trials,
    checked_units,
)

__all__ = ["Ranking", "rank_sensors", "ranking_of", "resampled_shares", "selection_frequency"]

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Ranking:
    """Sensors in the order in which they enter the regularisation path.

    Parameters
    ----------
    sensors : ndarray of int, shape (n_entered,)
        Sensors that enter at the same λ are ordered by falling strength. A sensor that never
        enters is not here.
    alphas, lambdas : ndarray, shape (n_entered,)
        Where each entered: as a fraction of λ_max, and λ itself.

    See Also
    --------
    rank_sensors : Makes one.
    """

    sensors: Rows
    alphas: Array
    lambdas: Array


def rank_sensors(model: GroupSVM, X: Any, y: Any, most: int | None = None) -> Ranking:
    """Rank sensors by where they enter the path.

    Parameters
    ----------
    model : GroupSVM
        The penalty; its ``alpha`` and ``refit`` are not used. An adaptive one takes its weights
        from a first solution at ``adaptive_alpha`` (else ``alpha``), and sensors that have none
        there never enter.
    X : array-like, shape (n_epochs, n_channels, n_times)
        The epochs.
    y : array-like, shape (n_epochs,)
        Two labels.
    most : int, optional
        Stop once this many are ranked.

    Returns
    -------
    ranking : Ranking
        At least the first ``most`` sensors, if that many enter.

    Raises
    ------
    ValueError
        If a parameter, a shape, a label or a value breaks its rule.

    See Also
    --------
    selection_frequency : How stable the first places are.
    calibration.sparse.sensor_path.sensor_path : What each number of sensors is worth.

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
    _check_model(model)
    if most is not None:
        check_whole("most", most)
    model = clone(model)
    trials = checked_trials(model, X, y, None)
    with one_blas_thread():
        train = trials.training_set(np.arange(len(trials.y)), model.class_weight, model.scaling)
        return ranking_of(model, trials, train, most)


def _check_model(model: Any) -> None:
    """Refuse what has no path along which sensors enter."""
    if not isinstance(model, GroupSVM):
        raise ValueError(f"model must be a GroupSVM, got {type(model).__name__}")
    if model.penalty == "l2":
        raise ValueError("penalty must be one that chooses sensors, got 'l2'")


def ranking_of(model: GroupSVM, trials: Trials, train: TrainingSet, most: int | None) -> Ranking:
    """Rank the sensors of one training set, which is a part of the trials.

    Parameters
    ----------
    model : GroupSVM
        As for `rank_sensors`; the caller has cloned it.
    trials : Trials
        All trials, checked; they give the penalty's weights.
    train : TrainingSet
        Those of ``trials`` that the path is solved on.
    most : int or None
        Stop once this many sensors are ranked.

    Returns
    -------
    ranking : Ranking
        The sensors that entered, with α and λ of each.

    See Also
    --------
    rank_sensors : The same for all trials.
    calibration.sparse.sensor_path.sensor_path : Ranks the training set of each fold.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import GroupSVM
    >>> from calibration.sparse.estimators.trials import checked_trials
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 4, 3)), np.tile([0, 1], 30)
    >>> X[y == 1, 2] += 2.0
    >>> model = GroupSVM(tol=1e-3)
    >>> trials = checked_trials(model, X, y, None)
    >>> train = trials.training_set(np.arange(40), model.class_weight, model.scaling)
    >>> ranking_of(model, trials, train, most=1).sensors.tolist()
    [2]
    """
    regularizer = checked_regularizer(model, model.q, trials.layout)
    budget: dict[str, Any] = {"tol": model.tol, "max_iter": model.max_iter}
    strengths = None
    if model.adaptive:
        alpha = model.alpha if model.adaptive_alpha is None else model.adaptive_alpha
        first = sparse_path(train, regularizer, [checked_alpha(alpha)], **budget)[0]
        strengths = sensor_strengths(first.coef, train.layout)
    return Ranking(*entries(train, regularizer, strengths, most, **budget))


def selection_frequency(
    model: GroupSVM, X: Any, y: Any, units: Rows, k: int, n_resamples: int = 20, seed: int = 0
) -> Array:
    """Return in which share of bootstrap resamples each sensor is among the first k.

    Parameters
    ----------
    model : GroupSVM
        As for `rank_sensors`.
    X : array-like, shape (n_epochs, n_channels, n_times)
        The epochs.
    y : array-like, shape (n_epochs,)
        Two labels.
    units : ndarray of int, shape (n_epochs,)
        Letters or runs: drawn as a whole, since the flashes of one are not independent. Draws
        without both classes are drawn again.
    k : int
        Number of sensors.
    n_resamples : int
        Bootstrap resamples; each makes a ranking of its own.
    seed : int
        Of the draws; the same seed gives the same shares.

    Returns
    -------
    shares : ndarray, shape (n_sensors,)
        1 for a sensor that is among the first k in every resample.

    Raises
    ------
    ValueError
        If a parameter, a shape, a label or a value breaks its rule.

    See Also
    --------
    rank_sensors : The ranking of all epochs.

    References
    ----------
    Meinshausen and Bühlmann (2010), Stability selection, JRSS-B 72:417.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import GroupSVM
    >>> rng = np.random.default_rng(0)
    >>> X, y, units = rng.normal(size=(60, 4, 3)), np.tile([0, 1], 30), np.repeat(np.arange(6), 10)
    >>> X[y == 1, 2] += 2.0
    >>> selection_frequency(GroupSVM(tol=1e-3), X, y, units, k=1, n_resamples=5).tolist()
    [0.0, 0.0, 1.0, 0.0]
    """
    check_whole("k", k)
    _check_model(model)

    def choose(X: Array, y: Array) -> Rows:
        return rank_sensors(model, X, y, k).sensors[:k]

    return resampled_shares(choose, X, y, units, n_resamples, seed)


def resampled_shares(
    choose: Callable[[Array, NDArray[Any]], Rows],
    X: Any,
    y: Any,
    units: Rows,
    n_resamples: int = 20,
    seed: int = 0,
) -> Array:
    """Return in which share of bootstrap resamples each sensor is chosen, in any way.

    Parameters
    ----------
    choose : callable
        Given epochs and labels, returns the chosen sensors.
    X, y, units, n_resamples, seed : array-like, array-like, ndarray of int, int, int
        As for `selection_frequency`.

    Returns
    -------
    shares : ndarray, shape (n_sensors,)
        1 for a sensor that is chosen in every resample.

    Raises
    ------
    ValueError
        If no unit holds both classes, there is not one unit per epoch, or no resample is asked for.

    See Also
    --------
    selection_frequency : By a model's path.

    Examples
    --------
    >>> import numpy as np
    >>> X, y, units = np.zeros((6, 3, 2)), np.tile([0, 1], 3), np.repeat([0, 1, 2], 2)
    >>> resampled_shares(lambda X, y: np.array([1]), X, y, units, n_resamples=4).tolist()
    [0.0, 1.0, 0.0]
    """
    check_whole("n_resamples", n_resamples)
    X, y = np.asarray(X), np.asarray(y)
    units = checked_units("units", units, len(X))
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
        counts[choose(X[rows], y[rows])] += 1
    return counts / n_resamples
