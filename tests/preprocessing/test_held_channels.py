import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.preprocessing.held_channels import STILL_S, HeldChannels

SFREQ, N = 100.0, 600
LONGEST = round(STILL_S * SFREQ)
EEG = np.random.default_rng(0).normal(-300, 10, size=(3, N))


def held(signal, cuts=(), **keys) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the repaired signal, where channels are broken, and where filters begin anew."""
    channels = HeldChannels(3, SFREQ, max_bridge=0.1, **keys)
    repaired, broken, anew = [], [], []
    for block in np.split(signal.copy(), sorted(cuts), axis=1):
        for piece in channels.pieces(block):
            n = piece.stop - piece.start
            broken += [piece.broken] * n
            anew += [piece.anew, *[np.zeros(3, bool)] * (n - 1)]
        repaired.append(block)
    return np.concatenate(repaired, axis=1), np.array(broken).T, np.array(anew).T


def spoilt(fault: float, start: int, stop: int) -> np.ndarray:
    signal = EEG.copy()
    signal[1, start:stop] = fault
    return signal


@pytest.mark.slow
@pytest.mark.parametrize("fault", [np.nan, np.inf, 187_500.0])
@given(cuts=st.lists(st.integers(0, N), max_size=10))
def test_how_the_signal_is_cut_changes_nothing(fault, cuts):
    signal = spoilt(fault, 200, 400)

    for part, whole in zip(held(signal, cuts), held(signal), strict=True):
        np.testing.assert_array_equal(part, whole)


@given(start=st.integers(1, 300), n=st.integers(1, 200))
def test_what_is_not_finite_repeats_the_sample_before_and_other_channels_stay(start, n):
    signal = spoilt(np.nan, start, start + n)

    repaired, broken, anew = held(signal)

    np.testing.assert_array_equal(repaired[[0, 2]], EEG[[0, 2]])
    assert (repaired[1, start : start + n] == EEG[1, start - 1]).all()
    assert np.flatnonzero(broken[1]).tolist() == list(range(start, start + n))
    assert not broken[[0, 2]].any()
    # A filter that has gone over the repeated samples for longer than a bridge begins anew.
    assert np.flatnonzero(anew[1, 1:]).tolist() == ([start + n - 1] if n > 10 else [])


@given(start=st.integers(1, 300), n=st.integers(1, 200))
def test_a_channel_that_has_one_value_for_too_long_is_broken_until_it_changes(start, n):
    signal = spoilt(7.0, start, start + n)

    repaired, broken, anew = held(signal)

    np.testing.assert_array_equal(repaired, signal)
    assert np.flatnonzero(broken[1]).tolist() == list(range(start + LONGEST, start + n))
    assert np.flatnonzero(anew[1, 1:]).tolist() == ([start + n - 1] if n > LONGEST else [])


def test_a_channel_that_never_changes_may_be_no_electrode():
    signal = spoilt(0.0, 0, N)

    assert not held(signal)[1].any()
    assert held(signal, still_is_broken=True)[1][1, LONGEST:].all()


def test_a_channel_is_broken_until_its_first_finite_sample():
    repaired, broken, anew = held(spoilt(np.nan, 0, 50))

    assert broken[1, :50].all()
    assert not broken[1, 50:].any()
    assert np.isfinite(repaired).all()
    assert anew[1, 50]


def test_a_filter_that_began_with_repeated_samples_begins_anew():
    channels = HeldChannels(3, SFREQ, max_bridge=0.1)
    signal = spoilt(np.nan, 100, 103)
    list(channels.pieces(signal[:, :102].copy()))

    channels.restart()

    *_, last = channels.pieces(signal[:, 102:].copy())
    assert last.anew.tolist() == [False, True, False]
