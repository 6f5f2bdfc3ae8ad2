"""What all linear discriminants of epochs share: scaled channels, weights, scores."""

from abc import ABC, abstractmethod
from copy import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from calibration.blas_threads import one_blas_thread
from calibration.discriminants.scaled_epochs import EpochPool, ScaledEpochs

__all__ = ["LinearDiscriminant", "discriminant"]

Weights = tuple[NDArray[np.float64], float]
"""One weight for each channel and latency, and the intercept."""


class LinearDiscriminant(ABC):
    """One weight for each channel and latency; a subclass finds the weights of scaled channels.

    Each channel is scaled first; see `ScaledEpochs`. For scikit-learn take the classes of
    `calibration.discriminants.estimators`.

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
    ...     def _weights(self, epochs):
    ...         others, targets = epochs.means_and_residuals[0]
    ...         return targets - others, 0.0
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
        return self.fit_scaled(EpochPool(X, y).whole())

    def fit_scaled(self, epochs: ScaledEpochs) -> Self:
        """Learn from epochs that several discriminants share, as `fit` does from its own."""
        # On two cores BLAS with several threads is slower, much slower while another process runs.
        with one_blas_thread():
            coef, intercept = self._weights(epochs)
        self.classes_, self.center_, self.scale_ = epochs.classes, epochs.center, epochs.scale
        self.coef_ = coef / epochs.scale[:, np.newaxis]
        self.intercept_ = float(intercept)
        self.n_features_in_ = len(epochs.scale)
        self.sensors_ = np.arange(self.n_features_in_)
        return self

    @abstractmethod
    def _weights(self, epochs: ScaledEpochs) -> Weights:
        """Return the weights for scaled channels."""

    def __sklearn_clone__(self) -> Self:
        # Of a model that is not fitted; fitting does not change its parameters.
        return copy(self)

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one score per epoch; above 0 means ``classes_[1]``."""
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
        Covariance within the classes, in the order of time, then channels; its lower triangle
        alone is read. It is overwritten.
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
        factor = cho_factor(within, lower=True, overwrite_a=True, check_finite=False)
    except LinAlgError:
        raise ValueError("the epochs of each class are all the same") from None
    solved = cho_solve(factor, (means[1] - means[0]).T.ravel())
    weights = solved.reshape(n_times, n_channels).T
    return weights, float(np.log(share / (1 - share)) - np.vdot(weights, means.mean(axis=0)))
