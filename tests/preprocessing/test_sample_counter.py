import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.preprocessing.sample_counter import SampleCounter


def counted(losses: list[int], modulus: int, step: int, first: int) -> np.ndarray:
    """Return the counter of samples before each of which so many were lost."""
    numbers = first + np.cumsum(np.asarray(losses) + 1) * step
    return (numbers % modulus).astype(float)


@given(
    losses=st.lists(st.integers(0, 30), min_size=1, max_size=50),
    step=st.sampled_from([1, 2, 4]),
    first=st.integers(0, 255),
    cut=st.integers(0, 50),
)
def test_every_loss_shorter_than_a_round_is_counted_however_samples_are_cut(
    losses, step, first, cut
):
    counter = SampleCounter(256, step)
    numbers = counted([0, *losses], 256, step, first // step * step)
    pieces = [piece for piece in np.split(numbers, [min(cut, len(numbers))]) if piece.size]

    found = []
    for piece in pieces:
        found += counter.missing(piece).tolist()
        counter.advance(piece)

    assert found == [0, *losses]


@given(missing=st.integers(0, 255), rounds=st.integers(0, 20), doubt=st.integers(-100, 100))
def test_stamps_only_have_to_tell_the_rounds(missing, rounds, doubt):
    true = missing + 256 * rounds
    if true:
        assert SampleCounter(256, 1).n_lost(missing, max(1, true + doubt)) == true


@pytest.mark.parametrize(
    ("missing", "late_samples", "is_break"),
    [
        (0, 3.0, False),  # late, but the next number
        (1, 0.0, True),  # a number is missing, whatever the stamps say
        (255, 0.0, False),  # one step back: samples out of order
        (255, 255.0, True),  # as many missing as the stamps say
        (0, 256.0, True),  # a whole round is missing
        (0, -6.0 * 256, True),  # too far from the line for any number
    ],
)
def test_counter_and_stamps_decide_together(missing, late_samples, is_break):
    period = 1 / 256
    counter = SampleCounter(256, 1)

    found = counter.is_break(
        np.array([missing]), np.array([late_samples * period]), limit_s=0.05, period=period
    )

    assert found.tolist() == [is_break]
