"""Epochs with scaled channels, and what several discriminants on the same epochs have in common."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.discriminants.xdawn_filters import xdawn_filters

__all__ = ["ScaledEpochs", "class_means"]

Floats = NDArray[np.float64]


class ScaledEpochs:
    """Epochs of two classes whose channels have the same scale.

    Shrinkage draws a covariance towards a multiple of the identity, which would depend on the
    units of the channels. What more than one discriminant needs is computed once, when the first
    one asks for it.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times)
        In any unit.
    y : ndarray, shape (n_epochs,)
        Two labels.

    Attributes
    ----------
    classes : ndarray, shape (2,)
        The labels; the second is the target's.
    center : ndarray, shape (n_channels, n_times)
        The mean epoch.
    scale : ndarray, shape (n_channels,)
        What each channel is divided by.
    values : ndarray, shape (n_epochs, n_channels, n_times)
        The scaled epochs; the mean is still in them.
    is_target : ndarray of bool, shape (n_epochs,)

    Raises
    ------
    ValueError
        If X has another number of axes, or y does not hold two labels.

    See Also
    --------
    calibration.discriminants.linear.LinearDiscriminant : Is fitted on them.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(40, 2, 3)) * [[[1.0], [50.0]]]
    >>> epochs = ScaledEpochs(X, np.arange(40) % 2)
    >>> (epochs.values - epochs.values.mean(axis=0)).std(axis=(0, 2)).round(6).tolist()
    [1.0, 1.0]
    """

    def __init__(self, X: Floats, y: NDArray[Any]) -> None:
        if X.ndim != 3:
            raise ValueError(f"X must be (n_epochs, n_channels, n_times), got shape {X.shape}")
        self.classes = np.unique(y)
        if self.classes.size != 2:
            raise ValueError(f"y must hold two labels, got {self.classes}")
        self.center = X.mean(axis=0)
        centred = X - self.center
        spread = np.sqrt(np.einsum("ect,ect->c", centred, centred) / (len(X) * X.shape[2]))
        self.scale = np.where(spread > 0, spread, 1.0)
        self.values = X / self.scale[:, np.newaxis]
        self.is_target = np.asarray(y == self.classes[1])
        self._filtered: dict[tuple[int, float], tuple[Floats, Floats]] = {}

    @cached_property
    def means_and_residuals(self) -> tuple[Floats, Floats]:
        """The mean of each class, and the epochs without it; see `class_means`."""
        return class_means(self.values, self.is_target)

    def filtered(self, n_filters: int, identity: float) -> tuple[Floats, Floats]:
        """Return Xdawn's filters (n_filters, n_channels), and the epochs after them."""
        if (n_filters, identity) not in self._filtered:
            filters = xdawn_filters(self.values, self.is_target, n_filters, identity)
            self._filtered[n_filters, identity] = filters, filters @ self.values
        return self._filtered[n_filters, identity]


def class_means(
    epochs: NDArray[np.float64], is_target: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean of each class, and the epochs without the mean of theirs.

    Parameters
    ----------
    epochs : ndarray, shape (n_epochs, n_channels, n_times)
        In any unit.
    is_target : ndarray of bool, shape (n_epochs,)
        Both classes must be there.

    Returns
    -------
    means : ndarray, shape (2, n_channels, n_times)
        Of the other epochs, and of the targets.
    residuals : ndarray, shape (n_epochs, n_channels, n_times)
        What varies within the classes.

    See Also
    --------
    calibration.discriminants.linear.discriminant : Uses the means.

    Examples
    --------
    >>> means, residuals = class_means(np.array([[[1.0]], [[3.0]], [[7.0]]]), np.arange(3) == 2)
    >>> means.ravel().tolist(), residuals.ravel().tolist()
    ([2.0, 7.0], [-1.0, 1.0, 0.0])
    """
    means = np.stack([epochs[~is_target].mean(axis=0), epochs[is_target].mean(axis=0)])
    return means, epochs - means[is_target.astype(int)]
