"""What all linear discriminants of epochs share: scaled channels, weights, scores."""

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from calibration.blas_threads import one_blas_thread

__all__ = ["LinearDiscriminant", "class_means", "discriminant"]

Weights = tuple[NDArray[np.float64], float]
"""One weight for each channel and latency, and the intercept."""


class LinearDiscriminant(ClassifierMixin, BaseEstimator, ABC):
    """One weight for each channel and latency; a subclass finds the weights of scaled channels.

    Each channel is scaled first: shrinkage draws the covariance towards a multiple of the
    identity, which would depend on the units of the channels.

    Attributes
    ----------
    coef_ : ndarray, shape (n_channels, n_times)
        Weights of the raw input.
    intercept_ : float
    center_ : ndarray, shape (n_channels, n_times)
    scale_ : ndarray, shape (n_channels,)
    sensors_ : ndarray of int, shape (n_channels,)
        All of them.
    classes_ : ndarray, shape (2,)

    See Also
    --------
    calibration.discriminants.shrinkage_lda.ShrinkageLDA : The one that everybody knows.
    calibration.discriminants.block_toeplitz.BlockToeplitzLDA : With fewer numbers to learn.
    calibration.discriminants.xdawn.XdawnLDA : On a few spatial filters.

    Examples
    --------
    A discriminant whose weights are the difference of the means:

    >>> class MeanDifference(LinearDiscriminant):
    ...     def _weights(self, scaled, is_target):
    ...         return scaled[is_target].mean(axis=0) - scaled[~is_target].mean(axis=0), 0.0
    >>> y = np.arange(40) % 2 == 0
    >>> X = np.random.default_rng(0).normal(size=(40, 2, 3)) + 3.0 * y[:, None, None]
    >>> MeanDifference().fit(X, y).coef_.shape
    (2, 3)
    """

    def fit(self, X: NDArray[np.float64], y: NDArray[Any]) -> Self:
        """Learn from labelled epochs.

        Parameters
        ----------
        X : ndarray, shape (n_epochs, n_channels, n_times)
        y : ndarray, shape (n_epochs,)
            Two labels.

        Raises
        ------
        ValueError
            If X has another number of axes, or y does not hold two labels.
        """
        if X.ndim != 3:
            raise ValueError(f"X must be (n_epochs, n_channels, n_times), got shape {X.shape}")
        self.classes_ = np.unique(y)
        if self.classes_.size != 2:
            raise ValueError(f"y must hold two labels, got {self.classes_}")
        self.center_ = X.mean(axis=0)
        centred = X - self.center_
        spread = np.sqrt(np.einsum("ect,ect->c", centred, centred) / (len(X) * X.shape[2]))
        self.scale_ = np.where(spread > 0, spread, 1.0)
        # On two cores BLAS with several threads is slower, much slower while another process runs.
        with one_blas_thread():
            coef, intercept = self._weights(
                X / self.scale_[:, np.newaxis], np.asarray(y == self.classes_[1])
            )
        self.coef_ = coef / self.scale_[:, np.newaxis]
        self.intercept_ = float(intercept)
        self.sensors_ = np.arange(X.shape[1])
        self.n_features_in_ = X.shape[1]
        return self

    @abstractmethod
    def _weights(self, scaled: NDArray[np.float64], is_target: NDArray[np.bool_]) -> Weights:
        """Return the weights for scaled epochs (n_epochs, n_channels, n_times)."""

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one score per epoch; above 0 means ``classes_[1]``."""
        check_is_fitted(self)
        return np.tensordot(X, self.coef_, axes=2) + self.intercept_

    def predict(self, X: NDArray[np.float64]) -> NDArray[Any]:
        """Return the likelier label of each epoch."""
        return self.classes_[(self.decision_function(X) > 0).astype(int)]


def discriminant(means: NDArray[np.float64], within: NDArray[np.float64], share: float) -> Weights:
    """Return the linear discriminant of two classes with one covariance.

    Parameters
    ----------
    means : ndarray, shape (2, n_channels, n_times)
        Of the other epochs, and of the targets.
    within : ndarray, shape (n_times * n_channels, n_times * n_channels)
        Covariance within the classes, in the order of time, then channels.
    share : float
        Of the epochs that are targets.

    Returns
    -------
    weights : tuple of ndarray, shape (n_channels, n_times), and float
        The score is the log-odds of a target.

    Raises
    ------
    ValueError
        If the covariance has no inverse: the epochs of each class are all the same.

    See Also
    --------
    LinearDiscriminant : The estimators that use it.
    bci_online.covariances : The covariances.

    Examples
    --------
    Only the first channel responds:

    >>> means = np.array([[[0.0], [0.0]], [[2.0], [0.0]]])
    >>> weights, intercept = discriminant(means, np.eye(2), share=0.5)
    >>> weights.ravel().tolist(), intercept
    ([2.0, 0.0], -2.0)
    """
    _, n_channels, n_times = means.shape
    try:
        factor = cho_factor(within, overwrite_a=True, check_finite=False)
    except LinAlgError:
        raise ValueError("the epochs of each class are all the same") from None
    solved = cho_solve(factor, (means[1] - means[0]).T.ravel())
    weights = solved.reshape(n_times, n_channels).T
    return weights, float(np.log(share / (1 - share)) - np.vdot(weights, means.mean(axis=0)))


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
    discriminant : Uses the means.

    Examples
    --------
    >>> means, residuals = class_means(np.array([[[1.0]], [[3.0]], [[7.0]]]), np.arange(3) == 2)
    >>> means.ravel().tolist(), residuals.ravel().tolist()
    ([2.0, 7.0], [-1.0, 1.0, 0.0])
    """
    means = np.stack([epochs[~is_target].mean(axis=0), epochs[is_target].mean(axis=0)])
    return means, epochs - means[is_target.astype(int)]
