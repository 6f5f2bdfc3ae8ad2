"""Which trials of a public set train a network, and which test it."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold

from calibration.experiments.network_sets import TrialSet

__all__ = ["SPLITS", "SUBJECT_DEPENDENT", "SUBJECT_INDEPENDENT", "Split", "is_training", "split"]

SUBJECT_DEPENDENT, SUBJECT_INDEPENDENT = "subject-dependent", "subject-independent"

SPLITS = ("sessions", "phases", "paper")
"""Which part of a subject trains."""


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

    Within a subject its test part is tested, and each fifth of the training part is used
    once for validation. Across subjects one subject is tested, and each fifth of the others is used
    once for validation.
    ``cell["split"]`` says what the parts are (`is_training`), and whether all trials of the tested
    subject are tested or, as in AlphaGrad's paper, those of its test part.

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
    if cell.get("split") == "paper":
        return Split(X, y, validation, own.X[~own.training], own.y[~own.training])
    return Split(X, y, validation, own.X, own.y)


def is_training(split: str, session: int, n_sessions: int, run: str, runs: Collection[str]) -> bool:
    """Return whether a run is of the training part of its subject.

    Parameters
    ----------
    split : {"sessions", "phases", "paper"}
        "sessions": the first session trains; where there is one, its runs called train do.
        "phases": runs called train do, in every session. "paper": phases where all runs of the
        subject are called train or test, else sessions.
    session, n_sessions : int
        Which session, from 0, and of how many.
    run : str
        Its name.
    runs : collection of str
        The names of all runs of the subject.

    Returns
    -------
    is_training : bool
        False: it is of the test part.

    See Also
    --------
    calibration.experiments.network_sets.read_trials : Asks it for each run.

    Examples
    --------
    >>> runs = ("1train", "4test")  # of both sessions
    >>> is_training("paper", 1, 2, "1train", runs), is_training("sessions", 1, 2, "1train", runs)
    (True, False)
    >>> is_training("paper", 1, 2, "3", ("0", "1", "2", "3"))
    False
    """
    named = all("train" in name or "test" in name for name in runs)
    by_phase = split == "phases" or (split == "paper" and named) or n_sessions == 1
    return "train" in run if by_phase else session == 0
