"""What a network is trained on: standardised epochs, and how they are divided into steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["Data", "Schedule", "batches", "mixed", "n_drawn"]


@dataclass(frozen=True)
class Data:
    """Standardised epochs and class numbers; ``y`` is (n_epochs,).

    Parameters
    ----------
    x : Tensor, shape (n_epochs, ..., n_channels, n_times)
        Standardised epochs, with a band axis for FBMSNet.
    y : Tensor of int, shape (n_epochs,)
        Number of the class.

    See Also
    --------
    calibration.networks.descent.descend : Trains on them.

    Examples
    --------
    >>> Data(torch.zeros(2, 1, 64), torch.tensor([0, 1])).labels.tolist()
    [0, 1]
    """

    x: Tensor
    y: Tensor

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The classes as an array: read once, not in each pass."""
        return self.y.cpu().numpy()


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a network is trained.

    Parameters
    ----------
    batch_size : int
        Epochs of a mini-batch.
    max_epochs : int
        Passes over the data, at most.
    patience : int
        Passes without a better one, after which the training ends.
    learning_rate : float
        Adam's, at the start.
    monitor : str
        What decides which pass is best; see `NetworkClassifier`.
    undersample : bool
        Draw as many epochs of each class as the rarest has, new ones for each pass.
    learn_centres : bool
        Move the centres of the centre loss.
    min_epochs : int
        Passes that are made before patience can end the training.
    precision : {"float32", "bfloat16"}
        What the layers compute in while they learn.

    See Also
    --------
    calibration.networks.descent.descend : Follows it.
    calibration.networks.network_classifier.NetworkClassifier : Its parameters have the same names.
    """

    batch_size: int
    max_epochs: int
    patience: int
    learning_rate: float
    monitor: str
    undersample: bool
    learn_centres: bool
    min_epochs: int = 1
    precision: str = "float32"


def n_drawn(y: Tensor, schedule: Schedule) -> int:
    """Return how many epochs one pass takes.

    Parameters
    ----------
    y : Tensor of int, shape (n_epochs,)
        Number of the class.
    schedule : Schedule
        Its ``undersample`` is used.

    Returns
    -------
    n_drawn : int
        All of them, or as many of each class as the rarest has.

    See Also
    --------
    batches : Draws them.

    Examples
    --------
    >>> y = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1])
    >>> n_drawn(y, Schedule(3, 50, 15, 1e-3, "classification", False, False))
    8
    >>> n_drawn(y, Schedule(3, 50, 15, 1e-3, "classification", True, False))  # two of each class
    4
    """
    counts = torch.bincount(y)
    return counts.numel() * int(counts.min()) if schedule.undersample else len(y)


def batches(data: Data, schedule: Schedule, random: np.random.Generator) -> Iterator[Tensor]:
    """Yield the rows of each batch of one pass, in a new order.

    Parameters
    ----------
    data : Data
        The epochs.
    schedule : Schedule
        With ``undersample`` as many of each class are drawn as the rarest has.
    random : numpy.random.Generator
        Of the order.

    Yields
    ------
    rows : Tensor of int, shape (n_rows,)
        At most ``batch_size``.

    See Also
    --------
    n_drawn : How many epochs they hold.

    Examples
    --------
    >>> y = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1])
    >>> schedule, data = Schedule(4, 50, 15, 1e-3, "classification", True, False), Data(y, y)
    >>> [sorted(y[rows].tolist()) for rows in batches(data, schedule, np.random.default_rng(0))]
    [[0, 0, 1, 1]]
    """
    labels, rows = data.labels, random.permutation(len(data.labels))
    if schedule.undersample:
        fewest = np.bincount(labels).min()
        rows = np.concatenate([rows[labels[rows] == c][:fewest] for c in np.unique(labels)])
        rows = random.permutation(rows)
    yield from torch.from_numpy(rows).to(data.y.device).split(schedule.batch_size)


def mixed(data: Data, random: np.random.Generator) -> Data:
    """Return the same epochs in a new order: a batch of one class would have no triplets.

    Parameters
    ----------
    data : Data
        Often sorted by class.
    random : numpy.random.Generator
        Of the order.

    Returns
    -------
    mixed : Data
        Each epoch with its own class.

    See Also
    --------
    batches : Mixes the training epochs again for each pass.

    Examples
    --------
    >>> data = Data(torch.arange(6.0), torch.tensor([0, 0, 0, 1, 1, 1]))
    >>> found = mixed(data, np.random.default_rng(0))
    >>> [data.y[int(x)].item() for x in found.x] == found.y.tolist()
    True
    """
    rows = torch.from_numpy(random.permutation(len(data.y))).to(data.y.device)
    return Data(data.x[rows], data.y[rows])
