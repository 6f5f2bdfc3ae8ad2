import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.preprocessing.photodiode import display_delay, edges

SFREQ = 500.0


def patch(changes, seconds, rng, *, noise=0.02, low=-3.0, high=5.0):
    """Return a photodiode's signal, dark at first, that changes sides at `changes`; its times."""
    times = np.arange(int(seconds * SFREQ)) / SFREQ
    bright = np.searchsorted(changes, times, side="right") % 2
    return low + (high - low) * bright + rng.normal(0, noise * (high - low), times.size), times


def flashed(n=200, soa_s=0.175, pause_s=3.0, start=2.0):
    """Return times of flashes, twelve and a pause."""
    return start + np.arange(n) * soa_s + np.arange(n) // 12 * pause_s


@settings(max_examples=20, deadline=None)
@given(
    delay=st.floats(0.0, 0.12), jitter=st.floats(0.0, 0.004), scale=st.sampled_from([1e-3, 1, -50])
)
def test_mean_and_spread_of_the_delay_are_found_whatever_the_channels_unit_and_sign(
    delay, jitter, scale
):
    rng = np.random.default_rng(1)
    flashes = flashed()
    light = np.sort(flashes + delay + rng.normal(0, jitter, flashes.size))
    signal, times = patch(light, flashes[-1] + 3, rng)

    found = display_delay(flashes, edges(scale * signal, times))

    assert (found.matched, found.missed, found.extra) == (200, 0, 0)
    true = light - flashes
    # A sampled step is known to half a sample, on average over many half a sample late or early.
    assert found.mean_s == pytest.approx(true.mean(), abs=1 / SFREQ)
    assert found.sd_s == pytest.approx(np.hypot(true.std(ddof=1), 1 / SFREQ / 12**0.5), abs=5e-4)
    assert found.earliest_s <= found.mean_s <= found.latest_s


def test_flashes_without_light_and_light_without_flashes_are_counted():
    rng = np.random.default_rng(2)
    flashes = flashed()
    seen = np.delete(flashes, [10, 50, 51, 120]) + 0.03
    stray = np.array([flashes[23] + 1.0, flashes[59] + 1.5])
    signal, times = patch(np.sort([*seen, *stray]), flashes[-1] + 3, rng)

    found = display_delay(flashes, edges(signal, times))

    assert (found.matched, found.missed, found.extra) == (196, 4, 2)
    assert found.mean_s == pytest.approx(0.03, abs=1 / SFREQ)


def test_light_before_the_first_and_long_after_the_last_flash_is_not_counted():
    rng = np.random.default_rng(3)
    flashes = flashed(60)
    light = np.array([0.2, 0.6, *(flashes + 0.02), flashes[-1] + 2.0])
    signal, times = patch(light, flashes[-1] + 3, rng)

    found = display_delay(flashes, edges(signal, times))

    assert (found.matched, found.extra) == (60, 0)


def test_a_slow_photodiode_is_timed_at_half_its_step():
    flashes = flashed(40)
    signal, times = patch(flashes, flashes[-1] + 3, np.random.default_rng(0), noise=0.0)
    slow = np.interp(times, times, np.convolve(signal, np.ones(11) / 11, mode="same"))

    np.testing.assert_allclose(edges(slow, times), flashes, atol=1 / SFREQ)


@pytest.mark.parametrize(
    "signal",
    [
        np.zeros(0),
        np.zeros(1),
        np.full(5000, 7.0),
        np.full(5000, np.nan),
        np.random.default_rng(0).normal(size=5000),
        np.sin(np.arange(5000) / 50),
    ],
)
def test_a_channel_without_two_levels_has_no_edges(signal):
    assert edges(signal, np.arange(signal.size) / SFREQ).size == 0


@pytest.mark.parametrize(("flashes", "changes"), [(0, 5), (5, 0), (0, 0)])
def test_without_flashes_or_light_nothing_matches(flashes, changes):
    found = display_delay(np.arange(float(flashes)), np.arange(float(changes)))

    assert found.matched == 0
    assert np.isnan(found.mean_s)
    assert found.missed == flashes


def test_samples_that_are_no_numbers_are_passed_over():
    rng = np.random.default_rng(4)
    flashes = flashed(60)
    signal, times = patch(flashes + 0.02, flashes[-1] + 3, rng)
    signal[rng.integers(signal.size, size=50)] = np.nan

    assert display_delay(flashes, edges(signal, times)).matched == 60
