"""How much each of a network's losses counts: AlphaGrad, its rivals, and constants."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from calibration.networks.weighting_rules import (
    Floats,
    SharedGradients,
    adamt_weights,
    alphagrad_weights,
)

__all__ = [
    "AdaMT",
    "AlphaGrad",
    "Fixed",
    "LossWeighting",
    "Scalarized",
]


class LossWeighting:
    """Weights (T,) that stay as they are; what every weighting can be asked.

    Parameters
    ----------
    weights : sequence of float
        At the start.

    See Also
    --------
    calibration.networks.weighting_choice.weighting_for : Chooses a weighting by name.

    Examples
    --------
    >>> weighting = LossWeighting([1.0])
    >>> weighting.observe(SharedGradients(np.array([np.nan]), np.zeros(1)))
    >>> weighting.n_frozen
    1
    """

    uses_gradients = False

    def __init__(self, weights: Sequence[float]) -> None:
        self.weights = np.array(weights, dtype=float)
        self.n_frozen = 0
        self.parameters: list[Tensor] = []

    def observe(self, gradients: SharedGradients) -> None:
        """Take one mini-batch's gradients, before its backward pass."""
        if not (np.isfinite(gradients.norms).all() and np.isfinite(gradients.means).all()):
            self.n_frozen += 1
            return
        weights = self._next(gradients)
        if np.isfinite(weights).all():
            self.weights = weights

    def total(self, losses: Sequence[Tensor]) -> Tensor:
        """Return what one mini-batch minimises; no gradient flows through the weights."""
        weights = self.weights.tolist()
        return torch.stack([w * loss for w, loss in zip(weights, losses, strict=True)]).sum()

    def end_epoch(self, training: Floats, validation: Floats) -> None:
        """Take an epoch's weighted losses, each averaged over the batches, (T,)."""

    def _next(self, gradients: SharedGradients) -> Floats:
        return self.weights


class Fixed(LossWeighting):
    """Weights that never change.

    Parameters
    ----------
    weights : sequence of float
        One for each loss.

    See Also
    --------
    calibration.networks.weighting_choice.weighting_for : Chooses a weighting by name.

    Examples
    --------
    >>> Fixed([0.5, 1.0]).total([torch.tensor(2.0), torch.tensor(3.0)]).item()
    4.0
    """


class AlphaGrad(LossWeighting):
    """Less weight for what has the larger gradient, a small step in each batch.

    Parameters
    ----------
    weights : sequence of float
        At the start.
    step : float
        How far the weights move in one batch.

    See Also
    --------
    calibration.networks.weighting_rules.alphagrad_weights : The rule, with its source.

    Examples
    --------
    >>> weighting = AlphaGrad([1.0, 1.0], step=0.1)
    >>> weighting.observe(SharedGradients(np.array([3.0, 4.0]), np.zeros(2)))
    >>> weighting.weights.round(3).tolist()
    [1.011, 0.989]
    """

    uses_gradients = True

    def __init__(self, weights: Sequence[float], step: float = 0.01) -> None:
        super().__init__(weights)
        self._step = step

    def _next(self, gradients: SharedGradients) -> Floats:
        return alphagrad_weights(self.weights, gradients.norms, self._step)


class AdaMT(LossWeighting):
    """Weights in proportion to the signed means of the weighted gradients.

    Parameters
    ----------
    weights : sequence of float
        At the start.

    See Also
    --------
    calibration.networks.weighting_rules.adamt_weights : The rule, with its source.

    Examples
    --------
    >>> weighting = AdaMT([1.0, 1.0])
    >>> weighting.observe(SharedGradients(np.ones(2), np.array([1.0, 3.0])))
    >>> weighting.weights.round(2).tolist()
    [0.5, 1.5]
    """

    uses_gradients = True

    def _next(self, gradients: SharedGradients) -> Floats:
        return adamt_weights(self.weights, gradients.means)


class Scalarized(LossWeighting):
    """A strategy of `torchjd`: uncertainty weighting ("uw") or dynamic weight averaging ("dwa").

    Parameters
    ----------
    n_losses : int
        How many losses are weighed.
    name : {"uw", "dwa"}
        Which strategy.
    device : str
        Where the losses are.

    Raises
    ------
    ModuleNotFoundError
        If torchjd is not installed.

    See Also
    --------
    calibration.networks.weighting_choice.weighting_for : Chooses a weighting by name.

    Examples
    --------
    >>> weighting = Scalarized(2, "dwa")
    >>> weighting.total([torch.tensor(2.0, requires_grad=True), torch.tensor(3.0)]).item()
    5.0
    """

    def __init__(self, n_losses: int, name: str, device: str = "cpu") -> None:
        super().__init__([1.0] * n_losses)
        try:
            from torchjd.scalarization import DWA, UW
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                f"loss_weighting={name!r} needs torchjd: pip install 'bci-online[strategies]'"
            ) from None
        makers: Mapping[str, Any] = {"uw": lambda: UW(n_losses), "dwa": DWA}
        self._scalarizer = makers[name]().to(device)
        self.parameters = list(self._scalarizer.parameters())

    def total(self, losses: Sequence[Tensor]) -> Tensor:
        """Return the library's scalar; the weights are its slopes in the losses."""
        stacked = torch.stack(list(losses))
        total: Tensor = self._scalarizer(stacked)
        (slopes,) = torch.autograd.grad(total, stacked, retain_graph=True)
        self.weights = slopes.detach().double().cpu().numpy()
        return total

    def end_epoch(self, training: Floats, validation: Floats) -> None:
        """Tell the library that an epoch is over."""
        if hasattr(self._scalarizer, "step"):
            self._scalarizer.step()
