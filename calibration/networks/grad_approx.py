"""GradApprox: weights of losses from how their curves over the passes bend."""

from collections.abc import Mapping, Sequence

import numpy as np

from calibration.networks.loss_weighting import LossWeighting
from calibration.networks.weighting_rules import Floats, Numbers, gradapprox_weights, slopes

__all__ = ["WARM_UP", "GradApprox", "windows"]

WARM_UP = {"min2net": 2, "fbmsnet": 5, "eegnet": 0}
"""Passes before the weights of a network move, as published."""

FEWEST_POINTS = 3


def windows(n_training: int, n_validation: int, batch_size: int) -> tuple[int, int]:
    """Return through how many last passes each line goes: as many as a pass has batches.

    Parameters
    ----------
    n_training, n_validation : int
        Epochs of a pass, and epochs held out.
    batch_size : int
        Training epochs of a mini-batch.

    Returns
    -------
    training, validation : int
        As published, the validation epochs are divided so that there are about as many batches of
        them: what is left over makes more.

    See Also
    --------
    GradApprox : Uses them.

    Examples
    --------
    >>> windows(80, 20, 10)  # eight batches of ten, ten batches of two
    (8, 10)
    """
    n_batches = -(-n_training // batch_size)
    of_a_batch = max(1, n_validation // n_batches)
    return n_batches, -(-n_validation // of_a_batch)


class GradApprox(LossWeighting):
    """Weights from slopes of the losses over passes; needs validation data.

    A loss's reference slopes are those of its first fit, without the last point; whenever its
    validation loss falls faster than the reference, the slopes of then become the reference.

    Parameters
    ----------
    weights : sequence of float
        At the start, and where no loss gains.
    n_points : (int, int)
        Last passes that the lines of training and of validation are fitted to; see `windows`.
    warm_up : int
        Passes before the weights move: 2 for MIN2Net, 5 for FBMSNet.

    See Also
    --------
    calibration.networks.weighting_rules.gradapprox_weights : The rule, with its source.

    Examples
    --------
    >>> weighting = GradApprox([1.0, 1.0], n_points=(3, 3), warm_up=2)
    >>> for loss in (4.0, 3.0, 1.0):
    ...     weighting.end_epoch(np.array([loss, loss]), np.array([8.0 - loss, 8.0 - loss / 2]))
    >>> weighting.weights.sum().item()
    2.0
    """

    def __init__(self, weights: Sequence[float], n_points: tuple[int, int], warm_up: int) -> None:
        super().__init__(weights)
        self._initial = self.weights
        self._n_points = [max(FEWEST_POINTS, n) for n in n_points]
        self._warm_up = max(2, warm_up)
        self._points: list[Floats] = []
        self._references: Floats | None = None

    def end_epoch(self, training: Floats, validation: Floats) -> None:
        """Fit lines to the last passes and move the weights."""
        point = np.array([training, validation])
        if not np.isfinite(point).all():
            self.n_frozen += 1
            return
        self._points.append(point)
        if len(self._points) <= self._warm_up:
            return
        slope = self._slopes(self._points)
        if self._references is None:
            self._references = self._slopes(self._points[:-1])
        overfitting = (slope[1] - slope[0]) - (self._references[1] - self._references[0])
        generalisation = slope[1] - self._references[1]
        self.weights = gradapprox_weights(overfitting, generalisation, self._initial)
        falls_faster = slope[1] < self._references[1]
        self._references = np.where(falls_faster, slope, self._references)

    def state(self) -> dict[str, Numbers]:
        """Return the passes until now, and the reference slopes."""
        known = super().state() | {"points": np.array(self._points)}
        return known if self._references is None else known | {"references": self._references}

    def go_on_from(self, state: Mapping[str, Numbers]) -> None:
        """Know these passes."""
        super().go_on_from(state)
        self._points = list(state["points"])
        self._references = state.get("references")

    def _slopes(self, points: Sequence[Floats]) -> Floats:
        """Return the slopes (2, T), of training and of validation, each in its own window."""
        every = np.array(points)
        return np.stack([slopes(every[-n:, side]) for side, n in enumerate(self._n_points)])
