"""Gradients of the losses in the layer that all of them pass through, without their matrices."""

import torch
from torch import Tensor

from calibration.networks.weighting_rules import SharedGradients

__all__ = ["shared_gradients"]


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
    norms, means = torch.stack([squares.sqrt(), means]).double().cpu().numpy()
    return SharedGradients(norms, means)
