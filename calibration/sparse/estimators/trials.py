"""The data and parameters of a fit, checked once. Each error is one line."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

from calibration.class_weights import check_class_weight
from calibration.sparse.datafit.features import Layout, sensor_layout
from calibration.sparse.decoders.training_set import Regularizer, TrainingSet, training_set

_CHOICES: dict[str, tuple[Any, ...]] = {
    "penalty": ("group", "l2", "sparse-group", "sensor-time"),
    "refit": (None, "lda", "btlda", "l2"),
    "scaling": ("sensor", "feature"),
}


@dataclass(frozen=True)
class Trials:
    """Checked input of one fit.

    Attributes
    ----------
    X : ndarray of float, shape (n_epochs, ...)
    y : ndarray, shape (n_epochs,)
        −1 or 1.
    classes : ndarray, shape (2,)
        The user's labels for −1 and 1.
    weights : ndarray, shape (n_epochs,)
        Sample weights, before class weights.
    layout : Layout
    """

    X: np.ndarray
    y: np.ndarray
    classes: np.ndarray
    weights: np.ndarray
    layout: Layout

    def subset(self, rows: np.ndarray) -> "Trials":
        """Return some of the trials."""
        return Trials(self.X[rows], self.y[rows], self.classes, self.weights[rows], self.layout)

    def training_set(self, rows: np.ndarray, class_weight: Any, per: str) -> TrainingSet:
        """Return the scaled training set of some trials.

        Raises
        ------
        ValueError
            If one class has no trial of positive weight.
        """
        y, weights = self.y[rows], self.weights[rows]
        factor = np.ones(y.size)
        for sign, label in zip((-1, 1), self.classes, strict=True):
            mass = weights[y == sign].sum()
            if not mass > 0.0:
                raise ValueError(f"y must hold trials of both classes, got none of {label!r}")
            if class_weight == "balanced":
                factor[y == sign] = 0.5 * weights.sum() / mass
            elif class_weight is not None:
                factor[y == sign] = class_weight.get(label, 1.0)
        return training_set(self.X[rows], y, weights, weights * factor, self.layout, per)


def checked_trials(estimator: Any, X: Any, y: Any, sample_weight: Any) -> Trials:
    """Check the data of a fit.

    Raises
    ------
    ValueError
        If X is not finite or has the wrong number of axes, y has not exactly two labels, or a
        weight is negative.
    """
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None"
        )
    X = validate_data(estimator, X, allow_nd=True, dtype=np.float64, ensure_min_samples=2)
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    if len(y) != len(X):
        raise ValueError(f"y must have one label per epoch ({len(X)}), got {len(y)}")
    classes, side = np.unique(y, return_inverse=True)
    if classes.size != 2:
        raise ValueError(
            f"y must hold exactly two labels (only binary classification is supported), got "
            f"{classes.size} class{'es' * (classes.size != 1)}: {classes[:5].tolist()}"
        )
    check_class_weight(estimator.class_weight)
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    layout = sensor_layout(X.shape, estimator.groups)
    return Trials(X, 2.0 * side - 1.0, classes, weights, layout)


def checked_regularizer(estimator: Any, q: float, layout: Layout) -> Regularizer:
    """Check an estimator's parameters against each other and the data.

    Raises
    ------
    ValueError
        Naming the parameter, its rule and its value.
    """
    for name, choices in _CHOICES.items():
        if getattr(estimator, name) not in choices:
            raise ValueError(f"{name} must be one of {choices}, got {getattr(estimator, name)!r}")
    _check_range("q", q, 1.0 <= q <= np.inf, "1 <= q <= inf")
    l1_ratio, kappa = estimator.l1_ratio, estimator.kappa
    _check_range("l1_ratio", l1_ratio, 0.0 <= l1_ratio < 1.0, "0 <= l1_ratio < 1")
    _check_range("kappa", kappa, 0.0 < kappa < np.inf, "0 < kappa < inf")
    _check_range("tol", estimator.tol, estimator.tol > 0.0, "tol > 0")
    _check_range("max_iter", estimator.max_iter, estimator.max_iter >= 1, "max_iter >= 1")
    if estimator.adaptive and estimator.penalty == "l2":
        raise ValueError("adaptive must be False for penalty='l2', which chooses no sensor")
    if estimator.penalty == "sensor-time" and len(layout.shape) != 2:
        raise ValueError("penalty='sensor-time' needs X as (n_epochs, n_channels, n_times)")
    prices = estimator.sensor_weights
    if prices is not None:
        prices = np.asarray(prices, dtype=float)
        if prices.shape != (layout.n_sensors,):
            raise ValueError(
                f"sensor_weights must have one price per sensor ({layout.n_sensors}), "
                f"got shape {prices.shape}"
            )
        if not np.all((prices > 0.0) & np.isfinite(prices)):
            raise ValueError(
                f"sensor_weights must be positive and finite, got a minimum of {prices.min()} "
                f"and a maximum of {prices.max()}"
            )
    return Regularizer(estimator.penalty, float(q), l1_ratio, kappa, prices)


def checked_alphas(alphas: Any, name: str = "alpha") -> np.ndarray:
    """Return fractions of λ_max, falling.

    Raises
    ------
    ValueError
        If there is no fraction, or one is not positive and finite.
    """
    values = np.sort(np.atleast_1d(np.asarray(alphas, dtype=float)))[::-1]
    if values.ndim != 1 or values.size == 0 or not np.all((values > 0.0) & np.isfinite(values)):
        raise ValueError(f"{name} must be positive and finite, got {alphas!r}")
    return values


def _check_range(name: str, value: Any, holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(f"{name} must satisfy {rule}, got {value!r}")
