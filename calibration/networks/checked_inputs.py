"""The parameters and data of a network's training, checked once. Each error is one line."""

import math
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from bci_online.counted import counted
from bci_online.decoding.network.allowed_code import entry_point_of
from calibration.class_weights import check_class_weight
from calibration.given_epochs import as_labels, check_epochs
from calibration.method_names import NETWORKS, PRECISIONS, SCALINGS, TUNES, WEIGHTINGS
from calibration.networks.architecture import is_own
from calibration.networks.objectives import Objective

__all__ = [
    "check_parameters",
    "checked_epochs",
    "class_factors",
    "starting_weights",
]

MONITORS = ("classification", "weighted", "val_acc")
VARIANTS = ("own", "alphagrad")


def checked_epochs(estimator: Any, X: Any, y: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Check an estimator's parameters and data; set its ``classes_``.

    Parameters
    ----------
    estimator : NetworkClassifier
        Gets its ``classes_``.
    X : array-like, shape (n_epochs, n_channels, n_times) or (n_epochs, 9, n_channels, n_times)
        Epochs; with the nine bands of FBMSNet, or without.
    y : array-like, shape (n_epochs,)
        Labels of two classes or more.

    Returns
    -------
    X : ndarray, shape (n_epochs, n_channels, n_times) or with a band axis
        In double precision.
    number : ndarray of int, shape (n_epochs,)
        Which of the classes.

    Raises
    ------
    ValueError
        Naming the parameter or axis, its rule and its value.

    See Also
    --------
    check_parameters : The part that needs no data.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import NetworkClassifier
    >>> X, number = checked_epochs(NetworkClassifier(), np.zeros((3, 2, 9)), ["up", "down", "up"])
    >>> number.tolist()  # of down, up
    [1, 0, 1]
    """
    check_parameters(estimator)
    if y is None:
        raise ValueError("NetworkClassifier requires y to be passed, but the target y is None")
    check_epochs(X)
    X = validate_data(estimator, X, allow_nd=True, dtype=np.float64, ensure_min_samples=2)
    shape = "(n_epochs, n_channels, n_times)"
    if not (X.ndim == 3 or (X.ndim == 4 and estimator.network == "fbmsnet")):
        raise ValueError(
            f"X must be {shape}, or with 9 bands as second axis for fbmsnet, got {X.shape}"
        )
    if X.ndim == 4 and X.shape[1] != 9:
        raise ValueError(f"X must have 9 bands as second axis for fbmsnet, got {X.shape[1]}")
    y = as_labels("y", column_or_1d(as_labels("y", y), warn=True))
    check_classification_targets(y)
    if len(y) != len(X):
        raise ValueError(f"y must have one label per epoch ({len(X)}), got {len(y)}")
    estimator.classes_, number = np.unique(y, return_inverse=True)
    if len(estimator.classes_) < 2:
        raise ValueError(f"y must hold at least two labels, got only {estimator.classes_[0]!r}")
    return X, number


def class_factors(estimator: Any, y: NDArray[np.int64]) -> torch.Tensor | None:
    """Return the classes' factors in the classification loss, (n_classes,); None: all the same.

    Parameters
    ----------
    estimator : NetworkClassifier
        Its ``class_weight`` and ``classes_`` are used.
    y : ndarray of int, shape (n_epochs,)
        Which of the classes.

    Returns
    -------
    factors : Tensor or None, shape (n_classes,)
        None if all classes count alike.

    See Also
    --------
    starting_weights : Weights of the losses instead of the classes.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import NetworkClassifier
    >>> estimator = NetworkClassifier(class_weight="balanced")
    >>> estimator.classes_ = np.array(["nontarget", "target"])
    >>> class_factors(estimator, np.array([0, 0, 0, 1])).tolist()  # 4 / (2 * 3) and 4 / (2 * 1)
    [0.6666666865348816, 2.0]
    """
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

    Parameters
    ----------
    estimator : NetworkClassifier
        Its ``loss_weights`` and ``loss_weighting`` are used.
    objective : Objective
        The losses.

    Returns
    -------
    weights : tuple of float
        One for each loss.

    Raises
    ------
    ValueError
        If there are more or fewer than losses, or they are not weights.

    See Also
    --------
    calibration.networks.weighting_choice.weighting_for : Moves them during the training.
    calibration.networks.objectives.objective_for : The losses.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from calibration import NetworkClassifier
    >>> names, weights = ("centre", "classification"), (0.0005, 1.0)
    >>> losses = SimpleNamespace(names=names, published_weights=weights)
    >>> starting_weights(NetworkClassifier(loss_weighting="fixed"), losses)  # as in the paper
    (0.0005, 1.0)
    >>> starting_weights(NetworkClassifier(loss_weighting="alphagrad"), losses)
    (1.0, 1.0)
    """
    n_losses = len(objective.names)
    if estimator.loss_weights is None:
        is_fixed = estimator.loss_weighting == "fixed"
        return objective.published_weights if is_fixed else (1.0,) * n_losses
    start = tuple(float(weight) for weight in np.ravel(estimator.loss_weights))
    is_right = len(start) == n_losses and all(0 <= w < math.inf for w in start) and sum(start) > 0
    if not is_right:
        raise ValueError(
            f"loss_weights must be {counted(n_losses, 'number')}, not negative and not all 0, for "
            f"{', '.join(objective.names)}; got {estimator.loss_weights!r}"
        )
    return start


def check_parameters(estimator: Any) -> None:
    """Refuse parameters that need no data to be wrong, with a ValueError of one line.

    Parameters
    ----------
    estimator : NetworkClassifier
        Its parameters are checked, its data are not needed.

    Raises
    ------
    ValueError
        If a parameter breaks its rule: the parameter, the rule and the value in one line.

    See Also
    --------
    checked_epochs : Checks the data as well.

    Examples
    --------
    >>> from calibration import NetworkClassifier
    >>> check_parameters(NetworkClassifier(step=0.0))
    Traceback (most recent call last):
    ValueError: step must be positive, got 0.0
    """
    for name, choices in (
        ("network", NETWORKS),
        ("loss_weighting", WEIGHTINGS),
        ("monitor", MONITORS),
        ("scaling", (None, *SCALINGS)),
        ("variant", VARIANTS),
        ("tune", TUNES),
        ("precision", PRECISIONS),
    ):
        if name == "network" and is_own(estimator.network):
            continue
        if getattr(estimator, name) not in choices:
            raise ValueError(f"{name} must be one of {choices}, got {getattr(estimator, name)!r}")
    for name in ("step", "learning_rate", "sfreq"):
        if not 0 < getattr(estimator, name) < math.inf:
            raise ValueError(f"{name} must be positive, got {getattr(estimator, name)!r}")
    for name in ("batch_size", "max_epochs", "min_epochs", "patience", "threads"):
        number = getattr(estimator, name)
        if not isinstance(number, Integral) or number < 1:
            raise ValueError(f"{name} must be a whole number from 1, got {number!r}")
    pooled = estimator.subsampling
    if pooled is not None and (not isinstance(pooled, Integral) or pooled < 1):
        raise ValueError(f"subsampling must be None or a whole number from 1, got {pooled!r}")
    check_class_weight(estimator.class_weight)
    _check_start(estimator)
    if not 0 <= estimator.validation_fraction <= 0.5:
        raise ValueError(
            f"validation_fraction must be within 0 and 0.5, got {estimator.validation_fraction!r}"
        )
    # Now: the first writing comes after some seconds of training.
    if estimator.checkpoint is not None and not Path(estimator.checkpoint).parent.is_dir():
        raise ValueError(
            f"checkpoint must lie in a folder that exists, got {str(estimator.checkpoint)!r}"
        )
    try:
        torch.zeros(1, device=estimator.device)
    # torch's words for an unknown name, a build without CUDA, a backend that is not there.
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device {estimator.device!r} cannot be used: {reason}") from None


def _check_start(estimator: Any) -> None:
    """Refuse a start that is of another network, and a head that has nothing to weigh."""
    start = estimator.start
    if start is None:
        if estimator.tune != "all":
            raise ValueError(f"tune must be 'all' without a start, got {estimator.tune!r}")
        return
    known = start.network
    given = estimator.network
    if is_own(given) and callable(given):
        given = entry_point_of(given)
    if known != given:
        raise ValueError(f"network must be {known!r} as start, got {given!r}")
    if estimator.tune == "head" and start.spec.name == "own":
        raise ValueError("tune must be 'all' for a network of your own: its head is not known")
    if estimator.tune == "head" and estimator.loss_weighting != "fixed":
        raise ValueError(
            "loss_weighting must be 'fixed' with tune='head', which learns one loss, got "
            f"{estimator.loss_weighting!r}"
        )
