"""The clocks of a recorded stream, from its offsets and the jumps of its stamps.

This decides only when an offset is delivered. The chain gets raw stamps and offsets, and decides
which offset maps a sample or a marker.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.messages import ClockOffset

__all__ = ["FARTHEST", "Clock", "ClockReader", "clock_of_runs", "clocks_of", "run_starts"]

# An offset belongs to another clock (another computer, or the same one restarted) if it steps by
# more than JUMP s where the measurements went back in time or paused for more than HOLE s. A single
# wild measurement among others is not a new clock.
JUMP = 1.0
HOLE = 60.0
FARTHEST = 1e12
"""A double cannot hold milliseconds beyond this: such a stamp is damaged."""


class Clock(NamedTuple):
    """The offsets of one clock in the order of their times, in seconds."""

    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def common(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `stamps` (n,) plus the last offset at or before each, else the first offset."""
        return stamps + self.values[np.maximum(0, np.searchsorted(self.times, stamps, "right") - 1)]


def clocks_of(times: Sequence[float], values: Sequence[float], first_stamp: float) -> list[Clock]:
    """Return a stream's clocks in the order of the file; without offsets, one with offset 0."""
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
    """Return the first index, and each index where stamps jump by more than JUMP s either way."""
    return [0, *(np.flatnonzero(abs(np.diff(stamps)) > JUMP) + 1).tolist()]


def clock_of_runs(
    stamps: NDArray[np.float64], starts: Sequence[int], clocks: Sequence[Clock]
) -> list[int]:
    """Return the clock of each run of stamps: the one that was measured nearest to it.

    If several are equally near, a run that goes back in time gets the next clock, and any other run
    keeps the clock of the run before it.
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

    ``current`` is the clock of the last delivery.
    """

    def __init__(self, stream: str, clocks: Sequence[Clock]) -> None:
        self.current = -1
        self._stream = stream
        self._clocks = clocks
        self._given = [0] * len(clocks)

    def until(self, stamp: float, clock: int) -> list[ClockOffset]:
        """Return the offsets of `clock` at or before raw `stamp` that were not delivered yet.

        Notes
        -----
        The first offset of a clock is delivered at once, even if it was measured later: no sample
        may come before its offset. On a return to an earlier clock its last offset is repeated.
        """
        start = self._given[clock]
        stop = int(np.searchsorted(self._clocks[clock].times, stamp, "right"))
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
