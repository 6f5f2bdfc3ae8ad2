"""Times of samples for display: evenly spaced, with holes where samples are lost."""

import numpy as np
from numpy.typing import NDArray

from bci_online.messages import Chunk, ClockOffset
from bci_online.preprocessing.clock_offsets import ClockOffsets

__all__ = ["CommonTime", "SampleTimes"]

# Amplifiers stamp whole blocks, whose jitter a trace should not show.
FOLLOWS = 0.05
HOLE_S = 0.1


class SampleTimes:
    """Gives each sample of a stream a common time, for display and not for decoding.

    Parameters
    ----------
    sfreq : float
        Nominal, in Hz.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : The clock of decoding.
    """

    def __init__(self, sfreq: float) -> None:
        self._sfreq = sfreq
        self._next: float | None = None

    def of(self, stamps: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
        """Return times for the common `stamps` (n_times,), and whether a hole is before them."""
        expected = stamps[0] if self._next is None else self._next
        steps = np.arange(stamps.size) / self._sfreq
        error = float(np.median(stamps - expected - steps))
        hole = self._next is None or abs(error) > HOLE_S
        begin = expected + (error if hole else FOLLOWS * error)
        times = begin + steps
        self._next = float(times[-1]) + 1 / self._sfreq
        return times, hole


class CommonTime:
    """The clock offsets of several streams.

    See Also
    --------
    bci_online.preprocessing.clock_offsets.ClockOffsets : The rule.
    """

    def __init__(self) -> None:
        self._offsets: dict[str, ClockOffsets] = {}

    def learn(self, offset: ClockOffset) -> None:
        """Take a measurement."""
        self._offsets.setdefault(offset.stream, ClockOffsets()).add(offset.time, offset.value)

    def of(self, stream: str, raw: float) -> float:
        """Return the common time of a raw stamp."""
        known = self._offsets.get(stream)
        return raw if known is None else raw + known.at(raw)

    def of_chunk(self, stream: str, chunk: Chunk) -> NDArray[np.float64]:
        """Return the common times of a chunk's stamps."""
        known = self._offsets.get(stream)
        return chunk.stamps if known is None else known.common(chunk.stamps)
