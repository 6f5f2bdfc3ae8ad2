"""One epoch for each flash, or for each answer, cut when its last sample is in."""

import math
from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.markers import Event, Feedback, Flash, TrialStart
from bci_online.messages import Epoch, Marker, Rejected, Retracted, read_only
from bci_online.preprocessing.artefacts import artefacts, loud_channels, peak_to_peak
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.marker_queue import MarkerQueue
from bci_online.preprocessing.noisy_channels import NoisyChannels
from bci_online.preprocessing.onsets import CutEpochs, Onsets, Place, Rejection, rejection

__all__ = ["Epoching", "Served"]


class Served(msgspec.Struct, frozen=True):
    """A marker in its turn, with what became of its epoch.

    Parameters
    ----------
    event : Event
        The marker's meaning.
    marker : Marker
        The marker itself.
    time : float
        Its common time in seconds.
    outcome : Epoch, Rejected or None
        None where the marker has no epoch.
    onset : int, optional
        The sample that a replay must find again for this marker.
    opens : bool
        Whether a trial begins with it.

    See Also
    --------
    Epoching : Serves markers with their epochs.
    bci_online.preprocessing.windowing.Windowing : Serves them with windows.

    Examples
    --------
    A marker without an epoch:

    >>> from bci_online.markers import TrialStart
    >>> served = Served(TrialStart(1, "A"), Marker("trial/start/1/A", 2.0), 2.0, None, opens=True)
    >>> served.outcome is None, served.opens
    (True, True)
    """

    event: Event
    marker: Marker
    time: float
    outcome: Epoch | Rejected | None
    onset: int | None = None
    opens: bool = False


class Epoching:
    """Serve markers in the order of their common times, each when its epoch is complete.

    Parameters
    ----------
    preprocessing : Preprocessing
        Latencies and delays.
    limits : ndarray, shape (n_channels,), optional
        Peak-to-peak in the stream's unit above which an epoch is an artefact.
    spares : callable, optional
        Given channels that are bad within an epoch, says whether it can be used without them. By
        default never: the epoch is rejected.
    noisy : NoisyChannels, optional
        Channels that an epoch is used without if it can be; else it keeps them.

    See Also
    --------
    bci_online.preprocessing.windowing.Windowing : The same for windows of motor imagery.

    Notes
    -----
    Every marker waits as long as a flash at its time would wait for its epoch. So the order of
    markers does not depend on when they arrived, as long as each arrives before its epoch is over.

    Latencies between two samples are interpolated linearly: 50 ms are 12.8 samples at 256 Hz.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import EpochSpec, FilterSpec, Preprocessing
    >>> from bci_online.markers import Flash
    >>> from bci_online.messages import Chunk, Marker
    >>> from bci_online.preprocessing.continuous_signal import ContinuousSignal
    >>> preprocessing = Preprocessing(
    ...     sfreq=100.0, ch_names=("Cz",), unit="microvolts", filter=FilterSpec(),
    ...     epoch=EpochSpec(tmin=0.0, tmax=0.6, step=0.05),
    ... )
    >>> signal, epoching = ContinuousSignal(preprocessing, picks=[0]), Epoching(preprocessing)
    >>> kept = epoching.add(Marker("flash/3/target", 8.0), Flash(3, True), time=8.0)
    >>> data, stamps = np.zeros((900, 1)), np.arange(900) / 100
    >>> [gap for gap in signal.push(Chunk(data, stamps)) if gap]
    []
    >>> served = next(epoching.cut(signal))
    >>> served.outcome.data.shape, served.outcome.onset
    ((1, 13), 800)
    """

    def __init__(
        self,
        preprocessing: Preprocessing,
        limits: NDArray[np.float64] | None = None,
        spares: Callable[[Sequence[int]], bool] = lambda channels: False,
        noisy: NoisyChannels | None = None,
    ) -> None:
        positions = preprocessing.epoch.latencies * preprocessing.sfreq
        whole = np.floor(positions + 1e-6).astype(int)
        share = np.where(positions - whole > 1e-6, positions - whole, 0.0)
        self._left = whole
        self._share = share if share.any() else None
        self._limits = limits
        self._spares = spares
        self._noisy = noisy
        self._ch_names = preprocessing.ch_names
        self._timed = Feedback if preprocessing.epoch.after == "feedback" else Flash
        self.n_window = int(whole[-1]) + 1 + int(share[-1] > 0)
        self._onsets = Onsets(preprocessing, self.n_window)
        self._queue = MarkerQueue()
        self._cut = CutEpochs(self.n_window)

    def add(self, marker: Marker, event: Event, time: float) -> bool:
        """Queue a marker with common time `time`; return False where too many wait already."""
        return self._queue.push(marker, event, time)

    def cut(self, signal: ContinuousSignal) -> Iterator[Served]:
        """Serve every marker whose epoch is over."""
        while self._queue:
            waiting = self._queue.first
            place = self._onsets.find(waiting.marker, waiting.time, signal)
            if place is None:
                return
            self._queue.pop()
            yield self._serve(waiting.event, waiting.marker, waiting.time, place, signal)

    def finish(self) -> Iterator[Served]:
        """Serve the rest: no more samples will come."""
        while self._queue:
            time, _, _, event, marker = self._queue.pop()
            rejected = (
                Rejected(marker, "incomplete", time) if isinstance(event, self._timed) else None
            )
            yield Served(event, marker, time, rejected, opens=isinstance(event, TrialStart))

    @property
    def due(self) -> float:
        """Common time of the sample with which the next marker may be served; infinite for none."""
        return self._onsets.due(self._queue.first.time) if self._queue else math.inf

    @property
    def carried(self) -> str:
        """Empty: no epoch depends on an earlier one."""
        return ""

    def carry(self, carried: str) -> bool:
        """Return False: nothing is carried."""
        return False

    def retract(self, doubtful: tuple[int, int]) -> Iterator[Retracted]:
        """Take back the epochs that touch the sample range `doubtful`."""
        return self._cut.retract(doubtful)

    def _serve(
        self,
        event: Event,
        marker: Marker,
        time: float,
        place: Place | str,
        signal: ContinuousSignal,
    ) -> Served:
        if not isinstance(event, self._timed):
            return Served(event, marker, time, None, opens=isinstance(event, TrialStart))
        if isinstance(place, str):
            return Served(event, marker, time, Rejected(marker, place, time))
        onset = place.onset
        wrong = rejection(onset, onset + self.n_window, place.segment, signal)
        without = self._without(onset, wrong)
        if wrong is not None and not without:
            names = tuple(self._ch_names[channel] for channel in wrong.channels)
            return Served(event, marker, time, Rejected(marker, wrong.reason, time, names))
        window = signal.samples.window(onset, onset + self.n_window)
        spans = peak_to_peak(window)
        limits = self._limits if not without else _limits_without(self._limits, without)
        if artefacts(spans, limits):
            names = loud_channels(spans, limits, self._ch_names)
            return Served(event, marker, time, Rejected(marker, "artefact", time, names))
        self._cut.add(onset, marker)
        data = self._at_latencies(window)
        epoch = Epoch(read_only(data), marker, onset, time, read_only(spans), without)
        return Served(event, marker, time, epoch, onset)

    def _without(self, onset: int, wrong: Rejection | None) -> tuple[int, ...]:
        """Return the channels that an epoch is used without; none where it cannot be so used."""
        broken = () if wrong is None else wrong.channels
        if wrong is not None and not broken:
            return ()
        noisy = () if self._noisy is None else self._noisy.within(onset, onset + self.n_window)
        if not noisy and not broken:
            return ()
        both = tuple(sorted({*broken, *noisy}))
        # With its noise a channel still says something; a broken one says nothing.
        return next((one for one in (both, broken) if one and self._spares(one)), ())

    def _at_latencies(self, window: NDArray[np.float64]) -> NDArray[np.float64]:
        left = window[:, self._left]
        if self._share is None:
            return left
        right = window[:, np.minimum(self._left + 1, window.shape[1] - 1)]
        return left + (right - left) * self._share


def _limits_without(
    limits: NDArray[np.float64] | None, channels: Sequence[int]
) -> NDArray[np.float64] | None:
    """Return the limits of an epoch in which some channels do not count."""
    if limits is None:
        return None
    limits = limits.copy()
    limits[list(channels)] = np.inf
    return limits
