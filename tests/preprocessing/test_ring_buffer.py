import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.preprocessing.ring_buffer import RingBuffer

HISTORY = np.random.default_rng(0).normal(size=(2, 300))


def filled(sizes, capacity=20) -> RingBuffer:
    ring, n = RingBuffer(2, capacity), 0
    for size in sizes:
        ring.append(HISTORY[:, n : n + size])
        n += size
    return ring


@settings(max_examples=60)
@given(sizes=st.lists(st.integers(0, 20), max_size=15))
def test_every_window_that_is_kept_holds_what_came_whatever_the_blocks(sizes):
    ring = filled(sizes)

    assert ring.stop == sum(sizes)
    assert ring.start == max(0, sum(sizes) - 20)
    for start in range(ring.start, ring.stop + 1):
        kept = ring.window(start, ring.stop)
        np.testing.assert_array_equal(kept, HISTORY[:, start : ring.stop])


def test_an_empty_ring_has_an_empty_window():
    assert RingBuffer(2, 5).window(0, 0).shape == (2, 0)


def test_windows_are_contiguous_views_that_cannot_be_written():
    ring = filled([20, 20, 7])

    window = ring.window(30, 40)

    assert all(row.flags.c_contiguous for row in window)
    assert window.base is not None
    with pytest.raises(ValueError, match="read-only"):
        window[0, 0] = 1.0


def test_memory_stays_the_same_however_much_comes():
    ring = RingBuffer(2, 20)
    before = ring.window(0, 0).base.nbytes

    for _ in range(100):
        ring.append(HISTORY[:, :13])

    assert ring.window(ring.stop, ring.stop).base.nbytes == before


def test_what_was_appended_stays_as_it_is_and_is_copied():
    block = HISTORY[:, :10].copy()
    ring = RingBuffer(2, 20)
    ring.append(block)

    block[:] = 0

    np.testing.assert_array_equal(ring.window(0, 10), HISTORY[:, :10])


@pytest.mark.parametrize(("start", "stop"), [(9, 12), (29, 31), (20, 19), (-1, 3)])
def test_a_window_with_a_sample_that_is_not_there_is_refused(start, stop):
    ring = filled([15, 15])

    with pytest.raises(ValueError, match=f"window {start}:{stop} must lie within samples 10:30"):
        ring.window(start, stop)


def test_a_block_larger_than_the_capacity_is_refused():
    with pytest.raises(ValueError, match="block of 21 samples must be at most 20"):
        filled([21])


@pytest.mark.parametrize(("n_channels", "capacity"), [(0, 5), (2, 0)])
def test_a_ring_without_rows_or_room_is_refused(n_channels, capacity):
    with pytest.raises(ValueError, match="must be at least 1"):
        RingBuffer(n_channels, capacity)
