"""From a marker's time to its sample, and the reasons why samples may not be used."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bci_online.config import Preprocessing
from bci_online.messages import Marker, Retracted
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.segments import Segment

__all__ = ["CutEpochs", "Onsets", "Place", "Rejection", "rejection"]


CUT_KEPT = 4096
"""A loss is found at most some seconds late; no paradigm cuts so many epochs in that time."""


class Place(NamedTuple):
    """Where a marker lies: its sample number and the segment of that sample.

    Parameters
    ----------
    onset : int
        Sample number.
    segment : Segment
        Where that sample lies.

    See Also
    --------
    Onsets : Finds it.
    """

    onset: int
    segment: Segment


class Onsets:
    """Find the sample nearest to a marker, once enough samples follow it.

    Parameters
    ----------
    preprocessing : Preprocessing
        Sampling frequency and delays.
    n_after : int
        Samples that must have arrived, the onset included.

    See Also
    --------
    bci_online.preprocessing.epoching.Epoching : Cuts an epoch at each onset.

    Notes
    -----
    Of two samples at the same distance the earlier one is taken. Latencies count from that sample
    and not from the marker's own time: ±10 µs of noise on a stamp would change scores by 1e-3.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from bci_online.messages import Chunk, Marker
    >>> preprocessing = Preprocessing(sfreq=100.0, ch_names=("Cz",))
    >>> signal = ContinuousSignal(preprocessing, picks=[0])
    >>> pieces = list(signal.push(Chunk(np.zeros((300, 1)), np.arange(300) / 100)))
    >>> Onsets(preprocessing, n_after=50).find(Marker("flash/1/target", 2.004), 2.004, signal).onset
    200
    """

    def __init__(self, preprocessing: Preprocessing, n_after: int) -> None:
        self._delay = preprocessing.display_delay + preprocessing.amplifier_delay
        self._half = 0.5 / preprocessing.sfreq
        self._n_after = n_after

    def due(self, time: float, n_after: int | None = None) -> float:
        """Return the common time of the last of `n_after` samples from the onset of a marker on.

        By default as many as `find` waits for. It is a bound: the sample may be up to one period
        later, and is never earlier.
        """
        n = self._n_after if n_after is None else n_after
        return time + self._delay + (2 * n - 3) * self._half

    def find(self, marker: Marker, time: float, signal: ContinuousSignal) -> Place | str | None:
        """Return the place of a marker at common `time`.

        Returns
        -------
        place : Place, str or None
            None while too few samples have arrived; a str is the reason why there is no place.
        """
        if not signal.segments:
            return None
        # Both delays are applied here and nowhere else. Markers in a recording are never shifted.
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
        after = int(times.searchsorted(time))
        if after == times.size:
            return None if segment.stop is None else "gap"
        if after == 0 and time < times[0] - self._half:
            return "out_of_ring"
        onset = start + after
        if after:
            before, behind = times[after - 1 : after + 1].tolist()
            onset -= time - before <= behind - time
        # The search for the live onset looks at all of these samples.
        if onset + self._n_after > stop:
            return None if segment.stop is None else "gap"
        if stamp is not None:
            onset = self._stamped(stamp, onset, max(start, onset - self._n_after), signal)
        if onset + self._n_after > stop:
            return None if segment.stop is None else "gap"
        return Place(onset, segment)

    def _stamped(self, stamp: float, onset: int, start: int, signal: ContinuousSignal) -> int:
        """Return the sample near `onset` with raw stamp `stamp`; `onset` if there is none.

        The stamp is that of the live run's onset. The live clock also knew the samples before the
        recording began, so its line may differ by a fraction of a sample from the replay's.
        """
        away = np.abs(signal.times.window(start, onset + self._n_after)[1] - stamp)
        # The samples of a burst may have one stamp.
        nearest = start + np.flatnonzero(away == away.min())
        found = int(nearest[np.argmin(np.abs(nearest - onset))])
        return found if away[found - start] < self._half else onset


class Rejection(NamedTuple):
    """Why an epoch may not be used.

    Parameters
    ----------
    reason : str
        As in `Rejected`.
    channels : tuple of int
        The channels that are the reason; none where it is none of them.

    See Also
    --------
    rejection : Finds it.
    """

    reason: str
    channels: tuple[int, ...] = ()


def rejection(
    start: int, stop: int, segment: Segment, signal: ContinuousSignal
) -> Rejection | None:
    """Return why samples ``start:stop`` of a segment must not be used; None if they may.

    Parameters
    ----------
    start, stop : int
        Sample numbers of the epoch; `stop` is the one after its last.
    segment : Segment
        Where `start` lies.
    signal : ContinuousSignal
        Knows which samples are bad.

    Returns
    -------
    rejection : Rejection or None
        ``settling``, ``gap`` or ``channel``, which names the bad channels.

    See Also
    --------
    bci_online.preprocessing.artefacts.artefact_limits : The other reason to reject an epoch.

    Examples
    --------
    The filter has not settled after two tenths of a second:

    >>> from bci_online.config import Preprocessing
    >>> from bci_online.messages import Chunk
    >>> signal = ContinuousSignal(Preprocessing(sfreq=100.0, ch_names=("Cz",)), picks=[0])
    >>> pieces = list(signal.push(Chunk(np.zeros((300, 1)), np.arange(300) / 100)))
    >>> rejection(20, 80, signal.segments[0], signal).reason
    'settling'
    """
    if start < segment.settled:
        return Rejection("settling")
    found = [bad for bad in signal.bad if start < bad.stop and stop > bad.start]
    if not found:
        return None
    if any(not bad.channels for bad in found):
        return Rejection("gap")
    return Rejection("channel", tuple(sorted({one for bad in found for one in bad.channels})))


class CutEpochs:
    """Remember where epochs were cut, in case a loss is found later in their samples.

    Parameters
    ----------
    n_times : int
        Samples of each epoch.

    See Also
    --------
    bci_online.preprocessing.epoching.Epoching : Takes back epochs with it.

    Examples
    --------
    >>> from bci_online.messages import Marker
    >>> cut = CutEpochs(n_times=60)
    >>> cut.add(100, Marker("flash/1/target", 1.0))
    >>> [retracted.onset for retracted in cut.retract((150, 170))]
    [100]
    """

    def __init__(self, n_times: int) -> None:
        self._n_times = n_times
        self._cut: deque[tuple[int, Marker]] = deque(maxlen=CUT_KEPT)

    def add(self, onset: int, marker: Marker) -> None:
        """Remember an epoch that begins at sample `onset`."""
        self._cut.append((onset, marker))

    def retract(self, doubtful: tuple[int, int]) -> Iterator[Retracted]:
        """Yield the epochs that touch the sample range `doubtful`, and forget them."""
        kept = []
        for onset, marker in self._cut:
            if onset < doubtful[1] and onset + self._n_times > doubtful[0]:
                yield Retracted(marker, onset)
            else:
                kept.append((onset, marker))
        self._cut = deque(kept, maxlen=self._cut.maxlen)
