"""Networks as they score: what is linear in a row is merged, or changes places.

A batch normalisation that is not trained any more multiplies each map and adds to it; so does the
convolution after it, unless the maps were padded in between.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from bci_online.decoding.network.eegnet import EEGNet
from bci_online.decoding.network.fbmsnet import LONGEST, N_BANDS, N_MAPS, N_SPATIAL, FBMSNet
from bci_online.decoding.network.min2net import MIN2Net
from bci_online.decoding.network.mixed_filters import fft_length, kernel_spectra, mixed
from bci_online.decoding.network.own_network import OwnNetwork

__all__ = ["folded"]


class _FoldedEEGNet(nn.Module):
    """EEGNet with its spatial filters first: eight times fewer signals are filtered in time."""

    def __init__(self, network: EEGNet) -> None:
        super().__init__()
        _, pad, temporal, first, spatial, second, *rest = network.encoder
        weight, bias = _normalised(cast(nn.Conv2d, spatial), first, second)
        temporal = cast(nn.Conv2d, temporal)
        n_groups = cast(nn.Conv2d, spatial).groups
        n_filters = len(weight)
        per_group = temporal.out_channels // n_groups
        self._pad = cast(nn.ZeroPad2d, pad).padding[:2]
        self._n_in = per_group
        # One row for each pair of a temporal map and a spatial filter that takes it.
        self._spatial = weight.reshape(n_filters * per_group, -1).float()
        of_map = torch.arange(n_filters)[:, None] // (n_filters // n_groups) * per_group
        maps = (of_map + torch.arange(per_group)).reshape(-1)
        self._temporal = temporal.weight[maps, 0].reshape(n_filters, per_group, -1).contiguous()
        self._bias = bias.float()
        self._rest = nn.Sequential(*rest)
        self._classifier = network.classifier

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n_epochs, n_classes) for epochs (n_epochs, n_channels, n_times)."""
        signals = functional.pad(torch.matmul(self._spatial, x), self._pad)
        maps = functional.conv1d(signals, self._temporal, self._bias, groups=len(self._bias))
        logits: Tensor = self._classifier(self._rest(maps.unsqueeze(2)))
        return logits


class _FoldedFBMSNet(nn.Module):
    """FBMSNet by spectra, with all that does not depend on the epoch computed once."""

    def __init__(self, network: FBMSNet) -> None:
        super().__init__()
        first, spatial, second, _ = network.spatial
        weight, bias = _normalised(cast(nn.Conv2d, spatial), first, second)
        kernels = [each.double() for each in network.kernels()]
        self._network = network
        self._n_fft = fft_length(network.n_times, LONGEST)
        self._spatial = weight.view(len(kernels), N_MAPS * N_SPATIAL, -1).float()
        self._kernels = [kernel_spectra(each, self._n_fft).to(torch.complex64) for each in kernels]
        self._bias = bias.view(-1, 1).float()

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n_epochs, n_classes) for bands (n_epochs, 9, n_channels, n_times)."""
        network = self._network
        groups = torch.fft.rfft(network.rows(x), n=self._n_fft).split(N_BANDS)
        parts = zip(groups, self._spatial, self._kernels, strict=True)
        spectra = torch.cat([mixed(*part) for part in parts])
        signals = torch.fft.irfft(spectra, n=self._n_fft)[..., : network.n_times]
        active = functional.silu(signals.transpose(0, 1) + self._bias)
        logits: Tensor = network.classifier(network.log_variances(active))
        return logits


def folded(network: MIN2Net | FBMSNet | EEGNet | OwnNetwork) -> nn.Module:
    """Return a network that gives the same logits with less work.

    Parameters
    ----------
    network : MIN2Net, FBMSNet, EEGNet or OwnNetwork
        Trained, in evaluation mode and without gradients; it is used up.

    Returns
    -------
    folded : nn.Module
        Latent layer and classifier are one layer: FBMSNet's shared layer holds 99 % of its weights.

    See Also
    --------
    bci_online.decoding.network.decoder.NetworkDecoder : Scores with it.

    Examples
    --------
    >>> network = EEGNet(n_channels=4, n_times=64, n_classes=2).eval().requires_grad_(False)
    >>> x = torch.randn(3, 4, 64)
    >>> bool(torch.allclose(folded(network)(x), network(x), atol=1e-5))
    True
    """
    if isinstance(network.latent, nn.Linear):
        latent, classifier = network.latent, network.classifier
        one = nn.Linear(latent.in_features, classifier.out_features).requires_grad_(False)
        weight = classifier.weight.double()
        one.weight.copy_(weight @ latent.weight.double())
        one.bias.copy_(weight @ latent.bias.double() + classifier.bias.double())
        network.latent, network.classifier = nn.Identity(), one  # type: ignore[assignment]  # other layers in their place
    if isinstance(network, EEGNet):
        return _FoldedEEGNet(network)
    if isinstance(network, FBMSNet):
        return _FoldedFBMSNet(network)
    return network


def _normalised(spatial: nn.Conv2d, first: nn.Module, second: nn.Module) -> tuple[Tensor, Tensor]:
    """Return a spatial filter with the normalisations around it: weights and bias.

    Weights are (n_filters, n_maps of its group, n_channels).
    """
    weight = spatial.weight.double()[..., 0]
    n_filters, per_group = weight.shape[:2]
    factor, shift = (each.view(spatial.groups, per_group) for each in _affine(first))
    group = torch.arange(n_filters) // (n_filters // spatial.groups)
    bias = (weight.sum(dim=2) * shift[group]).sum(dim=1)
    if spatial.bias is not None:
        bias = bias + spatial.bias.double()
    after, offset = _affine(second)
    scaled = weight * factor[group][:, :, None] * after[:, None, None]
    return scaled, bias * after + offset


def _affine(norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Return what a batch normalisation multiplies each map by, and what it adds."""
    norm = cast(nn.BatchNorm2d, norm)
    mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    factor = norm.weight.double() / (variance.double() + norm.eps).sqrt()
    return factor, norm.bias.double() - mean.double() * factor
