"""Linear discriminant analysis with shrinkage, to compare everything else with."""

import numpy as np

from calibration.discriminants.linear import LinearDiscriminant, Weights, discriminant
from calibration.discriminants.scaled_epochs import ScaledEpochs

__all__ = ["ShrinkageLDA"]


class ShrinkageLDA(LinearDiscriminant):
    """Linear discriminant analysis with Ledoit-Wolf shrinkage on whole epochs.

    The weights are those of scikit-learn's ``LinearDiscriminantAnalysis(solver="lsqr",
    shrinkage="auto")``: each class has a covariance and a share of its own. It is solved by
    Cholesky's factors, in a fifth of the time.

    References
    ----------
    Blankertz et al. (2011), NeuroImage 56:814.

    See Also
    --------
    calibration.discriminants.block_toeplitz.BlockToeplitzLDA : Needs fewer epochs.
    calibration.sparse.estimators.group_svm.GroupSVM : The same with few sensors.

    Examples
    --------
    One weight for each channel and latency:

    >>> import numpy as np
    >>> X, y = np.random.default_rng(0).normal(size=(40, 2, 3)), np.arange(40) % 2 == 0
    >>> ShrinkageLDA().fit(X, y).coef_.shape
    (2, 3)
    """

    def _weights(self, epochs: ScaledEpochs) -> Weights:
        share = float(epochs.is_target.mean())
        weights, intercept = discriminant(epochs.means, epochs.covariance_within(), share)
        return weights * epochs.scale[:, np.newaxis], intercept
