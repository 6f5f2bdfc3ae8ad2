"""Small networks, batches and the slow direct form that the single pass is held against."""

import numpy as np
import torch
from torch import Tensor

from bci_online.config import NetworkSpec
from bci_online.decoding.network.decoder import Network, build_network
from bci_online.decoding.network.layers import project_max_norms
from calibration.networks.gradients import backward
from calibration.networks.loss_weighting import AlphaGrad, LossWeighting
from calibration.networks.objectives import Objective, objective_for
from calibration.networks.weighting_rules import alphagrad_weights


def made(name: str, n_channels=4, n_times=120, dtype=torch.float64) -> tuple[Network, Objective]:
    torch.manual_seed(0)
    is_bank = name == "fbmsnet"
    spec = NetworkSpec(
        name=name, n_channels=n_channels, n_times=n_times, n_classes=2,
        n_bands=9 * is_bank, bank="epoch" if is_bank else "none",
    )  # fmt: skip
    network = build_network(spec).to(dtype)
    return network, objective_for(network, None, False)


def batches(name: str, n: int, size: int, dtype=torch.float64) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(1)
    shape = (9, 4, 120) if name == "fbmsnet" else (4, 120)
    y = torch.arange(size) % 2
    drawn = [torch.randn((size, *shape), generator=generator, dtype=dtype) for _ in range(n)]
    return [(x * (1 + y.view(-1, *[1] * len(shape))), y) for x in drawn]


def parameters(network: Network, objective: Objective) -> dict[str, Tensor]:
    there = dict(network.named_parameters())
    return there if objective.centres is None else there | {"centres": objective.centres}


def direct(network, objective, weights, step, x, y) -> tuple[np.ndarray, np.ndarray]:
    """Fill ``grad`` with one autograd call per loss on the layer, then one backward pass."""
    latent = network.latent(network.features(x))
    losses = objective(latent, x, y)
    norms = []
    for loss in losses:
        (found,) = torch.autograd.grad(loss, network.latent.weight, retain_graph=True)
        norms.append(float(found.norm()))
    weights = alphagrad_weights(weights, np.array(norms), step)
    sum(w * loss for w, loss in zip(weights.tolist(), losses, strict=True)).backward()
    return weights, np.array(norms)


def trained(name: str, form: str, n_steps=20, size=10, dtype=torch.float64):
    """Return weights (n_steps, T) and the last step's gradients, by the one or the other form."""
    network, objective = made(name, dtype=dtype)
    weighting: LossWeighting = AlphaGrad([1.0] * len(objective.names), 0.1)
    weights, taken = weighting.weights, []
    optimiser = torch.optim.Adam(network.parameters())
    for x, y in batches(name, n_steps, size, dtype):
        for parameter in parameters(network, objective).values():
            parameter.grad = None
        if form == "direct":
            weights, _ = direct(network, objective, weights, 0.1, x, y)
        else:
            weights = backward(network, objective, weighting, x, y).weights
        taken.append(weights)
        optimiser.step()
        project_max_norms(network)
    return np.array(taken), {n: p.grad for n, p in parameters(network, objective).items()}
