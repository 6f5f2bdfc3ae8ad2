"""An amplifier without LSL, sent into LSL with the times of this computer."""

import math
from collections import deque
from collections.abc import Callable

from bci_online.acquisition.source import MarkerSink, Source
from bci_online.markers import SessionEnded
from bci_online.messages import Marker, Reading
from bci_online.runtime.playback import EegSink

__all__ = ["ArrivalTime", "forward"]

WARM_UP_S = 1.0
READ_S = 0.1


class ArrivalTime:
    """Puts the sample counter of an amplifier on the clock of the computer that receives it.

    A sample's time is its counter time plus the shortest delay between counter and arrival of the
    last `window_s` seconds. Later arrivals waited somewhere on the way, so the shortest delay is
    nearest to the truth. The window lets the shift follow the drift between the two clocks.

    Parameters
    ----------
    window_s : float
        Seconds; a drift of 50 ppm is 1.5 ms in 30 s.

    See Also
    --------
    forward : Sends samples with it.

    Examples
    --------
    The second arrival was 5 ms faster, so it is nearer to the truth; the third waited on its way.

    >>> times = ArrivalTime()
    >>> for stamp, now in [(0.0, 100.020), (1.0, 101.015), (2.0, 102.040)]:
    ...     times.arrive(stamp, now)
    >>> round(times.shift, 3)
    100.015
    """

    def __init__(self, window_s: float = 30.0) -> None:
        self._window_s = window_s
        # Arrival and delay; delays rise, so the first is the shortest of the window.
        self._delays: deque[tuple[float, float]] = deque()

    def arrive(self, stamp: float, now: float) -> None:
        """Take note that the sample of counter time `stamp` arrived at `now`."""
        delay = now - stamp
        while self._delays and self._delays[-1][1] >= delay:
            self._delays.pop()
        self._delays.append((now, delay))
        while self._delays[0][0] < now - self._window_s:
            self._delays.popleft()

    @property
    def shift(self) -> float:
        """Seconds to add to a counter time."""
        return self._delays[0][1]


def forward(
    source: Source,
    eeg: EegSink,
    markers: MarkerSink,
    clock: Callable[[], float],
) -> None:
    """Send what a source delivers, until it is over; then mark ``session/end/eof``.

    Parameters
    ----------
    source : Source
        Opened; its stamps are counter times, of samples and markers alike.
    eeg : EegSink
        Where samples go.
    markers : MarkerSink
        Where markers go.
    clock : callable
        The clock that stamps are of.

    Raises
    ------
    SourceLostError
        If the source is lost.

    See Also
    --------
    ArrivalTime : How a counter time becomes a time.

    Notes
    -----
    What comes in the first second is sent after it: by then the shortest delay is known, and the
    stamps make no step after the first samples.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> marked = []
    >>> source = SimpleNamespace(read=lambda timeout: None)  # it is over at once
    >>> forward(source, eeg=None, markers=SimpleNamespace(mark=marked.append), clock=lambda: 7.0)
    >>> marked[0].text, marked[0].time
    ('session/end/eof', 7.0)
    """
    times = ArrivalTime()
    held: list[Reading] = []
    last: float | None = None
    send_at = math.inf
    while (reading := source.read(READ_S)) is not None:
        now = clock()
        if reading.chunks:
            send_at = now + WARM_UP_S if last is None else send_at
            last = float(reading.chunks[-1].stamps[-1])
            times.arrive(last, now)
        held.append(reading)
        if now >= send_at:
            _send(held, times.shift, eeg, markers)
            held.clear()
    if last is not None:
        _send(held, times.shift, eeg, markers)
    end = clock() if last is None else last + times.shift
    markers.mark(Marker(SessionEnded("eof").text(), end))


def _send(readings: list[Reading], shift: float, eeg: EegSink, markers: MarkerSink) -> None:
    """Send markers, then samples, `shift` seconds later than they say."""
    for reading in readings:
        for marker in reading.markers:
            markers.mark(Marker(marker.text, marker.time + shift))
        for chunk in reading.chunks:
            eeg.push(chunk.data, chunk.stamps + shift)
