"""How much each of a network's losses counts: AlphaGrad, its rivals, and constants."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from calibration.networks.shared_layer import numbers_of
from calibration.networks.weighting_rules import (
    Floats,
    Numbers,
    SharedGradients,
    adamt_weights,
    alphagrad_weights,
    namespace,
)

__all__ = [
    "AdaMT",
    "AlphaGrad",
    "Fixed",
    "LossWeighting",
    "Scalarized",
    "one_by_one",
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
    >>> int(weighting.n_frozen)
    1
    """

    uses_gradients = False

    def __init__(self, weights: Sequence[float]) -> None:
        self.weights: Numbers = np.array(weights, dtype=float)
        self.n_frozen: Numbers = 0
        self.parameters: list[Tensor] = []

    def observe(self, gradients: SharedGradients) -> None:
        """Take one mini-batch's gradients, before its backward pass."""
        library = namespace(gradients.norms)
        before = self.weights
        if library is torch:
            before = torch.as_tensor(before).to(gradients.norms)
        known = library.isfinite(gradients.norms).all() & library.isfinite(gradients.means).all()
        weights = self._next(before, gradients)
        self.weights = library.where(known & library.isfinite(weights).all(), weights, before)
        self.n_frozen = self.n_frozen + ~known

    def total(self, losses: Sequence[Tensor]) -> Tensor:
        """Return what one mini-batch minimises; no gradient flows through the weights."""
        weights = one_by_one(self.weights)
        return torch.stack([w * loss for w, loss in zip(weights, losses, strict=True)]).sum()

    def end_epoch(self, training: Floats, validation: Floats) -> None:
        """Take an epoch's weighted losses, each averaged over the batches, (T,)."""

    def state(self) -> dict[str, Numbers]:
        """Return everything that it knows between two passes, by name."""
        return {"weights": self.weights, "n_frozen": self.n_frozen}

    def go_on_from(self, state: Mapping[str, Numbers]) -> None:
        """Know what another one, or itself, knew when it returned its state."""
        self.weights, self.n_frozen = state["weights"], state["n_frozen"]

    def _next(self, weights: Numbers, gradients: SharedGradients) -> Numbers:
        return weights


def one_by_one(weights: Numbers) -> Sequence[Any]:
    """Return weights as numbers, or as tensors of one number where they are on a GPU.

    Parameters
    ----------
    weights : ndarray or Tensor, shape (T,)
        Of the losses.

    Returns
    -------
    weights : sequence of float or Tensor
        T of them; in single precision, as losses are, where they are tensors.

    See Also
    --------
    LossWeighting.total : Multiplies losses with them.

    Examples
    --------
    >>> one_by_one(np.array([0.5, 1.0]))
    [0.5, 1.0]
    """
    return weights.float().unbind() if isinstance(weights, Tensor) else weights.tolist()


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

    def _next(self, weights: Numbers, gradients: SharedGradients) -> Numbers:
        return alphagrad_weights(weights, gradients.norms, self._step)


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

    def _next(self, weights: Numbers, gradients: SharedGradients) -> Numbers:
        return adamt_weights(weights, gradients.means)


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
        # The library keeps sums of losses that nobody can read: they are made again from these.
        self._now: list[Tensor] = []
        self._passes: list[Tensor] = []

    def total(self, losses: Sequence[Tensor]) -> Tensor:
        """Return the library's scalar; the weights are its slopes in the losses."""
        stacked = torch.stack(list(losses))
        self._now.append(stacked.detach())
        total: Tensor = self._scalarizer(stacked)
        (slopes,) = torch.autograd.grad(total, stacked, retain_graph=True)
        self.weights = numbers_of(slopes)
        return total

    def end_epoch(self, training: Floats, validation: Floats) -> None:
        """Tell the library that an epoch is over."""
        self._passes = [*self._passes, torch.stack(self._now)][-2:] if self._now else self._passes
        self._now = []
        if hasattr(self._scalarizer, "step"):
            self._scalarizer.step()

    def state(self) -> dict[str, Numbers]:
        """Return learnt parameters, and the losses of the last two passes."""
        learnt = {f"learnt {n}": each.detach().clone() for n, each in enumerate(self.parameters)}
        passes = {f"pass {n}": losses for n, losses in enumerate(self._passes)}
        return super().state() | learnt | passes

    def go_on_from(self, state: Mapping[str, Numbers]) -> None:
        """Give the library its parameters, or the losses of its last two passes once more."""
        super().go_on_from(state)
        with torch.no_grad():
            for n, parameter in enumerate(self.parameters):
                parameter.copy_(torch.as_tensor(state[f"learnt {n}"]))
        self._now = []
        self._passes = [
            torch.as_tensor(state[f"pass {n}"]) for n in range(2) if f"pass {n}" in state
        ]
        if not hasattr(self._scalarizer, "step"):
            return
        self._scalarizer.reset()
        for losses in self._passes:
            for each in losses:
                self._scalarizer(each)
            self._scalarizer.step()
