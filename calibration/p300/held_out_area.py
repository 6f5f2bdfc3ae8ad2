"""How surely labels fit epochs: the AUC of epochs that a quick discriminant was not trained on."""

import numpy as np
from numpy.typing import NDArray

from bci_online.metrics import auc
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.p300.discriminant_scores import discriminant_scores

__all__ = ["CERTAIN_Z", "area_error", "held_out_area"]

CERTAIN_Z = 4.5
"""An AUC so many errors above 0.5 is no chance, also of some dozens that are compared."""

N_BLOCKS, N_PURGED = 5, 5
# The discriminant inverts a matrix of this size; coarser latencies serve as well.
MOST_VALUES = 300


def held_out_area(X: NDArray[np.float64], y: NDArray[np.bool_]) -> float:
    """Return the AUC of epochs, each scored by a discriminant that was trained on others.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times)
        In order of time.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.

    Returns
    -------
    area : float
        0.5 with too few epochs of a class.

    See Also
    --------
    area_error : How far it is from 0.5 by chance.
    bci_online.metrics.welch_t : The same of single channels and latencies; much weaker.

    Examples
    --------
    >>> y = np.arange(120) % 6 == 0
    >>> X = np.random.default_rng(0).normal(size=(120, 2, 4)) + 2 * y[:, None, None]
    >>> held_out_area(X, y) > 0.95, held_out_area(X, np.roll(y, 3)) < 0.7
    (True, True)
    """
    if min(np.count_nonzero(y), np.count_nonzero(~y)) < 2 * N_BLOCKS:
        return 0.5
    X = X[:, :, :: 1 + X[0].size // MOST_VALUES]
    folds = []
    for block in np.array_split(np.arange(y.size), N_BLOCKS):
        kept = np.ones(y.size, dtype=bool)
        kept[max(0, block[0] - N_PURGED) : block[-1] + 1 + N_PURGED] = False
        folds.append((np.flatnonzero(kept), block))
    return auc(y, discriminant_scores(ShrinkageLDA(), X, y, folds))


def area_error(y: NDArray[np.bool_]) -> float:
    """Return the standard deviation of an AUC where nothing tells the classes apart.

    Parameters
    ----------
    y : ndarray of bool, shape (n_epochs,)
        True for targets; both classes.

    Returns
    -------
    error : float
        Of the rank test.

    See Also
    --------
    held_out_area : What it is the error of.

    Examples
    --------
    >>> round(area_error(np.arange(600) < 100), 3)
    0.032
    """
    n_targets = int(y.sum())
    return float(np.sqrt((y.size + 1) / (12 * n_targets * (y.size - n_targets))))
