"""An amplifier without clock or LSL gets the times of the computer that receives it."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.messages import Chunk, Marker, Reading, read_only
from bci_online.runtime.forwarding import ArrivalTime, forward

SFREQ = 100.0


def test_the_shortest_delay_of_the_window_is_the_shift():
    times = ArrivalTime(window_s=10.0)

    shifts = []
    for stamp, now in [(0.0, 5.2), (1.0, 6.05), (2.0, 7.3), (12.0, 17.3), (13.0, 18.31)]:
        times.arrive(stamp, now)
        shifts.append(times.shift)

    assert shifts == pytest.approx([5.2, 5.05, 5.05, 5.3, 5.3])


@pytest.mark.slow
@given(
    late=st.lists(st.floats(0.0, 0.2), min_size=200, max_size=200),
    ppm=st.floats(-100.0, 100.0),
)
def test_late_arrivals_and_drift_keep_every_stamp_near_the_truth(late, ppm):
    times = ArrivalTime(window_s=30.0)
    rate = 1.0 + 1e-6 * ppm

    for n, delay in enumerate(late):
        # One arrival in ten is not held up.
        held_up = delay if n % 10 else 0.0
        times.arrive(0.5 * n, 1000.0 + 0.5 * n * rate + held_up)
        if n >= 10:
            truth = 1000.0 + 0.5 * n * rate
            assert abs(0.5 * n + times.shift - truth) < 5e-3


class Amplifier:
    """Delivers 40 blocks of 10 samples; blocks 3 and 20 come 50 ms late. Its clock is its own."""

    def __init__(self) -> None:
        self.now = 500.0
        self._blocks = deque(range(40))

    def read(self, timeout: float = 0.0) -> Reading | None:
        if not self._blocks:
            return None
        block = self._blocks.popleft()
        stamps = (10 * block + np.arange(10.0)) / SFREQ
        self.now = 500.02 + stamps[-1] + (0.05 if block in (3, 20) else 0.0)
        markers = (Marker(f"flash/{block}", float(stamps[4])),)
        return Reading((Chunk(read_only(np.zeros((10, 2))), read_only(stamps)),), markers)


class Received:
    def __init__(self) -> None:
        self.stamps: list[float] = []
        self.markers: list[Marker] = []

    def push(self, data, stamps) -> None:
        self.stamps += stamps.tolist()

    def mark(self, marker: Marker) -> None:
        self.markers.append(marker)


def test_every_sample_and_marker_is_sent_in_order_on_one_clock_then_the_end():
    amplifier, received = Amplifier(), Received()

    forward(amplifier, received, received, lambda: amplifier.now)

    expected = 500.02 + np.arange(400) / SFREQ
    np.testing.assert_allclose(received.stamps, expected, atol=1e-9)
    *marks, end = received.markers
    np.testing.assert_allclose([mark.time for mark in marks], expected[4::10], atol=1e-9)
    assert (end.text, end.time) == ("session/end/eof", pytest.approx(expected[-1]))


class Nothing(Amplifier):
    def read(self, timeout: float = 0.0) -> Reading | None:
        return None


def test_of_an_amplifier_that_sends_nothing_the_end_is_marked():
    received = Received()

    forward(Nothing(), received, received, lambda: 500.0)

    assert [mark.text for mark in received.markers] == ["session/end/eof"]
