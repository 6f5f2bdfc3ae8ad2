"""What happened while a network was trained."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["EpochRecord", "History"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EpochRecord:
    """One pass over the training epochs.

    Attributes
    ----------
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
    """

    number: int
    of: int
    training: Floats
    validation: Floats
    weights: Floats
    watched: float
    accuracy: float
    macro_f1: float
    learning_rate: float


@dataclass(frozen=True)
class History:
    """Every step and every epoch of a training.

    Attributes
    ----------
    names : tuple of str
        The T losses.
    losses, weights, norms : ndarray, shape (n_steps, T)
        Of each mini-batch: unweighted losses, the weights it was minimised with, Frobenius norms
        of the unweighted losses' gradients in the shared layer (NaN: no weighting asked).
    epochs : tuple of EpochRecord
    best : EpochRecord
        The one whose network was kept.
    n_not_finite : int
        Steps that were not taken because a loss or gradient was not finite.
    """

    names: tuple[str, ...]
    losses: Floats
    weights: Floats
    norms: Floats
    epochs: tuple[EpochRecord, ...]
    best: EpochRecord
    n_not_finite: int
