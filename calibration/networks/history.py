"""The record of a training: every step, and every pass over the data."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.config import LearningCurve
from calibration.networks.shown import Shown

__all__ = ["EpochRecord", "History", "Steps", "learning_curve"]

Floats = NDArray[np.float64]


class Steps(NamedTuple):
    """Some mini-batches, one after the other.

    Parameters
    ----------
    losses, weights, norms : ndarray, shape (n_steps, T)
        As in `History`.
    is_finite : ndarray of bool, shape (n_steps,)
        False for a step that was not taken.

    See Also
    --------
    History : All of a training.

    Examples
    --------
    >>> one = np.ones((2, 1))
    >>> Steps(np.array([[3.0], [np.inf]]), one, one, np.array([True, False])).means.tolist()
    [3.0]
    """

    losses: Floats
    weights: Floats
    norms: Floats
    is_finite: NDArray[np.bool_]

    @property
    def means(self) -> Floats:
        """The unweighted losses' means over the steps that were taken."""
        taken = self.losses[self.is_finite]
        means: Floats = taken.mean(axis=0) if len(taken) else np.full(self.losses.shape[1], np.nan)
        return means


@dataclass(frozen=True)
class EpochRecord:
    """One pass over the training epochs.

    Parameters
    ----------
    names : tuple of str
        The T losses.
    number, of : int
        Which pass, from 1, and how many there can be at most.
    training, validation : ndarray, shape (T,)
        Unweighted losses, means over the batches; without validation data both are training's.
    weights : ndarray, shape (T,)
        At its end.
    watched : float
        What decides which epoch is best: the lowest.
    accuracy, macro_f1 : float
        Of the validation data.
    learning_rate : float
        Adam's, in this pass.

    See Also
    --------
    History : All of a training.

    Examples
    --------
    >>> loss, weight = np.array([0.5]), np.array([1.0])
    >>> print(EpochRecord(("classification",), 3, 50, loss, loss, weight, 0.5, 0.75, 0.74, 1e-3))
    pass 3 of 50, classification 0.5 x 1; 75 % right
    """

    names: tuple[str, ...]
    number: int
    of: int
    training: Floats
    validation: Floats
    weights: Floats
    watched: float
    accuracy: float
    macro_f1: float
    learning_rate: float

    def __str__(self) -> str:
        """Return the pass, each loss and its weight, and the share of validation data right."""
        losses = zip(self.names, self.validation, self.weights, strict=True)
        terms = ", ".join(f"{name} {loss:.3g} x {weight:.3g}" for name, loss, weight in losses)
        return f"pass {self.number} of {self.of}, {terms}; {100 * self.accuracy:.0f} % right"


@dataclass(frozen=True)
class History:
    """Every step and every epoch of a training.

    Parameters
    ----------
    names : tuple of str
        The T losses.
    losses, weights, norms : ndarray, shape (n_steps, T)
        Of each mini-batch: unweighted losses, the weights it was minimised with, Frobenius norms
        of the unweighted losses' gradients in the shared layer (NaN: no weighting asked).
    first_norms : ndarray, shape (T,)
        The same norms at the first batch, whoever asks; NaN where no layer is shared.
    epochs : tuple of EpochRecord
        The passes, in order.
    best : EpochRecord
        The one whose network was kept.
    n_not_finite : int
        Steps that were not taken because a loss or gradient was not finite.
    n_refused : int
        Trainings with other seeds whose network was no better than chance.
    shown : Shown, optional
        What the network shows on the epochs that were held out to watch it; None without any.

    See Also
    --------
    learning_curve : What of it goes into the decoder file.

    Examples
    --------
    >>> loss, weight = np.array([0.25]), np.array([1.0])
    >>> record = EpochRecord(("classification",), 1, 50, loss, loss, weight, 0.5, 0.75, 0.74, 1e-3)
    >>> steps = np.ones((2, 1))
    >>> History(record.names, steps, steps, steps, steps[0], (record,), record, 0).kept_loss
    0.25
    """

    names: tuple[str, ...]
    losses: Floats
    weights: Floats
    norms: Floats
    first_norms: Floats
    epochs: tuple[EpochRecord, ...]
    best: EpochRecord
    n_not_finite: int
    n_refused: int = 0
    shown: Shown | None = None

    @property
    def kept_loss(self) -> float:
        """The classification loss, unweighted, of the network that was kept."""
        return float(self.best.validation[-1])


def learning_curve(history: History) -> LearningCurve:
    """Return the passes of a training, for the decoder file; of gradient norms their means.

    Parameters
    ----------
    history : History
        Of one training.

    Returns
    -------
    curve : LearningCurve
        One row for each pass; a norm is the mean over the pass's batches.

    See Also
    --------
    bci_online.config.training_results.LearningCurve : Its fields.

    Examples
    --------
    >>> loss, weight = np.array([0.5]), np.array([1.0])
    >>> record = EpochRecord(("classification",), 1, 50, loss, loss, weight, 0.5, 0.75, 0.74, 1e-3)
    >>> steps, norms = np.ones((2, 1)), np.array([[3.0], [5.0]])
    >>> history = History(record.names, steps, steps, norms, norms[0], (record,), record, 0)
    >>> learning_curve(history).norms
    ((4.0,),)
    """
    norms = [
        np.ma.masked_invalid(part).mean(axis=0).filled(np.nan)
        for part in np.array_split(history.norms, len(history.epochs))
    ]
    return LearningCurve(
        losses=history.names,
        kept=history.best.number,
        training=_rows([record.training for record in history.epochs]),
        validation=_rows([record.validation for record in history.epochs]),
        weights=_rows([record.weights for record in history.epochs]),
        norms=_rows(norms),
        refused=history.n_refused,
        shown=history.shown,
    )


def _rows(passes: list[Floats]) -> tuple[tuple[float | None, ...], ...]:
    """Return numbers as JSON has them, to five digits: they are drawn, not computed with."""
    return tuple(
        tuple(float(f"{value:.5g}") if np.isfinite(value) else None for value in row)
        for row in passes
    )
