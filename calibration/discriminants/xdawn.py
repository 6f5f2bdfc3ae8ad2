"""Spatial filters that bring out the response to targets, and a discriminant on what is left."""

from typing import Literal

import numpy as np

from bci_online.covariances import block_toeplitz_covariance, shrunk_covariance
from calibration.discriminants.class_means import class_means
from calibration.discriminants.linear import LinearDiscriminant, Weights, discriminant
from calibration.discriminants.scaled_epochs import ScaledEpochs

__all__ = ["XdawnLDA"]

COVARIANCES = {
    "shrunk": (shrunk_covariance,),
    "block-toeplitz": (block_toeplitz_covariance,),
    "both": (shrunk_covariance, block_toeplitz_covariance),
}


class XdawnLDA(LinearDiscriminant):
    """Xdawn's spatial filters, then linear discriminant analysis of their output.

    The filters turn many channels into a few before anything is learnt about time. Online
    nothing is new: filters and discriminant together are one weight for each channel and latency.

    Parameters
    ----------
    n_filters : int
        How many filters; never more than channels.
    covariance : {"shrunk", "block-toeplitz", "both"}
        Of the filters' output within a class. With both the score is the sum of two
        discriminants, each divided by its spread over the training epochs: they are wrong about
        different epochs.
    identity : float
        Share of the identity in the covariance of all samples, from 0 to 1.

    References
    ----------
    Rivet et al. (2009), IEEE Trans Biomed Eng 56:2035, for the filters.

    See Also
    --------
    calibration.discriminants.xdawn_filters.xdawn_filters : The filters.
    calibration.discriminants.block_toeplitz.BlockToeplitzLDA : Without filters.

    Examples
    --------
    One weight for each channel and latency:

    >>> X, y = np.random.default_rng(0).normal(size=(40, 8, 3)), np.arange(40) % 2 == 0
    >>> XdawnLDA(n_filters=2).fit(X, y).coef_.shape
    (8, 3)
    """

    def __init__(
        self,
        n_filters: int = 4,
        covariance: Literal["shrunk", "block-toeplitz", "both"] = "both",
        identity: float = 0.1,
    ) -> None:
        self.n_filters = n_filters
        self.covariance = covariance
        self.identity = identity

    def _weights(self, epochs: ScaledEpochs) -> Weights:
        filters, filtered = epochs.filtered(self.n_filters, self.identity)
        means, residuals = class_means(filtered, epochs.is_target)
        share = float(epochs.is_target.mean())
        ways = COVARIANCES[self.covariance]
        coef, intercept = np.zeros(means.shape[1:]), 0.0
        for covariance in ways:
            weights, offset = discriminant(means, covariance(residuals), share)
            spread = np.tensordot(filtered, weights, axes=2).std() if len(ways) > 1 else 1.0
            coef += weights / spread
            intercept += offset / spread
        return filters.T @ coef, intercept
