"""How much each of a network's losses counts: AlphaGrad, its rivals, and constants."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from calibration.networks.weighting_rules import (
    Floats,
    adamt_weights,
    alphagrad_weights,
    gradapprox_weights,
    slopes,
)

__all__ = [
    "AdaMT",
    "AlphaGrad",
    "Fixed",
    "GradApprox",
    "LossWeighting",
    "Scalarized",
    "SharedGradients",
    "weighting_for",
]


class SharedGradients(NamedTuple):
    """What weightings ask of the gradients of T unweighted losses in the shared layer's weights.

    Parameters
    ----------
    norms, means : ndarray, shape (T,)
        Frobenius norms, and signed means over all entries.
    """

    norms: Floats
    means: Floats


class LossWeighting:
    """Weights (T,) that stay as they are; what every weighting can be asked.

    Parameters
    ----------
    weights : sequence of float
        At the start.

    Attributes
    ----------
    weights : ndarray, shape (T,)
    n_frozen : int
        Steps whose gradients were not finite; the weights stayed as they were.
    uses_gradients : bool
        Whether `observe` must be called in every step.
    parameters : list of Tensor
        What is learnt along with the network.
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
    """Constants."""


class AlphaGrad(LossWeighting):
    """See `alphagrad_weights`."""

    uses_gradients = True

    def __init__(self, weights: Sequence[float], step: float = 0.01) -> None:
        super().__init__(weights)
        self._step = step

    def _next(self, gradients: SharedGradients) -> Floats:
        return alphagrad_weights(self.weights, gradients.norms, self._step)


class AdaMT(LossWeighting):
    """See `adamt_weights`."""

    uses_gradients = True

    def _next(self, gradients: SharedGradients) -> Floats:
        return adamt_weights(self.weights, gradients.means)


class GradApprox(LossWeighting):
    """Weights from slopes of the losses over epochs; needs validation data.

    A loss's reference slopes are those of its first fit, without the last point; whenever its
    validation loss falls faster than the reference, the slopes of then become the reference.

    Parameters
    ----------
    weights : sequence of float
    n_points : int
        Last epochs that a line is fitted to; as many as an epoch has batches.
    warm_up : int
        Epochs before the weights move: 2 for MIN2Net, 5 for FBMSNet.
    """

    def __init__(self, weights: Sequence[float], n_points: int, warm_up: int) -> None:
        super().__init__(weights)
        self._initial = self.weights
        self._n_points = max(3, n_points)
        self._warm_up = max(2, warm_up)
        self._points: list[Floats] = []
        self._references: Floats | None = None

    def end_epoch(self, training: Floats, validation: Floats) -> None:
        """Fit lines to the last epochs and move the weights."""
        point = np.array([training, validation])
        if not np.isfinite(point).all():
            self.n_frozen += 1
            return
        self._points.append(point)
        if len(self._points) <= self._warm_up:
            return
        last = np.array(self._points[-self._n_points :])
        slope = slopes(last)
        if self._references is None:
            self._references = slopes(last[:-1])
        overfitting = (slope[1] - slope[0]) - (self._references[1] - self._references[0])
        generalisation = slope[1] - self._references[1]
        self.weights = gradapprox_weights(overfitting, generalisation, self._initial)
        falls_faster = slope[1] < self._references[1]
        self._references = np.where(falls_faster, slope, self._references)


class Scalarized(LossWeighting):
    """A strategy of `torchjd`: uncertainty weighting ("uw") or dynamic weight averaging ("dwa").

    Parameters
    ----------
    n_losses : int
    name : {"uw", "dwa"}

    Raises
    ------
    ModuleNotFoundError
        If torchjd is not installed.
    """

    def __init__(self, n_losses: int, name: str) -> None:
        super().__init__([1.0] * n_losses)
        try:
            from torchjd.scalarization import DWA, UW
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                f"loss_weighting={name!r} needs torchjd: pip install 'bci-online[strategies]'"
            ) from None
        makers: Mapping[str, Any] = {"uw": lambda: UW(n_losses), "dwa": DWA}
        self._scalarizer = makers[name]()
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


def weighting_for(
    name: str, start: Sequence[float], *, step: float, n_batches: int, warm_up: int
) -> LossWeighting:
    """Return one of `calibration.method_names.WEIGHTINGS`; a single loss is not weighed.

    Parameters
    ----------
    name : str
    start : sequence of float
        The losses' weights at the start.
    step : float
        AlphaGrad's.
    n_batches, warm_up : int
        GradApprox's: batches of an epoch, epochs before the weights move.
    """
    if name == "fixed" or len(start) == 1:
        return Fixed(start)
    if name == "alphagrad":
        return AlphaGrad(start, step)
    if name == "adamt":
        return AdaMT(start)
    if name == "gradapprox":
        return GradApprox(start, n_batches, warm_up)
    return Scalarized(len(start), name)
