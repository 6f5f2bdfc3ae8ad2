"""Which trials of a public set train a network, and which test it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold

from calibration.experiments.network_sets import TrialSet

__all__ = ["SUBJECT_DEPENDENT", "SUBJECT_INDEPENDENT", "Split", "split"]

SUBJECT_DEPENDENT, SUBJECT_INDEPENDENT = "subject-dependent", "subject-independent"


class Split(NamedTuple):
    """The trials of one cell.

    Parameters
    ----------
    X : ndarray, shape (n_trials, ..., n_channels, n_times)
        To learn from.
    y : ndarray of int, shape (n_trials,)
        Which of the classes.
    validation : ndarray of bool, shape (n_trials,)
        Which of them are for validation.
    X_test : ndarray, shape (n_test, ..., n_channels, n_times)
        To test on.
    y_test : ndarray of int, shape (n_test,)
        Which of the classes.

    See Also
    --------
    split : Makes it.
    """

    X: NDArray[np.float32]
    y: NDArray[np.int64]
    validation: NDArray[np.bool_]
    X_test: NDArray[np.float32]
    y_test: NDArray[np.int64]


def split(cell: Mapping[str, Any], data: Mapping[str, TrialSet]) -> Split:
    """Return the trials of one cell.

    Within a subject the other sessions are tested, and each fifth of the training session is used
    once for validation. Across subjects one subject is tested, and each fifth of the others is used
    once for validation.

    Parameters
    ----------
    cell : mapping
        As `plan` made it.
    data : mapping of str to TrialSet
        Trials by subject.

    Returns
    -------
    split : Split
        To learn from, for validation, to test on.

    See Also
    --------
    calibration.experiments.network_protocols.compute : Trains on it.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from calibration.experiments.network_sets import TrialSet
    >>> trials = TrialSet(
    ...     X=np.zeros((20, 2, 64), dtype=np.float32), y=np.tile([0, 1], 10), rejected={},
    ...     training=np.arange(20) < 12, classes=("left", "right"),
    ...     preprocessing=Preprocessing(ch_names=("C3", "C4"), sfreq=100.0),
    ... )
    >>> cell = {"subject": "1", "fold": 0, "folds": 3, "seed": 0, "protocol": SUBJECT_DEPENDENT}
    >>> found = split(cell, {"1": trials})
    >>> len(found.y), int(found.validation.sum()), len(found.y_test)
    (12, 4, 8)
    """
    own, fold = data[cell["subject"]], cell["fold"]
    state = {"n_splits": cell["folds"], "shuffle": True, "random_state": cell["seed"]}
    if cell["protocol"] == SUBJECT_DEPENDENT:
        X, y = own.X[own.training], own.y[own.training]
        rows = list(StratifiedKFold(**state).split(y, y))[fold][1]
        validation = np.isin(np.arange(y.size), rows)
        return Split(X, y, validation, own.X[~own.training], own.y[~own.training])
    others = [subject for subject in data if subject != cell["subject"]]
    chosen = {others[number] for number in list(KFold(**state).split(others))[fold][1]}
    X = np.concatenate([data[subject].X for subject in others])
    y = np.concatenate([data[subject].y for subject in others])
    validation = np.concatenate(
        [np.full(len(data[subject]), subject in chosen) for subject in others]
    )
    return Split(X, y, validation, own.X, own.y)
