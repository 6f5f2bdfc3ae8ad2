"""Gradients of one training step: one forward and one backward pass for every weighting."""

from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from bci_online.decoding.network.decoder import Network
from bci_online.decoding.network.own_network import OwnNetwork
from calibration.networks.loss_weighting import LossWeighting, one_by_one
from calibration.networks.losses import in_full
from calibration.networks.objectives import Objective
from calibration.networks.shared_layer import numbers_of, read_all, shared_gradients
from calibration.networks.weighting_rules import Floats, Numbers, SharedGradients, namespace

__all__ = ["Step", "backward", "unweighted_norms"]


class Step(NamedTuple):
    """One mini-batch; its numbers are tensors where they are on a GPU.

    Parameters
    ----------
    losses : ndarray or Tensor, shape (T,)
        Unweighted losses.
    weights : ndarray or Tensor, shape (T,)
        The weights it was minimised with.
    norms : ndarray or Tensor, shape (T,)
        Gradients of the unweighted losses in the shared layer; NaN where no weighting asked.
    is_finite : bool or Tensor
        False where the step must not be taken.

    See Also
    --------
    backward : Makes one.
    """

    losses: Numbers
    weights: Numbers
    norms: Numbers
    is_finite: Any


def backward(
    network: Network,
    objective: Objective,
    weighting: LossWeighting,
    x: Tensor,
    y: Tensor,
    is_mixed: bool = False,
) -> Step:
    """Move the weights of the losses, then fill ``grad`` of every parameter.

    Parameters
    ----------
    network : Network
        Its parameters get their ``grad``.
    objective : Objective
        Its losses.
    weighting : LossWeighting
        Is given the shared layer's gradients if it uses them.
    x : Tensor, shape (n_epochs, ..., n_channels, n_times)
        Standardised epochs of the mini-batch.
    y : Tensor of int, shape (n_epochs,)
        Number of the class.
    is_mixed : bool
        Whether the layers compute in bfloat16; losses and weights are in full precision anyhow.

    Returns
    -------
    step : Step
        Where a loss is not finite, ``is_finite`` is False.

    Raises
    ------
    ValueError
        If a loss does not depend on the shared layer; names it.

    See Also
    --------
    calibration.networks.shared_layer.shared_gradients : What an adaptive weighting is given.

    Examples
    --------
    >>> from bci_online.decoding.network.eegnet import EEGNet
    >>> from calibration.networks.loss_weighting import Fixed
    >>> from calibration.networks.objectives import ClassificationLoss
    >>> network = EEGNet(n_channels=2, n_times=64, n_classes=2)
    >>> x, y = torch.randn(4, 2, 64), torch.tensor([0, 1, 0, 1])
    >>> backward(network, ClassificationLoss(network), Fixed([0.5]), x, y).weights.tolist()
    [0.5]
    >>> all(parameter.grad is not None for parameter in network.parameters())
    True
    """
    precision = _precision(x.device.type, is_mixed)
    if isinstance(network, OwnNetwork):
        return _whole_backward(network, objective, weighting, x, y, precision)
    if weighting.uses_gradients:
        if not isinstance(network.latent, nn.Linear):
            raise ValueError(
                f"{type(weighting).__name__} needs a layer that all losses pass through: "
                "set shared_layer=True, or loss_weighting='fixed'"
            )
        return _cut_backward(network, network.latent, objective, weighting, x, y, precision)
    with precision:
        features = network.features(x)
        latent = in_full(features if network.latent is None else network.latent(features))
        losses = objective(latent, x, y)
    return _plain_backward(losses, weighting)


def _precision(device: str, is_mixed: bool) -> AbstractContextManager[Any]:
    return torch.autocast(device, dtype=torch.bfloat16) if is_mixed else nullcontext()


def _plain_backward(losses: tuple[Tensor, ...], weighting: LossWeighting) -> Step:
    """Pass back losses whose gradients are not asked for."""
    total = weighting.total(losses)
    values, weights = _values(losses), weighting.weights
    is_finite = namespace(values).isfinite(values).all()
    if _may_be_taken(is_finite):
        total.backward()
    return Step(values, weights, np.full(len(losses), np.nan), is_finite)


def _may_be_taken(is_finite: Any) -> bool:
    """Return False for a step that is known to be none; on a GPU that is known later."""
    return isinstance(is_finite, Tensor) or bool(is_finite)


def _cut_backward(
    network: Network,
    shared: nn.Linear,
    objective: Objective,
    weighting: LossWeighting,
    x: Tensor,
    y: Tensor,
    precision: AbstractContextManager[Any],
) -> Step:
    """Cut the graph after the shared layer, so that each part is passed backwards only once.

    A loss's gradient at the cut gives that in the shared layer's weights.
    """
    with precision:
        features: Any = network.features(x)
        latent = in_full(shared(features))
        cut = latent.detach().requires_grad_()
        losses = objective(cut, x, y)
    heads = [parameter for parameter in objective.heads if parameter.requires_grad]
    arrived, of_heads = [], []
    for name, loss in zip(objective.names, losses, strict=True):
        found: tuple[Tensor | None, ...] = (None,)
        if loss.requires_grad:
            found = torch.autograd.grad(loss, [cut, *heads], retain_graph=True, allow_unused=True)
        arrived.append(_reached(name, found[0]))
        of_heads.append(found[1:])
    at_cut = torch.stack(arrived)
    gradients = shared_gradients(at_cut, features.detach())
    weighting.observe(gradients)
    weights = weighting.weights
    is_finite = namespace(gradients.norms).isfinite(gradients.norms).all()
    if _may_be_taken(is_finite):
        for parameter, found in zip(heads, zip(*of_heads, strict=True), strict=True):
            parameter.grad = _weighted(found, weights)
        latent.backward(torch.tensordot(torch.as_tensor(weights).to(at_cut), at_cut, 1))
    return Step(_values(losses), weights, gradients.norms, is_finite)


def _whole_backward(
    network: OwnNetwork,
    objective: Objective,
    weighting: LossWeighting,
    x: Tensor,
    y: Tensor,
    precision: AbstractContextManager[Any],
) -> Step:
    """Pass each loss back to the shared layer alone, and the weighted sum once through all."""
    if not weighting.uses_gradients:
        with precision:
            losses = objective(network.features(x), x, y)
        return _plain_backward(losses, weighting)
    with precision:
        losses, gradients = _at_shared(network, objective, x, y)
    weighting.observe(gradients)
    is_finite = namespace(gradients.norms).isfinite(gradients.norms).all()
    if _may_be_taken(is_finite):
        weighting.total(losses).backward()
    return Step(_values(losses), weighting.weights, gradients.norms, is_finite)


def _at_shared(
    network: OwnNetwork, objective: Objective, x: Tensor, y: Tensor
) -> tuple[tuple[Tensor, ...], SharedGradients]:
    """Return the losses of a mini-batch, and their gradients in the shared layer."""
    layer = network.shared
    if layer is None:
        raise ValueError(
            "the network names no linear layer that all losses pass through: call it latent, or "
            "set loss_weighting='fixed'"
        )
    passed: list[tuple[Tensor, Tensor]] = []
    hook = layer.register_forward_hook(lambda _, given, found: passed.append((given[0], found)))
    try:
        outputs = network.features(x)
    finally:
        hook.remove()
    if len(passed) != 1 or passed[0][0].ndim != 2:
        raise ValueError("the layer latent must be passed once, by (n_epochs, n_features)")
    ((features, cut),) = passed
    losses = objective(outputs, x, y)
    arrived = []
    for name, loss in zip(objective.names, losses, strict=True):
        found = None
        if loss.requires_grad:
            (found,) = torch.autograd.grad(loss, cut, retain_graph=True, allow_unused=True)
        arrived.append(_reached(name, found))
    return losses, shared_gradients(torch.stack(arrived), features.detach())


def _reached(name: str, found: Tensor | None) -> Tensor:
    if found is None:
        raise ValueError(
            f"loss {name!r} does not depend on the shared layer: its gradient there cannot be "
            "weighed; leave it out, or use loss_weighting='fixed'"
        )
    return found


def unweighted_norms(network: Network, objective: Objective, x: Tensor, y: Tensor) -> Floats:
    """Return the norm of each loss's gradient in the shared layer; nothing is changed by it.

    Parameters
    ----------
    network : Network
        In training mode.
    objective : Objective
        Its losses.
    x : Tensor, shape (n_epochs, ..., n_channels, n_times)
        Standardised epochs of a mini-batch.
    y : Tensor of int, shape (n_epochs,)
        Number of the class.

    Returns
    -------
    norms : ndarray, shape (T,)
        NaN where no linear layer is shared.

    See Also
    --------
    backward : Has the same norms where the weighting uses them.

    Examples
    --------
    >>> from bci_online.decoding.network.min2net import MIN2Net
    >>> from calibration.networks.objectives import MIN2NetLosses
    >>> network = MIN2Net(n_channels=2, n_times=100, n_classes=2)
    >>> x, y = torch.randn(4, 2, 100), torch.tensor([0, 1, 0, 1])
    >>> unweighted_norms(network, MIN2NetLosses(network), x, y).shape
    (3,)
    """
    running = [(buffer, buffer.clone()) for buffer in network.buffers()]
    norms = np.full(len(objective.names), np.nan)
    if isinstance(network, OwnNetwork):
        with suppress(ValueError):  # It is said at the first step, if the weighting needs them.
            (norms,) = read_all([_at_shared(network, objective, x, y)[1].norms])
        for buffer, before in running:
            buffer.copy_(before)
        return norms
    if not isinstance(network.latent, nn.Linear):
        return norms
    with torch.no_grad():
        features = network.features(x)
        cut = network.latent(features)
        for buffer, before in running:
            buffer.copy_(before)
    cut.requires_grad_()
    losses = objective(cut, x, y)
    arrived = [torch.autograd.grad(loss, cut, retain_graph=True)[0] for loss in losses]
    return read_all([shared_gradients(torch.stack(arrived), features).norms])[0]


def _weighted(parts: tuple[Tensor | None, ...], weights: Numbers) -> Tensor | None:
    """Return the weighted sum of the gradients there are; most parameters serve one loss only."""
    total = None
    for weight, part in zip(one_by_one(weights), parts, strict=True):
        if part is None:
            continue
        if total is None:
            total = part * weight
        elif isinstance(weight, Tensor):
            total.add_(part * weight)
        else:
            total.add_(part, alpha=weight)
    return total


def _values(losses: tuple[Tensor, ...]) -> Numbers:
    return numbers_of(torch.stack([loss.detach() for loss in losses]))
