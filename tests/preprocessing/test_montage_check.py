"""Electrodes that are swapped or inverted are named, and sound ones are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.preprocessing.montage_check import (
    MontageCheck,
    correlations,
    rms_and_correlations,
)
from bci_online.preprocessing.window_covariances import compressed

SFREQ, CH_NAMES = 100.0, ("Fz", "Cz", "C3", "C4", "Pz", "Oz")
N = len(CH_NAMES)
# Neighbours share sources: each channel has two of its own and one of all.
MIXING = np.random.default_rng(1).normal(size=(N, 3)) + 0.5
CHANNELS = st.integers(0, N - 1)


def eeg(seed: int, seconds: float = 60.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n = round(seconds * SFREQ)
    return MIXING @ rng.normal(size=(3, n)) + 0.3 * rng.normal(size=(N, n))


CALIBRATED = eeg(0)
RMS = CALIBRATED.std(axis=1)


def check() -> MontageCheck:
    return MontageCheck(CH_NAMES, correlations([CALIBRATED], RMS, N), RMS, SFREQ)


def test_a_signal_like_that_of_calibration_says_nothing():
    assert [check().push(eeg(seed)) for seed in range(1, 20)] == [[]] * 19


@given(channel=CHANNELS, seed=st.integers(1, 50))
@settings(max_examples=20, deadline=None)
def test_an_inverted_channel_is_named_once(channel, seed):
    signal = eeg(seed, 200.0)
    signal[channel] *= -1

    (line,) = check().push(signal)

    assert line.startswith(f"{CH_NAMES[channel]} looks inverted")


@given(pair=st.sets(CHANNELS, min_size=2, max_size=2).map(sorted), seed=st.integers(1, 50))
@settings(max_examples=20, deadline=None)
def test_swapped_channels_are_named_and_neighbours_that_are_alike_may_be_missed(pair, seed):
    signal = eeg(seed, 200.0)
    first, second = pair
    signal[[first, second]] = signal[[second, first]]

    lines = check().push(signal)

    expected = correlations([CALIBRATED], RMS, N)
    other = [at for at in range(N) if at not in pair]
    apart = np.mean((expected[first, other] - expected[second, other]) ** 2)
    named = [line.startswith(f"{CH_NAMES[first]} and {CH_NAMES[second]} look") for line in lines]
    assert named == [True] if apart > 0.1 else all(named)


def test_a_large_exchange_is_named_after_fifteen_seconds():
    signal = eeg(1, 16.0)
    signal[[0, 4]] = signal[[4, 0]]

    assert check().push(signal[:, : round(14.9 * SFREQ)]) == []
    assert check().push(signal)[0].startswith("Fz and Pz look swapped")


@given(cuts=st.lists(st.integers(0, 6000), max_size=8).map(sorted))
@settings(max_examples=20, deadline=None)
def test_how_the_signal_is_cut_changes_nothing(cuts):
    signal = eeg(3)
    signal[2] *= -1
    whole, parts = check(), check()

    lines = [line for piece in np.split(signal, cuts, axis=1) for line in parts.push(piece)]

    assert lines == whole.push(signal)
    assert len(lines) == 1


def test_a_blink_or_a_dead_channel_is_no_exchange():
    blinks, dead = eeg(5), eeg(5)
    blinks[:2, ::300] += 100 * RMS[:2, np.newaxis]
    dead[3] = 0.0

    assert check().push(blinks) == check().push(dead) == []


def test_two_channels_are_too_few_to_tell():
    signal = eeg(1)[:2]
    two = MontageCheck(CH_NAMES[:2], correlations([signal], RMS[:2], 2), RMS[:2], SFREQ)

    assert two.push(np.stack([signal[0], -signal[1]])) == []


def test_the_bands_of_a_filter_bank_count_alike():
    signal, rms = np.concatenate([CALIBRATED, 5 * CALIBRATED]), np.concatenate([RMS, 5 * RMS])

    banded = correlations([signal], rms, N)

    np.testing.assert_allclose(banded, correlations([CALIBRATED], RMS, N))
    assert banded == pytest.approx(banded.T)


def test_windows_that_are_compressed_correlate_as_their_samples_do():
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(32, 32)) + 3.0
    windows = [mixed @ rng.normal(size=(32, 400)) for _ in range(20)]
    small = [compressed(window, 1) for window in windows]

    rms, found = rms_and_correlations(small, 32, are_samples=False)

    of_samples = rms_and_correlations(windows, 32)
    np.testing.assert_allclose(rms, of_samples[0], rtol=1e-6)
    np.testing.assert_allclose(found, of_samples[1], atol=0.02)
