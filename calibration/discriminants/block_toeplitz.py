"""Linear discriminant analysis with a covariance that depends on lags alone."""

from bci_online.covariances import block_toeplitz_covariance
from calibration.discriminants.linear import LinearDiscriminant, Weights, discriminant
from calibration.discriminants.scaled_epochs import ScaledEpochs

__all__ = ["BlockToeplitzLDA"]


class BlockToeplitzLDA(LinearDiscriminant):
    """Linear discriminant analysis with a block-Toeplitz covariance on whole epochs.

    The latencies must have equal distances; those of the chain have.

    References
    ----------
    Sosulski & Tangermann (2022), J Neural Eng 19:066001, doi 10.1088/1741-2552/ac9c98.

    See Also
    --------
    bci_online.covariances.block_toeplitz_covariance : Its covariance, and why.
    calibration.discriminants.xdawn.XdawnLDA : The same on a few spatial filters.

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

    def _weights(self, epochs: ScaledEpochs) -> Weights:
        means, residuals = epochs.means_and_residuals
        covariance = block_toeplitz_covariance(residuals)
        return discriminant(means, covariance, float(epochs.is_target.mean()))
