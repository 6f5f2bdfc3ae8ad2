"""Shrinkage LDA where a sample has more features than there are samples."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

__all__ = ["equal_priors_lda"]

Floats = NDArray[np.float64]

LEAST = 1e-9
"""Share of the identity that two samples of a class have, too: without any there is no inverse."""


def equal_priors_lda(features: Floats, y: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return the weights of a linear discriminant analysis with Ledoit and Wolf's shrinkage.

    They are those of scikit-learn's ``LinearDiscriminantAnalysis(solver="lsqr",
    shrinkage="auto")`` with equal priors. The covariance is the product of the samples with
    themselves, and a diagonal. So it can be solved through the samples: with 300 samples of 2080
    features this takes a hundredth of the time.

    Parameters
    ----------
    features : ndarray, shape (n_samples, n_features)
        Not all samples of a class are the same.
    y : ndarray, shape (n_samples,)
        Two labels or more.

    Returns
    -------
    coef : ndarray, shape (n_classes, n_features)
        In the order of the sorted labels. Differences between classes are log-odds.
    intercept : ndarray, shape (n_classes,)
        Added to the weighted features.

    See Also
    --------
    calibration.discriminants.riemannian.TangentSpaceLDA : Has so many features.
    calibration.discriminants.shrinkage_lda.ShrinkageLDA : The same for epochs of flashes.

    References
    ----------
    Ledoit & Wolf (2004), J Multivariate Analysis 88:365.

    Examples
    --------
    >>> y = np.arange(20) % 2
    >>> features = np.random.default_rng(0).normal(size=(20, 100)) + y[:, np.newaxis]
    >>> coef, intercept = equal_priors_lda(features, y)
    >>> bool(((features @ coef.T + intercept).argmax(axis=1) == y).all())
    True
    """
    labels = np.unique(y)
    means = np.stack([features[y == label].mean(axis=0) for label in labels])
    rows, diagonal = [], np.zeros(features.shape[1])
    for label, mean in zip(labels, means, strict=True):
        residuals = features[y == label] - mean
        spread = residuals.std(axis=0)
        spread[spread == 0] = 1.0
        share, size = _share(residuals / spread)
        rows.append(np.sqrt((1 - share) / (len(residuals) * labels.size)) * residuals)
        diagonal += share * size / labels.size * spread**2
    coef = _solved(np.concatenate(rows), diagonal, means.T).T
    return coef, -0.5 * np.sum(means * coef, axis=1)


def _share(scaled: Floats) -> tuple[float, float]:
    """Return the share of the identity in the covariance of centred samples, and its size."""
    n_samples, n_features = scaled.shape
    # The product with the fewer entries: both have the same squares.
    product = scaled @ scaled.T if n_samples < n_features else scaled.T @ scaled
    squares = float(np.sum(product**2)) / n_samples**2
    size = float(np.trace(product)) / n_samples / n_features
    distance = squares - n_features * size**2
    error = (np.sum(np.sum(scaled**2, axis=1) ** 2) / n_samples - squares) / n_samples
    return (LEAST if distance <= 0 else float(np.clip(error / distance, LEAST, 1.0))), size


def _solved(rows: Floats, diagonal: Floats, right: Floats) -> Floats:
    """Return ``(rowsᵀ rows + diagonal)⁻¹ right`` through the smaller of two systems."""
    if len(rows) >= len(diagonal):
        return np.asarray(cho_solve(cho_factor(rows.T @ rows + np.diag(diagonal)), right))
    # Woodbury's identity.
    scaled = rows / diagonal
    inner = cho_factor(np.eye(len(rows)) + scaled @ rows.T)
    return np.asarray(right / diagonal[:, np.newaxis] - scaled.T @ cho_solve(inner, scaled @ right))
