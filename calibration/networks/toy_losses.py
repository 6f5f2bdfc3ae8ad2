"""Two losses over a plane, as AlphaGrad's paper has them: two valleys above one bowl."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from calibration.networks.loss_weighting import (
    AdaMT,
    AlphaGrad,
    Fixed,
    LossWeighting,
    SharedGradients,
)
from calibration.networks.weighting_rules import Floats

__all__ = ["STARTS", "Descent", "descents", "toy_losses"]

STARTS = ((-8.5, 7.5), (-10.0, -1.0), (9.0, 9.0))
"""The paper's: two above the valleys, one beside the bowl."""

LOWEST = -39.08
"""The sum of both losses at the global minimum, which is near (0, -5.8)."""


@dataclass(frozen=True)
class Descent:
    """One strategy from one start.

    Parameters
    ----------
    strategy : str
        Its name, for the figure.
    places : ndarray, shape (n_steps, 2)
        Where it was in the plane.
    losses, weights : ndarray, shape (n_steps, 2)
        Of both losses, at each step.

    See Also
    --------
    descents : All strategies from all starts.

    Examples
    --------
    >>> one = Descent("fixed", np.zeros((1, 2)), np.array([[-19.5, -19.5]]), np.ones((1, 2)))
    >>> one.arrives
    True
    """

    strategy: str
    places: Floats
    losses: Floats
    weights: Floats

    @property
    def arrives(self) -> bool:
        """Whether it ends in the global minimum of the sum."""
        return bool(self.losses[-1].sum() < LOWEST + 0.1)


def toy_losses(place: Tensor) -> tuple[Tensor, Tensor]:
    """Return both losses at places (..., 2).

    Parameters
    ----------
    place : Tensor, shape (..., 2)
        Places in the plane.

    Returns
    -------
    first, second : Tensor, shape (...)
        The two losses there.

    See Also
    --------
    descents : Descends in their sum.

    References
    ----------
    Chaisaen et al. (2025), IEEE JBHI, doi 10.1109/JBHI.2025.3572197; from the toy example of Liu et
    al. (2021), Conflict-averse gradient descent, NeurIPS, arXiv 2110.14048, with one bowl for two.

    Examples
    --------
    >>> first, second = toy_losses(torch.tensor([0.0, -5.8]))
    >>> round(first.item(), 2), round(second.item(), 2)
    (-19.54, -19.54)
    """
    u, v = place[..., 0], place[..., 1]
    upper, lower = torch.tanh(v / 2).clamp_min(0), torch.tanh(-v / 2).clamp_min(0)
    first = ((-u - 7) / 2 - torch.tanh(-v)).abs().clamp_min(5e-6).log() + 6
    second = ((-u + 3) / 2 + torch.tanh(-v) + 2).abs().clamp_min(5e-6).log() + 6
    bowl = (u**2 + v**2 / 10) / 10 - 20
    return upper * first + lower * bowl, upper * second + lower * bowl


def descents(
    n_steps: int = 20_000, learning_rate: float = 0.001, step: float = 0.001
) -> list[Descent]:
    """Descend from every start with fixed weights, AdaMT and AlphaGrad, by Adam.

    The plane itself is the layer that both losses share. Steps and rates are the paper's.

    Parameters
    ----------
    n_steps : int
        Steps of each descent.
    learning_rate : float
        Adam's.
    step : float
        AlphaGrad's.

    Returns
    -------
    runs : list of Descent
        From each start one with fixed weights, one with AdaMT and one with AlphaGrad.

    See Also
    --------
    toy_losses : The plane's two losses.
    calibration.networks.trajectories.draw_toy : Draw them.

    Examples
    --------
    >>> [run.strategy for run in descents(n_steps=2)[:3]]
    ['fixed (1, 1)', 'AdaMT', 'AlphaGrad']
    """
    runs: list[tuple[str, LossWeighting]] = []
    for _ in STARTS:
        equal = (1.0, 1.0)
        runs += [("fixed (1, 1)", Fixed(equal)), ("AdaMT", AdaMT(equal))]
        runs += [("AlphaGrad", AlphaGrad(equal, step))]
    starts = np.repeat(STARTS, len(runs) // len(STARTS), axis=0)
    place = torch.tensor(starts, requires_grad=True)
    optimiser = torch.optim.Adam([place], lr=learning_rate)
    places = np.empty((n_steps, len(runs), 2))
    losses, weights = np.empty_like(places), np.empty_like(places)
    for n in range(n_steps):
        both = toy_losses(place)
        gradients = [torch.autograd.grad(loss.sum(), place, retain_graph=True)[0] for loss in both]
        found = torch.stack(gradients, dim=1).numpy()
        for run, (_, weighting) in enumerate(runs):
            own = found[run]
            weighting.observe(SharedGradients(np.linalg.norm(own, axis=1), own.mean(axis=1)))
            weights[n, run] = weighting.weights
        places[n] = place.detach().numpy()
        losses[n] = torch.stack(both, dim=1).detach().numpy()
        place.grad = torch.from_numpy(np.einsum("rt,rtd->rd", weights[n], found))
        optimiser.step()
    return [
        Descent(name, places[:, run], losses[:, run], weights[:, run])
        for run, (name, _) in enumerate(runs)
    ]
