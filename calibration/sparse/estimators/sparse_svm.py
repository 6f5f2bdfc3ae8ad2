"""The sparse support vector machine and the search for its λ and q, without scikit-learn.

scikit-learn takes a second to import. `GroupSVM` and `GroupSVMCV` do the same for those who use it;
a training on flashes, and each of its processes, needs only this.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from calibration.blas_threads import one_blas_thread
from calibration.folds import Share
from calibration.sparse.decoders.first_sensors import first_sensors
from calibration.sparse.decoders.training_set import (
    Decoder,
    TrainingSet,
    fitted_attributes,
    refitted,
    sensor_strengths,
    sparse_path,
)
from calibration.sparse.estimators.cross_validation import Folds, area, search
from calibration.sparse.estimators.trials import (
    Trials,
    checked_alpha,
    checked_alphas,
    checked_regularizer,
    trials_of,
)


@dataclass(eq=False, repr=False, kw_only=True)
class SparseSVM:
    """Parameters and fitted attributes are those of `GroupSVM`; data are not checked."""

    penalty: str = "group"
    q: float = 2.0
    alpha: float = 0.1
    adaptive: bool = False
    class_weight: Any = None
    sensor_weights: Any = None
    refit: str | None = None
    max_sensors: int | None = None
    adaptive_alpha: float | None = None
    l1_ratio: float = 0.1
    kappa: float = 1.0
    scaling: str = "sensor"
    groups: Any = None
    tol: float = 1e-6
    max_iter: int = 10_000

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from labelled epochs."""
        return self.fit_trials(trials_of(X, y))

    def fit_trials(self, trials: Trials) -> Self:
        """Learn from trials."""
        regularizer = checked_regularizer(self, self.q, trials.layout)
        alpha = checked_alpha(self.alpha)
        first = alpha
        if self.adaptive_alpha is not None:
            first = checked_alpha(self.adaptive_alpha, "adaptive_alpha")
        self.classes_ = trials.classes
        budget: dict[str, Any] = {"tol": self.tol, "max_iter": self.max_iter}
        with one_blas_thread():
            train = trials.training_set(np.arange(len(trials.y)), self.class_weight, self.scaling)
            strengths = only = None
            if self.adaptive:
                found = sparse_path(train, regularizer, [first], **budget)[0]
                strengths = sensor_strengths(found.coef, train.layout)
            if self.max_sensors is not None:
                only = first_sensors(train, regularizer, self.max_sensors, strengths, **budget)
            how = {"strengths": strengths, "only": only, **budget}
            path = sparse_path(train, regularizer, [alpha], **how)
            self.keep(train, refitted(train, path, self.refit)[0])
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the decision value of every epoch, shape (n_epochs,)."""
        coef, intercept = self.__dict__["coef_"], self.__dict__["intercept_"]
        values: np.ndarray = X.reshape(len(X), -1) @ coef.ravel() + intercept
        return values

    def keep(self, train: TrainingSet, decoder: Decoder) -> None:
        """Take over a decoder that was found on a training set; cross-validation tries many."""
        self.__dict__.update(fitted_attributes(train, decoder, self.scaling))


class SparseSearch:
    """`GroupSVMCV` on given folds; data are not checked.

    Parameters
    ----------
    alphas, qs
        As there.
    **parameters
        Of `SparseSVM`.

    Attributes
    ----------
    alpha_, lambda_, q_, sensors_
        As there.
    best : SparseSVM
        With the chosen ``alpha`` and ``q``, not fitted.
    """

    def __init__(self, alphas: Any = None, qs: Sequence[float] = (2.0,), **parameters: Any) -> None:
        self._template, self._qs = SparseSVM(**parameters), qs
        self._alphas = checked_alphas(alphas, self._template.penalty)

    def fit(self, X: np.ndarray, y: np.ndarray, folds: Folds, share: Share) -> Self:
        """Choose λ and q, then find the sensors on all epochs; ``share`` computes the folds."""
        trials = trials_of(X, y)
        found = search(self._template, trials, folds, self._alphas, self._qs, area, share)
        alpha, q = found.best()
        self.alpha_, self.q_ = float(self._alphas[alpha]), float(self._qs[q])
        self.best = copy(found.models[q])
        self.best.alpha = self.alpha_
        # A refit would change neither of these; it follows on epochs that are cut again.
        fitted = copy(self.best)
        fitted.refit = None
        fitted.fit_trials(trials)
        self.lambda_, self.sensors_ = fitted.lambda_, fitted.sensors_
        return self
