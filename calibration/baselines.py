"""What people know: methods to hold the sparse ones against."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

__all__ = ["ShrinkageLDA"]


class ShrinkageLDA(ClassifierMixin, BaseEstimator):
    """Linear discriminant analysis with Ledoit-Wolf shrinkage on whole epochs.

    Each sensor is centred and scaled first: shrinkage draws the covariance towards a multiple of
    the identity, and so depends on the sensors' units.

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

    References
    ----------
    Blankertz et al. (2011), NeuroImage 56:814.
    """

    def fit(self, X: NDArray[np.float64], y: NDArray[Any]) -> Self:
        """Learn from epochs (n_epochs, n_channels, n_times) and two labels (n_epochs,)."""
        if X.ndim != 3:
            raise ValueError(f"X must be (n_epochs, n_channels, n_times), got shape {X.shape}")
        self.center_ = X.mean(axis=0)
        spread = (X - self.center_).std(axis=(0, 2))
        self.scale_ = np.where(spread > 0, spread, 1.0)
        scaled = (X - self.center_) / self.scale_[:, np.newaxis]
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        # On two cores unpinned BLAS is slower, and many times so beside another process.
        with threadpool_limits(1):
            model.fit(scaled.reshape(len(X), -1), y)
        self.classes_ = model.classes_
        self.coef_ = model.coef_[0].reshape(X.shape[1:]) / self.scale_[:, np.newaxis]
        self.intercept_ = float(model.intercept_[0] - np.vdot(self.coef_, self.center_))
        self.sensors_ = np.arange(X.shape[1])
        self.n_features_in_ = X.shape[1]
        return self

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one score per epoch; above 0 speaks for ``classes_[1]``."""
        check_is_fitted(self)
        return np.tensordot(X, self.coef_, axes=2) + self.intercept_

    def predict(self, X: NDArray[np.float64]) -> NDArray[Any]:
        """Return the likelier label of each epoch."""
        return self.classes_[(self.decision_function(X) > 0).astype(int)]
