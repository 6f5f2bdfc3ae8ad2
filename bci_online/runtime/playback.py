"""Play a recording into LSL outlets, as its amplifier and its screen did."""

import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import MarkerSink, Source
from bci_online.markers import SessionEnded
from bci_online.messages import EEG, MARKERS, Marker
from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.runtime.incoming_markers import SameEvents

__all__ = ["EegSink", "play"]


class EegSink(Protocol):
    """A receiver of samples.

    See Also
    --------
    play : Sends samples to it.
    """

    def push(self, data: NDArray[np.generic], stamps: NDArray[np.float64]) -> None:
        """Send samples (n_times, n_channels) with their stamps (n_times,)."""
        ...


def play(
    source: Source,
    eeg: EegSink,
    markers: MarkerSink,
    clock: Callable[[], float],
    speed: float = 1.0,
    progress: Callable[[float], None] = lambda seconds: None,
) -> float:
    """Play an opened recording to its end, then mark ``session/end/eof``.

    Parameters
    ----------
    source : Source
        Opened.
    eeg : EegSink
        Receives the samples.
    markers : MarkerSink
        Receives the markers.
    clock : callable
        The clock of the sent stamps, in seconds.
    speed : float
        1 is real time.
    progress : callable
        Called with the seconds played so far.

    Returns
    -------
    seconds : float
        Length of the recording that was played.

    See Also
    --------
    bci_online.runtime.replay.replay : Decode a recording without a network.
    bci_online.runtime.sources.recording : Open the recording.

    Notes
    -----
    Stamps are the recorded common times plus one constant. So markers and samples keep their
    distances, whatever clocks they were recorded with. At another speed than 1 the stamps depart
    from the clock.

    Examples
    --------
    A sink that prints what it gets, and a second of a simulated subject:

    >>> from bci_online.acquisition.simulator import SimulatedAmplifier
    >>> from bci_online.config import Simulation
    >>> class Printer:
    ...     def push(self, data, stamps):
    ...         print(data.shape)
    ...     def mark(self, marker):
    ...         print(marker.text)
    >>> subject = Simulation(sfreq=128.0, ch_names=("Cz", "Pz"))
    >>> amplifier = SimulatedAmplifier(subject, duration=1.0)
    >>> amplifier.mark(Marker("flash/1/target", 0.5))
    >>> amplifier.advance(1.0)
    >>> seconds = play(amplifier, Printer(), Printer(), time.monotonic, speed=1000.0)
    flash/1/target
    (128, 2)
    session/end/eof
    """
    offsets: dict[str, ClockOffsets] = {EEG: ClockOffsets(), MARKERS: ClockOffsets()}
    events = SameEvents()
    shift, began, first, last = 0.0, 0.0, None, 0.0
    while (reading := source.read()) is not None:
        for offset in reading.offsets:
            known = offsets.setdefault(offset.stream, ClockOffsets())
            known.add(offset.time, offset.value)
        stamps = [offsets[EEG].common(chunk.stamps) for chunk in reading.chunks]
        if stamps and first is None:
            first, began = float(stamps[0][0]), clock()
            shift = began - first
        if stamps:
            last = float(stamps[-1][-1])
            played = last - (first or 0.0)
            time.sleep(max(0.0, began + played / speed - clock()))
            progress(played)
        for marker in reading.markers:
            common = marker.time + offsets[marker.stream].at(marker.time)
            # All markers are played on one stream, where twins of two streams could not be found.
            if events.twin(marker, common) is None:
                markers.mark(Marker(marker.text, common + shift))
        for chunk, common_stamps in zip(reading.chunks, stamps, strict=True):
            eeg.push(chunk.data, common_stamps + shift)
    markers.mark(Marker(SessionEnded("eof").text(), last + shift))
    return last - (first or 0.0)
