"""The parameters and data of a network's training, checked once. Each error is one line."""

import math
from numbers import Integral
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedShuffleSplit
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from bci_online.config import NetworkSpec
from calibration.class_weights import check_class_weight
from calibration.method_names import NETWORKS, WEIGHTINGS
from calibration.networks.bank import BANK
from calibration.networks.objectives import Objective

__all__ = [
    "architecture",
    "check_parameters",
    "checked_epochs",
    "class_factors",
    "starting_weights",
    "validation_rows",
]

NEED_SHARED_LAYER = ("alphagrad", "adamt")
MONITORS = ("classification", "weighted")


def checked_epochs(estimator: Any, X: Any, y: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Check an estimator's parameters and data; set its ``classes_``.

    Returns
    -------
    X : ndarray, shape (n_epochs, n_channels, n_times) or with a band axis
    number : ndarray of int, shape (n_epochs,)
        Which of the classes.

    Raises
    ------
    ValueError
        Naming the parameter or axis, its rule and its value.
    """
    check_parameters(estimator)
    if y is None:
        raise ValueError("NetworkClassifier requires y to be passed, but the target y is None")
    X = validate_data(estimator, X, allow_nd=True, dtype=np.float64, ensure_min_samples=2)
    shape = "(n_epochs, n_channels, n_times)"
    if not (X.ndim == 3 or (X.ndim == 4 and estimator.network == "fbmsnet")):
        raise ValueError(
            f"X must be {shape}, or with 9 bands as second axis for fbmsnet, got {X.shape}"
        )
    if X.ndim == 4 and X.shape[1] != 9:
        raise ValueError(f"X must have 9 bands as second axis for fbmsnet, got {X.shape[1]}")
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    if len(y) != len(X):
        raise ValueError(f"y must have one label per epoch ({len(X)}), got {len(y)}")
    estimator.classes_, number = np.unique(y, return_inverse=True)
    if len(estimator.classes_) < 2:
        raise ValueError(f"y must hold at least two labels, got only {estimator.classes_[0]!r}")
    return X, number


def architecture(estimator: Any, shape: tuple[int, ...]) -> NetworkSpec:
    """Return the network that an estimator trains on epochs of X's shape."""
    has_bank = estimator.network == "fbmsnet"
    shared_layer = estimator.shared_layer
    if shared_layer is None:
        shared_layer = estimator.loss_weighting in NEED_SHARED_LAYER
    return NetworkSpec(
        name=estimator.network,
        n_channels=shape[-2],
        n_times=shape[-1],
        n_classes=len(estimator.classes_),
        sfreq=float(estimator.sfreq),
        n_bands=len(BANK.bands) if has_bank else 0,
        bank="none" if not has_bank else "epoch" if len(shape) == 3 else "signal",
        shared_layer=bool(shared_layer),
    )


def validation_rows(
    estimator: Any, y: NDArray[np.int64], groups: Any, validation: Any, seed: int
) -> NDArray[np.bool_]:
    """Return which epochs are held out, shape (n_epochs,): all classes on either side.

    Raises
    ------
    ValueError
        If there are too few epochs or groups of a class for that.
    """
    fraction = float(estimator.validation_fraction)
    if groups is not None:
        groups = np.asarray(groups)
        if groups.shape != y.shape:
            raise ValueError(
                f"groups must have one label per epoch ({len(y)}), got shape {groups.shape}"
            )
    held_out = np.zeros(len(y), dtype=bool)
    if validation is not None:
        held_out = np.asarray(validation)
        if held_out.shape != y.shape or held_out.dtype != bool:
            raise ValueError(
                f"validation must be True or False for each of {len(y)} epochs, "
                f"got {held_out.dtype} of shape {held_out.shape}"
            )
    elif fraction:
        held_out[_drawn(y, groups, fraction, seed)] = True
    for side in (~held_out, held_out) if held_out.any() else (~held_out,):
        if len(np.unique(y[side])) < len(estimator.classes_):
            raise ValueError(
                f"{len(y)} epochs are too few to hold {fraction:g} of them out for validation "
                "with every class on both sides; give more, or set validation_fraction=0"
            )
    if estimator.loss_weighting == "gradapprox" and not held_out.any():
        raise ValueError(
            "loss_weighting='gradapprox' compares training with validation: "
            "validation_fraction must not be 0"
        )
    return held_out


def _drawn(y: NDArray[np.int64], groups: Any, fraction: float, seed: int) -> NDArray[np.int64]:
    rows = np.zeros((len(y), 1))
    try:
        if groups is None:
            once = StratifiedShuffleSplit(1, test_size=fraction, random_state=seed)
            return next(once.split(rows, y))[1]
        # No more parts than groups of a class: each part needs one.
        fewest = min(np.unique(groups[y == label]).size for label in np.unique(y))
        n_parts = max(2, min(round(1 / fraction), fewest))
        folds = StratifiedGroupKFold(n_parts, shuffle=True, random_state=seed % 2**32)
        return next(folds.split(rows, y, groups))[1]
    except ValueError:
        # The caller reports it: a class is missing on one side.
        return np.zeros(0, dtype=np.int64) if len(y) < 2 else np.arange(len(y))


def class_factors(estimator: Any, y: NDArray[np.int64]) -> torch.Tensor | None:
    """Return the classes' factors in the classification loss, (n_classes,); None: all alike."""
    if estimator.class_weight is None:
        return None
    if estimator.class_weight == "balanced":
        counts = np.bincount(y, minlength=len(estimator.classes_))
        factors = len(y) / (counts.size * counts)
    else:
        labels = estimator.classes_.tolist()
        factors = np.array([estimator.class_weight.get(label, 1.0) for label in labels])
    return torch.tensor(factors, dtype=torch.float32, device=estimator.device)


def starting_weights(estimator: Any, objective: Objective) -> tuple[float, ...]:
    """Return the losses' weights at the start.

    Raises
    ------
    ValueError
        If there are more or fewer than losses, or they are not weights.
    """
    n_losses = len(objective.names)
    if estimator.loss_weights is None:
        is_fixed = estimator.loss_weighting == "fixed"
        return objective.published_weights if is_fixed else (1.0,) * n_losses
    start = tuple(float(weight) for weight in np.ravel(estimator.loss_weights))
    is_right = len(start) == n_losses and all(0 <= w < math.inf for w in start) and sum(start) > 0
    if not is_right:
        raise ValueError(
            f"loss_weights must be {n_losses} numbers, not negative and not all 0, for "
            f"{', '.join(objective.names)}; got {estimator.loss_weights!r}"
        )
    return start


def check_parameters(estimator: Any) -> None:
    """Refuse parameters that need no data to be wrong, with a ValueError of one line."""
    for name, choices in (
        ("network", NETWORKS),
        ("loss_weighting", WEIGHTINGS),
        ("monitor", MONITORS),
    ):
        if getattr(estimator, name) not in choices:
            raise ValueError(f"{name} must be one of {choices}, got {getattr(estimator, name)!r}")
    for name in ("step", "learning_rate", "sfreq"):
        if not 0 < getattr(estimator, name) < math.inf:
            raise ValueError(f"{name} must be positive, got {getattr(estimator, name)!r}")
    for name in ("batch_size", "max_epochs", "patience"):
        number = getattr(estimator, name)
        if not isinstance(number, Integral) or number < 1:
            raise ValueError(f"{name} must be a whole number from 1, got {number!r}")
    check_class_weight(estimator.class_weight)
    if not 0 <= estimator.validation_fraction <= 0.5:
        raise ValueError(
            f"validation_fraction must be within 0 and 0.5, got {estimator.validation_fraction!r}"
        )
    try:
        torch.zeros(1, device=estimator.device)
    # torch's words for an unknown name, a build without CUDA, a backend that is not there.
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device {estimator.device!r} cannot be used: {reason}") from None
