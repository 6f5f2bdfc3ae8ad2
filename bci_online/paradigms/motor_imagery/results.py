"""The figures of decided trials, the same for live runs, replays and calibration."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from bci_online.config import REST
from bci_online.messages import Decision
from bci_online.metrics import frequency_interval

__all__ = ["ImageryResults", "ImageryTrials", "imagery_results"]

TIMEOUT = "timeout"
"""The column of trials without a decision."""


class ImageryResults(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of trials of motor imagery, and of rest.

    Parameters
    ----------
    confusion : dict
        Number of trials by the class of the cue and the class that was decided. A row for each
        class, a column for each class and for timeouts.
    n_decided : int
        Trials with a decision.
    seconds : float, optional
        Median time from cue to decision; None without a decision.
    n_false : int
        Decisions for a class at rest.
    rest_min : float
        Minutes of rest in which a decision could come: not before the first window is complete, and
        not after a decision.
    false_per_min : float, optional
        Decisions at rest per minute of rest; None without rest.
    false_ci : tuple of float, optional
        Its 95 % interval.

    See Also
    --------
    imagery_results : Computes them.
    """

    confusion: dict[str, dict[str, int]]
    n_decided: int
    seconds: float | None
    n_false: int
    rest_min: float
    false_per_min: float | None
    false_ci: tuple[float, float] | None


class ImageryTrials:
    """Counts decided trials, and keeps none of them.

    Parameters
    ----------
    classes : sequence of str
        What the decoder can decide.
    step : float
        Seconds between windows: so much time of rest each window stands for.

    Attributes
    ----------
    n_rest : int
        Periods of rest.

    See Also
    --------
    imagery_results : Of all trials at once.

    Notes
    -----
    Seconds are kept to the millisecond, since windows end on a grid.

    Examples
    --------
    >>> from bci_online.messages import Decision
    >>> trials = ImageryTrials(("left", "right"), step=0.1)
    >>> trials.add(Decision(value="left", trial=1, confidence=0.9, time=5.0, elapsed=2.5))
    >>> trials.results().n_decided, trials.results().seconds
    (1, 2.5)
    """

    def __init__(self, classes: Sequence[str], step: float) -> None:
        self._step = step
        self._confusion = {name: dict.fromkeys((*classes, TIMEOUT), 0) for name in classes}
        self._elapsed: Counter[float] = Counter()
        self._n_windows = self._n_false = self.n_rest = 0

    def add(self, decision: Decision) -> None:
        """Count a trial.

        Without a ``value`` it timed out. Without a ``truth``, or with one that is no class, it is
        in no row of the confusion.
        """
        row = self._confusion.get(decision.truth)
        if row is not None:
            row[decision.value or TIMEOUT] += 1
        if decision.value is not None and decision.elapsed is not None:
            self._elapsed[round(decision.elapsed, 3)] += 1

    def add_rest(self, decision: Decision) -> None:
        """Count a period of rest, where every decision for a class is false."""
        self.n_rest += 1
        self._n_false += decision.value not in {None, REST}
        self._n_windows += decision.flashes

    def results(self) -> ImageryResults:
        """Return the figures."""
        taken = sorted(self._elapsed.elements())
        rest_min = self._step * self._n_windows / 60
        return ImageryResults(
            confusion={name: dict(row) for name, row in self._confusion.items()},
            n_decided=len(taken),
            seconds=float(np.median(taken)) if taken else None,
            n_false=self._n_false,
            rest_min=rest_min,
            false_per_min=self._n_false / rest_min if rest_min else None,
            false_ci=frequency_interval(self._n_false, rest_min) if rest_min else None,
        )


def imagery_results(
    decisions: Iterable[Decision],
    rest: Iterable[Decision],
    classes: Sequence[str],
    step: float,
) -> ImageryResults:
    """Return the figures of decided trials.

    Parameters
    ----------
    decisions : iterable of Decision
        One for each trial.
    rest : iterable of Decision
        One for each period of rest.
    classes : sequence of str
        What the decoder can decide.
    step : float
        Seconds between windows.

    Returns
    -------
    results : ImageryResults
        Counts, times and rates.

    See Also
    --------
    ImageryTrials : Counts them one by one.
    bci_online.paradigms.motor_imagery.decision.MotorImagery : Decides the trials.

    Examples
    --------
    >>> from bci_online.messages import Decision
    >>> seen = {"confidence": 0.9, "time": 5.0, "elapsed": 2.5}
    >>> decisions = [
    ...     Decision(value="left", trial=1, truth="left", **seen),
    ...     Decision(value="left", trial=2, truth="right", **seen),
    ... ]
    >>> imagery_results(decisions, [], ("left", "right"), 0.1).confusion["right"]
    {'left': 1, 'right': 0, 'timeout': 0}
    """
    trials = ImageryTrials(classes, step)
    for decision in decisions:
        trials.add(decision)
    for decision in rest:
        trials.add_rest(decision)
    return trials.results()
