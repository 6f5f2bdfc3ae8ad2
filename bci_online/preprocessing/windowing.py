"""Windows of motor imagery: after each cue, on a grid that starts at the cue's own sample."""

import math
from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.markers import Cue, Event, SessionEnded, TrialEnd, TrialStart
from bci_online.messages import Epoch, Marker, Rejected, Retracted, read_only
from bci_online.preprocessing.artefacts import artefacts, loud_channels, peak_to_peak
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.epoching import Served
from bci_online.preprocessing.marker_queue import MarkerQueue, Waiting
from bci_online.preprocessing.onsets import CutEpochs, Onsets, Place, rejection
from bci_online.preprocessing.recentring import Recentring

__all__ = ["Windowing"]


class _Grid(msgspec.Struct):
    """The windows of one cue; the first `n_served` are served."""

    event: Event
    marker: Marker
    time: float
    place: Place | str
    n_served: int = 0


class Windowing:
    """Serve markers, and the windows after each cue, in one order of time.

    Parameters
    ----------
    preprocessing : Preprocessing
        With a ``window``.
    limits : ndarray, shape (n_rows,), optional
        Peak-to-peak in the stream's unit above which a window is an artefact.
    recentring : Recentring, optional
        Maps windows back to where those of calibration were.
    rests : bool
        Serve windows of rest, too: from a trial's end, or a trial's start, to the next cue.

    Raises
    ------
    ValueError
        If `preprocessing` has no window.

    See Also
    --------
    bci_online.preprocessing.epoching.Epoching : The same for flashes.
    bci_online.preprocessing.recentring.Recentring : What maps the windows.

    Notes
    -----
    A window is served when its last sample is in. A marker is served half a second after its time,
    so a marker that arrives up to half a second late changes nothing. A trial therefore ends half a
    second after its ``trial/end``, or with its last window.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import FilterSpec, Preprocessing, WindowSpec
    >>> from bci_online.messages import Chunk
    >>> preprocessing = Preprocessing(
    ...     sfreq=100.0, ch_names=("C3", "C4"), unit="microvolts",
    ...     filter=FilterSpec(l_freq=8.0, h_freq=30.0), window=WindowSpec(length=1.0, step=0.5),
    ... )
    >>> signal = ContinuousSignal(preprocessing, picks=[0, 1])
    >>> windowing = Windowing(preprocessing)
    >>> kept = windowing.add(Marker("cue/left_hand", 5.0), Cue("left_hand"), time=5.0)
    >>> data, stamps = np.zeros((1200, 2)), np.arange(1200) / 100
    >>> [gap for gap in signal.push(Chunk(data, stamps)) if gap]
    []
    >>> cue, *windows = windowing.cut(signal)
    >>> cue.opens, [window.outcome.time for window in windows[:3]]
    (True, [5.5, 6.0, 6.5])
    """

    PATIENCE_S = 0.5

    def __init__(
        self,
        preprocessing: Preprocessing,
        limits: NDArray[np.float64] | None = None,
        recentring: Recentring | None = None,
        rests: bool = False,
    ) -> None:
        sfreq = preprocessing.sfreq
        window = preprocessing.window
        if window is None:
            raise ValueError("windows need preprocessing.window; without it there are only epochs")
        self.n_window = round(window.length * sfreq)
        self._length = window.length
        self._starts = preprocessing.starts
        self._offsets = np.round(self._starts * sfreq).astype(int).tolist()
        self._limits = limits
        self._ch_names = preprocessing.ch_names
        self._recentring = recentring
        self._rests = rests
        self._onsets = Onsets(preprocessing, max(1, round(self.PATIENCE_S * sfreq)))
        self._queue = MarkerQueue()
        self._grid: _Grid | None = None
        self._cut = CutEpochs(self.n_window)

    def add(self, marker: Marker, event: Event, time: float) -> bool:
        """Queue a marker with common time `time`; return False where too many wait already."""
        return self._queue.push(marker, event, time)

    def cut(self, signal: ContinuousSignal) -> Iterator[Served]:
        """Serve everything that is complete."""
        if self._recentring is not None:
            self._recentring.settle()
        while (served := self._next(signal)) is not None:
            yield served

    def finish(self) -> Iterator[Served]:
        """Serve the rest: no more samples will come."""
        while self._grid is not None or self._queue:
            if self._grid is not None and self._is_before_markers(self._grid):
                yield self._reject(self._grid, "incomplete")
            else:
                yield self._pass(self._queue.pop(), "incomplete")

    @property
    def due(self) -> float:
        """Common time of the sample with which the next may be served; infinite for none."""
        marker = self._onsets.due(self._queue.first.time) if self._queue else math.inf
        if (grid := self._grid) is None:
            return marker
        n_samples = self._offsets[grid.n_served] + self.n_window
        return min(marker, self._onsets.due(grid.time, n_samples))

    @property
    def carried(self) -> str:
        """What `Recentring` has learnt of this session, as text; empty without recentring."""
        return "" if self._recentring is None else self._recentring.carried

    def carry(self, carried: str) -> bool:
        """Recentre as at the end of an earlier run of the session."""
        return self._recentring is not None and self._recentring.carry(carried)

    def retract(self, doubtful: tuple[int, int]) -> Iterator[Retracted]:
        """Take back the windows that touch the sample range `doubtful`."""
        for retracted in self._cut.retract(doubtful):
            if self._recentring is not None:
                self._recentring.retract(retracted.onset)
            yield retracted

    def _next(self, signal: ContinuousSignal) -> Served | None:
        if self._grid is not None and self._is_before_markers(self._grid):
            return self._window(self._grid, signal)
        if not self._queue:
            return None
        waiting = self._queue.first
        place = self._onsets.find(waiting.marker, waiting.time, signal)
        return None if place is None else self._pass(self._queue.pop(), place)

    def _is_before_markers(self, grid: _Grid) -> bool:
        end = grid.time + self._starts[grid.n_served] + self._length
        return not self._queue or end <= self._queue.first.time + self.PATIENCE_S

    def _pass(self, waiting: Waiting, place: Place | str) -> Served:
        """Serve a marker; it ends the windows before it, or starts its own."""
        time, _, _, event, marker = waiting
        rests = self._grid is not None and not isinstance(self._grid.event, Cue)
        if rests and isinstance(event, TrialStart):
            # The pause between two trials and the wait for the cue are one rest.
            return Served(event, marker, time, None)
        opens = isinstance(event, (Cue, TrialStart, TrialEnd) if self._rests else Cue)
        if opens or isinstance(event, TrialStart | TrialEnd | SessionEnded):
            self._close()
        if opens:
            self._grid = _Grid(event, marker, time, place)
        onset = place.onset if opens and isinstance(place, Place) else None
        return Served(event, marker, time, None, onset, opens)

    def _close(self) -> None:
        self._grid = None
        if self._recentring is not None:
            self._recentring.finish_trial()

    def _window(self, grid: _Grid, signal: ContinuousSignal) -> Served | None:
        if isinstance(grid.place, str):
            return self._reject(grid, grid.place)
        onset, segment = grid.place
        start = onset + self._offsets[grid.n_served]
        stop = start + self.n_window
        if stop > (signal.samples.stop if segment.stop is None else segment.stop):
            # After a loss that was not bridged, sample numbers no longer count time from the cue.
            return None if segment.stop is None else self._reject(grid, "gap")
        if start < signal.samples.start:
            return self._reject(grid, "out_of_ring")
        wrong = rejection(start, stop, segment, signal)
        if wrong is not None:
            names = tuple(self._ch_names[channel] for channel in wrong.channels)
            return self._reject(grid, wrong.reason, names)
        window = signal.samples.window(start, stop)
        spans = peak_to_peak(window)
        if artefacts(spans, self._limits):
            loud = loud_channels(spans, self._limits, self._ch_names)
            return self._reject(grid, "artefact", loud)
        self._cut.add(start, grid.marker)
        data = self._recentred(window, start)
        time = grid.time + float(self._starts[grid.n_served])
        epoch = Epoch(read_only(data), grid.marker, start, time, read_only(spans))
        return self._served(grid, epoch)

    def _recentred(self, window: NDArray[np.float64], start: int) -> NDArray[np.float64]:
        if self._recentring is None:
            return window.copy()
        window = self._recentring.smallest(window)
        self._recentring.learn(start, window)
        return self._recentring.apply(window)

    def _reject(self, grid: _Grid, reason: str, channels: tuple[str, ...] = ()) -> Served:
        time = grid.time + float(self._starts[grid.n_served])
        return self._served(grid, Rejected(grid.marker, reason, time, channels))

    def _served(self, grid: _Grid, outcome: Epoch | Rejected) -> Served:
        grid.n_served += 1
        if grid.n_served == self._starts.size:
            self._close()
        return Served(grid.event, grid.marker, outcome.time, outcome)
