"""Linear discriminant analysis with shrinkage, to compare everything else with."""

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from calibration.discriminants.linear import LinearDiscriminant, Weights

__all__ = ["ShrinkageLDA"]


class ShrinkageLDA(LinearDiscriminant):
    """Linear discriminant analysis with Ledoit-Wolf shrinkage on whole epochs.

    It is scikit-learn's, with a shrinkage of its own for each class.

    References
    ----------
    Blankertz et al. (2011), NeuroImage 56:814.

    See Also
    --------
    calibration.discriminants.block_toeplitz.BlockToeplitzLDA : Needs fewer epochs.
    calibration.sparse.estimators.group_svm.GroupSVM : The same with few sensors.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import ShrinkageLDA
    >>> rng = np.random.default_rng(0)
    >>> y = rng.random(200) < 0.2
    >>> X = rng.standard_normal((200, 4, 16))
    >>> X[y, 0] += 1.0
    >>> bool((ShrinkageLDA().fit(X, y).predict(X) == y).mean() > 0.9)
    True
    """

    def _weights(self, scaled: NDArray[np.float64], is_target: NDArray[np.bool_]) -> Weights:
        # Without the mean the numbers are small, and rounding does less.
        center = scaled.mean(axis=0)
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        model.fit((scaled - center).reshape(len(scaled), -1), is_target)
        weights = model.coef_[0].reshape(center.shape)
        return weights, float(model.intercept_[0] - np.vdot(weights, center))
