"""The clocks of a recorded stream, from its offsets and the jumps of its stamps.

This decides only when an offset is delivered. The chain gets raw stamps and offsets, and decides
which offset maps a sample or a marker.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.messages import ClockOffset

__all__ = [
    "FARTHEST",
    "Clock",
    "ClockReader",
    "clock_of_runs",
    "clocks_of",
    "excursions",
    "run_starts",
]

# An offset belongs to another clock (another computer, or the same one restarted) if it steps by
# more than JUMP s where the measurements went back in time or paused for more than HOLE s. A single
# wild measurement among others is not a new clock.
JUMP = 1.0
HOLE = 60.0
LONGEST_EXCURSION = 60.0
BLOCK = 1 << 20
FARTHEST = 1e12
"""A double cannot hold milliseconds beyond this: such a stamp is damaged."""


class Clock(NamedTuple):
    """The offsets of one clock in the order of their times, in seconds.

    Parameters
    ----------
    times, values : ndarray, shape (n_offsets,)
        When each offset was measured, and the offset, in seconds.

    See Also
    --------
    clocks_of : The clocks of a stream.

    Examples
    --------
    >>> clock = Clock(np.array([10.0, 20.0]), np.array([0.1, 0.3]))
    >>> clock.common(np.array([5.0, 15.0, 25.0])).tolist()
    [5.1, 15.1, 25.3]
    """

    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def common(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `stamps` (n,) plus the last offset at or before each, else the first offset."""
        return stamps + self.values[np.maximum(0, np.searchsorted(self.times, stamps, "right") - 1)]


def clocks_of(times: Sequence[float], values: Sequence[float], first_stamp: float) -> list[Clock]:
    """Return a stream's clocks in the order of the file; without offsets, one with offset 0.

    Parameters
    ----------
    times, values : sequence of float
        The stream's offsets in the order of the file, in seconds.
    first_stamp : float
        Time of the one offset 0 if there is none.

    Returns
    -------
    clocks : list of Clock
        A new one begins where an offset jumps and time goes back, or after a long hole.

    See Also
    --------
    clock_of_runs : Which run has which clock.

    Examples
    --------
    >>> clocks_of([], [], first_stamp=7.0)[0].common(np.array([8.0])).tolist()
    [8.0]
    """
    measured = np.array([times, values], dtype=np.float64).reshape(2, -1)
    measured = measured[:, np.all(abs(measured) < FARTHEST, axis=0)]
    if measured.shape[1] == 0:
        return [Clock(np.array([first_stamp]), np.zeros(1))]
    steps = np.diff(measured)
    breaks = (abs(steps[1]) > JUMP) & ((steps[0] < 0) | (steps[0] > HOLE))
    clocks = []
    for part in np.split(measured, np.flatnonzero(breaks) + 1, axis=1):
        part = part[:, np.argsort(part[0], kind="stable")]
        clocks.append(Clock(part[0], part[1]))
    return clocks


def run_starts(stamps: NDArray[np.float64]) -> list[int]:
    """Return the first index, and each index where stamps jump by more than JUMP s either way.

    Parameters
    ----------
    stamps : ndarray, shape (n_samples,)
        Raw, in seconds.

    Returns
    -------
    starts : list of int
        The first is 0.

    See Also
    --------
    clock_of_runs : The clock of each run.

    Examples
    --------
    >>> run_starts(np.array([1.0, 1.1, 900.0, 900.1]))
    [0, 2]
    """
    starts = [0]
    # Block by block: of hours of signal each copy counts.
    for first in range(0, len(stamps) - 1, BLOCK):
        steps = np.diff(stamps[first : first + BLOCK + 1])
        starts += (np.flatnonzero(abs(steps) > JUMP) + first + 1).tolist()
    return starts


def excursions(
    stamps: NDArray[np.float64], starts: Sequence[int], sfreq: float
) -> dict[int, float]:
    """Return the runs of wild stamps: after each of them the stamps go on as if it had been sound.

    Parameters
    ----------
    stamps : ndarray, shape (n_samples,)
        Raw, in seconds.
    starts : sequence of int
        From `run_starts`.
    sfreq : float
        Samples per second.

    Returns
    -------
    wild : dict of int to float
        By the number of the run, how many seconds its stamps are off.

    See Also
    --------
    run_starts : Finds the runs.

    Examples
    --------
    >>> stamps = np.arange(500) / 100
    >>> stamps[200:300] += 7000
    >>> excursions(stamps, run_starts(stamps), sfreq=100.0)
    {1: 7000.0}
    """
    wild = {}
    ends = [*starts[1:], len(stamps)]
    for run in range(1, len(starts) - 1):
        seconds = (ends[run] - starts[run]) / sfreq
        before, after = stamps[starts[run] - 1], stamps[starts[run + 1]]
        if seconds < LONGEST_EXCURSION and abs(after - before - seconds) < JUMP:
            wild[run] = round(float(stamps[starts[run]] - before - 1 / sfreq), 3)
    return wild


def clock_of_runs(
    stamps: NDArray[np.float64], starts: Sequence[int], clocks: Sequence[Clock]
) -> list[int]:
    """Return the clock of each run of stamps: the one that was measured nearest to it.

    If several are equally near, a run that goes back in time gets the next clock, and any other run
    keeps the clock of the run before it.

    Parameters
    ----------
    stamps : ndarray, shape (n_samples,)
        Raw, in seconds.
    starts : sequence of int
        From `run_starts`.
    clocks : sequence of Clock
        From `clocks_of`.

    Returns
    -------
    numbers : list of int
        For each run, which of the clocks.

    See Also
    --------
    run_starts, clocks_of : Make the arguments.

    Examples
    --------
    >>> clocks = [Clock(np.array([10.0]), np.zeros(1)), Clock(np.array([500.0]), np.ones(1))]
    >>> clock_of_runs(np.array([9.0, 9.1, 501.0, 501.1]), [0, 2], clocks)
    [0, 1]
    """
    if len(clocks) == 1:
        return [0] * len(starts)
    begins = np.array([clock.times[0] for clock in clocks])
    ends = np.array([clock.times[-1] for clock in clocks])
    chosen: list[int] = []
    current = 0
    for start, stop in zip(starts, [*starts[1:], len(stamps)], strict=True):
        first, last = stamps[start], stamps[stop - 1]
        away = np.maximum(0.0, np.maximum(begins - last, first - ends))
        nearest = np.flatnonzero(away == away.min())
        least = current + 1 if start and first < stamps[start - 1] else current
        later = nearest[nearest >= least]
        current = int(later[0] if later.size else nearest[-1])
        chosen.append(current)
    return chosen


class ClockReader:
    """Deliver the offsets of one stream's clocks, each once, as its stamps are read.

    Parameters
    ----------
    stream : str
        Key of the stream in messages.
    clocks : sequence of Clock
        All of the stream.

    See Also
    --------
    clocks_of : The clocks of a stream.

    Examples
    --------
    >>> reader = ClockReader("eeg", [Clock(np.array([10.0, 20.0]), np.array([0.1, 0.3]))])
    >>> [offset.value for offset in reader.until(12.0, clock=0)]
    [0.1]
    >>> [offset.value for offset in reader.until(25.0, clock=0)]
    [0.3]
    """

    def __init__(self, stream: str, clocks: Sequence[Clock]) -> None:
        self.current = -1
        self._stream = stream
        self._clocks = clocks
        # A list is searched several times as fast, once for each marker.
        self._times = [clock.times.tolist() for clock in clocks]
        self._given = [0] * len(clocks)

    def until(self, stamp: float, clock: int) -> list[ClockOffset]:
        """Return the offsets of `clock` at or before raw `stamp` that were not delivered yet.

        Notes
        -----
        The first offset of a clock is delivered at once, even if it was measured later: no sample
        may come before its offset. On a return to an earlier clock its last offset is repeated.
        """
        start = self._given[clock]
        stop = bisect_right(self._times[clock], stamp)
        if clock != self.current:
            start = max(0, start - 1)
            stop = max(stop, start + 1)
            self.current = clock
        return self._give(start, stop)

    def until_common(self, time: float) -> list[ClockOffset]:
        """Return the offsets of the current clock at or before common `time`."""
        times, values = self._clocks[self.current]
        return self._give(
            self._given[self.current], int(np.searchsorted(times + values, time, "right"))
        )

    def _give(self, start: int, stop: int) -> list[ClockOffset]:
        times, values = self._clocks[self.current]
        stop = max(start, stop)
        self._given[self.current] = max(self._given[self.current], stop)
        return [
            ClockOffset(self._stream, float(times[index]), float(values[index]))
            for index in range(start, stop)
        ]
