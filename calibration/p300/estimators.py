"""The unfitted estimator of each method by name, and the model that ranks its sensors."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from bci_online.errors import BciError
from calibration.baselines import ShrinkageLDA
from calibration.folds import Fold
from calibration.p300.pooling.classifier import POOLED_METHODS, PooledClassifier
from calibration.p300.pooling.sources import PoolSource
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.group_svm_cv import GroupSVMCV

__all__ = [
    "ESTIMATORS",
    "check_pooling",
    "on_chosen",
    "on_given",
    "priced",
    "ranking_model",
    "unfitted",
]

FIRST_ORDER = {"alphas": tuple(np.geomspace(1.0, 0.05, 12)), "tol": 1e-3}
"""A grid for penalties without a second-order solver: a tenth of the time, the same AUC to 0.002.

The smallest λ take the longest and are never chosen. A smaller duality gap does not change the
order of AUCs.
"""

TOL = 1e-6


def _group_svm(**fixed: Any) -> Callable[[list[Fold], bool], GroupSVMCV]:
    def make(folds: list[Fold], refit: bool) -> GroupSVMCV:
        return GroupSVMCV(cv=folds, refit="lda" if refit else None, **fixed)

    return make


def _ridge_svm(folds: list[Fold], refit: bool) -> GroupSVMCV:
    # An SVM chooses no sensors: there is nothing to refit on.
    return GroupSVMCV(penalty="l2", cv=folds)


ESTIMATORS: Mapping[str, Callable[[list[Fold], bool], Any]] = {
    "lda": lambda folds, refit: ShrinkageLDA(),
    "svm": _ridge_svm,
    "svm-1": _group_svm(qs=(1.0,)),
    "gsvm-2": _group_svm(),
    "gsvm-q": _group_svm(qs=(1.0, 2.0, np.inf), **FIRST_ORDER),
    "gsvm-a": _group_svm(adaptive=True),
    "gsvm-time": _group_svm(penalty="sensor-time", **FIRST_ORDER),
}
"""For each method a maker of its unfitted estimator, given inner folds and whether to refit."""


def check_pooling(method: str, pooled: bool) -> None:
    """Refuse a method that can only learn with other subjects, or never can.

    Raises
    ------
    BciError
        It names the way out.
    """
    if pooled and method not in POOLED_METHODS:
        others = ", ".join(POOLED_METHODS)
        raise BciError(f"--pool: {method} learns one subject alone; use one of {others}")
    if not pooled and method not in ESTIMATORS:
        raise BciError(f"--method {method} learns with other subjects: name some with --pool")


def unfitted(
    method: str, folds: list[Fold], refit: bool, sources: Sequence[PoolSource] = ()
) -> Any:
    """Return a method's unfitted estimator; with sources, one that learns with them.

    Parameters
    ----------
    method : str
        A name of `ESTIMATORS`; with sources, of `POOLED_METHODS`.
    folds : list of Fold
        Inner folds for λ and the like.
    refit : bool
        Replace shrunken weights by a shrinkage LDA on the chosen sensors.
    sources : sequence of PoolSource
        Other subjects to learn with.

    Raises
    ------
    BciError
        If the method cannot learn so.
    """
    check_pooling(method, bool(sources))
    if sources:
        return PooledClassifier(method, tuple(sources), cv=folds)
    return ESTIMATORS[method](folds, refit)


def on_chosen(estimator: Any, refit: bool, is_sparse: bool) -> Any:
    """Return the unfitted model for the sensors that a fitted estimator chose, with its λ.

    Parameters
    ----------
    estimator : estimator
        Fitted on all sensors.
    refit : bool
        Replace shrunken weights by a shrinkage LDA.
    is_sparse : bool
        Whether fewer sensors were chosen than there are.
    """
    if isinstance(estimator, PooledClassifier):
        return estimator.on_chosen()
    if not isinstance(estimator, GroupSVMCV):
        return estimator
    if refit and is_sparse:
        return ShrinkageLDA()
    prices = estimator.sensor_weights
    return clone(estimator.best_estimator_).set_params(
        tol=min(TOL, estimator.tol),
        sensor_weights=None if prices is None else prices[estimator.sensors_],
    )


def priced(estimator: Any, prices: NDArray[np.float64] | None) -> Any:
    """Return an unfitted estimator with a price for each sensor, if it chooses sensors."""
    if prices is None or not isinstance(estimator, GroupSVMCV) or estimator.penalty == "l2":
        return estimator
    return estimator.set_params(sensor_weights=prices)


def on_given(method: str, refit: bool) -> str:
    """Return the method that finds the weights on a given number of sensors."""
    return "lda" if refit and method != "svm" else method


def ranking_model(
    method: str,
    X: NDArray[np.float64],
    y: NDArray[np.bool_],
    folds: list[Fold],
    prices: NDArray[np.float64] | None = None,
) -> GroupSVM:
    """Return the unfitted model whose path ranks a method's sensors.

    Methods that choose no sensors take the path of gsvm-2. So does gsvm-time: its time groups take
    in all neighbours that respond at once, so that the first eight sensors are eight times the
    same. What gsvm-q and gsvm-a need first (q, the λ of the first solution) is found on the inner
    folds.

    Parameters
    ----------
    method : str
    X : ndarray, shape (n_epochs, n_channels, n_times)
    y : ndarray of bool, shape (n_epochs,)
    folds : list of Fold
    prices : ndarray, shape (n_channels,), optional
    """
    if method not in ESTIMATORS:
        return GroupSVM(sensor_weights=prices)
    estimator = priced(ESTIMATORS[method](folds, True), prices)
    if not isinstance(estimator, GroupSVMCV) or estimator.penalty != "group":
        return GroupSVM(sensor_weights=prices)
    if estimator.adaptive or len(estimator.qs) > 1:
        return clone(estimator.fit(X, y).best_estimator_)
    return GroupSVM(q=estimator.qs[0], tol=estimator.tol, sensor_weights=prices)
