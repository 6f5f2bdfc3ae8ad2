"""Whether a network of one's own gives what a training and a live run need of it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from bci_online.decoding.network.own_network import OwnNetwork

__all__ = ["check_trained", "checked_outputs"]

SCORED = 4
"""Epochs that are scored again and alone; all others once."""


def checked_outputs(network: OwnNetwork, shape: tuple[int, ...]) -> tuple[Tensor, ...]:
    """Return what a network makes of two epochs of zeros.

    Parameters
    ----------
    network : OwnNetwork
        Its mode stays as it is.
    shape : tuple of int
        Of one epoch, and the number of classes.

    Returns
    -------
    outputs : tuple of Tensor
        The logits are first.

    Raises
    ------
    ValueError
        If it fails, the logits are not (n_epochs, n_classes) or no real numbers, or a
        reconstruction is of another shape than the epochs.

    See Also
    --------
    check_trained : The same after the training.
    calibration.networks.own_losses.OwnLosses : The losses that they stand for.

    Examples
    --------
    >>> checked_outputs(OwnNetwork(nn.Flatten()), (1, 4, 2))
    Traceback (most recent call last):
    ValueError: the network must return logits (n_epochs, 2) first, for 2 epochs it returned (2, 4)
    """
    *epoch, n_classes = shape
    was_training = network.training
    try:
        with torch.no_grad():
            outputs = network.eval().features(torch.zeros(2, *epoch, device=_device_of(network)))
    finally:
        network.train(was_training)
    found = tuple(outputs[0].shape)
    if found != (2, n_classes):
        raise ValueError(
            f"the network must return logits (n_epochs, {n_classes}) first, for 2 epochs it "
            f"returned {found}"
        )
    if not outputs[0].is_floating_point():
        kind = str(outputs[0].dtype).removeprefix("torch.")
        raise ValueError(f"the network must return logits that are real numbers, got {kind}")
    is_known = not network.losses and len(outputs) == 3
    if is_known and tuple(outputs[2].shape) != (2, *epoch):
        raise ValueError(
            f"the network's third output, a reconstruction, must be {(2, *epoch)} as the epochs, "
            f"got {tuple(outputs[2].shape)}"
        )
    return outputs


def check_trained(
    network: OwnNetwork, x: Tensor, y: Sequence[int], classes: Sequence[object]
) -> None:
    """Refuse a trained network that could not score live as it does here.

    Parameters
    ----------
    network : OwnNetwork
        In evaluation mode, on the CPU.
    x : Tensor, shape (n_epochs, ..., n_channels, n_times)
        All epochs of the training, standardised.
    y : sequence of int, shape (n_epochs,)
        Their classes.
    classes : sequence
        Names of the classes.

    Raises
    ------
    ValueError
        If scores are not finite, change when an epoch is scored again or without the others, or if
        scoring changes the network.

    See Also
    --------
    checked_outputs : Before the training.
    bci_online.decoding.network.decoder.NetworkDecoder : Checks it again where it is read.

    Examples
    --------
    >>> network = OwnNetwork(nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(4, 2)))
    >>> check_trained(network.eval(), torch.ones(6, 1, 4), [0, 1] * 3, ["left", "right"])
    >>> check_trained(  # doctest: +ELLIPSIS
    ...     network.train(), torch.ones(6, 1, 4), [0, 1] * 3, ["left", "right"]
    ... )
    Traceback (most recent call last):
    ValueError: the network scores an epoch in another way each time: let it do nothing at ...
    """
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with torch.no_grad():
        found, again = _scores(network, x, SCORED), _scores(network, x[:SCORED], SCORED)
        alone = _scores(network, x[:SCORED], 1)
    lost = ~found.isfinite().all(dim=1)
    if lost.any():
        names = [str(name) for n, name in enumerate(classes) if lost[torch.tensor(y) == n].any()]
        raise ValueError(
            f"the network's scores are not finite for {int(lost.sum())} of {len(x)} training "
            f"epochs (of {', '.join(names)}): live these would be lost; mend its code, or lower "
            "learning_rate"
        )
    if not _alike(again, found[:SCORED]):
        raise ValueError(
            "the network scores an epoch in another way each time: let it do nothing at random, "
            "and keep nothing, in eval()"
        )
    if not _alike(alone, again):
        raise ValueError(
            "the network scores an epoch in another way without the others of its batch: live "
            "each comes alone; let its batch norms be in eval()"
        )
    after = network.state_dict()
    if moved := [name for name, value in before.items() if not torch.equal(value, after[name])]:
        raise ValueError(
            f"the network changes {moved[0].removeprefix('module.')} when it scores: live and "
            "replay would differ; let it change nothing in eval()"
        )


def _scores(network: OwnNetwork, x: Tensor, n_rows: int) -> Tensor:
    """Return the logits of epochs, so many at once."""
    parts = []
    for part in x.split(n_rows):
        parts.append(network(part))
        if parts[-1].ndim != 2 or len(parts[-1]) != len(part):
            raise ValueError(
                f"the network must return logits (n_epochs, n_classes) first, of {len(part)} "
                f"epochs alone it returned {tuple(parts[-1].shape)}: let it keep the first axis"
            )
    return torch.cat(parts)


def _alike(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-3, atol=1e-4)


def _device_of(network: nn.Module) -> torch.device:
    return next((each.device for each in network.parameters()), torch.device("cpu"))
