"""A channel that stays loud is noisy from then on, and good again later."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.config import Preprocessing
from bci_online.messages import Chunk, Gap
from bci_online.preprocessing.calibrated_signal import CalibratedSignal
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.noisy_channels import NoisyChannels

SFREQ, LENGTH_S = 100.0, 60
CH_NAMES = ("Cz", "Pz", "Oz")


def judged(loud: dict[tuple[float, float], float], channels=(1,), cuts=(), reference=7.0):
    """Return what is said and what is noisy in each second; `loud` has factors by (start, stop)."""
    preprocessing = Preprocessing(sfreq=SFREQ, ch_names=CH_NAMES)
    signal = ContinuousSignal(preprocessing, picks=[0, 1, 2])
    own = None if reference is None else np.full(3, reference)
    noisy = NoisyChannels(CH_NAMES, own, SFREQ)
    stamps = np.arange(int(LENGTH_S * SFREQ)) / SFREQ
    factor = np.ones(stamps.size)
    for (start, stop), value in loud.items():
        factor[(stamps >= start) & (stamps < stop)] = value
    data = 10.0 * np.sin(2 * np.pi * 3.0 * stamps)[:, np.newaxis] * np.ones(3)
    data[:, list(channels)] *= factor[:, np.newaxis]
    said, times = [], []
    places = sorted(cuts)
    for piece in zip(np.split(data, places), np.split(stamps, places), strict=True):
        for gap in signal.push(Chunk(*piece)):
            assert not isinstance(gap, Gap)
            said += noisy.take(signal)
    for _ in signal.finish():
        said += noisy.take(signal)
    # What is older than the buffer is forgotten.
    seconds = range(int(LENGTH_S) - 25, int(LENGTH_S))
    times = [noisy.within(int(one * SFREQ), int((one + 1) * SFREQ)) for one in seconds]
    return [(one.level, one.text.partition(":")[0], round(one.time)) for one in said], times


def test_a_channel_is_noisy_after_five_loud_seconds_and_good_after_ten_quiet_ones():
    said, times = judged({(30, 42): 40.0})

    (alarm, back) = said
    assert alarm[:2] == ("alarm", "Pz")
    assert 35 <= alarm[2] <= 36
    assert back[:2] == ("info", "Pz")
    # The filter rings for some seconds.
    assert 52 <= back[2] <= 57
    assert {one for one in times if one} == {(1,)}
    assert times[-1] == ()


def test_three_loud_seconds_are_an_artefact_and_no_noise():
    said, times = judged({(30, 31.5): 4.0})

    assert said == []
    assert not any(times)


def test_channels_that_are_all_loud_are_none_of_them_noisy():
    assert judged({(30, 42): 40.0}, channels=(0, 1, 2)) == ([], [()] * 25)


def test_a_channel_that_is_half_as_loud_again_is_not_noisy():
    assert judged({(30, 60): 1.5}) == ([], [()] * 25)


def test_a_channel_that_has_fallen_silent_is_found_and_good_again_later():
    said, times = judged({(30, 40): 1e-3})

    (alarm, back) = said
    assert alarm[:2] == ("alarm", "Pz")
    assert 35 <= alarm[2] <= 39
    assert back[:2] == ("info", "Pz")
    assert {one for one in times if one} == {(1,)}


@pytest.mark.parametrize("factor", [40.0, 1e-3])
def test_a_noisy_channel_that_falls_flat_is_not_good_again(factor):
    said, _ = judged({(20, 30): factor, (30, 60): 0.0})

    assert [level for level, _, _ in said] == ["alarm"]


@pytest.mark.parametrize(
    ("factor", "channels"),
    # Quiet; flat, which is known sooner; an amplifier of another gain.
    [(0.2, (1,)), (0.0, (1,)), (1e-3, (0, 1, 2))],
)
def test_what_is_quiet_for_another_reason_is_not_silent(factor, channels):
    assert judged({(30, 60): factor}, channels) == ([], [()] * 25)


def test_without_a_calibration_nothing_is_judged():
    assert judged({(30, 60): 40.0}, reference=None) == ([], [()] * 25)


@cache
def uncut():
    return judged({(30, 42): 40.0})


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, int(LENGTH_S * SFREQ)), max_size=8))
def test_how_the_signal_is_cut_changes_nothing_of_what_is_noisy(cuts):
    assert judged({(30, 42): 40.0}, cuts=cuts) == uncut()


@pytest.mark.parametrize("factor", [5.0, 40.0, 4000.0])
def test_noise_that_stays_is_marked_to_the_end(factor):
    said, times = judged({(40, 60): factor})

    assert len(said) == 1
    assert times[0] == ()
    assert set(times[-15:]) == {(1,)}


def test_a_noisy_channel_is_named_once_and_others_still_are():
    preprocessing = Preprocessing(sfreq=SFREQ, ch_names=CH_NAMES)
    signal = ContinuousSignal(preprocessing, picks=[0, 1, 2])
    check = CalibratedSignal(preprocessing, np.full(3, 7.0), None)
    stamps = np.arange(150 * int(SFREQ)) / SFREQ
    data = 10.0 * np.sin(2 * np.pi * 3.0 * stamps)[:, np.newaxis] * np.ones(3)
    data[stamps >= 30, 1] *= 40.0
    data[stamps >= 30, 2] *= 0.01
    said = []
    for piece in zip(np.split(data, 150), np.split(stamps, 150), strict=True):
        for _ in signal.push(Chunk(*piece)):
            said += check.take(signal)

    assert [one.text.partition(":")[0] for one in said].count("Pz") == 1
    assert "Oz" in {one.text.partition(":")[0] for one in said}
