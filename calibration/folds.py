"""Which epochs train and which test: whole runs, letters or trials, never single flashes.

`grouped`, `blocks` and `by_class` make folds of arrays. `outer_folds`, `inner_folds` and `units`
choose between them for epochs that are in order of time within runs.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["NO_LETTER", "OUTER_GROUPS", "Fold", "Share", "blocks", "by_class", "grouped",
           "inner_folds", "outer_folds", "units"]  # fmt: skip

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows to train on and rows to test on."""

Share = Callable[[Callable[[Any, Any], Any], Any, Sequence[Any]], list[Any]]
"""``share(work, shared, items)`` returns ``work(shared, item)`` of each item, in their order."""

NO_LETTER = -1
"""The letter of an epoch that lies outside all letters."""

FEWEST_RUNS = 3
OUTER_GROUPS, INNER_GROUPS = 6, 5
OUTER_BLOCKS, INNER_BLOCKS = 6, 4


class TimedEpochs(Protocol):
    """Epochs whose run, letter and time are known, each an array of shape (n_epochs,)."""

    @property
    def run(self) -> NDArray[np.int64]:
        """Number of the recording."""
        ...

    @property
    def letter(self) -> NDArray[np.int64]:
        """Number of the letter; `NO_LETTER` outside letters."""
        ...

    @property
    def time(self) -> NDArray[np.float64]:
        """Seconds, comparable within a run."""
        ...


def outer_folds(epochs: TimedEpochs, purge_s: float) -> tuple[str, list[Fold]]:
    """Return the folds that every printed figure comes from: by run, by letter or by block.

    Parameters
    ----------
    epochs : TimedEpochs
        With three runs or more the folds are runs. Else they are letters in at most six groups.
        Epochs outside letters are cut into six contiguous blocks.
    purge_s : float
        Seconds around a block that are left out of its training.

    Returns
    -------
    split : {"run", "letter", "block"}
        How the folds were made.
    folds : list of Fold
        Rows to train on and rows to test on, for each fold.

    See Also
    --------
    inner_folds : The folds within a training set.
    calibration.p300.evaluation.evaluate : Figures from these folds.

    Examples
    --------
    One run of four letters, with two flashes each:

    >>> from types import SimpleNamespace
    >>> epochs = SimpleNamespace(
    ...     run=np.zeros(8, dtype=int), letter=np.arange(8) // 2, time=np.arange(8.0)
    ... )
    >>> split, folds = outer_folds(epochs, purge_s=1.0)
    >>> split, len(folds)
    ('letter', 4)
    """
    runs = np.unique(epochs.run)
    if runs.size >= FEWEST_RUNS:
        return "run", grouped(epochs.run, runs.size)
    if _has_letters(epochs):
        return "letter", grouped(epochs.letter, OUTER_GROUPS)
    return "block", blocks(epochs.run, epochs.time, OUTER_BLOCKS, purge_s)


def inner_folds(epochs: TimedEpochs, purge_s: float) -> list[Fold]:
    """Return the folds for choices within a training set: by letter in at most five groups.

    Epochs outside letters are cut into four blocks.

    Parameters
    ----------
    epochs : TimedEpochs
        The training set.
    purge_s : float
        Seconds around a block that are left out of its training.

    Returns
    -------
    folds : list of Fold
        Rows to train on and rows to test on, for each fold.

    See Also
    --------
    outer_folds : The folds for figures of held-out data.
    calibration.p300.training_epochs.training_folds : Those that hold enough of both classes.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> epochs = SimpleNamespace(
    ...     run=np.zeros(12, dtype=int), letter=np.arange(12) // 2, time=np.arange(12.0)
    ... )
    >>> [test.tolist() for _, test in inner_folds(epochs, purge_s=1.0)]
    [[0, 1, 2, 3], [4, 5], [6, 7], [8, 9], [10, 11]]
    """
    if _has_letters(epochs):
        return grouped(epochs.letter, INNER_GROUPS)
    return blocks(epochs.run, epochs.time, INNER_BLOCKS, purge_s)


def _has_letters(epochs: TimedEpochs) -> bool:
    return np.unique(epochs.letter).size >= 2 and bool((epochs.letter != NO_LETTER).all())


def units(epochs: TimedEpochs) -> NDArray[np.int64]:
    """Return what a bootstrap draws as a whole: letters, or tenths of a run; shape (n_epochs,).

    Parameters
    ----------
    epochs : TimedEpochs
        In order of time within each run.

    Returns
    -------
    labels : ndarray of int, shape (n_epochs,)
        Epochs with the same label are drawn together.

    See Also
    --------
    calibration.bootstrap.cluster_bootstrap_auc : Draws these units.
    outer_folds : Tests whole letters, too.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> letter = np.array([0, 0, 1])
    >>> units(SimpleNamespace(run=np.zeros(3, dtype=int), letter=letter, time=np.arange(3.0)))
    array([0, 0, 1])
    """
    if (epochs.letter != NO_LETTER).all():
        return epochs.letter
    labels = np.zeros(epochs.run.size, dtype=np.int64)
    for run in np.unique(epochs.run):
        rows = np.flatnonzero(epochs.run == run)
        labels[rows] = 10 * run + np.arange(rows.size) * 10 // rows.size
    return labels


def grouped(groups: NDArray[np.int64], most: int) -> list[Fold]:
    """Return folds of neighbouring groups, as equal in number as possible.

    Parameters
    ----------
    groups : ndarray of int, shape (n_epochs,)
        A group is never in both parts of a fold.
    most : int
        How many folds at most.

    Returns
    -------
    folds : list of Fold
        Rows to train on and rows to test on, for each fold.

    See Also
    --------
    blocks : Folds of epochs outside letters.
    by_class : Folds that share out the classes.

    Examples
    --------
    >>> letters = np.array([0, 0, 1, 1, 2, 2])
    >>> [test.tolist() for _, test in grouped(letters, 2)]
    [[0, 1, 2, 3], [4, 5]]
    """
    names = np.unique(groups)
    folds = []
    for part in np.array_split(names, min(most, names.size)):
        tests = np.isin(groups, part)
        folds.append((np.flatnonzero(~tests), np.flatnonzero(tests)))
    return folds


def blocks(
    run: NDArray[np.int64], time: NDArray[np.float64], n_blocks: int, purge_s: float
) -> list[Fold]:
    """Return folds that test one contiguous block each and train without its neighbours in time.

    Parameters
    ----------
    run : ndarray of int, shape (n_epochs,)
        Number of the recording.
    time : ndarray, shape (n_epochs,)
        Seconds, comparable within a run.
    n_blocks : int
        How many folds.
    purge_s : float
        What lies within so many seconds of the block does not train: neighbours in time share the
        tail of the filter and slow drifts.

    Returns
    -------
    folds : list of Fold
        Rows to train on and rows to test on, for each fold.

    See Also
    --------
    grouped : Folds of letters or runs.
    calibration.p300.training_epochs.purge_seconds : The seconds that two epochs need between them.

    Examples
    --------
    >>> train, test = blocks(np.zeros(6, dtype=int), np.arange(6.0), 3, purge_s=1.5)[0]
    >>> train.tolist(), test.tolist()
    ([3, 4, 5], [0, 1])
    """
    order = np.lexsort((time, run))
    folds = []
    for part in np.array_split(order, n_blocks):
        if not part.size:
            continue
        near = np.zeros(run.size, dtype=bool)
        for number in np.unique(run[part]):
            own = time[part][run[part] == number]
            near |= (run == number) & (time > own.min() - purge_s) & (time < own.max() + purge_s)
        folds.append((np.flatnonzero(~near), np.sort(part)))
    return folds


def by_class(trial: NDArray[np.int64], y: NDArray[np.int64], n_folds: int) -> list[Fold]:
    """Return folds by trial that share out each class's trials in their order.

    Parameters
    ----------
    trial : ndarray of int, shape (n_windows,)
        Number of each window's trial.
    y : ndarray of int, shape (n_windows,)
        Class of each window's trial.
    n_folds : int
        At most as many as the rarest class has trials.

    Returns
    -------
    folds : list of Fold
        Rows to train on and rows to test on, for each fold.

    See Also
    --------
    grouped : Folds that do not look at the classes.
    calibration.motor_imagery.evaluation.evaluate : Tests whole trials.

    Examples
    --------
    >>> trial, y = np.array([0, 0, 1, 2, 3]), np.array([0, 0, 1, 0, 1])
    >>> [test.tolist() for _, test in by_class(trial, y, 2)]
    [[0, 1, 2], [3, 4]]
    """
    numbers, first = np.unique(trial, return_index=True)
    class_of = y[first]
    place = np.empty(numbers.size, dtype=int)
    for label in np.unique(class_of):
        own = np.flatnonzero(class_of == label)
        # Neighbours in time lie in one fold: what drifts is not in both parts.
        place[own] = np.arange(own.size) * n_folds // own.size
    fold_of = place[np.searchsorted(numbers, trial)]
    return [(np.flatnonzero(fold_of != n), np.flatnonzero(fold_of == n)) for n in range(n_folds)]
