import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from bci_online.config import FilterSpec
from bci_online.preprocessing.filters import (
    CausalFilter,
    band_delays,
    bandpass,
    bridge,
    settling_samples,
)

SPEC = FilterSpec(l_freq=0.5, h_freq=8.0, order=4)
NOISE = np.random.default_rng(0).normal(size=(3, 500))


def filtered(pieces, spec=SPEC, sfreq=256.0):
    """Return what one fresh filter makes of the pieces, pushed in turn."""
    process = CausalFilter(bandpass(spec, sfreq)).process
    return np.concatenate([process(piece) for piece in pieces], axis=1)


@settings(max_examples=30)
@given(cuts=st.lists(st.integers(0, 500), max_size=8).map(sorted))
def test_output_does_not_depend_on_how_the_signal_is_cut(cuts):
    whole = filtered([NOISE])
    parts = filtered(np.split(NOISE, cuts, axis=1))

    np.testing.assert_array_equal(parts, whole)


def test_an_empty_block_passes_and_is_no_first_sample():
    with_empty = filtered([NOISE[:, :0], NOISE[:, :10], NOISE[:, :0], NOISE[:, 10:]])

    assert filtered([NOISE[:, :0]]).shape == (3, 0)
    np.testing.assert_array_equal(with_empty, filtered([NOISE]))


def test_the_input_stays_as_it_is():
    block = NOISE.copy()
    block.flags.writeable = False

    filtered([block])

    np.testing.assert_array_equal(block, NOISE)


@pytest.mark.parametrize("sfreq", [125.0, 256.0, 2048.0])
def test_an_electrode_offset_of_20_mv_is_gone_at_the_first_sample(sfreq):
    constant = np.full((2, round(2 * sfreq)), 20_000.0)
    wave = np.sin(np.arange(constant.shape[1]) / sfreq * 2 * np.pi * 3)

    offset_alone = filtered([constant], sfreq=sfreq)
    difference = filtered([constant + wave], sfreq=sfreq) - filtered([0 * constant + wave],
                                                                     sfreq=sfreq)  # fmt: skip

    assert np.abs(offset_alone).max() < 1.0
    assert np.abs(difference).max() < 1.0


def test_the_state_starts_from_the_first_sample_of_each_channel_alone():
    first = filtered([NOISE])
    later_differs = filtered([np.concatenate([NOISE[:, :1], 50 + NOISE[:, 1:]], axis=1)])

    np.testing.assert_array_equal(later_differs[:, 0], first[:, 0])
    np.testing.assert_allclose(first[:, 0], 0, atol=1e-9)


def test_after_a_restart_nothing_of_the_past_is_left():
    causal = CausalFilter(bandpass(SPEC, 256.0))
    causal.process(1e6 + NOISE)

    causal.restart()

    np.testing.assert_array_equal(causal.process(NOISE), filtered([NOISE]))


def test_an_output_sample_depends_on_no_later_input():
    changed = NOISE.copy()
    changed[:, 300:] = 0

    np.testing.assert_array_equal(filtered([changed])[:, :300], filtered([NOISE])[:, :300])


def test_the_band_passes_and_the_rest_does_not():
    sos = bandpass(SPEC, 256.0)
    _, gain = signal.sosfreqz(sos, [0.05, 0.5, 3.0, 8.0, 40.0], fs=256.0)

    assert np.abs(gain[[0, 4]]).max() < 0.01
    np.testing.assert_allclose(np.abs(gain[[1, 3]]), np.sqrt(0.5), rtol=1e-6)
    np.testing.assert_allclose(np.abs(gain[2]), 1.0, atol=0.01)


@pytest.mark.parametrize("h_freq", [128.0, 200.0])
def test_a_band_beyond_half_the_sampling_rate_is_refused_with_the_rule(h_freq):
    with pytest.raises(ValueError, match=r"must satisfy h_freq < 128 Hz \(half of sfreq=256 Hz\)"):
        bandpass(FilterSpec(h_freq=h_freq), 256.0)


@pytest.mark.parametrize("spec", [SPEC, FilterSpec(l_freq=8, h_freq=30), FilterSpec(order=1),
                                  FilterSpec(l_freq=0.1, h_freq=12, order=2)])  # fmt: skip
@pytest.mark.parametrize("sfreq", [125.0, 256.0])
def test_settling_ends_with_the_last_sample_of_a_step_response_above_one_percent(spec, sfreq):
    sos = bandpass(spec, sfreq)

    settled = settling_samples(sos)

    response = np.abs(signal.sosfilt(sos, np.ones(round(120 * sfreq))))
    above = response > 0.01 * response.max()
    assert above[settled - 1]
    assert not above[settled:].any()


@pytest.mark.parametrize("sfreq", [125.0, 240.0, 256.0, 1000.0])
def test_the_p300_band_settles_in_about_3_7_seconds_at_any_rate(sfreq):
    assert settling_samples(bandpass(SPEC, sfreq)) / sfreq == pytest.approx(3.75, abs=0.1)


def test_an_outlying_first_sample_is_below_one_percent_once_settled():
    signal_after = np.zeros((1, 2048))
    signal_after[0, 0] = 1000.0
    sos = bandpass(SPEC, 256.0)

    response = np.abs(filtered([signal_after]))[0]

    # All samples but the first lie beside the state: the step begins with the second.
    assert response[1 + settling_samples(sos) :].max() < 0.01 * response.max()


@given(n_lost=st.integers(1, 40), before=st.floats(-1e5, 1e5), after=st.floats(-1e5, 1e5))
def test_a_bridge_is_the_straight_line_between_its_ends(n_lost, before, after):
    made = bridge(np.array([before, 0.0]), np.array([after, 1.0]), n_lost)

    assert made.shape == (2, n_lost)
    np.testing.assert_allclose(made[0], np.linspace(before, after, n_lost + 2)[1:-1], atol=1e-9)
    np.testing.assert_allclose(made[1], np.arange(1, n_lost + 1) / (n_lost + 1))


def test_a_chebyshev_band_ripples_by_what_was_asked_and_falls_off_steeper():
    plain = FilterSpec(l_freq=1.0, h_freq=15.0, order=5)
    rippled = FilterSpec(l_freq=1.0, h_freq=15.0, order=5, ripple_db=0.5)
    freqs = np.linspace(1.0, 15.0, 500)

    (_, inside), (_, beyond), (_, beyond_plain) = (
        signal.sosfreqz(bandpass(spec, 250.0), at, fs=250.0)
        for spec, at in ((rippled, freqs), (rippled, [25.0]), (plain, [25.0]))
    )

    decibels = 20 * np.log10(np.abs(inside))
    assert decibels.min() == pytest.approx(-0.5, abs=0.01)
    assert decibels.max() == pytest.approx(0.0, abs=0.01)
    assert abs(beyond) < abs(beyond_plain)


@pytest.mark.parametrize(
    ("spec", "middle"),
    [
        (FilterSpec(l_freq=8.0, h_freq=30.0), 19.0),
        (FilterSpec(l_freq=8.0, h_freq=16.0, band_width=4.0), 10.0),
    ],
)
def test_a_burst_comes_out_of_its_band_as_late_as_the_delay_says(spec, middle):
    sfreq = 250.0
    times = np.arange(0, 8, 1 / sfreq)
    burst = np.exp(-(((times - 3) / 0.4) ** 2)) * np.sin(2 * np.pi * middle * times)
    low, high = spec.bands[0]

    out = filtered([burst[np.newaxis]], FilterSpec(l_freq=low, h_freq=high), sfreq)[0]

    peak = times[np.argmax(np.abs(signal.hilbert(out)))]
    delays = band_delays(spec, sfreq)
    assert len(delays) == len(spec.bands)
    assert peak - 3 == pytest.approx(delays[0], abs=0.02)
