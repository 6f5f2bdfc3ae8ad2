"""Each marker's epoch, cut once, when its last sample is in."""

import heapq
from collections import deque
from collections.abc import Iterator
from itertools import count

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.markers import Event, Flash, rank
from bci_online.messages import Epoch, Marker, Rejected, Retracted, read_only
from bci_online.preprocessing.continuous import ContinuousSignal, Segment

__all__ = ["Epoching", "Served"]


class Served(msgspec.Struct, frozen=True):
    """A marker in its turn: with an epoch, rejected, or (no flash) with neither."""

    event: Event
    marker: Marker
    time: float
    outcome: Epoch | Rejected | None


class Epoching:
    """Serves markers in the order of their common times, each when its epoch is complete.

    Every marker waits for the window that a flash at its time would need. So the order in which
    markers are served, and all that follows from it, does not depend on when they arrived, as long
    as each arrives before its window is over.

    Parameters
    ----------
    preprocessing : Preprocessing
        Latencies and delays.
    limits : ndarray, shape (n_channels,), optional
        Peak-to-peak above which an epoch is an artefact.
    """

    def __init__(
        self, preprocessing: Preprocessing, limits: NDArray[np.float64] | None = None
    ) -> None:
        positions = preprocessing.epoch.latencies * preprocessing.sfreq
        whole = np.floor(positions + 1e-6).astype(int)
        share = np.where(positions - whole > 1e-6, positions - whole, 0.0)
        self._left = whole
        self._share = share if share.any() else None
        self._limits = limits
        self._delay = preprocessing.display_delay + preprocessing.amplifier_delay
        self._half = 0.5 / preprocessing.sfreq
        self.n_window = int(whole[-1]) + 1 + int(share[-1] > 0)
        self._queue: list[tuple[float, int, int, Event, Marker]] = []
        self._arrivals = count()
        self._given: deque[tuple[int, Marker]] = deque(maxlen=4096)

    def add(self, marker: Marker, event: Event, time: float) -> None:
        """Queue a marker whose common time is `time`."""
        place = (time, rank(event), next(self._arrivals))
        heapq.heappush(self._queue, (*place, event, marker))

    def cut(self, signal: ContinuousSignal) -> Iterator[Served]:
        """Serve every marker whose window is over."""
        while self._queue:
            time, _, _, event, marker = self._queue[0]
            onset = self._onset(time + self._delay, signal, marker.onset_stamp)
            if onset is None:
                return
            heapq.heappop(self._queue)
            yield self._serve(event, marker, time, onset, signal)

    def finish(self) -> Iterator[Served]:
        """Serve what is left when no more samples will come."""
        while self._queue:
            time, _, _, event, marker = heapq.heappop(self._queue)
            rejected = Rejected(marker, "incomplete", time) if isinstance(event, Flash) else None
            yield Served(event, marker, time, rejected)

    def retract(self, doubtful: tuple[int, int]) -> Iterator[Retracted]:
        """Take back the epochs that lie over the sample range `doubtful`."""
        kept = []
        for onset, marker in self._given:
            if onset < doubtful[1] and onset + self.n_window > doubtful[0]:
                yield Retracted(marker, onset)
            else:
                kept.append((onset, marker))
        self._given = deque(kept, maxlen=self._given.maxlen)

    def _onset(
        self, time: float, signal: ContinuousSignal, stamp: float | None
    ) -> int | str | None:
        """Return the onset sample, why there is none, or None while it cannot be known."""
        if not signal.segments:
            return None
        reason = "out_of_ring"
        for segment in reversed(signal.segments):
            if time < segment.first_time - self._half:
                reason = "gap" if segment is not signal.segments[0] else "out_of_ring"
                continue
            return self._onset_within(segment, time, signal, stamp)
        return reason

    def _onset_within(
        self, segment: Segment, time: float, signal: ContinuousSignal, stamp: float | None
    ) -> int | str | None:
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
        if onset + self.n_window > stop:
            return None if segment.stop is None else "gap"
        if stamp is not None:
            onset = self._stamped(stamp, onset, max(start, onset - self.n_window), signal)
        end = onset + self.n_window
        if end > stop:
            return None if segment.stop is None else "gap"
        if onset < segment.settled:
            return "settling"
        if any(onset < bad_stop and end > bad_start for bad_start, bad_stop in signal.bad):
            return "gap"
        return onset

    def _stamped(self, stamp: float, onset: int, start: int, signal: ContinuousSignal) -> int:
        """Return the sample near `onset` that came with raw `stamp`; `onset` if none did.

        What was before the recording began also moved the live run's clock a little.
        """
        away = np.abs(signal.times.window(start, onset + self.n_window)[1] - stamp)
        nearest = int(np.argmin(away))
        return start + nearest if away[nearest] < self._half else onset

    def _serve(
        self, event: Event, marker: Marker, time: float, onset: int | str, signal: ContinuousSignal
    ) -> Served:
        if not isinstance(event, Flash):
            return Served(event, marker, time, None)
        if isinstance(onset, str):
            return Served(event, marker, time, Rejected(marker, onset, time))
        window = signal.samples.window(onset, onset + self.n_window)
        peak_to_peak = window.max(axis=1) - window.min(axis=1)
        if self._limits is not None and (peak_to_peak > self._limits).any():
            return Served(event, marker, time, Rejected(marker, "artefact", time))
        self._given.append((onset, marker))
        data = self._at_latencies(window)
        epoch = Epoch(read_only(data), marker, onset, time, read_only(peak_to_peak))
        return Served(event, marker, time, epoch)

    def _at_latencies(self, window: NDArray[np.float64]) -> NDArray[np.float64]:
        left = window[:, self._left]
        if self._share is None:
            return left
        right = window[:, np.minimum(self._left + 1, window.shape[1] - 1)]
        return left + (right - left) * self._share
