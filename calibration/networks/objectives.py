"""What each network is trained for: its losses of one mini-batch, unweighted."""

from typing import Any, Protocol

from torch import Tensor, nn, randn
from torch.nn import functional

from bci_online.decoding.network.decoder import Network
from bci_online.decoding.network.eegnet import EEGNet
from bci_online.decoding.network.fbmsnet import FBMSNet
from bci_online.decoding.network.min2net import MIN2Net
from bci_online.decoding.network.own_network import OwnNetwork
from calibration.networks.losses import (
    centre_loss,
    classification_loss,
    in_full,
    triplet_loss,
)
from calibration.networks.own_checks import checked_outputs
from calibration.networks.own_losses import OwnLosses

__all__ = [
    "ClassificationLoss",
    "FBMSNetLosses",
    "MIN2NetLosses",
    "Objective",
    "objective_for",
]


class Objective(Protocol):
    """The losses of a network, as functions of its latent.

    See Also
    --------
    objective_for : The objective of a network.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """What the losses are called."""
        ...

    @property
    def published_weights(self) -> tuple[float, ...]:
        """The constant weights in the network's own paper."""
        ...

    @property
    def heads(self) -> tuple[nn.Parameter, ...]:
        """All parameters after the latent; the centres are among them."""
        ...

    @property
    def centres(self) -> nn.Parameter | None:
        """Centres of the classes (n_classes, n_latent), of the first loss; None: it has none."""
        ...

    def __call__(self, latent: Any, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        """Return one scalar per name; ``latent`` is (n_epochs, n_latent).

        Of a network of one's own it is the tuple of its outputs.
        """
        ...


class MIN2NetLosses:
    """Triplets, reconstruction (mean squared error), cross-entropy.

    Parameters
    ----------
    network : MIN2Net
        Its decoder and classifier make two of the losses.
    class_weight : Tensor, shape (n_classes,), optional
        Of the cross-entropy.
    official_softmax : bool
        Take the softmax twice, as the authors' port does: with two classes the cross-entropy
        cannot fall below 0.3133 then.

    See Also
    --------
    calibration.networks.losses.triplet_loss : Its first loss.
    objective_for : The losses of any network.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from torch import tensor
    >>> network = SimpleNamespace(decoder=nn.Identity(), classifier=nn.Linear(3, 2))
    >>> x = randn(4, 3)  # a decoder that gives back exactly what went in
    >>> MIN2NetLosses(network)(x, x, tensor([0, 1, 0, 1]))[1].item()
    0.0
    """

    names = ("triplet", "reconstruction", "classification")
    published_weights = (0.5, 0.5, 1.0)
    centres = None

    def __init__(
        self, network: MIN2Net, class_weight: Tensor | None = None, official_softmax: bool = False
    ) -> None:
        self._network = network
        self._class_weight = class_weight
        self._official_softmax = official_softmax
        self.heads = (*network.decoder.parameters(), *network.classifier.parameters())

    def __call__(self, latent: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        """Return the three losses."""
        logits = self._network.classifier(latent)
        return (
            triplet_loss(latent, y),
            functional.mse_loss(in_full(self._network.decoder(latent)), x),
            classification_loss(logits, y, self._class_weight, self._official_softmax),
        )


class FBMSNetLosses:
    """Centre loss and cross-entropy (the negative log-likelihood after a log-softmax).

    Parameters
    ----------
    network : FBMSNet
        Its classifier makes one of the losses.
    class_weight : Tensor, shape (n_classes,), optional
        Of the cross-entropy.

    Attributes
    ----------
    centres : nn.Parameter, shape (n_classes, n_features)
        Drawn from N(0, 1).

    See Also
    --------
    calibration.networks.losses.centre_loss : Its first loss.
    objective_for : The losses of any network.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from torch import tensor
    >>> network = SimpleNamespace(classifier=nn.Linear(3, 2))
    >>> losses = FBMSNetLosses(network)
    >>> latent = losses.centres.detach()[[0, 1]]  # two epochs, each in the centre of its class
    >>> losses(latent, None, tensor([0, 1]))[0].item()
    0.0
    """

    names = ("centre", "classification")
    published_weights = (0.0005, 1.0)

    def __init__(self, network: FBMSNet, class_weight: Tensor | None = None) -> None:
        weight = network.classifier.weight
        self._network = network
        self._class_weight = class_weight
        self.centres = nn.Parameter(randn(weight.shape).to(weight))
        self.heads = (*network.classifier.parameters(), self.centres)

    def __call__(self, latent: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        """Return the two losses."""
        return (
            centre_loss(latent, y, self.centres),
            classification_loss(self._network.classifier(latent), y, self._class_weight),
        )


class ClassificationLoss:
    """Cross-entropy alone: nothing to weigh.

    Parameters
    ----------
    network : EEGNet
        Its classifier makes the loss.
    class_weight : Tensor, shape (n_classes,), optional
        Of the cross-entropy.

    See Also
    --------
    objective_for : The losses of any network.

    Examples
    --------
    >>> from torch import tensor
    >>> network = EEGNet(n_channels=2, n_times=64, n_classes=2)
    >>> _ = nn.init.zeros_(network.classifier.weight), nn.init.zeros_(network.classifier.bias)
    >>> latent, x = randn(4, network.classifier.in_features), randn(4, 2, 64)
    >>> (loss,) = ClassificationLoss(network)(latent, x, tensor([0, 1, 0, 1]))
    >>> round(loss.item(), 4)  # log 2: both classes are equally likely
    0.6931
    """

    names = ("classification",)
    published_weights = (1.0,)
    centres = None

    def __init__(self, network: EEGNet, class_weight: Tensor | None = None) -> None:
        self._network = network
        self._class_weight = class_weight
        self.heads = tuple(network.classifier.parameters())

    def __call__(self, latent: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        """Return the one loss."""
        return (classification_loss(self._network.classifier(latent), y, self._class_weight),)


def objective_for(
    network: Network,
    class_weight: Tensor | None,
    official_softmax: bool,
    shape: tuple[int, ...] = (),
) -> Objective:
    """Return what a network is trained for.

    Parameters
    ----------
    network : MIN2Net, FBMSNet, EEGNet or OwnNetwork
        What is trained.
    class_weight : Tensor, shape (n_classes,), or None
        Of the cross-entropy.
    official_softmax : bool
        As for `MIN2NetLosses`; other networks do not use it.
    shape : tuple of int
        Of one epoch, and the number of classes; only a network of one's own needs it.

    Returns
    -------
    objective : Objective
        Its losses have the names and the order of `calibration.networks.network_training.LOSSES`.

    See Also
    --------
    calibration.networks.weighting_choice.weighting_for : How much each loss counts.

    Examples
    --------
    >>> objective_for(EEGNet(n_channels=2, n_times=64, n_classes=2), None, False).names
    ('classification',)
    """
    if isinstance(network, OwnNetwork):
        return OwnLosses(network, checked_outputs(network, shape), class_weight)
    if isinstance(network, MIN2Net):
        return MIN2NetLosses(network, class_weight, official_softmax)
    if isinstance(network, FBMSNet):
        return FBMSNetLosses(network, class_weight)
    return ClassificationLoss(network, class_weight)
