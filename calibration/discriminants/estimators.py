"""The discriminants as estimators of scikit-learn, which takes a second to import.

A training uses the same classes without it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from calibration.discriminants import block_toeplitz, shrinkage_lda, summed, xdawn
from calibration.given_epochs import as_labels, check_epochs

__all__ = [
    "BlockToeplitzLDA",
    "ShrinkageLDA",
    "SummedDiscriminant",
    "XdawnLDA",
    "for_scikit_learn",
]


class _Estimator(ClassifierMixin, BaseEstimator):
    def fit(self, X: Any, y: Any) -> Any:
        """Learn from labelled epochs; see the discriminant itself.

        Parameters
        ----------
        X : array-like, shape (n_epochs, n_channels, n_times)
        y : array-like, shape (n_epochs,)
            Two labels.

        Raises
        ------
        ValueError
            If an epoch, a shape or a label breaks its rule.
        """
        X, y = check_epochs(X), as_labels("y", y)
        if y.shape != (len(X),):
            raise ValueError(
                f"y must have one label per epoch ({len(X)}), got an array of shape {y.shape}"
            )
        if 0 in X.shape:
            raise ValueError(f"X must have no axis of length zero, got shape {X.shape}")
        if np.unique(y).size != 2:
            raise ValueError(f"y must hold two labels, got {np.unique(y)[:5].tolist()}")
        return super().fit(X, y)

    def decision_function(self, X: NDArray[np.float64]) -> Any:
        """Return one score per epoch; above 0 means ``classes_[1]``."""
        check_is_fitted(self)
        return super().decision_function(check_epochs(X, self.coef_.shape))

    def predict(self, X: NDArray[np.float64]) -> Any:
        """Return the likelier label of each epoch."""
        check_is_fitted(self)
        return super().predict(X)


class ShrinkageLDA(_Estimator, shrinkage_lda.ShrinkageLDA):
    """`calibration.discriminants.shrinkage_lda.ShrinkageLDA` for scikit-learn.

    See Also
    --------
    calibration.discriminants.shrinkage_lda.ShrinkageLDA : What it does.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import ShrinkageLDA
    >>> from sklearn.model_selection import cross_val_score
    >>> y = np.arange(100) % 4 == 0
    >>> X = np.random.default_rng(0).normal(size=(100, 2, 4)) + y[:, None, None]
    >>> bool(cross_val_score(ShrinkageLDA(), X, y).mean() > 0.8)
    True
    """


class BlockToeplitzLDA(_Estimator, block_toeplitz.BlockToeplitzLDA):
    """`calibration.discriminants.block_toeplitz.BlockToeplitzLDA` for scikit-learn.

    See Also
    --------
    calibration.discriminants.block_toeplitz.BlockToeplitzLDA : What it does.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import BlockToeplitzLDA
    >>> rng = np.random.default_rng(0)
    >>> y = rng.random(200) < 0.2
    >>> X = rng.standard_normal((200, 4, 16))
    >>> X[y, 0] += 1.0
    >>> bool((BlockToeplitzLDA().fit(X, y).predict(X) == y).mean() > 0.9)
    True
    """


class XdawnLDA(_Estimator, xdawn.XdawnLDA):
    """`calibration.discriminants.xdawn.XdawnLDA` for scikit-learn.

    Parameters
    ----------
    n_filters, covariance, identity : int, str, float
        As there.

    See Also
    --------
    calibration.discriminants.xdawn.XdawnLDA : What it does.

    Examples
    --------
    A response that two of eight noisy channels share:

    >>> import numpy as np
    >>> from calibration import XdawnLDA
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(120) % 6 == 0
    >>> X = rng.standard_normal((120, 8, 10))
    >>> X[y, :2, 3:6] += 1.5
    >>> model = XdawnLDA(n_filters=2).fit(X, y)
    >>> scores = model.decision_function(X)
    >>> bool(scores[y].mean() > scores[~y].max())
    True
    """


class SummedDiscriminant(_Estimator, summed.SummedDiscriminant):
    """`calibration.discriminants.summed.SummedDiscriminant` for scikit-learn.

    Parameters
    ----------
    parts : sequence of LinearDiscriminant
        As there.

    See Also
    --------
    calibration.discriminants.summed.SummedDiscriminant : What it does.

    Examples
    --------
    >>> SummedDiscriminant([ShrinkageLDA(), BlockToeplitzLDA()])
    SummedDiscriminant(parts=[ShrinkageLDA(), BlockToeplitzLDA()])
    """


def for_scikit_learn(model: Any) -> Any:
    """Return the estimator of an unfitted discriminant; any other model as it is.

    Parameters
    ----------
    model : object
        Such as the models of `calibration.p300.estimators.ESTIMATORS`.

    Returns
    -------
    estimator : object
        With the same parameters.

    See Also
    --------
    ShrinkageLDA : One of them.

    Examples
    --------
    >>> for_scikit_learn(xdawn.XdawnLDA(covariance="shrunk"))
    XdawnLDA(covariance='shrunk')
    """
    estimators = ShrinkageLDA, BlockToeplitzLDA, XdawnLDA, SummedDiscriminant
    twins = {estimator.__bases__[1]: estimator for estimator in estimators}
    twin = twins.get(type(model))
    return model if twin is None else twin(**vars(model))
