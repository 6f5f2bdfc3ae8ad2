"""Layers that several networks use: convolutions that keep the length, and bounded filters."""

from typing import TypeVar

import torch
from torch import Tensor, nn

__all__ = ["SameConv1d", "bounded", "project_max_norms"]

Layer = TypeVar("Layer", bound=nn.Module)


class SameConv1d(nn.Conv1d):
    """A convolution in time whose output is as long as its input.

    An even kernel pads one sample more at the end, as Keras and PyTorch do.
    """

    def __init__(self, n_in: int, n_out: int, kernel: int) -> None:
        super().__init__(n_in, n_out, kernel)
        self._pad = ((kernel - 1) // 2, kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n_epochs, n_out, n_times) for (n_epochs, n_in, n_times)."""
        return super().forward(nn.functional.pad(x, self._pad))


def bounded(layer: Layer, limit: float) -> Layer:
    """Return `layer`; the Euclidean norm of each of its output filters is limited to `limit`."""
    layer.max_norm = limit  # type: ignore[assignment]  # modules take any
    return layer


@torch.no_grad()
def project_max_norms(network: nn.Module) -> None:
    """Shrink every filter whose norm exceeds its layer's limit; called after a training step."""
    for layer in network.modules():
        limit = getattr(layer, "max_norm", None)
        if isinstance(limit, float) and isinstance(layer.weight, Tensor):
            weight = layer.weight
            norms = weight.flatten(1).norm(dim=1)
            factor = (limit / norms.clamp_min(1e-12)).clamp_max(1.0)
            weight.mul_(factor.view(-1, *[1] * (weight.dim() - 1)))
