"""Each marker's epoch, cut once, when its last sample is in."""

import heapq
from collections.abc import Iterator
from itertools import count

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.markers import Event, Flash, TrialStart, rank
from bci_online.messages import Epoch, Marker, Rejected, Retracted, read_only
from bci_online.preprocessing.artefacts import artefacts, peak_to_peak
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.onsets import GivenOut, Onsets, Place, fault

__all__ = ["Epoching", "Served"]


class Served(msgspec.Struct, frozen=True):
    """A marker in its turn: with an epoch, rejected, or with neither.

    ``onset`` is the sample that a replay of a session has to find again for this marker; with
    ``opens`` a trial begins.
    """

    event: Event
    marker: Marker
    time: float
    outcome: Epoch | Rejected | None
    onset: int | None = None
    opens: bool = False


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
        self.n_window = int(whole[-1]) + 1 + int(share[-1] > 0)
        self._onsets = Onsets(preprocessing, self.n_window)
        self._queue: list[tuple[float, int, int, Event, Marker]] = []
        self._arrivals = count()
        self._given = GivenOut(self.n_window)

    def add(self, marker: Marker, event: Event, time: float) -> None:
        """Queue a marker whose common time is `time`."""
        place = (time, rank(event), next(self._arrivals))
        heapq.heappush(self._queue, (*place, event, marker))

    def cut(self, signal: ContinuousSignal) -> Iterator[Served]:
        """Serve every marker whose window is over."""
        while self._queue:
            time, _, _, event, marker = self._queue[0]
            place = self._onsets.find(marker, time, signal)
            if place is None:
                return
            heapq.heappop(self._queue)
            yield self._serve(event, marker, time, place, signal)

    def finish(self) -> Iterator[Served]:
        """Serve what is left when no more samples will come."""
        while self._queue:
            time, _, _, event, marker = heapq.heappop(self._queue)
            rejected = Rejected(marker, "incomplete", time) if isinstance(event, Flash) else None
            yield Served(event, marker, time, rejected, opens=isinstance(event, TrialStart))

    def retract(self, doubtful: tuple[int, int]) -> Iterator[Retracted]:
        """Take back the epochs that lie over the sample range `doubtful`."""
        return self._given.retract(doubtful)

    def _serve(
        self,
        event: Event,
        marker: Marker,
        time: float,
        place: Place | str,
        signal: ContinuousSignal,
    ) -> Served:
        if not isinstance(event, Flash):
            return Served(event, marker, time, None, opens=isinstance(event, TrialStart))
        if isinstance(place, str):
            return Served(event, marker, time, Rejected(marker, place, time))
        onset = place.onset
        reason = fault(onset, onset + self.n_window, place.segment, signal)
        if reason is not None:
            return Served(event, marker, time, Rejected(marker, reason, time))
        window = signal.samples.window(onset, onset + self.n_window)
        spans = peak_to_peak(window)
        if artefacts(spans, self._limits):
            return Served(event, marker, time, Rejected(marker, "artefact", time))
        self._given.add(onset, marker)
        data = self._at_latencies(window)
        epoch = Epoch(read_only(data), marker, onset, time, read_only(spans))
        return Served(event, marker, time, epoch, onset)

    def _at_latencies(self, window: NDArray[np.float64]) -> NDArray[np.float64]:
        left = window[:, self._left]
        if self._share is None:
            return left
        right = window[:, np.minimum(self._left + 1, window.shape[1] - 1)]
        return left + (right - left) * self._share
