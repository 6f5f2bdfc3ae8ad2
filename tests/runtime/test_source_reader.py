"""A program that stood still does not blame the amplifier for the silence."""

from bci_online.config import Live
from bci_online.messages import Reading
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


def test_a_silent_source_is_still_named_and_lost(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(source_reader, "time", clock)
    reader = SourceReader(Sleeper(clock), clock, LIVE)

    reads = [read for _ in range(52) if (read := reader.read(0.1)) is not None]

    silent, lost = reads
    assert (silent.status.text, silent.status.kind) == ("no sample for 0.6 s", "silent")
    assert lost.end == "lost"
    assert lost.status.text.startswith("no sample for 5.1 s: check amplifier and network")
