"""What a network shows on the trials that watched its training, against what chance would."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

__all__ = ["Shown", "shown_on"]

N_DRAWN = 4000
"""Orders of the labels that are drawn: a probability of 5 % is known to 0.4 %."""

MOST = 1_000_000
"""Labels that are drawn at once."""


class Shown(NamedTuple):
    """How many trials a network has right that it has not learnt from.

    Parameters
    ----------
    right, of : int
        Trials of imagery, or flashes.
    chance : float
        Probability of so many where labels and scores have nothing to do with each other. An equal
        number counts half.

    See Also
    --------
    shown_on : Counts them.
    """

    right: int
    of: int
    chance: float


def shown_on(logits: NDArray[np.float64], y: NDArray[np.int64], groups: Any = None) -> Shown:
    """Return what a network shows on epochs that were held out to watch its training.

    Parameters
    ----------
    logits : ndarray, shape (n_epochs, n_classes)
        Its own of them.
    y : ndarray of int, shape (n_epochs,)
        Their classes.
    groups : ndarray, shape (n_epochs,), optional
        Where each group is of one class, as the windows of a trial, the whole group is one that is
        right or wrong; else each epoch is.

    Returns
    -------
    shown : Shown
        With the probability of a permutation test: a network that always says the same shows
        nothing, however many trials are of that class.

    See Also
    --------
    calibration.networks.judged_training.is_at_chance : Asks for it.

    Examples
    --------
    >>> y = np.arange(16) % 2
    >>> logits = np.eye(2)[y]
    >>> logits[:2] = logits[1::-1]
    >>> shown = shown_on(logits, y)
    >>> shown.right, shown.of, shown.chance < 0.05
    (14, 16, True)
    >>> shown_on(np.tile([0.0, 1.0], (16, 1)), y).chance > 0.05  # it always says the second class
    True
    """
    scores = log_softmax(logits, axis=1)
    if groups is not None:
        names, number = np.unique(groups, return_inverse=True)
        each = [np.unique(y[number == n]) for n in range(names.size)]
        if all(classes.size == 1 for classes in each):
            scores = np.stack([scores[number == n].mean(axis=0) for n in range(names.size)])
            y = np.concatenate(each)
    said = scores.argmax(axis=1)
    right = int(np.count_nonzero(said == y))
    random = np.random.default_rng(0)
    # As many orders at once as fit into some megabytes: a pool has 100,000 flashes and more.
    at_once = max(1, min(N_DRAWN, MOST // max(1, y.size)))
    counts = np.concatenate(
        [
            np.count_nonzero(
                random.permuted(np.tile(y, (min(at_once, N_DRAWN - start), 1)), axis=1) == said,
                axis=1,
            )
            for start in range(0, N_DRAWN, at_once)
        ]
    )
    chance = np.mean(counts > right) + 0.5 * np.mean(counts == right)
    return Shown(right, y.size, float(chance))
