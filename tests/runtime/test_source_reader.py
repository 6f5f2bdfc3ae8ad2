"""A program that stood still does not blame the amplifier for the silence."""

import math
from types import SimpleNamespace

from bci_online.config import Live
from bci_online.messages import Marker, Reading
from bci_online.runtime import source_reader
from bci_online.runtime.source_reader import SourceReader

LIVE = Live(silent_after=0.5, lost_after=5.0)


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    monotonic = __call__


class Sleeper:
    """A source without samples, during whose next reading so much time passes."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.takes_s = clock, 0.1

    def read(self, timeout: float) -> Reading:
        self._clock.now += self.takes_s
        return Reading()


class Overslept:
    """Stands for the event that ends a run; a wait for it takes twenty seconds too long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float) -> None:
        self._clock.now += timeout + 20.0


def test_a_program_that_stood_still_says_so_and_loses_no_source(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(source_reader, "time", clock)
    sleeper = Sleeper(clock)
    reader = SourceReader(sleeper, clock, LIVE)
    assert reader.read(0.1) is None

    sleeper.takes_s = 20.1
    read = reader.read(0.1)

    assert read is not None
    assert (read.end, read.status.text) == (None, "this program stood still for 20.0 s")


def test_a_program_that_stood_still_while_samples_gathered_says_so(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(source_reader, "time", clock)
    reader = SourceReader(Sleeper(clock), clock, LIVE)
    monkeypatch.setattr(reader, "_stop", Overslept(clock))
    monkeypatch.setattr(reader, "_gathering", SimpleNamespace(seconds=lambda due, now: 0.2))
    assert reader.read(0.1) is None

    reader.gather(math.inf)
    read = reader.read(0.1)

    assert read is not None
    assert (read.end, read.status.text) == (None, "this program stood still for 20.0 s")
    assert reader.read(0.1) is None


def test_a_silent_source_is_still_named_and_lost(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(source_reader, "time", clock)
    reader = SourceReader(Sleeper(clock), clock, LIVE)

    reads = [read for _ in range(52) if (read := reader.read(0.1)) is not None]

    silent, lost = reads
    assert (silent.status.text, silent.status.kind) == ("no sample for 0.6 s", "silent")
    assert lost.end == "lost"
    assert lost.status.text.startswith("no sample for 5.1 s: check amplifier and network")


class Said:
    """A source that returns the given markers, one a reading."""

    def __init__(self, *markers: Marker) -> None:
        self._markers = list(markers)

    def read(self, timeout: float) -> Reading:
        return Reading(markers=(self._markers.pop(0),)) if self._markers else Reading()


def ends(*markers: Marker) -> list[str | None]:
    clock = Clock()
    reader = SourceReader(Said(*markers), clock, LIVE)
    found = []
    for _ in markers:
        # Silence for more than a second: the samples before the end are in.
        clock.now += 2.0
        read = reader.read(0.0)
        found.append(None if read is None else read.end)
    return found


def test_a_session_is_ended_only_by_the_stream_that_began_it():
    began = Marker("session/start/{}", 0.0, "screen")
    theirs, own = Marker("session/end/bye", 1.0, "chat"), Marker("session/end/done", 2.0, "screen")

    assert ends(began, theirs, own) == [None, None, "done"]
    # Where none began it, any stream's end counts.
    assert ends(Marker("note/hm", 0.0, "chat"), theirs) == [None, "bye"]
