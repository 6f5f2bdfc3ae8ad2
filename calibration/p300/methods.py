"""The methods by name: how weights and sensors are found, and by which path sensors are ranked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from bci_online.errors import BciError
from calibration.baselines import ShrinkageLDA
from calibration.folds import Fold
from calibration.p300.pooled_classifier import POOLED_METHODS, PooledClassifier
from calibration.p300.pooling import PoolSource
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.group_svm_cv import GroupSVMCV

__all__ = [
    "METHODS",
    "Choice",
    "check_pooling",
    "choice_of",
    "on_chosen",
    "on_given",
    "priced",
    "ranking_model",
    "unfitted",
]

FIRST_ORDER = {"alphas": tuple(np.geomspace(1.0, 0.05, 12)), "tol": 1e-3}
"""A grid for penalties without a second-order solver: a tenth of the time, the same AUC to 0.002.

The small end of λ costs most and is never chosen; a smaller gap does not change the order of AUCs.
"""

TOL = 1e-6


def _group_svm(**fixed: Any) -> Callable[[list[Fold], bool], GroupSVMCV]:
    def make(folds: list[Fold], refit: bool) -> GroupSVMCV:
        return GroupSVMCV(cv=folds, refit="lda" if refit else None, **fixed)

    return make


def _ridge_svm(folds: list[Fold], refit: bool) -> GroupSVMCV:
    # An SVM chooses no sensors: there is nothing to refit on.
    return GroupSVMCV(penalty="l2", cv=folds)


METHODS: Mapping[str, Callable[[list[Fold], bool], Any]] = {
    "lda": lambda folds, refit: ShrinkageLDA(),
    "svm": _ridge_svm,
    "svm-1": _group_svm(qs=(1.0,)),
    "gsvm-2": _group_svm(),
    "gsvm-q": _group_svm(qs=(1.0, 2.0, np.inf), **FIRST_ORDER),
    "gsvm-a": _group_svm(adaptive=True),
    "gsvm-time": _group_svm(penalty="sensor-time", **FIRST_ORDER),
}
"""Method name to a maker of its unfitted estimator, given inner folds and whether to refit."""


def check_pooling(method: str, pooled: bool) -> None:
    """Refuse a method that learns with other subjects only, or never.

    Raises
    ------
    BciError
        Naming the way out.
    """
    if pooled and method not in POOLED_METHODS:
        others = ", ".join(POOLED_METHODS)
        raise BciError(f"--pool: {method} learns one subject alone; use one of {others}")
    if not pooled and method not in METHODS:
        raise BciError(f"--method {method} learns with other subjects: name some with --pool")


def unfitted(
    method: str, folds: list[Fold], refit: bool, sources: Sequence[PoolSource] = ()
) -> Any:
    """Return a method's estimator; with sources, one that learns with them."""
    check_pooling(method, bool(sources))
    if sources:
        return PooledClassifier(method, tuple(sources), cv=folds)
    return METHODS[method](folds, refit)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen, and where on the path; None where a method has no such number.

    ``alpha`` is ``lam`` as a fraction of λ_max (svm: of the mean variance of a feature). Where a
    number of sensors was asked for it is where the last of them entered, unless the weights have a
    λ of their own. ``frequency`` is the share of resampled trainings that choose each sensor.
    """

    sensors: tuple[str, ...]
    alpha: float | None = None
    lam: float | None = None
    q: float | None = None
    frequency: dict[str, float] | None = None

    def with_weights_of(self, other: "Choice") -> "Choice":
        """Return this choice of sensors with another's λ and q, if it has any."""
        if other.alpha is None:
            return self
        return msgspec.structs.replace(self, alpha=other.alpha, lam=other.lam, q=other.q)


def choice_of(estimator: Any, names: tuple[str, ...]) -> Choice:
    """Return what a fitted estimator of `METHODS` chose."""
    sensors = tuple(names[sensor] for sensor in estimator.sensors_)
    if not isinstance(estimator, GroupSVMCV):
        return Choice(sensors=sensors)
    has_q = estimator.penalty == "group"
    return Choice(
        sensors=sensors,
        alpha=estimator.alpha_,
        lam=float(estimator.lambda_),
        q=estimator.q_ if has_q else None,
    )


def on_chosen(estimator: Any, refit: bool, is_sparse: bool) -> Any:
    """Return the unfitted model for the sensors that a fitted estimator chose; λ is that one's."""
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
    """Return an unfitted estimator with a price for each sensor, where it chooses sensors."""
    if prices is None or not isinstance(estimator, GroupSVMCV) or estimator.penalty == "l2":
        return estimator
    return estimator.set_params(sensor_weights=prices)


def on_given(method: str, refit: bool) -> str:
    """Return the method that finds the weights on sensors whose number was asked for."""
    return "lda" if refit and method != "svm" else method


def ranking_model(
    method: str,
    X: NDArray[np.float64],
    y: NDArray[np.bool_],
    folds: list[Fold],
    prices: NDArray[np.float64] | None = None,
) -> GroupSVM:
    """Return the unfitted model along whose path a method's sensors are ranked.

    Methods that choose no sensors take the path of gsvm-2. So does gsvm-time: its time groups draw
    in all neighbours that respond at once, the first eight sensors are eight times the same. What
    gsvm-q and gsvm-a need beforehand (q, the first solution's λ) is found on the inner folds.
    """
    if method not in METHODS:
        return GroupSVM(sensor_weights=prices)
    estimator = priced(METHODS[method](folds, True), prices)
    if not isinstance(estimator, GroupSVMCV) or estimator.penalty != "group":
        return GroupSVM(sensor_weights=prices)
    if estimator.adaptive or len(estimator.qs) > 1:
        return clone(estimator.fit(X, y).best_estimator_)
    return GroupSVM(q=estimator.qs[0], tol=estimator.tol, sensor_weights=prices)
