import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.preprocessing.artefacts import artefact_limits, artefacts, peak_to_peak

LIMITS = np.array([10.0, np.inf, 30.0])


def test_the_peak_to_peak_is_each_rows_own_and_the_window_stays():
    window = np.random.default_rng(0).normal(size=(3, 50))
    window.flags.writeable = False

    np.testing.assert_array_equal(peak_to_peak(window), np.ptp(window, axis=1))


@pytest.mark.parametrize(
    ("spans", "found"),
    [([10, 900, 30], False), ([10.1, 0, 0], True), ([0, 1e9, 0], False), ([0, 0, 31], True)],
)
def test_one_channel_beyond_its_limit_makes_an_artefact_and_one_at_it_does_not(spans, found):
    assert bool(artefacts(np.array(spans, dtype=float), LIMITS)) == found


@given(seed=st.integers(0, 1000), n=st.integers(0, 20))
def test_many_epochs_are_judged_as_one_by_one(seed, n):
    spans = np.random.default_rng(seed).uniform(0, 40, size=(n, 3))

    together = artefacts(spans, LIMITS)

    assert together.tolist() == [bool(artefacts(row, LIMITS)) for row in spans]


def test_without_limits_nothing_is_an_artefact():
    assert not artefacts(np.full((4, 2), 1e9), None).any()
    assert artefact_limits(np.ones((4, 2)), 0.0) is None


def test_a_limit_is_the_median_plus_k_median_absolute_deviations():
    spans = np.array([[1.0], [2.0], [3.0], [4.0], [100.0]])

    assert artefact_limits(spans, 2.0).tolist() == [3.0 + 2.0 * 1.0]
