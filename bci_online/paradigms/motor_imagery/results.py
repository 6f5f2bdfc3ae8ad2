"""The figures of decided trials, the same for live runs, replays and calibration."""

from collections.abc import Sequence

import msgspec
import numpy as np

from bci_online.config import REST
from bci_online.messages import Decision
from bci_online.metrics import frequency_interval

__all__ = ["ImageryResults", "imagery_results"]

TIMEOUT = "timeout"
"""The column of trials without a decision."""


class ImageryResults(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of trials of motor imagery, and of rest.

    Attributes
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
    """

    confusion: dict[str, dict[str, int]]
    n_decided: int
    seconds: float | None
    n_false: int
    rest_min: float
    false_per_min: float | None
    false_ci: tuple[float, float] | None


def imagery_results(
    decisions: Sequence[Decision],
    rest: Sequence[Decision],
    classes: Sequence[str],
    step: float,
) -> ImageryResults:
    """Return the figures of decided trials.

    Parameters
    ----------
    decisions : sequence of Decision
        One for each trial. Without a ``value`` the trial timed out; without a ``truth`` it is in no
        row of the confusion.
    rest : sequence of Decision
        One for each period of rest, where every decision for a class is false.
    classes : sequence of str
        What the decoder can decide.
    step : float
        Seconds between windows: so much time of rest each window stands for.
    """
    confusion = {name: dict.fromkeys((*classes, TIMEOUT), 0) for name in classes}
    for decision in decisions:
        if decision.truth:
            confusion[decision.truth][decision.value or TIMEOUT] += 1
    taken = [d.elapsed for d in decisions if d.value is not None and d.elapsed is not None]
    n_false = sum(decision.value not in {None, REST} for decision in rest)
    rest_min = step * sum(decision.flashes for decision in rest) / 60
    return ImageryResults(
        confusion=confusion,
        n_decided=len(taken),
        seconds=float(np.median(taken)) if taken else None,
        n_false=n_false,
        rest_min=rest_min,
        false_per_min=n_false / rest_min if rest_min else None,
        false_ci=frequency_interval(n_false, rest_min) if rest_min else None,
    )
