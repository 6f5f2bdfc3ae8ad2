"""FBMSNet: mixed-scale temporal filters over a filter bank, read out by log-variance."""

from typing import cast

import torch
from torch import Tensor, nn

from bci_online.decoding.network.layers import bounded
from bci_online.decoding.network.mixed_filters import filtered, is_by_spectra

__all__ = ["FBMSNet"]

BANDS_OF_KERNEL = ((15, 3), (31, 2), (63, 2), (125, 2))
N_MAPS = 9
N_SPATIAL = 8
N_SEGMENTS = 4
LONGEST = max(kernel for kernel, _ in BANDS_OF_KERNEL)
N_BANDS = tuple(n_bands for _, n_bands in BANDS_OF_KERNEL)


class FBMSNet(nn.Module):
    """Nine bands, four kernel lengths, eight spatial filters per map, log-variance of quarters.

    Parameters
    ----------
    n_channels : int
        Sensors.
    n_times : int
        At least 8. If it is not a multiple of 4, the first samples of an epoch are left out.
    n_classes : int
        Scores of each epoch.
    shared_layer : bool
        Put a linear layer of the features' own size in front of the classifier. Loss weighting
        needs a layer that all losses pass through.

    Raises
    ------
    ValueError
        If an epoch is too short for a variance of each quarter.

    See Also
    --------
    bci_online.decoding.network.decoder.build_network : Builds a network by name.

    References
    ----------
    Liu et al. (2023), IEEE TBME 70(2):436, doi 10.1109/TBME.2022.3193277.

    Examples
    --------
    >>> import torch
    >>> network = FBMSNet(n_channels=4, n_times=100, n_classes=2, shared_layer=False)
    >>> network.features(torch.zeros(3, 9, 4, 100)).shape[0]
    3
    """

    def __init__(
        self, n_channels: int, n_times: int, n_classes: int, shared_layer: bool = True
    ) -> None:
        super().__init__()
        if n_times < 2 * N_SEGMENTS:
            raise ValueError(f"FBMSNet needs at least {2 * N_SEGMENTS} samples, got {n_times}")
        n_maps = N_MAPS * len(BANDS_OF_KERNEL)
        n_features = n_maps * N_SPATIAL * N_SEGMENTS
        self._skipped = n_times % N_SEGMENTS
        self.n_times = n_times - self._skipped
        self.temporal = nn.ModuleList(
            nn.Conv2d(n_bands, N_MAPS, (1, kernel), padding=(0, kernel // 2), bias=False)
            for kernel, n_bands in BANDS_OF_KERNEL
        )
        self.spatial = nn.Sequential(
            nn.BatchNorm2d(n_maps),
            bounded(nn.Conv2d(n_maps, n_maps * N_SPATIAL, (n_channels, 1), groups=n_maps), 2.0),
            nn.BatchNorm2d(n_maps * N_SPATIAL),
            nn.SiLU(),
        )
        self.latent = nn.Linear(n_features, n_features) if shared_layer else None
        self.classifier = bounded(nn.Linear(n_features, n_classes), 0.5)

    def features(self, x: Tensor) -> Tensor:
        """Return log-variances (n_epochs, 1152) of bands (n_epochs, 9, n_channels, n_times)."""
        signals = self.by_spectra(x) if is_by_spectra(x, LONGEST, N_SPATIAL) else self.by_layers(x)
        return self.log_variances(signals)

    def by_layers(self, x: Tensor) -> Tensor:
        """Return the signals (n_epochs, 288, n_times) whose log-variances are read out."""
        groups = x[..., self._skipped :].split(N_BANDS, dim=1)
        maps = [conv(group) for conv, group in zip(self.temporal, groups, strict=True)]
        signals: Tensor = self.spatial(torch.cat(maps, dim=1)).flatten(2)
        return signals

    def kernels(self) -> list[Tensor]:
        """Return the filters in time of each length, (9, n_bands, kernel)."""
        return [cast(nn.Conv2d, conv).weight[:, :, 0] for conv in self.temporal]

    def rows(self, x: Tensor) -> Tensor:
        """Return the bands (9, n_channels, n_epochs, n_times), without what fills no quarter."""
        return x[..., self._skipped :].permute(1, 2, 0, 3).contiguous()

    def by_spectra(self, x: Tensor) -> Tensor:
        """Return the signals of `by_layers` with less work."""
        first, spatial, second, active = self.spatial
        layers = cast(nn.BatchNorm2d, first), cast(nn.Conv2d, spatial)
        signals = filtered(self.rows(x), self.kernels(), *layers)
        found: Tensor = active(second(signals.unsqueeze(2))).flatten(2)
        return found

    def log_variances(self, signals: Tensor) -> Tensor:
        """Return the features of signals (n_epochs, 288, n_times), quarter by quarter."""
        # A training may compute layers in half precision; squares need all of it.
        full = signals.float() if signals.element_size() < 4 else signals
        quarters = full.unflatten(2, (N_SEGMENTS, -1))
        # Not torch.var: over the last axis it takes five times as long.
        # The mean passes nothing back: what is apart from it sums to zero.
        apart = quarters - quarters.mean(dim=3, keepdim=True).detach()
        variance = apart.square().sum(dim=3) / (quarters.shape[3] - 1)
        return variance.clamp(1e-6, 1e6).log().flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n_epochs, n_classes)."""
        features = self.features(x)
        logits: Tensor = self.classifier(features if self.latent is None else self.latent(features))
        return logits
