"""Spatial filters that bring out the response to targets."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

__all__ = ["xdawn_filters", "xdawn_pencil"]


def xdawn_filters(
    epochs: NDArray[np.float64],
    is_target: NDArray[np.bool_],
    n_filters: int,
    identity: float = 0.1,
) -> NDArray[np.float64]:
    """Return the spatial filters after which the mean target epoch stands out most.

    They have the largest ratio of the power of the mean target epoch to the variance of all
    samples. The mean epoch is that of the targets, not the difference of the classes: what comes
    with each flash belongs to the response, and the difference cost an AUC of 0.01.

    Parameters
    ----------
    epochs : ndarray, shape (n_epochs, n_channels, n_times)
        Channels of the same scale.
    is_target : ndarray of bool, shape (n_epochs,)
        Which epochs follow a target.
    n_filters : int
        How many; never more than channels.
    identity : float
        Share of the identity, with the same trace, in the covariance of all samples.

    Returns
    -------
    filters : ndarray, shape (n_filters, n_channels)
        The best first.

    References
    ----------
    Rivet et al. (2009), IEEE Trans Biomed Eng 56:2035.

    See Also
    --------
    calibration.discriminants.xdawn.XdawnLDA : A discriminant on their output.
    xdawn_pencil : The two matrices of the ratio.

    Examples
    --------
    Only the second of three channels responds:

    >>> y = np.arange(60) % 3 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 3, 5))
    >>> X[y, 1] += 2.0
    >>> int(np.abs(xdawn_filters(X, y, n_filters=1)).argmax())
    1
    """
    response, noise = xdawn_pencil(epochs, is_target, identity)
    _, vectors = eigh(response @ response.T, noise)
    return np.ascontiguousarray(vectors[:, ::-1][:, :n_filters].T)


def xdawn_pencil(
    epochs: NDArray[np.float64], is_target: NDArray[np.bool_], identity: float = 0.1
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what Xdawn's filters are to bring out, and the covariance of all samples.

    Parameters
    ----------
    epochs, is_target, identity : ndarray, ndarray of bool, float
        As for `xdawn_filters`.

    Returns
    -------
    response : ndarray, shape (n_channels, n_times)
        The mean target epoch, divided by the root of the number of latencies.
    noise : ndarray, shape (n_channels, n_channels)
        The covariance, with its share of the identity.

    See Also
    --------
    xdawn_filters : The filters for them.
    calibration.discriminants.sensor_elimination.eliminated : What few sensors see of them.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 3, 5))
    >>> response, noise = xdawn_pencil(X, np.arange(60) % 3 == 0)
    >>> response.shape, noise.shape
    ((3, 5), (3, 3))
    """
    n_channels, n_times = epochs.shape[1:]
    response = epochs[is_target].mean(axis=0) / np.sqrt(n_times)
    flat = epochs.transpose(1, 0, 2).reshape(n_channels, -1)
    means = flat.mean(axis=1)
    # A product with its own transpose takes BLAS half the time of any other.
    samples = flat @ flat.T / flat.shape[1] - np.outer(means, means)
    mean_variance = np.trace(samples) / n_channels
    noise = (1 - identity) * samples + identity * mean_variance * np.eye(n_channels)
    return response, noise
