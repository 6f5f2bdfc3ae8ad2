"""Layers that several networks use: convolutions that keep the length, and bounded filters."""

from typing import TypeVar, cast

import torch
from torch import Tensor, nn

from bci_online.decoding.network.mixed_filters import fft_length, is_by_spectra, kernel_spectra

__all__ = ["SameConv1d", "bounded", "project_max_norms"]

FEW = 32
Layer = TypeVar("Layer", bound=nn.Module)


class SameConv1d(nn.Conv1d):
    """A convolution in time whose output is as long as its input.

    An even kernel pads one sample more at the end, as Keras and PyTorch do.

    Parameters
    ----------
    n_in, n_out : int
        Channels before and after.
    kernel : int
        Length in samples.

    See Also
    --------
    bci_online.decoding.network.min2net.MIN2Net : Is made of it.

    Examples
    --------
    >>> import torch
    >>> SameConv1d(2, 3, kernel=64)(torch.zeros(1, 2, 100)).shape
    torch.Size([1, 3, 100])
    """

    def __init__(self, n_in: int, n_out: int, kernel: int) -> None:
        super().__init__(n_in, n_out, kernel)
        self._pad = ((kernel - 1) // 2, kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n_epochs, n_out, n_times) for (n_epochs, n_in, n_times)."""
        # Few epochs are hardly worth the transform of every kernel.
        if len(x) >= FEW and is_by_spectra(x, self.kernel_size[0]):
            return self.by_spectra(x)
        return self.by_layers(x)

    def by_layers(self, x: Tensor) -> Tensor:
        """Return the same as one convolution."""
        return super().forward(nn.functional.pad(x, self._pad))

    def by_spectra(self, x: Tensor) -> Tensor:
        """Return the same with less work."""
        n_times = x.shape[2]
        length = fft_length(n_times, self.kernel_size[0])
        with torch.autocast(x.device.type, enabled=False):
            spectra = torch.fft.rfft(x.to(self.weight.dtype), n=length).permute(2, 0, 1)
            kernels = kernel_spectra(self.weight, length)[:, :, 0, 0].permute(2, 0, 1)
            # Frequency by frequency, all kernels are one matrix.
            products = torch.bmm(spectra.contiguous(), kernels.contiguous()).permute(1, 2, 0)
            found = torch.fft.irfft(products.contiguous(), n=length)[..., :n_times]
            return found + cast(Tensor, self.bias)[:, None]


def bounded(layer: Layer, limit: float) -> Layer:
    """Return `layer`; the Euclidean norm of each of its output filters is limited to `limit`.

    Parameters
    ----------
    layer : nn.Module
        With one output filter for each row of its weight.
    limit : float
        The largest norm.

    Returns
    -------
    layer : nn.Module
        The same layer; `project_max_norms` keeps its limit.

    See Also
    --------
    project_max_norms : Keeps the limit.

    Examples
    --------
    >>> bounded(nn.Linear(3, 2), 0.5).max_norm
    0.5
    """
    layer.max_norm = limit  # type: ignore[assignment]  # modules take any
    return layer


@torch.no_grad()
def project_max_norms(network: nn.Module) -> None:
    """Shrink every filter whose norm exceeds its layer's limit; called after a training step.

    Parameters
    ----------
    network : nn.Module
        Changed in place.

    See Also
    --------
    bounded : Sets the limit of a layer.

    Examples
    --------
    >>> layer = bounded(nn.Linear(2, 1, bias=False), 1.0)
    >>> _ = nn.init.constant_(layer.weight, 3.0)
    >>> project_max_norms(layer)
    >>> round(layer.weight.norm().item(), 4)
    1.0
    """
    for layer in network.modules():
        limit = getattr(layer, "max_norm", None)
        if isinstance(limit, float) and isinstance(layer.weight, Tensor):
            weight = layer.weight
            norms = weight.flatten(1).norm(dim=1)
            factor = (limit / norms.clamp_min(1e-12)).clamp_max(1.0)
            weight.mul_(factor.view(-1, *[1] * (weight.dim() - 1)))
