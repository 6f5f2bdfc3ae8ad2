"""MIN2Net: an autoencoder whose latent also gets a triplet loss and a classifier."""

from torch import Tensor, nn

from bci_online.decoding.network.layers import SameConv1d, bounded

__all__ = ["MIN2Net"]


class MIN2Net(nn.Module):
    """Encoder, decoder and classifier around one latent of ``n_channels * n_classes // 2`` numbers.

    Parameters
    ----------
    n_channels : int
        At least 2.
    n_times : int
        Samples at 100 Hz, the rate that the kernels were designed for.
    n_classes : int
        Scores of each epoch.
    subsampling : int
        About so many samples are left after the first pooling; 0: a hundred, of epochs with fewer
        samples ten.

    Raises
    ------
    ValueError
        If an epoch is too small for the poolings.

    See Also
    --------
    bci_online.decoding.network.decoder.build_network : Builds a network by name.

    Notes
    -----
    Convolutions and linear layers bound the norm of each output filter: 2 in the encoder, 1 in the
    decoder, 0.5 in linear layers.

    References
    ----------
    Autthasan et al. (2022), IEEE TBME 69(6):2105, arXiv 2102.03814.

    Examples
    --------
    >>> network = MIN2Net(n_channels=8, n_times=200, n_classes=2)
    >>> network.latent.out_features  # 8 * 2 // 2
    8
    """

    def __init__(self, n_channels: int, n_times: int, n_classes: int, subsampling: int = 0) -> None:
        super().__init__()
        # The original pools windows of seconds; ERP epochs are shorter than a second.
        pool = max(1, n_times // (subsampling or (100 if n_times >= 100 else 10)))
        n_pooled = n_times // pool // 4
        if n_channels < 2 or n_pooled < 1:
            raise ValueError(
                f"MIN2Net needs at least 2 channels and 4 samples, "
                f"got {n_channels} channels and {n_times} samples"
            )
        half = n_channels // 2
        n_latent = n_channels * n_classes // 2
        self.encoder = nn.Sequential(
            bounded(SameConv1d(n_channels, n_channels, 64), 2.0),
            nn.ELU(),
            nn.BatchNorm1d(n_channels),
            nn.AvgPool1d(pool),
            bounded(SameConv1d(n_channels, half, 32), 2.0),
            nn.ELU(),
            nn.BatchNorm1d(half),
            nn.AvgPool1d(4),
            nn.Flatten(),
        )
        self.latent = bounded(nn.Linear(half * n_pooled, n_latent), 0.5)
        self.decoder = nn.Sequential(
            bounded(nn.Linear(n_latent, half * n_pooled), 0.5),
            nn.Unflatten(1, (half, n_pooled)),
            bounded(SameConv1d(half, half, 64), 1.0),
            nn.Upsample(4 * n_pooled),
            nn.ELU(),
            bounded(SameConv1d(half, n_channels, 32), 1.0),
            nn.Upsample(n_times),
            nn.ELU(),
        )
        self.classifier = bounded(nn.Linear(n_latent, n_classes), 0.5)

    def features(self, x: Tensor) -> Tensor:
        """Return the input of the shared layer, (n_epochs, n_features)."""
        features: Tensor = self.encoder(x)
        return features

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n_epochs, n_classes) for epochs (n_epochs, n_channels, n_times)."""
        logits: Tensor = self.classifier(self.latent(self.features(x)))
        return logits
