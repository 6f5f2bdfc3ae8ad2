"""The clocks that a recorded stream was stamped with, from its offsets and its jumps.

This decides only what is delivered when; which offset a sample or a marker is mapped with is the
chain's business, which gets raw stamps and offsets.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.messages import ClockOffset

__all__ = ["FARTHEST", "Clock", "ClockReader", "clock_of_runs", "clocks_of", "run_starts"]

# An offset that steps by more than JUMP s where its measurements went back, or paused for more
# than HOLE s, belongs to another clock (another computer, or the same one restarted). A lone
# wild measurement among others does not make a clock.
JUMP = 1.0
HOLE = 60.0
FARTHEST = 1e12
"""Beyond this a double cannot hold milliseconds: such a stamp is damage."""


class Clock(NamedTuple):
    """The offsets of one unbroken clock, in the order of their times."""

    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def common(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `stamps` plus the last offset measured at or before each, else the first."""
        return stamps + self.values[np.maximum(0, np.searchsorted(self.times, stamps, "right") - 1)]


def clocks_of(times: Sequence[float], values: Sequence[float], first_stamp: float) -> list[Clock]:
    """Return a stream's clocks in the order of the file; one of offset 0 if none was measured."""
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
    """Return where stamps begin, and where they jump by more than JUMP s either way."""
    return [0, *(np.flatnonzero(abs(np.diff(stamps)) > JUMP) + 1).tolist()]


def clock_of_runs(
    stamps: NDArray[np.float64], starts: Sequence[int], clocks: Sequence[Clock]
) -> list[int]:
    """Return which clock each run of stamps was taken with: the one measured nearest to it.

    Where several are as near, a run that goes back in time has the next clock, any other run
    keeps the one before.
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
    """Gives out the offsets of one stream's clocks, each once, as its stamps go by.

    ``current`` is the clock last asked for.
    """

    def __init__(self, stream: str, clocks: Sequence[Clock]) -> None:
        self.current = -1
        self._stream = stream
        self._clocks = clocks
        self._given = [0] * len(clocks)

    def until(self, stamp: float, clock: int) -> list[ClockOffset]:
        """Return what was measured on `clock` at or before raw `stamp` and not given yet.

        Notes
        -----
        The first offset of a clock comes at once, even if it was measured later; back on a clock
        that was left, its last offset is said again.
        """
        start = self._given[clock]
        stop = int(np.searchsorted(self._clocks[clock].times, stamp, "right"))
        if clock != self.current:
            start = max(0, start - 1)
            stop = max(stop, start + 1)
            self.current = clock
        return self._give(start, stop)

    def until_common(self, time: float) -> list[ClockOffset]:
        """Return what was measured on the current clock at or before common `time`."""
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
