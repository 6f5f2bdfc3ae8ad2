"""EEGNet, the small convolutional network that others are compared with."""

from typing import cast

from torch import Tensor, nn

from bci_online.decoding.network.layers import bounded
from bci_online.decoding.network.mixed_filters import filtered, is_by_spectra

__all__ = ["EEGNet"]

N_TEMPORAL = 8
N_SPATIAL = 2
POOLS = (4, 8)
KERNELS = {"own": (64, 16, N_TEMPORAL), "alphagrad": (200, 50, N_SPATIAL)}


class EEGNet(nn.Module):
    """EEGNet-8,2: temporal filters, two spatial filters each, a separable convolution.

    Parameters
    ----------
    n_channels : int
        Sensors.
    n_times : int
        At least 32, the product of the two poolings.
    n_classes : int
        Scores of each epoch.
    variant : {"own", "alphagrad"}
        The paper's own, with temporal filters of 64 samples (half a second at 128 Hz), then 16; or
        that of AlphaGrad's tables, with 200, then 50, whose spatial filters are of two groups.
    dropout : float
        Share of the features that training leaves out in each step.

    Raises
    ------
    ValueError
        If an epoch is too short for the poolings.

    See Also
    --------
    bci_online.decoding.network.decoder.build_network : Builds a network by name.

    References
    ----------
    Lawhern et al. (2018), J. Neural Eng. 15:056013; Chaisaen et al. (2025), IEEE JBHI.

    Examples
    --------
    >>> import torch
    >>> network = EEGNet(n_channels=8, n_times=128, n_classes=3)
    >>> network.classifier(network.features(torch.zeros(5, 8, 128))).shape
    torch.Size([5, 3])
    """

    # It is trained with a single loss: nothing is weighted, so no layer is shared.
    latent = None

    def __init__(
        self,
        n_channels: int,
        n_times: int,
        n_classes: int,
        variant: str = "own",
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        n_pooled = n_times // POOLS[0] // POOLS[1]
        if n_pooled < 1:
            raise ValueError(
                f"EEGNet needs at least {POOLS[0] * POOLS[1]} samples, got {n_times}: "
                "shorten epoch.step"
            )
        n_maps = N_TEMPORAL * N_SPATIAL
        kernel, later, n_groups = KERNELS[variant]
        self.encoder = nn.Sequential(
            nn.Unflatten(1, (1, n_channels)),
            nn.ZeroPad2d(((kernel - 1) // 2, kernel // 2, 0, 0)),
            nn.Conv2d(1, N_TEMPORAL, (1, kernel), bias=False),
            nn.BatchNorm2d(N_TEMPORAL),
            bounded(
                nn.Conv2d(N_TEMPORAL, n_maps, (n_channels, 1), groups=n_groups, bias=False), 1.0
            ),
            nn.BatchNorm2d(n_maps),
            nn.ELU(),
            nn.AvgPool2d((1, POOLS[0])),
            nn.Dropout(dropout),
            nn.ZeroPad2d(((later - 1) // 2, later // 2, 0, 0)),
            nn.Conv2d(n_maps, n_maps, (1, later), groups=n_maps, bias=False),
            nn.Conv2d(n_maps, n_maps, 1, bias=False),
            nn.BatchNorm2d(n_maps),
            nn.ELU(),
            nn.AvgPool2d((1, POOLS[1])),
            nn.Dropout(dropout),
            nn.Flatten(),
        )
        self.classifier = bounded(nn.Linear(n_maps * n_pooled, n_classes), 0.25)

    def features(self, x: Tensor) -> Tensor:
        """Return the input of the classifier, (n_epochs, n_features)."""
        temporal, spatial = (cast(nn.Conv2d, self.encoder[n]) for n in (2, 4))
        # Filters in space that take several maps do not come first.
        is_own = spatial.groups == temporal.out_channels
        longest = temporal.kernel_size[1]
        if is_own and is_by_spectra(x, longest, N_SPATIAL):
            return self.by_spectra(x)
        return self.by_layers(x)

    def by_layers(self, x: Tensor) -> Tensor:
        """Return the features."""
        features: Tensor = self.encoder(x)
        return features

    def by_spectra(self, x: Tensor) -> Tensor:
        """Return the features of `by_layers` with less work."""
        _, _, temporal, norm, spatial, *rest = self.encoder
        kernels = cast(nn.Conv2d, temporal).weight[:, :, 0]
        layers = cast(nn.BatchNorm2d, norm), cast(nn.Conv2d, spatial)
        signals = filtered(x.transpose(0, 1).unsqueeze(0), [kernels], *layers)
        features: Tensor = nn.Sequential(*rest)(signals.unsqueeze(2))
        return features

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n_epochs, n_classes) for epochs (n_epochs, n_channels, n_times)."""
        logits: Tensor = self.classifier(self.features(x))
        return logits
