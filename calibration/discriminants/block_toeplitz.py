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
    One weight for each channel and latency:

    >>> import numpy as np
    >>> X, y = np.random.default_rng(0).normal(size=(40, 2, 3)), np.arange(40) % 2 == 0
    >>> BlockToeplitzLDA().fit(X, y).coef_.shape
    (2, 3)
    """

    def _weights(self, epochs: ScaledEpochs) -> Weights:
        means, residuals = epochs.means_and_residuals
        covariance = block_toeplitz_covariance(residuals)
        return discriminant(means, covariance, float(epochs.is_target.mean()))
