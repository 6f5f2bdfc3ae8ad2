"""What a sample clock says of the samples of a stream."""

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Loss", "Run", "Taken", "joined"]


class Loss(msgspec.Struct, frozen=True):
    """Samples that are missing before a run.

    Parameters
    ----------
    n_lost, late : int
        How many (negative where they came after all), and samples before the run whose times are in
        doubt.
    bridged, step_s : bool, float
        Whether the segment continues; by how much the stamps of a ``clock`` stepped.
    reason : {"loss", "clock", "stall"}
        ``clock``: stamps stepped, and nothing needs to be missing. ``stall``: the sender stalled,
        and the samples that counted as lost came after all.

    See Also
    --------
    Run : Follows it.
    """

    n_lost: int
    bridged: bool
    reason: str = "loss"
    late: int = 0
    step_s: float = 0.0


class Run(msgspec.Struct, frozen=True, eq=False):
    """Samples without a loss between them.

    Parameters
    ----------
    start, stop : int
        Which of the samples that were pushed.
    times, loss : ndarray of shape (stop - start,), Loss or None
        Raw times in seconds, and what is missing before them.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Divides samples into runs.
    """

    start: int
    stop: int
    times: NDArray[np.float64]
    loss: Loss | None = None


def joined(runs: list[Run], most: int) -> list[Run]:
    """Return runs that follow each other without a loss as one.

    Parameters
    ----------
    runs : list of Run
        In order.
    most : int
        So many samples a joined run has at most.

    Returns
    -------
    joined : list of Run
        Of the same samples and times.

    See Also
    --------
    Taken : Makes the runs.

    Examples
    --------
    >>> runs = [Run(0, 1, np.array([0.5])), Run(1, 2, np.array([0.6])), Run(2, 2, np.empty(0))]
    >>> [(run.start, run.stop, run.times.tolist()) for run in joined(runs, most=256)]
    [(0, 2, [0.5, 0.6])]
    """
    groups: list[list[Run]] = []
    for run in runs:
        if groups and run.loss is None and run.stop - groups[-1][0].start <= most:
            groups[-1].append(run)
        else:
            groups.append([run])
    return [parts[0] if len(parts) == 1 else _one(parts) for parts in groups]


def _one(parts: list[Run]) -> Run:
    times = np.concatenate([run.times for run in parts])
    return Run(parts[0].start, parts[-1].stop, times, parts[0].loss)


class Taken:
    """The runs of one push so far.

    Attributes
    ----------
    runs : list of Run
        In order.
    n_samples : int
        How many samples they cover.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Returns them.

    Examples
    --------
    >>> taken = Taken()
    >>> taken.tell(Loss(2, bridged=True))
    >>> taken.add(np.array([0.03, 0.04]))
    >>> taken.finish()[0].loss.n_lost, taken.n_samples
    (2, 2)
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.n_samples = 0
        self._loss: Loss | None = None

    def tell(self, loss: Loss | None) -> None:
        """Report a loss before the next sample."""
        if loss is not None:
            self.finish()
            self._loss = loss

    def add(self, times: NDArray[np.float64]) -> None:
        """Add the next samples (n,)."""
        stop = self.n_samples + times.size
        self.runs.append(Run(self.n_samples, stop, times, self._loss))
        self.n_samples, self._loss = stop, None

    def finish(self) -> list[Run]:
        """Return the runs; a loss that no sample follows yet is before an empty one."""
        if self._loss is not None:
            self.add(np.empty(0))
        return self.runs
