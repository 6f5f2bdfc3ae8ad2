"""Held-out scores of discriminants, whose folds share what they have in common."""

from collections.abc import Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from calibration.discriminants.linear import LinearDiscriminant
from calibration.discriminants.scaled_epochs import EpochPool
from calibration.folds import Fold
from calibration.p300.training_epochs import SMALLEST_SPREAD

__all__ = ["discriminant_scores", "standardised"]


def discriminant_scores(
    model: LinearDiscriminant,
    X: NDArray[np.float64],
    y: NDArray[np.bool_],
    folds: Sequence[Fold],
) -> NDArray[np.float64]:
    """Return held-out scores of a discriminant; what its folds have in common is computed once.

    Parameters
    ----------
    model : LinearDiscriminant
        Not changed.
    X : ndarray, shape (n_epochs, n_channels, n_times)
        In the stream's unit.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.
    folds : sequence of Fold
        Rows to train on and rows to test on.

    Returns
    -------
    scores : ndarray, shape (n_epochs,)
        As `calibration.p300.training_epochs.held_out_scores` returns them, but for rounding.

    See Also
    --------
    calibration.discriminants.scaled_epochs.EpochPool : What the folds have in common.

    Examples
    --------
    >>> from calibration import ShrinkageLDA
    >>> y = np.arange(60) % 3 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 2, 4)) + 2.0 * y[:, None, None]
    >>> halves = np.arange(30), np.arange(30, 60)
    >>> scores = discriminant_scores(ShrinkageLDA(), X, y, [halves, halves[::-1]])
    >>> bool(scores[y].min() > scores[~y].max())
    True
    """
    pool, scores = EpochPool(X, y), np.full(len(X), np.nan)
    parts = pool.parts([train for train, _ in folds])
    fitted = [copy(model).fit_scaled(part) for part in parts]
    # All folds in one product: each by itself would wait for the memory of all epochs.
    found = pool.scores(
        *(np.stack([getattr(each, name) for each in fitted]) for name in ("coef_", "intercept_"))
    )
    for of_fold, (train, test) in zip(found, folds, strict=True):
        scores[test] = standardised(of_fold, train)[test]
    return scores


def standardised(scores: NDArray[np.float64], train: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return scores in standard deviations from the mean of those of the training epochs.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,)
        Of a fitted model.
    train : ndarray of int
        The epochs it was trained on.

    Returns
    -------
    scores : ndarray, shape (n_epochs,)
        Of all epochs.

    See Also
    --------
    calibration.p300.training_epochs.score_scale : Mean and standard deviation.

    Examples
    --------
    >>> standardised(np.array([1.0, 3.0, 4.0]), np.array([0, 1])).tolist()
    [-1.0, 1.0, 2.0]
    """
    known = scores[train]
    return (scores - known.mean()) / max(float(known.std()), SMALLEST_SPREAD)
