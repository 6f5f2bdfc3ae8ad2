"""The formulas of the adaptive loss weightings, and the gradients that they are given."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Numbers",
    "SharedGradients",
    "adamt_weights",
    "alphagrad_weights",
    "gradapprox_weights",
    "namespace",
    "slopes",
]

Floats = NDArray[np.float64]

Numbers = Any
"""An ndarray; on a GPU a tensor, of which no number is asked before a pass is over."""


def namespace(numbers: Numbers) -> Any:
    """Return the library whose functions take these numbers.

    Parameters
    ----------
    numbers : ndarray or Tensor
        Of a mini-batch.

    Returns
    -------
    library : module
        NumPy or PyTorch, which have the same names for what the rules need.

    See Also
    --------
    alphagrad_weights, adamt_weights : Are the same for both.

    Examples
    --------
    >>> import torch
    >>> namespace(np.ones(2)).__name__, namespace(torch.ones(2)).__name__
    ('numpy', 'torch')
    """
    if isinstance(numbers, np.ndarray):
        return np
    # Only now: PyTorch is not installed everywhere.
    import torch

    return torch


class SharedGradients(NamedTuple):
    """What weightings ask of the gradients of T unweighted losses in the shared layer's weights.

    Parameters
    ----------
    norms, means : ndarray or Tensor, shape (T,)
        Frobenius norms, and signed means over all entries.

    See Also
    --------
    calibration.networks.loss_weighting.LossWeighting : Observes them.
    """

    norms: Numbers
    means: Numbers


def alphagrad_weights(weights: Numbers, norms: Numbers, step: float) -> Numbers:
    """Return AlphaGrad's next weights: less of what has the larger gradient.

    ``w_i - step * w_i n_i / |w n|``, at least 1e-4, scaled to sum up to T.

    Under constant unweighted norms all weight goes to the loss with the smallest. What matters is
    ``step`` times the number of steps: with the first norms of MIN2Net the triplet loss's weight is
    below 0.01 after about 1.49 / ``step`` batches.

    Parameters
    ----------
    weights : ndarray or Tensor, shape (T,)
        Those of the step before.
    norms : ndarray or Tensor, shape (T,)
        Of the unweighted losses' gradients; all zero leaves the weights as they are.
    step : float
        Positive; the published choices are 1 to 1e-4.

    Returns
    -------
    weights : ndarray, shape (T,)
        They sum up to T.

    See Also
    --------
    adamt_weights, gradapprox_weights : The other adaptive rules.
    calibration.networks.loss_weighting.AlphaGrad : Takes this step in each batch.

    Examples
    --------
    >>> import numpy as np
    >>> alphagrad_weights(np.ones(2), np.array([3.0, 4.0]), step=0.1).round(3).tolist()
    [1.011, 0.989]

    References
    ----------
    Chaisaen et al. (2025), IEEE JBHI, doi 10.1109/JBHI.2025.3572197.
    """
    library, weighted = namespace(norms), weights * norms
    # Scaled first: the squares of very large or small norms overflow or vanish.
    with np.errstate(all="ignore"):
        scaled = weighted / weighted.max()
        length = library.linalg.norm(scaled) + 1e-7
        moved = (weights - step * scaled / length).clip(min=1e-4)
        moved = moved * (len(moved) / moved.sum())
    return library.where(weighted.any(), moved, weights)


def adamt_weights(weights: Numbers, means: Numbers) -> Numbers:
    """Return AdaMT's weights: in proportion to the signed mean of each weighted gradient.

    At least 0.1 before they are scaled to sum up to T; all-zero means leave them as they are.

    Parameters
    ----------
    weights : ndarray or Tensor, shape (T,)
        Those of the step before.
    means : ndarray or Tensor, shape (T,)
        Of the unweighted losses' gradients, with their signs.

    Returns
    -------
    weights : ndarray, shape (T,)
        They sum up to T.

    See Also
    --------
    alphagrad_weights : Takes the gradients' norms.

    Examples
    --------
    >>> import numpy as np
    >>> adamt_weights(np.ones(2), np.array([1.0, 3.0])).round(3).tolist()
    [0.5, 1.5]
    """
    library, weighted = namespace(means), weights * means
    with np.errstate(all="ignore"):
        share = (weighted / (weighted.sum() + 1e-7)).clip(min=0.1)
        share = share * (len(share) / share.sum())
    return library.where(weighted.any(), share, weights)


def gradapprox_weights(overfitting: Floats, generalisation: Floats, initial: Floats) -> Floats:
    """Return GradApprox's weights: gain in validation against growth of overfitting.

    Parameters
    ----------
    overfitting : ndarray, shape (T,)
        ``O = (s_va - s_tr) - (r_va - r_tr)``, s being slopes of losses and r their references.
    generalisation : ndarray, shape (T,)
        ``G = s_va - r_va``.
    initial : ndarray, shape (T,)
        The weights where no loss gains.

    Returns
    -------
    weights : ndarray, shape (T,)
        They sum up to T, except where no loss gains.

    See Also
    --------
    alphagrad_weights, adamt_weights : The rules that need no validation data.
    slopes : The slopes s and r.

    Examples
    --------
    >>> import numpy as np
    >>> gains, growth = np.array([0.1, 0.1]), np.array([1.0, 0.5])
    >>> gradapprox_weights(growth, gains, np.ones(2)).round(2).tolist()  # 1 / O²: 1 to 4
    [0.4, 1.6]
    """
    value = np.maximum(0.0, generalisation / (overfitting**2 + 1e-6))
    if not value.sum() > 0.0:
        return initial
    return np.maximum(value.size * value / value.sum(), 1e-5)


def slopes(points: Floats) -> Floats:
    """Return the slopes of lines through points.

    Parameters
    ----------
    points : ndarray, shape (n_epochs, ...)
        Losses of the last epochs.

    Returns
    -------
    slopes : ndarray, shape (...)
        Change for each epoch, by least squares.

    See Also
    --------
    gradapprox_weights : Uses them.

    Examples
    --------
    >>> import numpy as np
    >>> slopes(np.array([[1.0, 5.0], [3.0, 4.0], [5.0, 3.0]])).tolist()
    [2.0, -1.0]
    """
    when = np.arange(len(points)) - (len(points) - 1) / 2
    return np.tensordot(when, points, axes=1) / (when @ when)
