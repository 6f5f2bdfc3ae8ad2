"""A training that is judged: a network that learnt nothing is trained again with another seed."""

import copy
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bci_online.config import LearningCurve
from calibration.networks.history import History

if TYPE_CHECKING:
    # Importing it imports PyTorch, which is not installed everywhere.
    from calibration.networks.network_classifier import NetworkClassifier

__all__ = [
    "AT_CHANCE",
    "LEVEL",
    "SEEDS",
    "fit_judged",
    "is_at_chance",
    "is_worse",
    "judgement",
    "may_promise",
]

SEEDS = 3
"""Trainings at most, of which the best is taken if none is better than chance."""

LEVEL = 0.05
"""What chance gives more often than this is chance."""

AT_CHANCE = 0.98
"""A loss of so much of ln(number of classes), or more, is chance."""

WORSE = 0.05
"""By so much of ln(number of classes) a network's loss may be above those of all folds."""


def is_at_chance(loss: float, n_classes: int, shown: tuple[int, int, float] | None = None) -> bool:
    """Return whether a network may know nothing of its classes.

    Parameters
    ----------
    loss : float
        Of the classification, unweighted, in the pass that was kept.
    n_classes : int
        A network without knowledge has a loss of ln(n_classes).
    shown : Shown or tuple, optional
        What it shows on trials that were held out; None: none were.

    Returns
    -------
    is_at_chance : bool
        True for `AT_CHANCE` of a loss without knowledge, or more; and if chance has so many of
        those trials right in more than `LEVEL` of all cases.

    See Also
    --------
    is_worse : Compares it with other networks.

    Notes
    -----
    A loss just below chance says little: it is the lowest of many passes. Labels in a random order
    gave MIN2Net 0.67 in the gel subject's 80 trials.

    Examples
    --------
    >>> is_at_chance(0.69, 2), is_at_chance(0.5, 2)
    (True, False)
    >>> is_at_chance(0.67, 2, (9, 16, 0.33)), is_at_chance(0.67, 2, (13, 16, 0.01))
    (True, False)
    """
    if not loss < AT_CHANCE * math.log(n_classes):
        return True
    return shown is not None and shown[2] > LEVEL


def is_worse(loss: float, of_folds: tuple[float, ...], n_classes: int) -> bool:
    """Return whether a network's loss is above those of the networks that speak for it.

    Parameters
    ----------
    loss : float
        Of the decoder's own network, in the pass that was kept.
    of_folds : tuple of float
        Of the networks of the folds, of which the evidence is; empty: there were none.
    n_classes : int
        Number of classes.

    Returns
    -------
    is_worse : bool
        True if it is above all of them by more than `WORSE` of chance.

    See Also
    --------
    is_at_chance : Needs no other network.

    Examples
    --------
    >>> is_worse(0.66, (0.3, 0.42), 2), is_worse(0.44, (0.3, 0.42), 2)
    (True, False)
    """
    return bool(of_folds) and loss > max(of_folds) + WORSE * math.log(n_classes)


def may_promise(final: History, of_folds: tuple[float, ...], n_classes: int) -> bool:
    """Return whether what the folds' networks show may be promised of the decoder's own.

    Parameters
    ----------
    final : History
        Of its training.
    of_folds : tuple of float
        As for `is_worse`.
    n_classes : int
        Number of classes.

    Returns
    -------
    may_promise : bool
        False for one that is at chance, or worse than all of them: it is of another kind.

    See Also
    --------
    judgement : Says it.

    Examples
    --------
    >>> from calibration.networks.history import EpochRecord
    >>> loss, weight = np.array([0.25]), np.array([1.0])
    >>> record = EpochRecord(("classification",), 1, 50, loss, loss, weight, 0.5, 0.75, 0.74, 1e-3)
    >>> steps = np.ones((2, 1))
    >>> final = History(record.names, steps, steps, steps, steps[0], (record,), record, 0)
    >>> may_promise(final, (0.3, 0.24), 2), may_promise(final, (0.1, 0.2), 2)
    (True, False)
    """
    loss = final.kept_loss
    is_refused = is_at_chance(loss, n_classes, final.shown)
    return not is_refused and not is_worse(loss, of_folds, n_classes)


def fit_judged(
    model: "NetworkClassifier", X: Any, y: Any, groups: Any, seeds: int = SEEDS
) -> "NetworkClassifier":
    """Return a fitted network; one at chance is trained again, with the next seed.

    Parameters
    ----------
    model : NetworkClassifier
        Its parameters; its ``random_state`` is None or a number. It stays unfitted.
    X, y, groups : array-like
        As for `NetworkClassifier.fit`.
    seeds : int
        Trainings at most.

    Returns
    -------
    fitted : NetworkClassifier
        The first one that is better than chance, or the best one. Its history says how many
        were refused before it.

    Raises
    ------
    ValueError
        As `NetworkClassifier.fit`.

    See Also
    --------
    judgement : Words for it.

    Examples
    --------
    >>> from calibration import NetworkClassifier
    >>> X, y = np.random.default_rng(0).normal(size=(8, 2, 64)), np.tile([0, 1], 4)
    >>> still = NetworkClassifier(  # it learns nothing
    ...     "eegnet", max_epochs=1, learning_rate=1e-12, validation_fraction=0.0, random_state=0
    ... )
    >>> fit_judged(still, X, y, None).history_.n_refused
    3
    """
    n_classes = np.unique(y).size
    trained: list[NetworkClassifier] = []
    for number in range(seeds):
        # A shallow copy: what is called with each pass must stay the caller's.
        one = copy.copy(model)
        if model.random_state is not None:
            one.set_params(random_state=model.random_state + number)
        found = one.fit(X, y, groups).history_
        trained.append(one)
        if not is_at_chance(found.kept_loss, n_classes, found.shown):
            one.history_ = replace(found, n_refused=number)
            return one
    best = min(trained, key=lambda each: each.history_.kept_loss)
    best.history_ = replace(best.history_, n_refused=seeds)
    return best


def judgement(learning: LearningCurve, n_classes: int) -> tuple[str, ...]:
    """Return lines about the network that goes live, beside those of the folds.

    Parameters
    ----------
    learning : LearningCurve
        From the decoder file.
    n_classes : int
        Number of classes.

    Returns
    -------
    lines : tuple of str
        One about its loss; more where it was trained again, knows nothing, or is worse than all.

    See Also
    --------
    fit_judged : Trains again.

    Examples
    --------
    >>> passes = ((0.70,), (0.42,))
    >>> learning = LearningCurve(
    ...     losses=("classification",), kept=2, training=passes, validation=passes,
    ...     weights=((1.0,), (1.0,)), norms=((None,), (None,)), of_folds=(0.3, 0.5),
    ... )
    >>> judgement(learning, 2)
    ('network: loss 0.42 at pass 2 of 2, which is kept; chance 0.69, folds 0.30 to 0.50',)
    >>> from msgspec.structs import replace
    >>> for line in judgement(replace(learning, of_folds=(0.1, 0.2), refused=1), 2)[1:]:
    ...     print(line)
    network: trained again, 1 seed was at chance
    network: worse than that of every fold, so nothing is promised
    """
    kept = learning.validation[learning.kept - 1][-1]
    loss = math.inf if kept is None else kept
    folds = ""
    if learning.of_folds:
        folds = f", folds {min(learning.of_folds):.2f} to {max(learning.of_folds):.2f}"
    shown = ""
    if learning.shown is not None:
        right, of, _ = learning.shown
        shown = f", {right} of {of} held out right"
    lines = [
        f"network: loss {loss:.2f} at pass {learning.kept} of {len(learning.training)}, which is "
        f"kept; chance {math.log(n_classes):.2f}{folds}{shown}"
    ]
    if is_at_chance(loss, n_classes, learning.shown):
        lines.append(
            f"network: none of {learning.refused} seeds is surely better than chance, so nothing "
            "is promised; more trials, another --scaling, --loss-weighting or --method may help"
        )
    elif learning.refused:
        seeds = "1 seed was" if learning.refused == 1 else f"{learning.refused} seeds were"
        lines.append(f"network: trained again, {seeds} at chance")
    if is_worse(loss, learning.of_folds, n_classes):
        lines.append("network: worse than that of every fold, so nothing is promised")
    return tuple(lines)
