"""Which epochs of a network's training are held out to watch it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedShuffleSplit

__all__ = ["validation_rows"]


def validation_rows(
    estimator: Any, y: NDArray[np.int64], groups: Any, validation: Any, seed: int
) -> NDArray[np.bool_]:
    """Return which epochs are held out, shape (n_epochs,): all classes on either side.

    Parameters
    ----------
    estimator : NetworkClassifier
        Its ``validation_fraction`` and ``classes_`` are used.
    y : ndarray of int, shape (n_epochs,)
        Which of the classes.
    groups : array-like or None, shape (n_epochs,)
        Epochs of one group are held out together.
    validation : array-like of bool or None, shape (n_epochs,)
        The epochs to hold out, chosen by the caller; then nothing is drawn.
    seed : int
        Of the draw.

    Returns
    -------
    held_out : ndarray of bool, shape (n_epochs,)
        All False if the fraction is 0.

    Raises
    ------
    ValueError
        If there are too few epochs or groups of a class for that.

    See Also
    --------
    calibration.networks.checked_inputs.checked_epochs : Comes before.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import NetworkClassifier
    >>> estimator = NetworkClassifier(validation_fraction=0.5)
    >>> estimator.classes_ = np.array(["left", "right"])
    >>> y, groups = np.array([0, 1, 0, 1, 0, 1, 0, 1]), np.repeat([1, 2, 3, 4], 2)
    >>> held_out = validation_rows(estimator, y, groups, None, seed=0)
    >>> held_out.reshape(4, 2).sum(axis=1).tolist()  # two whole groups of the four
    [0, 2, 2, 0]
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
