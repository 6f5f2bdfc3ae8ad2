"""The covariance of epochs within their classes, drawn towards what is simpler."""

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf_shrinkage

__all__ = ["block_toeplitz_covariance", "shrunk_covariance"]


def shrunk_covariance(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the covariance of epochs, drawn to the identity with Ledoit and Wolf's share.

    Parameters
    ----------
    residuals : ndarray, shape (n_epochs, n_channels, n_times)
        Epochs without the mean of their class.

    Returns
    -------
    covariance : ndarray, shape (n_times * n_channels, n_times * n_channels)
        In the order of time, then channels.

    References
    ----------
    Ledoit & Wolf (2004), J Multivariate Analysis 88:365.

    See Also
    --------
    block_toeplitz_covariance : The same with equal lags averaged.

    Examples
    --------
    >>> residuals = np.random.default_rng(0).normal(size=(50, 3, 4))
    >>> shrunk_covariance(residuals).shape
    (12, 12)
    """
    features = _in_time(residuals).reshape(len(residuals), -1)
    covariance = features.T @ features / len(features)
    return _shrunk(covariance, ledoit_wolf_shrinkage(features, assume_centered=True))


def block_toeplitz_covariance(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a covariance in which channels at equal lags covary equally.

    The background of an epoch does not know when the flash was: its covariance depends on the lag
    between two latencies alone. With n_channels and n_times it has n_times blocks to learn in
    the place of n_times². The average over a lag's blocks is divided by n_times, not by their
    number: only so it is the covariance of a signal, with no negative eigenvalue.

    Parameters
    ----------
    residuals : ndarray, shape (n_epochs, n_channels, n_times)
        Epochs without the mean of their class, at latencies of equal distance.

    Returns
    -------
    covariance : ndarray, shape (n_times * n_channels, n_times * n_channels)
        In the order of time, then channels; drawn to the identity as `shrunk_covariance` is.

    References
    ----------
    Sosulski & Tangermann (2022), J Neural Eng 19:066001, doi 10.1088/1741-2552/ac9c98.

    See Also
    --------
    shrunk_covariance : Without the averages.

    Examples
    --------
    The covariance of the first and the second latency is that of the second and the third:

    >>> covariance = block_toeplitz_covariance(np.random.default_rng(0).normal(size=(50, 3, 4)))
    >>> bool(np.allclose(covariance[:3, 3:6], covariance[3:6, 6:9]))
    True
    """
    n_epochs, n_channels, n_times = residuals.shape
    features = _in_time(residuals)
    share = ledoit_wolf_shrinkage(features.reshape(n_epochs, -1), assume_centered=True)
    latencies = np.ascontiguousarray(features.transpose(1, 0, 2))
    blocks = np.empty((n_times, n_channels, n_times, n_channels))
    for lag in range(n_times):
        earlier = latencies[: n_times - lag].reshape(-1, n_channels)
        later = latencies[lag:].reshape(-1, n_channels)
        block = earlier.T @ later / (n_epochs * n_times)
        for start in range(n_times - lag):
            blocks[start, :, start + lag] = block
            blocks[start + lag, :, start] = block.T
    return _shrunk(blocks.reshape(n_times * n_channels, -1), share)


def _in_time(epochs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return epochs as (n_epochs, n_times, n_channels)."""
    return np.ascontiguousarray(epochs.transpose(0, 2, 1))


def _shrunk(covariance: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    size = len(covariance)
    shrunk = (1 - share) * covariance
    shrunk[np.diag_indices(size)] += share * np.trace(covariance) / size
    return shrunk
