"""What a network of one's own is trained for: its own losses, or those of what it returns."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from torch.nn import functional

from bci_online.decoding.network.own_network import OwnNetwork, reason_of
from calibration.networks.losses import classification_loss, in_full, triplet_loss

__all__ = ["OwnLosses"]


class OwnLosses:
    """The losses of a network of one's own; the classification is always the last.

    Parameters
    ----------
    network : OwnNetwork
        If its module has ``losses``, these are taken, and cross-entropy where no loss is called
        "classification". If not, the outputs say it: logits stand for cross-entropy, an embedding
        for triplets, a reconstruction for the mean squared error.
    outputs : tuple of Tensor
        What the network returns for some epochs.
    class_weight : Tensor, shape (n_classes,), optional
        Of the cross-entropy.

    Raises
    ------
    ValueError
        If it has more outputs than that, and no ``losses``.

    See Also
    --------
    bci_online.decoding.network.own_network.OwnNetwork : The network.
    calibration.networks.own_checks.checked_outputs : The outputs.
    calibration.networks.objectives.objective_for : The losses of any network.

    Examples
    --------
    >>> from torch import tensor, zeros
    >>> network = OwnNetwork(nn.Flatten())
    >>> logits, embedding = zeros(2, 2), tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> losses = OwnLosses(network, (logits, embedding))
    >>> losses.names
    ('triplet', 'classification')
    >>> [round(loss.item(), 2) for loss in losses((logits, embedding), zeros(2, 2), tensor([0, 1]))]
    [0.0, 0.69]
    """

    centres = None

    def __init__(
        self,
        network: OwnNetwork,
        outputs: tuple[Tensor, ...],
        class_weight: Tensor | None = None,
    ) -> None:
        def classification(outputs: tuple[Tensor, ...], x: Tensor, y: Tensor) -> Tensor:
            return classification_loss(outputs[0], y, class_weight)

        losses = dict(network.losses)
        if not losses and len(outputs) > 3:
            raise ValueError(
                f"the network returns {len(outputs)} outputs, of which three have a known loss "
                "(logits, embedding, reconstruction): give its module losses by name"
            )
        if not losses:
            losses = dict(list(_OF_OUTPUTS.items())[: len(outputs) - 1])
        last = losses.pop("classification", classification)
        self._losses = {**losses, "classification": last}
        self.names = tuple(self._losses)
        self.published_weights = (1.0,) * len(self.names)
        self.heads: tuple[nn.Parameter, ...] = ()

    def __call__(self, latent: tuple[Tensor, ...], x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        """Return one scalar per name; ``latent`` holds the network's outputs."""
        return tuple(_value(name, loss, latent, x, y) for name, loss in self._losses.items())


def _value(
    name: str, loss: Callable[..., Tensor], outputs: tuple[Tensor, ...], x: Tensor, y: Tensor
) -> Tensor:
    version = x._version
    try:
        value = loss(outputs, x, y)
    # As what a network raises.
    except (Exception, SystemExit) as error:
        raise ValueError(f"loss {name!r} fails: {reason_of(error)}") from error
    if not isinstance(value, Tensor) or value.ndim:
        shape = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(f"loss {name!r} must return a tensor of one number, got {shape}")
    # PyTorch counts what is done to a tensor in place.
    if x._version != version:
        raise ValueError(f"loss {name!r} changes the epochs that it is given: let it copy them")
    return value


_OF_OUTPUTS: Mapping[str, Callable[..., Tensor]] = {
    "triplet": lambda outputs, x, y: triplet_loss(in_full(outputs[1].flatten(1)), y),
    "reconstruction": lambda outputs, x, y: functional.mse_loss(in_full(outputs[2]), x),
}
"""The losses that a second and a third output stand for."""
