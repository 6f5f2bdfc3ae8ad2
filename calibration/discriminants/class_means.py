"""The mean of each class of epochs, and what is left without it."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["class_means"]


def class_means(
    epochs: NDArray[np.float64], is_target: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean of each class, and the epochs without the mean of theirs.

    Parameters
    ----------
    epochs : ndarray, shape (n_epochs, n_channels, n_times)
        In any unit.
    is_target : ndarray of bool, shape (n_epochs,)
        Both classes must be there.

    Returns
    -------
    means : ndarray, shape (2, n_channels, n_times)
        Of the other epochs, and of the targets.
    residuals : ndarray, shape (n_epochs, n_channels, n_times)
        What varies within the classes.

    See Also
    --------
    calibration.discriminants.linear.discriminant : Uses the means.

    Examples
    --------
    >>> means, residuals = class_means(np.array([[[1.0]], [[3.0]], [[7.0]]]), np.arange(3) == 2)
    >>> means.ravel().tolist(), residuals.ravel().tolist()
    ([2.0, 7.0], [-1.0, 1.0, 0.0])
    """
    means = np.stack([epochs[~is_target].mean(axis=0), epochs[is_target].mean(axis=0)])
    return means, epochs - means[is_target.astype(int)]
