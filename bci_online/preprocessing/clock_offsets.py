"""The offset between a stream's clock and common time."""

from bisect import bisect_right
from collections import deque
from statistics import median

import numpy as np
from numpy.typing import NDArray

__all__ = ["ClockOffsets"]


class ClockOffsets:
    """The offset that is added to a raw stamp: the median of the last five measurements.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : The time of each sample in the stream's own clock.

    Notes
    -----
    A stamp gets the median of the last five measurements at or before it. A stamp before the first
    measurement gets the first one. Without any measurement the offset is 0.

    A new list starts where a measurement differs from the median by more than `JUMP`, or where the
    clock runs backwards: offsets of the old clock say nothing about the new one.

    The same rule runs live and in a replay. Where LSL, LabRecorder and pyxdf each estimate the
    offset in their own way, 1 ms of disagreement moves 26 % of the epochs by a sample at 256 Hz.

    Examples
    --------
    >>> offsets = ClockOffsets()
    >>> [offsets.add(time, value) for time, value in [(0.0, 0.010), (5.0, 0.012), (10.0, 0.011)]]
    [False, False, False]
    >>> offsets.at(7.0), offsets.at(12.0)
    (0.011, 0.011)
    """

    # No network delay explains this much: the clock itself was set.
    JUMP = 0.05
    BACKWARDS = 1.0
    # One measurement is off by up to half a round trip; the median ignores slow ones.
    N_MEDIAN = 5
    # Samples are kept for half a minute; a marker that comes later finds none of them.
    SECONDS_KEPT = 600.0
    CLOCKS_KEPT = 16
    FORGOTTEN_AT_ONCE = 100

    def __init__(self) -> None:
        self._lists: list[tuple[list[float], list[float]]] = []  # measurement times, medians
        self._last: deque[float] = deque(maxlen=self.N_MEDIAN)

    def add(self, time: float, value: float) -> bool:
        """Add a measurement; return True where it starts a new list.

        Parameters
        ----------
        time : float
            Raw time of the measurement, in seconds of the stream's clock.
        value : float
            Common time minus the stream's clock, in seconds.
        """
        fresh = not self._lists
        if not fresh:
            times, medians = self._lists[-1]
            if time < times[-1] and time > times[-1] - self.BACKWARDS:
                # Measured in parallel and delivered out of order: still the same clock.
                time = times[-1]
            jumped = abs(value - medians[-1]) > self.JUMP or time < times[-1]
            fresh = jumped
        if fresh:
            self._lists.append(([], []))
            self._last.clear()
        self._last.append(value)
        self._lists[-1][0].append(time)
        self._lists[-1][1].append(median(self._last))
        self._forget()
        return fresh and len(self._lists) > 1

    def _forget(self) -> None:
        """Drop measurements that no stamp asks for any more: days have thousands of them."""
        del self._lists[: -self.CLOCKS_KEPT]
        times, medians = self._lists[-1]
        n_old = bisect_right(times, times[-1] - self.SECONDS_KEPT)
        # Whole blocks, so that lists are not moved with each measurement. The one before the rest
        # stays: it is the offset of the stamps up to the next one.
        if n_old > self.FORGOTTEN_AT_ONCE:
            del times[: n_old - 1], medians[: n_old - 1]

    def at(self, time: float) -> float:
        """Return the offset for the raw stamp `time`."""
        if not self._lists:
            return 0.0
        times, medians = self._list_for(time)
        return medians[max(0, bisect_right(times, time) - 1)]

    def common(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `stamps` (n,) of one clock in common time."""
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
            # Numbers before and after a step back overlap: the nearer list is meant.
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
