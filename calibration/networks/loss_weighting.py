"""How much each of a network's losses counts: AlphaGrad, its rivals, and constants."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = [
    "AdaMT",
    "AlphaGrad",
    "Fixed",
    "GradApprox",
    "LossWeighting",
    "Scalarized",
    "SharedGradients",
    "adamt_weights",
    "alphagrad_weights",
    "gradapprox_weights",
    "weighting_for",
]

Floats = NDArray[np.float64]


class SharedGradients(NamedTuple):
    """What weightings ask of the gradients of T unweighted losses in the shared layer's weights.

    Parameters
    ----------
    norms, means : ndarray, shape (T,)
        Frobenius norms, and signed means over all entries.
    """

    norms: Floats
    means: Floats


def alphagrad_weights(weights: Floats, norms: Floats, step: float) -> Floats:
    """Return AlphaGrad's next weights: less of what has the larger gradient.

    ``w_i - step * w_i n_i / |w n|``, at least 1e-4, scaled to sum up to T.

    Under constant unweighted norms all weight goes to the loss with the smallest. What matters is
    ``step`` times the number of steps: with the first norms of MIN2Net the triplet loss's weight is
    below 0.01 after about 1.49 / ``step`` batches.

    Parameters
    ----------
    weights : ndarray, shape (T,)
    norms : ndarray, shape (T,)
        Of the unweighted losses' gradients; all zero leaves the weights as they are.
    step : float
        Positive; the published choices are 1 to 1e-4.

    See Also
    --------
    adamt_weights, gradapprox_weights, weighting_for

    Examples
    --------
    >>> import numpy as np
    >>> alphagrad_weights(np.ones(2), np.array([3.0, 4.0]), step=0.1).round(3).tolist()
    [1.011, 0.989]

    References
    ----------
    Chaisaen et al. (2025), IEEE JBHI, doi 10.1109/JBHI.2025.3572197.
    """
    weighted = weights * norms
    if not weighted.any():
        return weights
    # Scaled first: the squares of very large or small norms overflow or vanish.
    weighted = weighted / weighted.max()
    moved = np.maximum(weights - step * weighted / (np.linalg.norm(weighted) + 1e-7), 1e-4)
    return moved * (moved.size / moved.sum())


def adamt_weights(weights: Floats, means: Floats) -> Floats:
    """Return AdaMT's weights: in proportion to the signed mean of each weighted gradient.

    At least 0.1 before they are scaled to sum up to T; all-zero means leave them as they are.

    Parameters
    ----------
    weights, means : ndarray, shape (T,)
    """
    weighted = weights * means
    if not weighted.any():
        return weights
    share = np.maximum(weighted / (weighted.sum() + 1e-7), 0.1)
    return share * (share.size / share.sum())


def gradapprox_weights(overfitting: Floats, generalisation: Floats, initial: Floats) -> Floats:
    """Return GradApprox's weights: gain in validation against growth of overfitting.

    Parameters
    ----------
    overfitting : ndarray, shape (T,)
        ``O = (s_va - s_tr) - (r_va - r_tr)``, s being slopes of losses and r their references.
    generalisation : ndarray, shape (T,)
        ``G = s_va - r_va``.
    initial : ndarray, shape (T,)
        The weights where no loss gains.
    """
    value = np.maximum(0.0, generalisation / (overfitting**2 + 1e-6))
    if not value.sum() > 0.0:
        return initial
    return np.maximum(value.size * value / value.sum(), 1e-5)


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
        slopes = _slopes(last)
        if self._references is None:
            self._references = _slopes(last[:-1])
        overfitting = (slopes[1] - slopes[0]) - (self._references[1] - self._references[0])
        generalisation = slopes[1] - self._references[1]
        self.weights = gradapprox_weights(overfitting, generalisation, self._initial)
        falls_faster = slopes[1] < self._references[1]
        self._references = np.where(falls_faster, slopes, self._references)


def _slopes(points: Floats) -> Floats:
    """Return the slopes (2, T) of lines through points (n_epochs, 2, T)."""
    when = np.arange(len(points)) - (len(points) - 1) / 2
    return np.tensordot(when, points, axes=1) / (when @ when)


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
