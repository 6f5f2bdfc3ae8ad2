"""What to add to a raw stamp to have it in common time."""

from bisect import bisect_right
from collections import deque
from statistics import median

import numpy as np
from numpy.typing import NDArray

__all__ = ["ClockOffsets"]


class ClockOffsets:
    """The offset to add to a raw stamp: the median of the last five measured at or before it.

    Before the first measurement the first one holds; without any, 0. A measurement that is more
    than `JUMP` away from the median, or a clock that runs backwards, starts a new list: the old
    clock's offsets say nothing about the new one.
    """

    JUMP = 0.05
    BACKWARDS = 1.0
    N_MEDIAN = 5

    def __init__(self) -> None:
        self._lists: list[tuple[list[float], list[float]]] = []  # measurement times, medians
        self._last: deque[float] = deque(maxlen=self.N_MEDIAN)

    def add(self, time: float, value: float) -> bool:
        """Take one measurement (raw seconds, seconds); return True where it starts a new list."""
        fresh = not self._lists
        if not fresh:
            times, medians = self._lists[-1]
            if time < times[-1] and time > times[-1] - self.BACKWARDS:
                time = times[-1]  # measured in parallel, delivered out of order
            jumped = abs(value - medians[-1]) > self.JUMP or time < times[-1]
            fresh = jumped
        if fresh:
            self._lists.append(([], []))
            self._last.clear()
        self._last.append(value)
        self._lists[-1][0].append(time)
        self._lists[-1][1].append(median(self._last))
        return fresh and len(self._lists) > 1

    def at(self, time: float) -> float:
        """Return the offset for the raw stamp `time`."""
        if not self._lists:
            return 0.0
        times, medians = self._list_for(time)
        return medians[max(0, bisect_right(times, time) - 1)]

    def common(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `stamps` (n,), which are of one clock, in common time."""
        if not self._lists or not stamps.size:
            return stamps.copy()
        times, medians = self._list_for(float(stamps[0]))
        if bisect_right(times, float(stamps[0])) == bisect_right(times, float(stamps[-1])):
            return stamps + self.at(float(stamps[0]))
        which = np.searchsorted(times, stamps, side="right") - 1
        return stamps + np.asarray(medians)[np.maximum(which, 0)]

    def _list_for(self, time: float) -> tuple[list[float], list[float]]:
        """Return the list whose clock was running at `time`."""
        newest = self._lists[-1]
        for older, newer in zip(self._lists[-2::-1], self._lists[:0:-1], strict=True):
            went_back = newer[0][0] < older[0][-1]
            # Clocks that went back overlap in their numbers: the nearer list is meant.
            is_older = (
                _distance(time, older[0]) < _distance(time, newer[0])
                if went_back
                else time < newer[0][0]
            )
            if not is_older:
                return newer
            newest = older
        return newest


def _distance(time: float, times: list[float]) -> float:
    return max(times[0] - time, time - times[-1], 0.0)
