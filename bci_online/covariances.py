"""The covariance of epochs within their classes, drawn towards what is simpler.

All are in the order of time, then channels. scikit-learn's `ledoit_wolf` makes three products of
the size of this one; here the share comes from the covariance that is needed anyway, which is three
times as fast with 64 channels.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["block_toeplitz_covariance", "lag_covariances", "shrinkage_share", "shrunk_covariance"]

Floats = NDArray[np.float64]


def shrunk_covariance(residuals: Floats) -> Floats:
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
    features = _features(residuals)
    covariance = features.T @ features / len(features)
    return _shrunk(covariance, _share(features, covariance))


def block_toeplitz_covariance(residuals: Floats) -> Floats:
    """Return a covariance in which channels at equal lags covary equally.

    The background of an epoch does not know when the flash was: its covariance depends on the lag
    between two latencies alone. So there are n_times blocks to learn in the place of n_times². The
    sum over a lag's blocks is divided by n_times, not by their number: only so it is the
    covariance of a signal, with no negative eigenvalue.

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
    _, n_channels, n_times = residuals.shape
    blocks = np.empty((n_times, n_channels, n_times, n_channels))
    for lag, covariance in enumerate(lag_covariances(residuals)):
        start = np.arange(n_times - lag)
        blocks[start, :, start + lag] = covariance
        blocks[start + lag, :, start] = covariance.T
    return blocks.reshape(n_times * n_channels, n_times * n_channels)


def lag_covariances(residuals: Floats, *, shrunk: bool = True) -> Floats:
    """Return the covariance of the channels at each lag between two latencies.

    Parameters
    ----------
    residuals : ndarray, shape (n_epochs, n_channels, n_times)
        Epochs without the mean of their class, at latencies of equal distance.
    shrunk : bool
        Whether they are drawn to the identity, as `shrunk_covariance` is.

    Returns
    -------
    lags : ndarray, shape (n_times, n_channels, n_channels)
        Entry (lag, i, j) is that of channel i with channel j `lag` steps later.

    See Also
    --------
    block_toeplitz_covariance : The covariance that is made of them, and why.

    Examples
    --------
    >>> lags = lag_covariances(np.random.default_rng(0).normal(size=(50, 3, 4)))
    >>> lags.shape, bool(np.allclose(lags[0], lags[0].T))
    ((4, 3, 3), True)
    """
    _, n_channels, n_times = residuals.shape
    features = _features(residuals)
    own = shrunk_covariance(residuals) if shrunk else features.T @ features / len(features)
    blocks = own.reshape(n_times, n_channels, n_times, n_channels)
    starts = (np.arange(n_times - lag) for lag in range(n_times))
    means = [
        blocks[start, :, start + lag].sum(axis=0) / n_times for lag, start in enumerate(starts)
    ]
    return np.stack(means)


def _features(epochs: Floats) -> Floats:
    """Return epochs as (n_epochs, n_times * n_channels)."""
    return np.ascontiguousarray(epochs.transpose(0, 2, 1)).reshape(len(epochs), -1)


def _share(features: Floats, covariance: Floats) -> float:
    """Return the share of the identity for centred features (n_epochs, size)."""
    norms = np.sum(features**2, axis=1)
    return shrinkage_share(np.sum(covariance**2), np.trace(covariance), len(covariance), norms)


def shrinkage_share(squares: float, trace: float, size: int, norms: Floats) -> float:
    """Return the share of the identity that Ledoit and Wolf give a covariance.

    Parameters
    ----------
    squares, trace : float
        Sum of the squares of all entries of the covariance, and of its diagonal.
    size : int
        Number of features.
    norms : ndarray, shape (n_epochs,)
        Sum of the squares of each epoch's centred features.

    Returns
    -------
    share : float
        From 0 to 1.

    References
    ----------
    Ledoit & Wolf (2004), J Multivariate Analysis 88:365.

    See Also
    --------
    shrunk_covariance : A covariance with that share.

    Examples
    --------
    >>> features = np.random.default_rng(0).normal(size=(50, 4))
    >>> covariance = features.T @ features / 50
    >>> norms = np.sum(features**2, axis=1)
    >>> 0 < shrinkage_share(np.sum(covariance**2), np.trace(covariance), 4, norms) < 1
    True
    """
    distance = squares - trace**2 / size
    error = (np.sum(norms**2) / norms.size - squares) / norms.size
    return 0.0 if error <= 0 or distance <= 0 else float(min(1.0, error / distance))


def _shrunk(covariance: Floats, share: float) -> Floats:
    size = len(covariance)
    shrunk = (1 - share) * covariance
    shrunk[np.diag_indices(size)] += share * np.trace(covariance) / size
    return shrunk
