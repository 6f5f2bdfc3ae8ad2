"""Epochs whose noise has no correlation and one variance, so that lengths can be compared."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

from bci_online.covariances import block_toeplitz_covariance

__all__ = ["scaled_epochs", "whitened"]

Floats = NDArray[np.float64]

CLIP = 5.0
"""A sample further out than so many standard deviations is an artefact, and counts as this far."""

MAD_TO_SD = 1.4826


def whitened(epochs: Floats, responses: Floats | None = None) -> Floats:
    """Return epochs whose features have no correlation and one variance.

    Then the length of a difference of means is Mahalanobis's. Each channel is scaled first, by its
    median deviation, and artefacts are cut off. A lost channel says nothing: it has its mean.

    Parameters
    ----------
    epochs : ndarray, shape (n_epochs, n_channels, n_times)
        In any unit; a channel may be constant. In an epoch without a channel its values are NaN.
    responses : ndarray, shape (n_responses, n_channels, n_times), optional
        In median deviations. What these epochs have no channel for is left out.

    Returns
    -------
    features : ndarray, shape (n_epochs + n_responses, n_channels * n_times)
        In the order of time, then channels; the responses come last.

    See Also
    --------
    bci_online.covariances.block_toeplitz_covariance : The covariance.

    Examples
    --------
    >>> features = whitened(np.random.default_rng(0).normal(size=(500, 2, 3)))
    >>> bool(np.allclose(features.T @ features / 500, np.eye(6), atol=0.3))
    True
    """
    scaled = scaled_epochs(epochs)
    rows = scaled
    if responses is not None and len(responses):
        is_there = np.any(scaled, axis=(0, 2), keepdims=True)[0]
        rows = np.concatenate([scaled, responses * is_there])
    if not scaled.any():
        return rows.reshape(len(rows), -1)
    factor = cholesky(block_toeplitz_covariance(scaled), lower=True)
    features = rows.transpose(0, 2, 1).reshape(len(rows), -1)
    return np.ascontiguousarray(solve_triangular(factor, features.T, lower=True).T)


def scaled_epochs(epochs: Floats) -> Floats:
    """Return epochs in median deviations of each channel, without their mean.

    Artefacts are cut off. A lost channel says nothing: it has its mean.

    Parameters
    ----------
    epochs : ndarray, shape (n_epochs, n_channels, n_times)
        As for `whitened`.

    Returns
    -------
    scaled : ndarray, shape of `epochs`
        A constant channel is all zeros.

    See Also
    --------
    whitened : Takes out the correlation, too.

    Examples
    --------
    >>> scaled_epochs(np.array([[[1.0]], [[2.0]], [[3.0]]])).round(2).ravel().tolist()
    [-0.67, 0.0, 0.67]
    """
    scaled = np.zeros(epochs.shape)
    for channel in range(epochs.shape[1]):
        is_there = ~np.isnan(epochs[:, channel]).any(axis=1)
        if is_there.any():
            scaled[is_there, channel] = _scaled(epochs[is_there, channel])
    return scaled


def _scaled(epochs: Floats) -> Floats:
    """Return one channel's epochs (n_epochs, n_times) in median deviations, without their mean."""
    centred = epochs - np.median(epochs, axis=0)
    scale = MAD_TO_SD * float(np.median(np.abs(centred))) or np.inf
    scaled = np.clip(centred / scale, -CLIP, CLIP)
    return np.asarray(scaled - scaled.mean(axis=0))
