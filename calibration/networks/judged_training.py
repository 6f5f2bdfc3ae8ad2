"""A training that is judged: a network that learnt nothing is trained again with another seed."""

import copy
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bci_online.config import LearningCurve

if TYPE_CHECKING:
    # Importing it imports PyTorch, which is not installed everywhere.
    from calibration.networks.network_classifier import NetworkClassifier

__all__ = ["AT_CHANCE", "SEEDS", "fit_judged", "is_at_chance", "is_worse", "judgement"]

SEEDS = 3
"""Trainings at most, of which the best is taken if none is better than chance."""

AT_CHANCE = 0.98
"""A loss of so much of ln(number of classes), or more, is chance."""

WORSE = 0.05
"""By so much of ln(number of classes) a network's loss may be above those of all folds."""


def is_at_chance(loss: float, n_classes: int) -> bool:
    """Return whether a classification loss is that of a network which knows nothing.

    Parameters
    ----------
    loss : float
        Unweighted, of the pass that was kept.
    n_classes : int
        A network without knowledge has ln(n_classes).

    Returns
    -------
    is_at_chance : bool
        True for `AT_CHANCE` of that, or more.

    See Also
    --------
    is_worse : Compares it with other networks.

    Examples
    --------
    >>> is_at_chance(0.69, 2), is_at_chance(0.5, 2)
    (True, False)
    """
    return not loss < AT_CHANCE * math.log(n_classes)


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
        trained.append(one.fit(X, y, groups))
        if not is_at_chance(one.history_.kept_loss, n_classes):
            break
    best = min(trained, key=lambda each: each.history_.kept_loss)
    at_chance = sum(is_at_chance(each.history_.kept_loss, n_classes) for each in trained)
    best.history_ = replace(best.history_, n_refused=at_chance)
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
    lines = [
        f"network: loss {loss:.2f} at pass {learning.kept} of {len(learning.training)}, which is "
        f"kept; chance {math.log(n_classes):.2f}{folds}"
    ]
    if is_at_chance(loss, n_classes):
        lines.append(
            f"network: none of {learning.refused} seeds is better than chance: it knows nothing "
            "of the classes, and nothing is promised; another --scaling, --loss-weighting or "
            "--method may learn"
        )
    elif learning.refused:
        seeds = "1 seed was" if learning.refused == 1 else f"{learning.refused} seeds were"
        lines.append(f"network: trained again, {seeds} at chance")
    if is_worse(loss, learning.of_folds, n_classes):
        lines.append("network: worse than that of every fold, so nothing is promised")
    return tuple(lines)
