"""Nothing that a live run keeps grows with its length."""

import gc
import types
from array import array
from collections import deque
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pytest
import simulated_files

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Live
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Chunk, ClockOffset, Marker, Reading
from bci_online.paradigms.p300 import text_prior
from bci_online.preprocessing import onsets
from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.runtime import publisher as publisher_module
from bci_online.runtime import tally as tally_module
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.engine import Engine
from bci_online.runtime.publisher import LivePublisher
from bci_online.runtime.score_history import ScoreHistory
from bci_online.runtime.tally import Tally
from bci_online.translation import Translator

# What belongs to the program and not to a run.
SHARED = (type, types.ModuleType, types.FunctionType, types.CodeType, types.FrameType)
CONTAINERS = (list, dict, set, frozenset, deque, bytearray, array, tuple, str, bytes)


def held(*roots: object) -> dict[str, int]:
    """Return how many items all objects that are reachable from `roots` hold, type by type.

    Containers of Python count their items, arrays of numpy their elements, all other objects one.
    """
    seen: set[int] = set()
    counts: dict[str, int] = {}
    todo = list(roots)
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, SHARED):
            continue
        seen.add(id(one))
        size = len(one) if isinstance(one, CONTAINERS) else 1
        if isinstance(one, np.ndarray):
            size = one.size
        counts[type(one).__name__] = counts.get(type(one).__name__, 0) + size
        todo += gc.get_referents(one)
    return counts


class Silence:
    """A sink that keeps nothing."""

    def push(self, text: str, stamp: float | None = None) -> float:
        return 0.0


@dataclass
class Endless:
    """A recording again and again under stamps that go on; samples are lost, and some are NaN."""

    readings: list[Reading]
    period: float
    spec: object
    now: float = 0.0
    round: int = 0
    at: int = 0
    n: int = 0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def read(self, timeout: float = 0.0) -> Reading:
        if self.at == len(self.readings):
            self.at, self.round = 0, self.round + 1
        reading, shift = self.readings[self.at], self.round * self.period
        self.at += 1
        markers = tuple(
            Marker(marker.text, marker.time + shift, marker.stream) for marker in reading.markers
        )
        chunks = tuple(self._spoilt(chunk.data, chunk.stamps + shift) for chunk in reading.chunks)
        offsets = ()
        if self.n % 40 == 1:
            self.now = float(chunks[-1].stamps[-1]) if chunks else self.now
            offsets = tuple(
                ClockOffset(key, self.now, 1e-5 * self.rng.normal()) for key in ("eeg", "markers")
            )
        stranger = Marker(f"stranger {self.n}", self.now, "markers")
        return Reading(chunks, (*markers, stranger), offsets)

    def _spoilt(self, data: np.ndarray, stamps: np.ndarray) -> Chunk:
        self.n += 1
        if self.n % 97 == 0:
            data = data.copy()
            data[0, 0] = np.nan
        if self.n % 331 == 0:
            data, stamps = data[3:], stamps[3:]
        return Chunk(data, stamps)


@pytest.fixture
def _small_bounds(monkeypatch):
    """Let every bound be reached within some minutes of stream time."""
    monkeypatch.setattr(ScoreHistory, "MOST", 64)
    monkeypatch.setattr(ScoreHistory, "RETRACTABLE", 32)
    # Few bins are soon all known.
    monkeypatch.setattr(ScoreHistory, "ACCURACY", 0.3)
    monkeypatch.setattr(publisher_module, "AGES_ACCURACY", 0.3)
    monkeypatch.setattr(text_prior, "LETTERS_KEPT", 10)
    monkeypatch.setattr(tally_module, "MOST_LETTERS", 10)
    monkeypatch.setattr(Translator, "MOST_LISTED", 50)
    monkeypatch.setattr(ClockOffsets, "SECONDS_KEPT", 60.0)
    monkeypatch.setattr(ClockOffsets, "FORGOTTEN_AT_ONCE", 1)
    monkeypatch.setattr(onsets, "CUT_KEPT", 256)


class LongRun:
    """A live engine on a recording that is played again and again."""

    def __init__(self) -> None:
        source = XdfSource(simulated_files.recording())
        source.open()
        # One session without end: its start and end come once.
        readings = [without_session(reading) for reading in iter(source.read, None)]
        self.endless = Endless(readings, source.n_samples / source.spec.sfreq, source.spec)
        decoder = read_decoder(simulated_files.decoder())
        chain, paradigm = online_chain(decoder, source.spec)
        self.tally = Tally(decoder.header, chain.translator.rules)
        publisher = LivePublisher(
            self.tally, 0.75, self.clock, Live(max_data_age=1e9), Silence(), Silence(),
            lambda message, row: None, paradigm.trial_evidence,
        )  # fmt: skip
        self.chain = chain
        self.engine = Engine(self.endless, chain, publisher, self.clock, Live(silent_after=1e9))
        self.roots = (self.engine, self.chain, self.tally, publisher, paradigm)

    def clock(self) -> float:
        return self.endless.now

    def go(self, n_rounds: int) -> dict[str, int]:
        """Play so many rounds more; return what the run holds then."""
        until = self.endless.round + n_rounds
        while self.endless.round < until:
            self.engine.step()
        return held(*self.roots)

    @property
    def n_letters(self) -> int:
        return self.tally.summary(self.chain, 0.0, 0.0, 0.0).presented


def without_session(reading: Reading) -> Reading:
    markers = [m for m in reading.markers if not m.text.startswith("session/")]
    return msgspec.structs.replace(reading, markers=tuple(markers))


@pytest.mark.slow
@pytest.mark.usefixtures("_small_bounds")
def test_nothing_that_a_run_keeps_grows_with_its_letters_flashes_losses_or_offsets() -> None:
    run = LongRun()

    before = run.go(6)
    n_before = run.n_letters
    after = run.go(10)

    n_new = run.n_letters - n_before
    assert n_new == 30
    # What belongs to the open letter differs from round to round; signals differ in their cuts.
    growth = {name: n - before.get(name, 0) for name, n in after.items() if name != "ndarray"}
    assert {name: n for name, n in growth.items() if n > 0.8 * n_new} == {}
    assert after["ndarray"] < 1.01 * before["ndarray"]


def test_the_walk_sees_every_container_of_python_and_of_numpy() -> None:
    nest = {"a": [1.5, (2.5, deque([3.5, np.zeros(7)]))]}

    counts = held(nest)

    # Keys of a dict that are texts are counted with the dict alone.
    assert counts == {"dict": 1, "list": 2, "tuple": 2, "deque": 2, "float": 3,
                      "ndarray": 7}  # fmt: skip
