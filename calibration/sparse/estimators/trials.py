"""The data and parameters of a fit, checked once. Each error is one line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from calibration.class_weights import check_class_weight
from calibration.given_epochs import as_labels, check_epochs, check_real
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
        for sign, label in zip((-1, 1), self.classes.tolist(), strict=True):
            mass = weights[y == sign].sum()
            if not mass > 0.0:
                raise ValueError(f"y must hold trials of both classes, got none of {label!r}")
            if class_weight == "balanced":
                factor[y == sign] = 0.5 * weights.sum() / mass
            elif class_weight is not None:
                factor[y == sign] = class_weight.get(label, 1.0)
        return training_set(self.X[rows], y, weights, weights * factor, self.layout, per)


def trials_of(X: np.ndarray, y: np.ndarray) -> Trials:
    """Return epochs and their two labels, as a training has them, without further checks."""
    classes, side = np.unique(y, return_inverse=True)
    layout, weights = sensor_layout(X.shape, None), np.ones(len(X))
    return Trials(np.ascontiguousarray(X), 2.0 * side - 1.0, classes, weights, layout)


def checked_trials(estimator: Any, X: Any, y: Any, sample_weight: Any) -> Trials:
    """Check the data of a fit.

    Raises
    ------
    ValueError
        If X is not finite or has the wrong axes, y has not exactly two labels, a class weight is
        not positive or names no label, or a sample's weight is negative.
    """
    # Not above: it takes a second, and a training has checked its epochs.
    from sklearn.utils.multiclass import check_classification_targets, type_of_target
    from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None"
        )
    check_epochs(X)
    X = validate_data(estimator, X, allow_nd=True, dtype=np.float64, ensure_min_samples=2)
    y = as_labels("y", column_or_1d(as_labels("y", y), warn=True))
    check_classification_targets(y)
    if len(y) != len(X):
        raise ValueError(f"y must have one label per epoch ({len(X)}), got {len(y)}")
    classes, side = np.unique(y, return_inverse=True)
    if classes.size > 2:
        # These are scikit-learn's words: its own checks ask for them.
        raise ValueError(
            "Only binary classification is supported. The type of the target is "
            f"{type_of_target(y)}, with {classes.size} labels: {classes[:5].tolist()}"
        )
    if classes.size < 2:
        raise ValueError(f"y must hold two classes, got one class: {classes.tolist()}")
    check_class_weight(estimator.class_weight, classes)
    if sample_weight is not None:
        check_real("sample_weight", sample_weight)
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
        check_choice(name, getattr(estimator, name), choices)
    check_number("q", q, "1 <= q <= inf", lambda x: 1.0 <= x <= np.inf)
    l1_ratio, kappa = estimator.l1_ratio, estimator.kappa
    check_number("l1_ratio", l1_ratio, "0 <= l1_ratio < 1", lambda x: 0.0 <= x < 1.0)
    check_number("kappa", kappa, "0 < kappa < inf", lambda x: 0.0 < x < np.inf)
    check_number("tol", estimator.tol, "0 < tol < inf", lambda x: 0.0 < x < np.inf)
    check_whole("max_iter", estimator.max_iter)
    if estimator.max_sensors is not None:
        check_whole("max_sensors", estimator.max_sensors)
        if estimator.penalty == "l2":
            raise ValueError("max_sensors must be None for penalty='l2', which chooses no sensor")
    if estimator.adaptive and estimator.penalty == "l2":
        raise ValueError("adaptive must be False for penalty='l2', which chooses no sensor")
    check_flag("adaptive", estimator.adaptive)
    if estimator.penalty == "sensor-time" and len(layout.shape) != 2:
        raise ValueError("penalty='sensor-time' needs X as (n_epochs, n_channels, n_times)")
    if estimator.refit == "btlda" and np.ptp(np.diff(layout.starts)):
        raise ValueError(
            "refit='btlda' needs equally many features of every sensor, one per latency"
        )
    prices = estimator.sensor_weights
    if prices is not None:
        prices = np.asarray(prices)
        if prices.dtype.kind not in "iuf":
            raise ValueError(f"sensor_weights must be numbers, got {prices.dtype.type.__name__}")
        prices = prices.astype(float)
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


def checked_alpha(alpha: Any, name: str = "alpha") -> float:
    """Return one fraction of λ_max.

    Raises
    ------
    ValueError
        If it is not one number, positive and finite.
    """
    check_number(name, alpha, f"0 < {name} < inf", lambda x: 0.0 < x < np.inf)
    return float(alpha)


def checked_alphas(alphas: Any, penalty: str) -> np.ndarray:
    """Return fractions of λ_max, falling; where none are given, twenty that suit the penalty.

    Raises
    ------
    ValueError
        If there is no fraction, or one is not positive and finite.
    """
    if alphas is None:
        return np.geomspace(100.0 if penalty == "l2" else 1.0, 0.01, 20)
    values = checked_sequence("alphas", alphas)
    return np.array(sorted((checked_alpha(one, "alphas") for one in values), reverse=True))


def checked_sequence(name: str, values: Any) -> Sequence[Any]:
    """Return values to try, as a sequence.

    Raises
    ------
    ValueError
        If it is no sequence, such as a single number, or is empty.
    """
    if isinstance(values, str | bytes) or np.ndim(values) != 1 or len(values) == 0:
        raise ValueError(f"{name} must be a sequence of one number or more, got {values!r}")
    return tuple(values)


def check_choice(name: str, value: Any, choices: Sequence[Any]) -> None:
    """Refuse a value that is not one of the choices.

    Raises
    ------
    ValueError
        Naming the parameter, the values and what was given.
    """
    if not (value is None or isinstance(value, str)) or value not in choices:
        raise ValueError(f"{name} must be one of {tuple(choices)}, got {value!r}")


def check_flag(name: str, value: Any) -> None:
    """Refuse what is neither true nor false.

    Raises
    ------
    ValueError
        Naming the parameter and its value.
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {value!r}")


def check_number(name: str, value: Any, rule: str, holds: Callable[[float], bool]) -> None:
    """Refuse what is not a number, or not within its range.

    Raises
    ------
    ValueError
        Naming the parameter, its rule and its value.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if not (is_number and holds(float(value))):
        raise ValueError(f"{name} must satisfy {rule}, got {value!r}")


def checked_units(name: str, values: Any, n_epochs: int) -> np.ndarray:
    """Return whose or which part's epoch each is, shape (n_epochs,).

    Raises
    ------
    ValueError
        If there is not one label per epoch, or labels cannot be sorted, or one is missing.
    """
    labels = as_labels(name, values)
    if labels.shape != (n_epochs,):
        raise ValueError(
            f"{name} must have one label per epoch ({n_epochs}), got shape {labels.shape}"
        )
    return labels


def check_whole(name: str, value: Any, least: int = 1) -> None:
    """Refuse what is not a whole number from 1, or from another one.

    Raises
    ------
    ValueError
        Naming the parameter, its rule and its value.
    """
    is_whole = isinstance(value, Integral) and not isinstance(value, bool | np.bool_)
    if not (is_whole and value >= least):
        raise ValueError(f"{name} must be a whole number from {least}, got {value!r}")
