import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.preprocessing.band_monitor import BandMonitor
from bci_online.preprocessing.quality import ChannelQuality, assess, faults

SFREQ = 250.0
TIME = np.arange(2500) / SFREQ
NOISE = np.random.default_rng(0).normal(scale=10, size=(1, 2500))


def judged(row, **keys):
    (quality,) = assess(np.atleast_2d(row), ("Cz",), SFREQ, **keys)
    return quality


def test_rms_is_that_without_the_mean():
    assert judged(20_000 + 3 * np.sin(2 * np.pi * 10 * TIME)).rms == pytest.approx(3 / np.sqrt(2))


@pytest.mark.parametrize("row", [np.zeros(2500), np.full(2500, 7.0), np.arange(2500) % 2])
def test_a_channel_of_at_most_two_values_is_flat_and_not_railing(row):
    quality = judged(row)

    assert quality.flat
    assert not quality.railing


def test_a_good_channel_is_neither_flat_nor_railing_and_has_little_line_noise():
    quality = judged(NOISE)

    assert not quality.flat
    assert not quality.railing
    assert quality.line_noise < 0.05


@pytest.mark.parametrize("side", [1, -1])
def test_a_channel_that_sits_on_its_rail_for_a_tenth_of_the_time_is_railing(side):
    railing, seldom = side * NOISE.copy(), side * NOISE.copy()
    railing[0, ::10] = seldom[0, ::11] = side * 500

    assert judged(railing).railing
    assert not judged(seldom).railing


@pytest.mark.parametrize("line_hz", [50.0, 60.0])
def test_line_noise_is_the_share_of_power_at_the_mains_frequency(line_hz):
    hum = 10 * np.sqrt(2) * np.sin(2 * np.pi * line_hz * TIME)

    assert judged(hum + 1e-3 * NOISE, line_hz=line_hz).line_noise > 0.95
    assert judged(hum + NOISE, line_hz=line_hz).line_noise == pytest.approx(0.5, abs=0.05)
    assert judged(hum + NOISE, line_hz=110 - line_hz).line_noise < 0.05


@pytest.mark.parametrize("line_hz", [50.0, 60.0])
def test_of_several_mains_frequencies_the_stronger_counts(line_hz):
    hum = NOISE + 10 * np.sqrt(2) * np.sin(2 * np.pi * line_hz * TIME)

    assert judged(hum, line_hz=(50.0, 60.0)) == judged(hum, line_hz=line_hz)


def test_a_line_frequency_beyond_half_the_sampling_rate_gives_no_share():
    assert judged(NOISE, line_hz=200.0).line_noise == 0.0


def test_channels_are_judged_one_by_one_in_their_order_and_the_block_stays():
    block = np.vstack([NOISE, np.zeros((1, 2500))])
    block.flags.writeable = False

    first, second = assess(block, ("Cz", "Pz"), SFREQ)

    assert (first.name, first.flat, second.name, second.flat) == ("Cz", False, "Pz", True)


@pytest.mark.parametrize("n_times", [0, 1])
def test_less_than_two_samples_are_refused(n_times):
    with pytest.raises(ValueError, match=f"at least 2 samples, got {n_times}"):
        assess(np.zeros((1, n_times)), ("Cz",), SFREQ)


def channel(name: str, rms: float = 10.0, **keys) -> ChannelQuality:
    return ChannelQuality(**({"flat": False, "railing": False, "line_noise": 0.1} | keys),
                          name=name, rms=rms)  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (channel("Pz", 0.0, flat=True), "flat"),
        (channel("Pz", railing=True), "railing"),
        (channel("Pz", line_noise=0.73), "noisy: 73 % mains"),
        (channel("Pz", 120.0), "loud: 11 times the usual"),
    ],
)
def test_what_is_wrong_with_a_channel_is_said_in_words_and_of_no_other(bad, said):
    assert faults([channel("Cz"), bad, channel("Oz", 12.0), channel("C3", 9.0)]) == {"Pz": said}


def test_where_all_are_loud_their_unit_has_to_be_known_to_tell():
    channels = [channel("Cz", 800.0), channel("Pz", 900.0)]

    assert faults(channels, "unknown") == {}
    assert faults(channels, "microvolts") == {"Cz": "loud: 800 µV", "Pz": "loud: 900 µV"}


def test_where_all_are_flat_all_are_said_to_be():
    assert faults([channel("Cz", 0.0, flat=True)] * 2) == {"Cz": "flat"}


def complaints(filtered, cuts=()) -> list[str]:
    monitor = BandMonitor(("Cz", "Pz"), np.array([10.0, 10.0]), sfreq=10.0)
    return [text for piece in np.split(filtered, cuts, axis=1) for text in monitor.push(piece)]


def loud(cz: float, pz: float, seconds: float) -> np.ndarray:
    return np.outer([cz, pz], np.resize([1.0, -1.0], round(10 * seconds)))


@pytest.mark.parametrize(
    ("rms", "said"), [(2.4, True), (2.6, False), (10.0, False), (39.0, False), (41.0, True)]
)
def test_a_channel_outside_a_quarter_to_four_times_of_calibration_is_named(rms, said):
    found = complaints(loud(10.0, rms, 5.0))

    assert found == ([f"Pz: signal is {rms / 10:.2g} times that of calibration"] if said else [])


def test_it_speaks_after_five_seconds_and_then_once_a_minute():
    assert len(complaints(loud(10, 100, 4.9))) == 0
    assert len(complaints(loud(10, 100, 5.0))) == 1
    assert len(complaints(loud(10, 100, 64.9))) == 1
    assert len(complaints(loud(10, 100, 65.0))) == 2
    assert len(complaints(loud(100, 100, 125.0))) == 3


def test_all_that_changes_alike_is_one_line_and_what_is_missing_or_told_is_none():
    names, signal = ("Fz", "Cz", "Pz"), np.resize([1.0, -1.0], 50)

    def said(*rms: float, told=()) -> list[str]:
        return BandMonitor(names, np.ones(3), sfreq=10.0).push(np.outer(rms, signal), told)

    assert said(20, 30, 25) == ["all channels: signal is 20 to 30 times that of calibration"]
    assert said(20, 1, 0.1) == [
        "Fz: signal is 20 times that of calibration",
        "Pz: signal is 0.1 times that of calibration",
    ]
    assert said(20, 20, 0, told=("Fz",)) == ["Cz: signal is 20 times that of calibration"]


@settings(max_examples=30)
@given(cuts=st.lists(st.integers(0, 1300), max_size=8).map(sorted))
def test_complaints_do_not_depend_on_how_the_signal_is_cut(cuts):
    signal = loud(100, 1, 130.0)

    assert complaints(signal, cuts) == complaints(signal)


def test_a_sensor_that_was_silent_in_calibration_does_not_divide_by_zero():
    monitor = BandMonitor(("Cz",), np.array([0.0]), sfreq=10.0)

    assert monitor.push(np.empty((1, 0))) == []
    assert len(monitor.push(np.ones((1, 50)))) == 1
