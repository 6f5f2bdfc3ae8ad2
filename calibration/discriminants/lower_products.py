"""Products of features with each other, of which one triangle is computed."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk

__all__ = ["lower_products"]

Floats = NDArray[np.float64]


def lower_products(
    features: Floats, added_to: Floats | None = None, factor: float = 1.0, kept: float = 1.0
) -> Floats:
    """Return ``factor * features.T @ features``, added to ``kept`` times a matrix, in its place.

    Parameters
    ----------
    features : ndarray, shape (n_epochs, n_features)
        In C order.
    added_to : ndarray, shape (n_features, n_features)
        In Fortran order; by default zeros.
    factor, kept : float
        Of the products, and of the matrix.

    Returns
    -------
    products : ndarray, shape (n_features, n_features)
        The lower triangle of a symmetric matrix; the upper one is as it was. Computing and
        reading one alone takes half of the time.

    See Also
    --------
    calibration.discriminants.scaled_epochs.ScaledEpochs : Its covariances are made of them.

    Examples
    --------
    >>> lower_products(np.array([[1.0, 2.0], [0.0, 1.0]])).tolist()
    [[1.0, 0.0], [2.0, 5.0]]
    """
    if added_to is None:
        size = features.shape[1]
        added_to = np.zeros((size, size), order="F")
    return np.asarray(
        dsyrk(factor, features.T, beta=kept, c=added_to, lower=True, overwrite_c=True)
    )
