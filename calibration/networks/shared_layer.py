"""Gradients of the losses in the layer that all of them pass through, without their matrices."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from calibration.networks.weighting_rules import Numbers, SharedGradients

__all__ = ["numbers_of", "read_all", "shared_gradients", "stays_there"]


def stays_there(device: torch.device) -> bool:
    """Return whether the numbers of a batch stay on a device until the pass is over.

    Parameters
    ----------
    device : torch.device
        Where the batch is.

    Returns
    -------
    stays : bool
        False for the CPU, where reading them costs nothing, and for MPS, which has no double
        precision.

    See Also
    --------
    numbers_of : Leaves them there.

    Examples
    --------
    >>> stays_there(torch.device("cpu")), stays_there(torch.device("cuda:1"))
    (False, True)
    """
    return device.type not in ("cpu", "mps")


def numbers_of(values: Tensor) -> Numbers:
    """Return numbers in double precision: as an array, or where they are.

    Parameters
    ----------
    values : Tensor
        Some numbers of a batch.

    Returns
    -------
    numbers : ndarray or Tensor
        A tensor where `stays_there` says so: to read it would make the GPU wait.

    See Also
    --------
    read_all : Reads those of a pass at once.

    Examples
    --------
    >>> numbers_of(torch.tensor([0.5])).tolist()
    [0.5]
    """
    values = values.detach()
    return values.double() if stays_there(values.device) else values.cpu().double().numpy()


def read_all(values: Sequence[Numbers]) -> list[NDArray[Any]]:
    """Return numbers as arrays; those that stayed on a GPU are all read at once.

    Parameters
    ----------
    values : sequence of ndarray or Tensor
        Of a pass.

    Returns
    -------
    arrays : list of ndarray
        Of the same shapes; in double precision where they were tensors.

    See Also
    --------
    numbers_of : Leaves them there until then.

    Examples
    --------
    >>> read_all([torch.ones(2, 1), np.zeros(1)])[0].shape
    (2, 1)
    """
    there = [each for each in values if isinstance(each, Tensor)]
    if not there:
        return list(values)
    read = torch.cat([each.double().flatten() for each in there]).cpu().numpy()
    parts = iter(np.split(read, np.cumsum([each.numel() for each in there])[:-1]))
    return [
        next(parts).reshape(tuple(each.shape)) if isinstance(each, Tensor) else each
        for each in values
    ]


def shared_gradients(arrived: Tensor, features: Tensor) -> SharedGradients:
    """Return norms and means of the gradients ``D_iᵀ H`` in the shared layer's weights.

    Parameters
    ----------
    arrived : Tensor, shape (T, n_epochs, n_latent)
        D, each loss's gradient in the layer's output.
    features : Tensor, shape (n_epochs, n_features)
        H, the layer's input.

    Returns
    -------
    gradients : SharedGradients
        Norms and means of the T losses.

    See Also
    --------
    calibration.networks.loss_weighting.LossWeighting : Observes them.

    Notes
    -----
    ``|D_iᵀ H|² = Σ (D_i D_iᵀ) ∘ (H Hᵀ)``. For a batch smaller than the layer this needs no gradient
    matrix at all. Double precision, as the terms may cancel.

    Examples
    --------
    >>> arrived, features = torch.tensor([[[3.0]], [[4.0]]]), torch.tensor([[2.0]])
    >>> shared_gradients(arrived, features).norms.tolist()  # |3 * 2| and |4 * 2|
    [6.0, 8.0]
    """
    if features.device.type != "mps":
        arrived, features = arrived.double(), features.double()
    n_epochs, n_latent = arrived.shape[1:]
    n_features = features.shape[1]
    if n_epochs <= min(n_latent, n_features):
        products = (arrived @ arrived.mT) * (features @ features.mT)
        squares = products.sum(dim=(1, 2)).clamp_min(0.0)
    else:
        squares = (arrived.mT @ features).square().sum(dim=(1, 2))
    means = arrived.sum(dim=2) @ features.sum(dim=1) / (n_latent * n_features)
    norms, means = numbers_of(torch.stack([squares.sqrt(), means]))
    return SharedGradients(norms, means)
