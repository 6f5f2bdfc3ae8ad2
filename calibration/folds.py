"""Which epochs train and which test: whole runs or letters, never single flashes of one letter."""

import numpy as np
from numpy.typing import NDArray

from calibration.p300.epochs import NO_LETTER, EpochSet

__all__ = ["Fold", "blocks", "grouped", "inner_folds", "outer_folds", "units"]

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]

FEWEST_RUNS = 3


def outer_folds(epochs: EpochSet, purge_s: float) -> tuple[str, list[Fold]]:
    """Return how every printed figure is made: by run, by letter, or by block.

    By run from three runs on, else by letter in at most six groups; recordings without trials are
    cut into six contiguous blocks, with `purge_s` seconds left out of training around each.
    """
    runs = np.unique(epochs.run)
    if runs.size >= FEWEST_RUNS:
        return "run", grouped(epochs.run, runs.size)
    if np.unique(epochs.letter).size >= 2 and (epochs.letter != NO_LETTER).all():
        return "letter", grouped(epochs.letter, 6)
    return "block", blocks(epochs, 6, purge_s)


def inner_folds(epochs: EpochSet, purge_s: float) -> list[Fold]:
    """Return the splits for choices within a training set: by letter in at most five groups."""
    if np.unique(epochs.letter).size >= 2 and (epochs.letter != NO_LETTER).all():
        return grouped(epochs.letter, 5)
    return blocks(epochs, 4, purge_s)


def units(epochs: EpochSet) -> NDArray[np.int64]:
    """Return what is drawn as a whole in a bootstrap: letters, or tenths of a run (n_epochs,)."""
    if (epochs.letter != NO_LETTER).all():
        return epochs.letter
    labels = np.zeros(len(epochs), dtype=np.int64)
    for run in np.unique(epochs.run):
        rows = np.flatnonzero(epochs.run == run)
        labels[rows] = 10 * run + np.arange(rows.size) * 10 // rows.size
    return labels


def grouped(groups: NDArray[np.int64], most: int) -> list[Fold]:
    """Return at most `most` folds of neighbouring groups, as equal in number as can be."""
    names = np.unique(groups)
    folds = []
    for part in np.array_split(names, min(most, names.size)):
        tests = np.isin(groups, part)
        folds.append((np.flatnonzero(~tests), np.flatnonzero(tests)))
    return folds


def blocks(epochs: EpochSet, n_blocks: int, purge_s: float) -> list[Fold]:
    """Return contiguous blocks as tests, training without what lies within `purge_s` of them.

    A neighbour in time shares the tail of its filter and slow drifts.
    """
    order = np.lexsort((epochs.time, epochs.run))
    folds = []
    for part in np.array_split(order, n_blocks):
        if not part.size:
            continue
        near = np.zeros(len(epochs), dtype=bool)
        for run in np.unique(epochs.run[part]):
            times = epochs.time[part][epochs.run[part] == run]
            near |= (
                (epochs.run == run)
                & (epochs.time > times.min() - purge_s)
                & (epochs.time < times.max() + purge_s)
            )
        folds.append((np.flatnonzero(~near), np.sort(part)))
    return folds
