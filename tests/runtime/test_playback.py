"""A recording that is played into one marker stream."""

import time

import numpy as np

from bci_online.messages import EEG, Chunk, ClockOffset, Marker, Reading, StreamSpec
from bci_online.runtime.playback import play


class Recorded:
    """A recording of which two streams report the same flash."""

    spec = StreamSpec(name="amp", sfreq=100.0, ch_names=("Cz",), ch_types=("EEG",))

    def __init__(self) -> None:
        markers = tuple(Marker("flash/1/target", 1000.5, stream) for stream in ("screen", "copy"))
        chunk = Chunk(np.zeros((100, 1)), 1000 + np.arange(100) / 100)
        names = (EEG, "screen", "copy")
        offsets = tuple(ClockOffset(name, 1000.0, 0.0) for name in names)
        self._readings = [Reading((chunk,), markers, offsets)]

    def read(self, timeout: float = 0.0) -> Reading | None:
        return self._readings.pop() if self._readings else None


class Received:
    """Remembers what was played."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def push(self, data: np.ndarray, stamps: np.ndarray) -> None: ...

    def mark(self, marker: Marker) -> None:
        self.texts.append(marker.text)


def test_an_event_that_two_streams_reported_is_played_once():
    received = Received()

    play(Recorded(), received, received, time.monotonic, speed=1000.0)

    assert received.texts == ["flash/1/target", "session/end/eof"]
