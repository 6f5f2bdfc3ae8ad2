"""Senders on the loopback, and what reads from them; every stream has an id of its own."""

import sys
import threading
import time
import uuid
from collections.abc import Callable

import numpy as np

from bci_online.acquisition.lsl import LslSource, TextOutlet, eeg_outlet, local_clock
from bci_online.config import EegStream, MarkerStream
from bci_online.messages import Reading, StreamSpec

MOST_SECONDS = 60
# On the loopback every stream has answered by then.
SETTLE = 0.3


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


class LslAmplifier:
    """Sends sample number n as n, n + 0.25, n + 0.5, …, one channel after the other."""

    def __init__(self, name="", sfreq=256.0, ch_names=("Fz", "Cz", "Pz"), source_id="", **said):
        self.name = name or unique("amp")
        self.spec = StreamSpec(
            name=self.name,
            sfreq=sfreq,
            ch_names=ch_names,
            ch_types=("EEG",) * len(ch_names),
            source_id=source_id or unique("serial"),
            **{"unit": "microvolts", **said},
        )
        self.outlet = eeg_outlet(self.spec, sample_type="double64")
        self.began = local_clock()
        self.n_sent = 0

    def restarted(self, **changed):
        """The same stream from a program that was started anew."""
        old = self.spec
        self.close()
        same = {"sfreq": old.sfreq, "ch_names": old.ch_names}
        return LslAmplifier(name=old.name, source_id=old.source_id, **{**same, **changed})

    def send(self, n_times: int) -> None:
        numbers = self.n_sent + np.arange(n_times)
        channels = 0.25 * np.arange(len(self.spec.ch_names))
        self.outlet.push(numbers[:, None] + channels, self.began + numbers / self.spec.sfreq)
        self.n_sent += n_times

    def close(self) -> None:
        self.outlet.close()


def marker_outlet(name: str = "") -> TextOutlet:
    name = name or unique("markers")
    return TextOutlet(name, "Markers", f"{name}-id")


def source_of(amplifier: LslAmplifier, *names: str, **given) -> LslSource:
    """A source of this amplifier and these marker streams, and of nobody else's."""
    markers = MarkerStream(names=names) if names else MarkerStream(types=())
    return LslSource(EegStream(name=amplifier.name), markers, **{"settle": SETTLE, **given})


def read_until(source: LslSource, done: Callable[[list[Reading]], bool]) -> list[Reading]:
    """The readings up to the one with which `done` is true of all of them."""
    readings: list[Reading] = []
    until = time.monotonic() + MOST_SECONDS
    while not done(readings):
        assert time.monotonic() < until, f"it did not come within {MOST_SECONDS} s: {readings[-3:]}"
        readings.append(source.read(timeout=0.1))
    return readings


def samples_of(readings: list[Reading]) -> np.ndarray:
    chunks = [chunk.data for reading in readings for chunk in reading.chunks]
    return np.concatenate(chunks) if chunks else np.empty((0, 0))


def stamps_of(readings: list[Reading]) -> np.ndarray:
    return np.concatenate([c.stamps for r in readings for c in r.chunks] or [np.empty(0)])


def texts_of(readings: list[Reading]) -> list[str]:
    return [marker.text for reading in readings for marker in reading.markers]


class ServedLslSource(LslSource):
    """A source that brings its own amplifier, which sends until the source is closed."""

    def __init__(self) -> None:
        name = unique("amp")
        markers = MarkerStream(names=(f"{name} markers",))
        super().__init__(EegStream(name=name), markers, settle=SETTLE)
        self._name = name
        self._stopping = threading.Event()
        self._pump: threading.Thread | None = None

    def open(self) -> None:
        if self._pump is None:
            self._stopping.clear()
            amplifier = LslAmplifier(self._name)
            markers = marker_outlet(f"{self._name} markers")
            self._pump = threading.Thread(target=self._send, args=(amplifier, markers))
            self._pump.start()
        super().open()

    def close(self) -> None:
        super().close()
        if self._pump is not None:
            self._stopping.set()
            self._pump.join()
            self._pump = None

    def _send(self, amplifier: LslAmplifier, markers: TextOutlet) -> None:
        while not self._stopping.wait(0.002):
            amplifier.send(4)
            markers.push("flash/1/unknown")
        amplifier.close()
        markers.close()


def main(name: str, source_id: str) -> None:
    """An amplifier in a process of its own, which can be killed or stopped."""
    amplifier = LslAmplifier(name, source_id=source_id)
    while True:
        due = int((local_clock() - amplifier.began) * amplifier.spec.sfreq)
        amplifier.send(due - amplifier.n_sent)
        time.sleep(0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
