"""Which trials of imagery train and which test: whole runs or trials, never single windows."""

import numpy as np

from bci_online.errors import RecordingError
from calibration.folds import Fold, by_class
from calibration.motor_imagery.window_set import NO_CLASS, WindowSet

__all__ = ["held_out_folds", "trial_folds"]

FEWEST_TRIALS = 3
"""Trials of each class that every training part must hold."""


def held_out_folds(windows: WindowSet) -> tuple[str, list[Fold]]:
    """Return the folds that every printed figure comes from: by run if there are two, or by trial.

    Training rows are of trials of known class. Test rows are of the other trials, with the rest
    before them.

    Parameters
    ----------
    windows : WindowSet
        Of one run or more.

    Returns
    -------
    split : {"run", "trial"}
        How the folds were made.
    folds : list of Fold
        Rows to train on and rows to test on, for each fold.

    Raises
    ------
    RecordingError
        If there is one run, and a class has too few trials in it.

    See Also
    --------
    trial_folds : The folds within a training set.
    calibration.folds.outer_folds : The same for flashes.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from calibration.motor_imagery.windows import ImageryTrial
    >>> n = np.arange(8)
    >>> windows = WindowSet(
    ...     X=(np.zeros((2, 250)),) * 8, y=n % 2, trial=n, run=n // 4, time=8.0 * n + 1.0,
    ...     peak_to_peak=np.zeros((8, 2)), classes=("left", "right"), rejected={},
    ...     trials=tuple(ImageryTrial(k // 4, ("left", "right")[k % 2], 8.0 * k) for k in range(8)),
    ...     preprocessing=Preprocessing(ch_names=("C3", "C4"), sfreq=250.0),
    ... )
    >>> split, folds = held_out_folds(windows)
    >>> split, [test.tolist() for train, test in folds]
    ('run', [[0, 1, 2, 3], [4, 5, 6, 7]])
    """
    runs = np.unique(windows.run)
    if runs.size >= 2:
        return "run", [
            (np.flatnonzero(windows.run != run), np.flatnonzero(windows.run == run)) for run in runs
        ]
    known = np.flatnonzero(windows.y != NO_CLASS)
    folds = []
    for _, test in trial_folds(windows[known]):
        held_out = np.isin(windows.trial, windows.with_rest(np.unique(windows.trial[known[test]])))
        folds.append((np.flatnonzero(~held_out), np.flatnonzero(held_out)))
    return "trial", folds


def trial_folds(windows: WindowSet) -> list[Fold]:
    """Return at most five folds by trial that share out each class's trials in their order.

    Parameters
    ----------
    windows : WindowSet
        Of known class.

    Returns
    -------
    folds : list of Fold
        Rows to train on and rows to test on, for each fold.

    Raises
    ------
    RecordingError
        If a class has too few trials.

    See Also
    --------
    held_out_folds : The folds for figures of held-out data.
    calibration.folds.by_class : The same for arrays.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from calibration.motor_imagery.windows import ImageryTrial
    >>> n = np.arange(20)
    >>> windows = WindowSet(
    ...     X=(np.zeros((2, 250)),) * 20, y=n % 2, trial=n, run=n * 0, time=8.0 * n + 1.0,
    ...     peak_to_peak=np.zeros((20, 2)), classes=("left", "right"), rejected={},
    ...     trials=tuple(ImageryTrial(0, ("left", "right")[k % 2], 8.0 * k) for k in range(20)),
    ...     preprocessing=Preprocessing(ch_names=("C3", "C4"), sfreq=250.0),
    ... )
    >>> [windows.y[test].tolist() for train, test in trial_folds(windows)][0]  # both classes alike
    [0, 1, 0, 1]
    """
    _, first = np.unique(windows.trial, return_index=True)
    class_of = windows.y[first]
    counts = [int(np.sum(class_of == label)) for label in range(len(windows.classes))]
    if min(counts) <= FEWEST_TRIALS or len(counts) < 2:
        found = ", ".join(f"{n} {name}" for n, name in zip(counts, windows.classes, strict=True))
        raise RecordingError(
            f"{found}: training needs two classes with more than {FEWEST_TRIALS} trials of each; "
            "record more trials"
        )
    return by_class(windows.trial, windows.y, min(5, *counts))
