"""Networks as they score: what is linear in a row is merged, or changes places.

A batch normalisation that is not trained any more multiplies each map and adds to it; so does the
convolution after it, unless the maps were padded in between.
"""

from typing import cast

import torch
from scipy.fft import next_fast_len
from torch import Tensor, nn
from torch.nn import functional

from bci_online.decoding.network.eegnet import EEGNet
from bci_online.decoding.network.fbmsnet import BANDS_OF_KERNEL, N_MAPS, N_SPATIAL, FBMSNet
from bci_online.decoding.network.min2net import MIN2Net
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
    """FBMSNet whose long filters are products of spectra, after its spatial filters.

    Filters in time and in space are linear and change places. A kernel of 125 samples costs as
    much as one of 15 then, and each of 20 channels is transformed once instead of nine times.
    """

    def __init__(self, network: FBMSNet) -> None:
        super().__init__()
        first, spatial, second, _ = network.spatial
        weight, bias = _normalised(cast(nn.Conv2d, spatial), first, second)
        self._network = network
        # Long enough that the end of the signal does not reach its beginning.
        longest = max(kernel for kernel, _ in BANDS_OF_KERNEL)
        self._n_fft = next_fast_len(network.n_times + longest - 1, real=True)
        self._spatial = weight.view(len(BANDS_OF_KERNEL), N_MAPS * N_SPATIAL, -1).float()
        self._spectra = [_spectrum(conv, self._n_fft) for conv in network.temporal]
        self._bias = bias.view(-1, 1).float()

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n_epochs, n_classes) for bands (n_epochs, 9, n_channels, n_times)."""
        network, n_times = self._network, self._network.n_times
        filtered = []
        groups = zip(self._spatial, self._spectra, network.groups(x), strict=True)
        for spatial, spectrum, bands in groups:
            found = torch.view_as_real(torch.fft.rfft(bands, n=self._n_fft)).flatten(3)
            mixed = torch.matmul(spatial, found).unflatten(3, (-1, 2))
            each = torch.view_as_complex(mixed).unflatten(2, (N_MAPS, N_SPATIAL))
            filtered.append((each * spectrum).sum(dim=1).flatten(1, 2))
        signals = torch.fft.irfft(torch.cat(filtered, dim=1), n=self._n_fft)[..., :n_times]
        active = functional.silu(signals + self._bias)
        logits: Tensor = network.classifier(network.log_variances(active))
        return logits


def _spectrum(conv: nn.Module, n_fft: int) -> Tensor:
    """Return the spectra of a layer's temporal filters, (n_bands, n_maps, 1, n_frequencies)."""
    kernels = cast(nn.Conv2d, conv).weight[:, :, 0].double()
    n_maps, n_bands, length = kernels.shape
    taps = torch.zeros(n_maps, n_bands, n_fft, dtype=torch.float64)
    # A layer correlates: sample t takes what is up to half a kernel before and behind it.
    taps[..., (length // 2 - torch.arange(length)) % n_fft] = kernels
    spectrum = torch.fft.rfft(taps).to(torch.complex64)
    return spectrum.transpose(0, 1).unsqueeze(2).contiguous()


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
