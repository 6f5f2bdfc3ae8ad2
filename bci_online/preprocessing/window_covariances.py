"""Covariances of the windows of imagery: one of each band."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["compressed", "covariance", "power_of"]


def covariance(window: NDArray[np.float64], n_bands: int) -> NDArray[np.float64]:
    """Return ``X Xᵀ / n_times`` of each band, shape (n_bands, n_channels, n_channels).

    The mean is kept: filtered signals have none, and removing a window's own would hide slow power.

    Parameters
    ----------
    window : ndarray, shape (n_bands * n_channels, n_times)
        Filtered signal, band by band.
    n_bands : int
        Number of bands.

    Returns
    -------
    matrices : ndarray, shape (n_bands, n_channels, n_channels)
        In the square of the window's unit.

    See Also
    --------
    bci_online.preprocessing.recentring.Recentring : Averages them over trials.

    Examples
    --------
    >>> covariance(np.array([[1.0, -1.0], [2.0, -2.0]]), n_bands=1)
    array([[[1., 2.],
            [2., 4.]]])
    """
    banded = window.reshape(n_bands, -1, window.shape[1])
    return np.asarray(banded @ banded.transpose(0, 2, 1) / window.shape[1])


def compressed(window: NDArray[np.float64], n_bands: int) -> NDArray[np.float64]:
    """Return the smallest window with the same covariances: as many samples as channels.

    All that is computed of covariances is the same: powers after spatial filters, and what
    recentring makes of the window. Windows that overlap need a fraction of the memory then.

    Parameters
    ----------
    window : ndarray, shape (n_bands * n_channels, n_times)
        Filtered signal, band by band.
    n_bands : int
        Number of bands.

    Returns
    -------
    window : ndarray, shape (n_bands * n_channels, n_channels)
        The same one where it is as short already.

    See Also
    --------
    covariance : Stays the same.

    Examples
    --------
    >>> window = np.random.default_rng(0).normal(size=(6, 500))
    >>> small = compressed(window, n_bands=2)
    >>> small.shape, bool(np.allclose(covariance(small, 2), covariance(window, 2)))
    ((6, 3), True)
    """
    n_channels = len(window) // n_bands
    if window.shape[1] <= n_channels:
        return window
    matrices = n_channels * covariance(window, n_bands)
    try:
        roots = np.linalg.cholesky(matrices)
    except np.linalg.LinAlgError:
        # An average reference leaves no power in one direction.
        values, vectors = np.linalg.eigh(matrices)
        roots = vectors * np.sqrt(np.maximum(values, 0.0))[:, np.newaxis]
    return np.ascontiguousarray(roots.reshape(len(window), n_channels))


def power_of(matrices: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """Return the power of symmetric positive matrices (n_bands, n_channels, n_channels).

    Eigenvalues below 1e-6 of the largest are raised to that: an average reference has a zero one.

    Parameters
    ----------
    matrices : ndarray, shape (n_bands, n_channels, n_channels)
        Symmetric, with eigenvalues of at least 0.
    exponent : float
        -0.5 whitens.

    Returns
    -------
    powers : ndarray, shape (n_bands, n_channels, n_channels)
        Symmetric.

    See Also
    --------
    covariance : Makes such matrices.

    Examples
    --------
    >>> power_of(np.diag([4.0, 9.0])[np.newaxis], 0.5).round(6)
    array([[[2., 0.],
            [0., 3.]]])
    """
    values, vectors = np.linalg.eigh(matrices)
    values = np.maximum(values, 1e-6 * values[:, -1:])
    return np.asarray((vectors * values[:, np.newaxis] ** exponent) @ vectors.transpose(0, 2, 1))
