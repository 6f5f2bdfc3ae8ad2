"""Ways to choose a number of sensors, and what each is worth on letters held out."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.metrics import auc
from calibration.bootstrap import cluster_bootstrap_auc
from calibration.discriminants.linear import LinearDiscriminant
from calibration.discriminants.sensor_elimination import eliminated
from calibration.folds import Fold, units
from calibration.p300.epochs import EpochSet
from calibration.p300.training_epochs import held_out_scores

if TYPE_CHECKING:
    # It imports scikit-learn, which takes a second.
    from calibration.sparse.estimators.group_svm import GroupSVM

__all__ = ["ELIMINATION", "PATH", "TEXTBOOK", "TriedWay", "compared_ways", "ways_to_choose"]

PATH, ELIMINATION, TEXTBOOK = "path", "elimination", "textbook"

TEXTBOOK_SETS = (
    ("Fz", "Cz", "Pz"),
    ("Cz", "Pz", "PO7", "PO8"),
    ("Fz", "Cz", "Pz", "PO7", "Oz", "PO8"),
    ("Fz", "Cz", "P3", "Pz", "P4", "PO7", "Oz", "PO8"),
)
"""Sets that people use; the last is that of Krusienski et al. (2008), J Neurosci Methods 167:15."""

Way = Callable[[NDArray[np.float64], NDArray[np.bool_]], NDArray[np.int64]]
"""Given epochs and labels, returns sensors in rising order."""


class TriedWay(msgspec.Struct, frozen=True):
    """A way to choose sensors that was tried.

    Parameters
    ----------
    name : str
        ``path``, ``elimination`` or ``textbook``.
    sensors : tuple of str
        What it chooses on all of the training epochs, in the recording's order.
    auc : tuple of float
        On letters held out within them: 95 % interval and middle.

    See Also
    --------
    compared_ways : Returns one for each way.

    Examples
    --------
    >>> TriedWay("path", ("Cz", "Pz"), (0.7, 0.8, 0.9)).sensors
    ('Cz', 'Pz')
    """

    name: str
    sensors: tuple[str, ...]
    auc: tuple[float, float, float]


def ways_to_choose(names: Sequence[str], number: int, model: "GroupSVM") -> dict[str, Way]:
    """Return the ways to choose at most so many of these sensors.

    Parameters
    ----------
    names : sequence of str
        The recorded sensors.
    number : int
        How many at most.
    model : GroupSVM
        Its path ranks the sensors.

    Returns
    -------
    ways : dict of str to callable
        By path, by elimination, and the largest textbook set that is recorded and not too large.

    See Also
    --------
    compared_ways : What they are worth.

    Examples
    --------
    >>> from calibration.sparse.estimators.group_svm import GroupSVM
    >>> list(ways_to_choose(("Fz", "Cz", "Pz", "Oz"), 3, GroupSVM()))
    ['path', 'elimination', 'textbook']
    """

    def by_path(X: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.int64]:
        from calibration.sparse.sensor_ranking import rank_sensors

        return np.sort(rank_sensors(model, X, y, number).sensors[:number])

    def by_elimination(X: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.int64]:
        return eliminated(X, y, number)

    ways: dict[str, Way] = {PATH: by_path, ELIMINATION: by_elimination}
    place = {name.casefold(): sensor for sensor, name in enumerate(names)}
    recorded = [
        np.sort([place[name.casefold()] for name in one])
        for one in TEXTBOOK_SETS
        if len(one) <= number and all(name.casefold() in place for name in one)
    ]
    if recorded:
        ways[TEXTBOOK] = lambda X, y: recorded[-1]
    return ways


def compared_ways(
    ways: dict[str, Way], epochs: EpochSet, folds: Sequence[Fold], model: LinearDiscriminant
) -> tuple[TriedWay, ...]:
    """Return what each way is worth; in each fold it chooses anew.

    Parameters
    ----------
    ways : dict of str to callable
        As `ways_to_choose` returns them.
    epochs : EpochSet
        Without artefacts.
    folds : sequence of Fold
        Within these epochs.
    model : LinearDiscriminant
        Fitted on the chosen sensors; not changed.

    Returns
    -------
    tried : tuple of TriedWay
        In the same order.

    See Also
    --------
    calibration.p300.fitting.LinearMethod : Takes the best one.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from calibration.discriminants.shrinkage_lda import ShrinkageLDA
    >>> rng, y = np.random.default_rng(0), np.tile([True, False], 30)
    >>> X = rng.normal(size=(60, 3, 4)) + 2.0 * y[:, None, None] * np.array([0, 1, 0])[:, None]
    >>> epochs = EpochSet(
    ...     X=X, y=y, letter=np.repeat(np.arange(6), 10), run=np.zeros(60, dtype=int),
    ...     code=np.ones(60, dtype=int), time=np.arange(60.0), peak_to_peak=np.zeros((60, 3)),
    ...     rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz", "Pz", "Oz"), sfreq=250.0),
    ... )
    >>> halves = [(np.arange(30), np.arange(30, 60))]
    >>> from calibration.sparse.estimators.group_svm import GroupSVM
    >>> ways = ways_to_choose(("Cz", "Pz", "Oz"), 1, GroupSVM())
    >>> [one.sensors for one in compared_ways(ways, epochs, halves, ShrinkageLDA())]
    [('Pz',), ('Pz',)]
    """
    X, y = epochs.X, epochs.y
    names = epochs.preprocessing.ch_names
    tried = []
    for name, choose in ways.items():

        def fit(rows: NDArray[np.int64], choose: Way = choose) -> _OnChosen:
            return _OnChosen(choose(X[rows], y[rows]), model).fit(X[rows], y[rows])

        scores = held_out_scores(fit, X, folds)
        seen = np.isfinite(scores)
        low, high = cluster_bootstrap_auc(y[seen], scores[seen], units(epochs)[seen])
        middle = auc(y[seen], scores[seen])
        sensors = tuple(names[sensor] for sensor in choose(X, y))
        tried.append(TriedWay(name, sensors, (low, middle, high)))
    return tuple(tried)


class _OnChosen:
    """A discriminant on some sensors of every epoch."""

    def __init__(self, sensors: NDArray[np.int64], model: LinearDiscriminant) -> None:
        self._sensors = sensors
        self._model = copy(model)

    def fit(self, X: NDArray[np.float64], y: NDArray[np.bool_]) -> "_OnChosen":
        self._model.fit(X[:, self._sensors], y)
        return self

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._model.decision_function(X[:, self._sensors])
