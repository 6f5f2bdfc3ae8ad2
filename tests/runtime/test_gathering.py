"""Samples gather while no answer waits for one of them, and for no longer."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.config import Live
from bci_online.messages import Chunk, Reading
from bci_online.runtime.gathering import Gathering
from bci_online.runtime.source_reader import SourceReader


@given(age=st.floats(0.0, 0.3), due=st.floats(-5.0, 5.0), late=st.floats(0.0, 0.2))
def test_the_next_reading_begins_before_the_sample_that_is_due_can_be_there(age, due, late):
    gathering = Gathering(0.1)
    gathering.read(newest=100.0 - age, now=100.0)
    gathering.read(newest=101.0 - age - late, now=101.0)

    seconds = gathering.seconds(due=101.0 + due, now=101.0)

    assert 0.0 <= seconds <= 0.1
    assert seconds == 0.0 or 101.0 + seconds < 101.0 + due + age


@pytest.mark.parametrize(("longest_s", "n_read"), [(0.0, 1), (0.1, 0)])
def test_nothing_gathers_where_it_may_not_or_before_the_first_sample(longest_s, n_read):
    gathering = Gathering(longest_s)
    for _ in range(n_read):
        gathering.read(newest=100.0, now=100.0)

    assert gathering.seconds(due=math.inf, now=100.0) == 0.0


def test_a_stream_that_has_become_slower_is_learnt():
    gathering = Gathering(0.1)
    gathering.read(newest=0.0, now=0.01)
    for second in range(1, 3001):
        gathering.read(newest=second, now=second + 0.03)

    assert gathering.seconds(due=3000.05, now=3000.03) == pytest.approx(0.047)


def test_what_was_not_read_last_time_waits_no_longer():
    gathering = Gathering(0.2)
    gathering.read(newest=10.0, now=10.02)
    # A reading takes so many samples at most, and decoding took 50 ms.
    gathering.read(newest=10.15, now=10.25)

    assert gathering.seconds(due=math.inf, now=10.3) == pytest.approx(0.07, abs=1e-4)
    assert gathering.seconds(due=math.inf, now=10.5) == 0.0


class Waits:
    """Stands for the event that ends a run, and keeps for how long it was waited for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float) -> None:
        self.seconds.append(timeout)


class Samples:
    """A source whose newest sample is 20 ms old."""

    def __init__(self) -> None:
        self.now = 50.0

    def clock(self) -> float:
        return self.now

    def read(self, timeout: float) -> Reading:
        self.now += 0.05
        return Reading((Chunk(np.zeros((1, 1)), np.array([self.now - 0.02])),))


def test_a_reader_waits_for_the_sample_that_is_due_and_otherwise_as_long_as_it_may():
    source = Samples()
    reader = SourceReader(source, source.clock, Live(), gather_s=0.1)
    reader._stop = waits = Waits()
    reader.read(0.1)

    for due in (math.inf, source.now + 0.04, source.now, -math.inf):
        reader.gather(due)

    assert waits.seconds == pytest.approx([0.1, 0.057, 0.017])
