"""An amplifier and a screen that give a small recording to LSL, with the faults they may have.

Times are seconds of the recording. A `Schedule` says when on the clock each of them comes, so the
screen, the amplifier and one that takes its place agree without a word between them.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.lsl import (
    SampleOutlet,
    TextOutlet,
    eeg_outlet,
    local_clock,
    wait_until_left,
)
from bci_online.acquisition.xdf import XdfSource
from bci_online.messages import Marker, StreamSpec

CHUNK_S = 0.03
FOREVER = 1e9


@dataclass(frozen=True)
class Schedule:
    """Second 0 is at `zero` on the clock; `speed` times real time, but for the `slow` stretches."""

    zero: float
    speed: float = 30.0
    slow: tuple[tuple[float, float], ...] = ()

    def wall(self, at: float) -> float:
        """Return when on the clock second `at` comes; its stamp is ``zero + at`` all the same."""
        slowly = sum(max(0.0, min(at, stop) - start) for start, stop in self.slow)
        return self.zero + slowly + (at - slowly) / self.speed

    def sleep_until(self, at: float) -> None:
        time.sleep(max(0.0, self.wall(at) - local_clock()))


@dataclass(frozen=True)
class Sending:
    """How samples are sent, and when not.

    Those within `hole` never are. Those within a stretch of `held` all come at its end. A stamp is
    the sample's ``own``, or when it is sent: that of each ``sample``, or that of the last of a
    ``chunk``, from which liblsl counts back.
    """

    start: float = 0.0
    hole: tuple[float, float] = (FOREVER, FOREVER)
    held: tuple[tuple[float, float], ...] = ()
    stamped: str = "own"

    def packets(self, times: NDArray[np.float64]) -> Iterator[tuple[float, slice]]:
        """Yield when which samples are sent, given their `times`."""
        sent = (np.floor(times / CHUNK_S) + 1) * CHUNK_S
        for start, stop in self.held:
            sent[(times >= start) & (times < stop)] = stop
        edges = [0, *(np.flatnonzero(np.diff(sent)) + 1).tolist(), len(times)]
        for first, last in pairwise(edges):
            at = float(times[first])
            if first < last and at >= self.start and not self.hole[0] <= at < self.hole[1]:
                yield float(sent[first]), slice(first, last)


class Performance:
    """The samples and markers of a recording."""

    def __init__(self, recording: Path) -> None:
        source = XdfSource(recording)
        source.open()
        readings = list(iter(source.read, None))
        chunks = [chunk for reading in readings for chunk in reading.chunks]
        self.spec = source.spec
        self.data = np.concatenate([chunk.data for chunk in chunks])
        self.times = np.concatenate([chunk.stamps for chunk in chunks])
        last = float(self.times[-1])
        markers = [marker for reading in readings for marker in reading.markers]
        self.markers = [Marker(m.text, min(m.time, last)) for m in markers]


class Amplifier:
    """Sends EEG, from a thread of its own once it is told to `play`.

    ``sent`` is set once what comes before second `reached` was sent.
    """

    def __init__(
        self, performance: Performance, spec: StreamSpec, reached: float = FOREVER
    ) -> None:
        self.sent = threading.Event()
        self._reached = reached
        self._performance = performance
        n_channels = len(spec.ch_names)
        self._data = performance.data[:, np.arange(n_channels) % performance.data.shape[1]]
        self._outlet: SampleOutlet = eeg_outlet(spec)
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def play(self, schedule: Schedule, sending: Sending) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self.send, args=(schedule, sending))
        self._thread.start()

    def send(self, schedule: Schedule, sending: Sending) -> None:
        """Send until there is no more, or until `close`."""
        for at, packet in sending.packets(self._performance.times):
            if self._over.wait(max(0.0, schedule.wall(at) - local_clock())):
                return
            if at >= self._reached:
                self.sent.set()
            data = self._data[packet]
            if sending.stamped == "own":
                self._outlet.push(data, schedule.zero + self._performance.times[packet])
            elif sending.stamped == "chunk":
                self._outlet.push(data, schedule.zero + at)
            else:
                self._outlet.push(data, np.full(len(data), schedule.zero + at))

    def close(self) -> None:
        """End, wherever it is."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self._outlet.close()


class AmplifierProcess:
    """An amplifier in a process of its own, which can be killed.

    It gets ready at once, so that it is on the network soon after `open`.
    """

    def __init__(self, recording: Path, spec: StreamSpec) -> None:
        said = msgspec.json.encode(spec).decode()
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(recording), said],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._tell = self._process.stdin
        assert self._process.stdout.readline() == "ready\n"

    def open(self) -> None:
        """Make its stream."""
        self._say({})

    def play(self, schedule: Schedule, sending: Sending) -> None:
        """Begin."""
        self._say([asdict(schedule), asdict(sending)])

    def close(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            pipe.close()

    def _say(self, what: object) -> None:
        self._tell.write(json.dumps(what) + "\n")
        self._tell.flush()


class Screen:
    """Sends the markers of a recording, from a thread of its own once it is told to `play`."""

    def __init__(self, performance: Performance, name: str) -> None:
        self._performance = performance
        self._name = name
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._outlet: TextOutlet | None = None

    def open(self) -> None:
        """Make its stream."""
        self._outlet = TextOutlet(self._name, "Markers", f"{self._name}-id")

    def play(self, schedule: Schedule, gone: tuple[float, float] = (FOREVER, FOREVER)) -> None:
        """Begin; from ``gone[0]`` to ``gone[1]`` there is no stream."""
        self._thread = threading.Thread(target=self._send, args=(schedule, gone))
        self._thread.start()

    def _send(self, schedule: Schedule, gone: tuple[float, float]) -> None:
        for marker in self._performance.markers:
            if self._outlet is not None and marker.time >= gone[0]:
                schedule.sleep_until(gone[0])
                self._outlet.close()
                self._outlet, gone = None, (FOREVER, gone[1])
            if self._outlet is None and marker.time >= gone[1]:
                schedule.sleep_until(gone[1])
                self.open()
            if self._over.wait(max(0.0, schedule.wall(marker.time) - local_clock())):
                return
            if self._outlet is not None:
                self._outlet.push(marker.text, schedule.zero + marker.time)

    def close(self) -> None:
        """End, wherever it is."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        if self._outlet is not None:
            self._outlet.close()


def main(recording: str, said: str) -> None:
    """Be the process of an `AmplifierProcess`."""
    performance = Performance(Path(recording))
    spec = msgspec.json.decode(said, type=StreamSpec)
    local_clock()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    amplifier = Amplifier(performance, spec)
    schedule, sending = json.loads(sys.stdin.readline() or "null")
    amplifier.send(Schedule(**schedule), Sending(**sending))
    # What a listener has not read yet is lost when an outlet is closed.
    wait_until_left((amplifier._outlet,), 5.0)


if __name__ == "__main__":
    main(*sys.argv[1:])
