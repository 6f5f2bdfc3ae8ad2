"""Mains that a filter cannot take away is named with its channels and its frequency."""

import numpy as np
import pytest

from bci_online.acquisition.mains_share import MainsShare
from bci_online.acquisition.stream_survey import surveyed
from bci_online.config import EegStream
from bci_online.messages import StreamSpec

NAMES = ("Cz", "Pz", "Oz")


def seconds(sfreq: float, hz: float, times: float, n: int = 8) -> list[np.ndarray]:
    """Return seconds of noise with a drift, and of mains in the last channel."""
    rng, when = np.random.default_rng(0), np.arange(round(n * sfreq)) / sfreq
    data = rng.normal(size=(when.size, 3)) + 300 * when[:, np.newaxis]
    data[:, 2] += times * np.sqrt(2) * np.sin(2 * np.pi * hz * when)
    return np.split(data, n)


@pytest.mark.parametrize(("sfreq", "hz"), [(250.0, 50.0), (256.0, 60.0), (512.0, 50.1)])
@pytest.mark.parametrize(("times", "named"), [(100.0, True), (5.0, False), (0.0, False)])
def test_much_mains_is_named_with_its_channel_and_frequency(sfreq, hz, times, named):
    share = MainsShare(NAMES, sfreq)
    for second in seconds(sfreq, hz, times):
        share.push(second)

    found = share.finding(NAMES)

    assert (found is not None) == named
    if found is not None:
        assert found.text.startswith(f"channel Oz: mains of {round(hz)} Hz is up to ")
    assert share.finding(NAMES[:2]) is None


def test_louder_mains_in_a_channel_that_is_no_sensor_hides_none():
    share, when = MainsShare(NAMES, 250.0), np.arange(250) / 250
    for second in seconds(250.0, 50.0, 100.0):
        second[:, 0] += 500 * np.sin(2 * np.pi * 60 * when)
        share.push(second)

    assert share.finding(NAMES[1:]).text.startswith("channel Oz: mains of 50 Hz")


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_damaged_numbers_and_slow_streams_have_no_mains(value):
    share, slow = MainsShare(NAMES, 250.0), MainsShare(NAMES, 90.0)
    for second in seconds(250.0, 50.0, 0.0):
        second[3] = value
        share.push(second)
        slow.push(second[:90])

    assert share.finding(NAMES) is None
    assert slow.finding(NAMES) is None


def test_a_recording_is_judged_so_when_it_is_opened():
    spec = StreamSpec(name="amp", sfreq=250.0, ch_names=NAMES, ch_types=("EEG",) * 3)

    _, findings = surveyed(spec, EegStream(), seconds(250.0, 50.0, 100.0), np.arange(2000) / 250)

    assert [one.what for one in findings] == ["channel Oz"]
