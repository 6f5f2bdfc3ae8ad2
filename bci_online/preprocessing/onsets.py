"""From a marker's time to its sample, and what speaks against the samples behind it."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bci_online.config import Preprocessing
from bci_online.messages import Marker, Retracted
from bci_online.preprocessing.continuous_signal import ContinuousSignal, Segment

__all__ = ["GivenOut", "Onsets", "Place", "fault"]


class Place(NamedTuple):
    """Where a marker lies: its sample, and the segment that this sample belongs to."""

    onset: int
    segment: Segment


class Onsets:
    """Finds the sample nearest to a marker, ties to the earlier, once enough samples follow it.

    Parameters
    ----------
    preprocessing : Preprocessing
        Sampling frequency and delays.
    n_after : int
        Samples, the onset included, that must be in.
    """

    def __init__(self, preprocessing: Preprocessing, n_after: int) -> None:
        self._delay = preprocessing.display_delay + preprocessing.amplifier_delay
        self._half = 0.5 / preprocessing.sfreq
        self._n_after = n_after

    def find(self, marker: Marker, time: float, signal: ContinuousSignal) -> Place | str | None:
        """Return the place of a marker at common `time`; why it has none; None: not known yet."""
        if not signal.segments:
            return None
        time += self._delay
        reason = "out_of_ring"
        for segment in reversed(signal.segments):
            if time < segment.first_time - self._half:
                reason = "gap" if segment is not signal.segments[0] else "out_of_ring"
                continue
            return self._find_within(segment, time, signal, marker.onset_stamp)
        return reason

    def _find_within(
        self, segment: Segment, time: float, signal: ContinuousSignal, stamp: float | None
    ) -> Place | str | None:
        start = max(segment.first, signal.times.start)
        stop = signal.times.stop if segment.stop is None else segment.stop
        if start >= stop:
            return "out_of_ring"
        times = signal.times.window(start, stop)[0]
        after = int(np.searchsorted(times, time))
        if after == times.size:
            return None if segment.stop is None else "gap"
        if after == 0 and time < times[0] - self._half:
            return "out_of_ring"
        onset = start + after
        if after and time - times[after - 1] <= times[after] - time:
            onset -= 1
        if onset + self._n_after > stop:
            return None if segment.stop is None else "gap"
        if stamp is not None:
            onset = self._stamped(stamp, onset, max(start, onset - self._n_after), signal)
        if onset + self._n_after > stop:
            return None if segment.stop is None else "gap"
        return Place(onset, segment)

    def _stamped(self, stamp: float, onset: int, start: int, signal: ContinuousSignal) -> int:
        """Return the sample near `onset` that came with raw `stamp`; `onset` if none did.

        What was before the recording began also moved the live run's clock a little.
        """
        away = np.abs(signal.times.window(start, onset + self._n_after)[1] - stamp)
        nearest = int(np.argmin(away))
        return start + nearest if away[nearest] < self._half else onset


def fault(start: int, stop: int, segment: Segment, signal: ContinuousSignal) -> str | None:
    """Return why samples ``start:stop`` of a segment are not to be used; None: they are."""
    if start < segment.settled:
        return "settling"
    if any(start < bad_stop and stop > bad_start for bad_start, bad_stop in signal.bad):
        return "gap"
    return None


class GivenOut:
    """Remembers what was cut, in case it turns out to lie over a loss.

    Parameters
    ----------
    n_times : int
        Samples of each.
    """

    def __init__(self, n_times: int) -> None:
        self._n_times = n_times
        self._given: deque[tuple[int, Marker]] = deque(maxlen=4096)

    def add(self, onset: int, marker: Marker) -> None:
        """Remember what was cut from sample `onset` on."""
        self._given.append((onset, marker))

    def retract(self, doubtful: tuple[int, int]) -> Iterator[Retracted]:
        """Take back what lies over the sample range `doubtful`."""
        kept = []
        for onset, marker in self._given:
            if onset < doubtful[1] and onset + self._n_times > doubtful[0]:
                yield Retracted(marker, onset)
            else:
                kept.append((onset, marker))
        self._given = deque(kept, maxlen=self._given.maxlen)
