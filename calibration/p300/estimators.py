"""The linear methods of flashes by name: what each fits before and after sensors are chosen."""

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bci_online.errors import BciError
from calibration.discriminants.block_toeplitz import BlockToeplitzLDA
from calibration.discriminants.linear import LinearDiscriminant
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.discriminants.summed import SummedDiscriminant
from calibration.discriminants.xdawn import XdawnLDA
from calibration.folds import Fold, Share
from calibration.method_names import POOLED, RefitName
from calibration.p300.flash_estimator import FlashEstimator, Prices

if TYPE_CHECKING:
    # They import scikit-learn, which takes a second, and discriminants need no such thing.
    from calibration.p300.pooling.sources import PoolSource
    from calibration.sparse.estimators.group_svm import GroupSVM

__all__ = ["ESTIMATORS", "SUM", "Discriminant", "check_pooling", "estimator_of"]

FIRST_ORDER = {"alphas": tuple(np.geomspace(1.0, 0.05, 12)), "tol": 1e-3}
"""A grid for penalties without a second-order solver: a tenth of the time, the same AUC to 0.002.

The smallest λ take the longest and are never chosen. A smaller duality gap does not change the
order of AUCs.
"""

TOL = 1e-6

SUM = " + "
"""Between the names of discriminants that are added up."""


class Discriminant(FlashEstimator):
    """A discriminant, which has no λ and takes every sensor.

    Parameters
    ----------
    discriminant : LinearDiscriminant
        Not fitted.

    See Also
    --------
    estimator_of : Finds it by its name.

    Examples
    --------
    >>> type(Discriminant(ShrinkageLDA()).unfitted(folds=[], refit="none")).__name__
    'ShrinkageLDA'
    """

    def __init__(self, discriminant: LinearDiscriminant) -> None:
        self._discriminant = discriminant

    def unfitted(self, folds: list[Fold], refit: RefitName, prices: Prices = None) -> Any:
        """Return the discriminant."""
        return copy(self._discriminant)

    def judge(self) -> LinearDiscriminant:
        """Return the discriminant."""
        return copy(self._discriminant)


class _RidgeSVM(FlashEstimator):
    """An SVM chooses no sensors: there is nothing to refit on, and no price to pay."""

    def _parameters_of(self, refit: RefitName, prices: Prices) -> dict[str, Any]:
        return {"penalty": "l2"}

    def unfitted(self, folds: list[Fold], refit: RefitName, prices: Prices = None) -> Any:
        from calibration.sparse.estimators.group_svm_cv import GroupSVMCV

        return GroupSVMCV(cv=folds, **self._parameters_of(refit, prices))

    def searched(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.bool_],
        folds: list[Fold],
        refit: RefitName,
        prices: Prices,
        share: Share,
    ) -> Any:
        from calibration.sparse.estimators.sparse_svm import SparseSearch

        return SparseSearch(**self._parameters_of(refit, prices)).fit(X, y, folds, share)

    def on_chosen(self, fitted: Any, refit: RefitName, is_sparse: bool) -> Any:
        if refit != "none" and is_sparse:
            return ESTIMATORS[refit].unfitted([], refit)
        model, prices = copy(fitted.best), fitted.best.sensor_weights
        model.tol = min(TOL, model.tol)
        model.sensor_weights = None if prices is None else prices[fitted.sensors_]
        return model

    def regularisation(self, fitted: Any) -> dict[str, Any]:
        return {"alpha": fitted.alpha_, "lam": float(fitted.lambda_)}


class _SparseSVM(_RidgeSVM):
    """An SVM that chooses sensors.

    gsvm-time ranks them along the path of gsvm-2. Its own time groups take in all neighbours that
    respond at the same time: the first eight sensors would measure the same thing eight times.
    """

    def __init__(self, **parameters: Any) -> None:
        self._parameters = parameters

    def _parameters_of(self, refit: RefitName, prices: Prices) -> dict[str, Any]:
        how = None if refit == "none" else refit
        return {"refit": how, "sensor_weights": prices, **self._parameters}


class _GroupSVM(_SparseSVM):
    """A sparse SVM with one group for each sensor, which ranks them along its own path."""

    def regularisation(self, fitted: Any) -> dict[str, Any]:
        return super().regularisation(fitted) | {"q": fitted.q_}

    def ranking_model(
        self, X: NDArray[np.float64], y: NDArray[np.bool_], folds: list[Fold], prices: Prices = None
    ) -> "GroupSVM":
        from sklearn.base import clone

        from calibration.sparse.estimators.group_svm import GroupSVM

        estimator = self.unfitted(folds, "lda", prices)
        if estimator.adaptive or len(estimator.qs) > 1:
            # The path needs what the inner folds choose: q, or the λ of the first solution.
            return clone(estimator.fit(X, y).best_estimator_)
        return GroupSVM(q=estimator.qs[0], tol=estimator.tol, sensor_weights=prices)


class _Pooled(FlashEstimator):
    def __init__(
        self, method: str, sources: "Sequence[PoolSource]", similarity: float | None
    ) -> None:
        self._method, self._sources, self._similarity = method, tuple(sources), similarity

    def unfitted(self, folds: list[Fold], refit: RefitName, prices: Prices = None) -> Any:
        from calibration.p300.pooling.classifier import PooledClassifier

        return PooledClassifier(self._method, self._sources, similarity=self._similarity, cv=folds)

    def on_chosen(self, fitted: Any, refit: RefitName, is_sparse: bool) -> Any:
        return fitted.on_chosen()

    def judge(self) -> None:
        return None


ESTIMATORS: dict[str, FlashEstimator] = {
    "lda": Discriminant(ShrinkageLDA()),
    "btlda": Discriminant(BlockToeplitzLDA()),
    "xdawn-lda": Discriminant(XdawnLDA(covariance="shrunk")),
    "xdawn-bt": Discriminant(XdawnLDA(covariance="block-toeplitz")),
    "xdawn": Discriminant(XdawnLDA()),
    "svm": _RidgeSVM(),
    "svm-1": _GroupSVM(qs=(1.0,)),
    "gsvm-2": _GroupSVM(),
    "gsvm-q": _GroupSVM(qs=(1.0, 2.0, np.inf), **FIRST_ORDER),
    "gsvm-a": _GroupSVM(adaptive=True),
    "gsvm-time": _SparseSVM(penalty="sensor-time", **FIRST_ORDER),
}
"""The methods that learn one subject alone; `calibration.method_names.LINEAR`."""


def check_pooling(method: str, pooled: bool) -> None:
    """Refuse a method that needs other subjects but has none, or has some but cannot use them.

    Parameters
    ----------
    method : str
        Name of any method for flashes.
    pooled : bool
        Whether other subjects are named.

    Raises
    ------
    BciError
        It names the way out.

    See Also
    --------
    estimator_of : Checks this first.

    Examples
    --------
    >>> check_pooling("lda", pooled=False)
    >>> check_pooling("gsvm-2", pooled=True)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: --pool: gsvm-2 learns one subject alone; use one of ...
    """
    if pooled and method not in POOLED:
        others = ", ".join(POOLED)
        raise BciError(f"--pool: {method} learns one subject alone; use one of {others}")
    if not pooled and method not in ESTIMATORS:
        raise BciError(f"--method {method} learns with other subjects: name some with --pool")


def estimator_of(
    method: str, sources: "Sequence[PoolSource]" = (), similarity: float | None = None
) -> FlashEstimator:
    """Return what a method fits; with sources, it learns from them, too.

    Parameters
    ----------
    method : str
        A name of `ESTIMATORS`, or several discriminants of it with ``" + "`` between them; with
        sources, a name of `calibration.method_names.POOLED`.
    sources : sequence of PoolSource
        Other subjects to learn with.
    similarity : float, optional
        As in `PooledClassifier`.

    Returns
    -------
    estimator : FlashEstimator
        Makes unfitted models.

    Raises
    ------
    BciError
        If the method needs sources and has none, or has some and cannot use them.

    See Also
    --------
    calibration.p300.methods.method_of : The method of a request, networks among them.

    Examples
    --------
    >>> type(estimator_of("lda").unfitted(folds=[], refit="none")).__name__
    'ShrinkageLDA'
    """
    parts = method.split(SUM)
    if len(parts) > 1:
        made = [ESTIMATORS[part].unfitted([], "none") for part in parts]
        return Discriminant(SummedDiscriminant(made))
    check_pooling(method, bool(sources))
    return _Pooled(method, sources, similarity) if sources else ESTIMATORS[method]
