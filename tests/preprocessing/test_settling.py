"""A filter settles as long as scipy's filter of the same band does."""

import pytest

from bci_online.config import FilterSpec
from bci_online.preprocessing.filters import FilterBank
from bci_online.preprocessing.settling import settling_seconds


@pytest.mark.parametrize("sfreq", [128.0, 256.0, 1000.0])
@pytest.mark.parametrize(
    "band",
    [
        {"l_freq": 0.5, "h_freq": 8.0},
        {"l_freq": 0.1, "h_freq": 30.0, "order": 1},
        {"l_freq": 1.0, "h_freq": 12.0, "order": 4},
        {"l_freq": 8.0, "h_freq": 30.0, "order": 5},
        {"l_freq": 0.5, "h_freq": 16.0, "order": 4, "ripple_db": 0.5},
        {"l_freq": 4.0, "h_freq": 40.0, "band_width": 4.0},
    ],
)
def test_a_filter_settles_as_long_as_that_of_scipy(band, sfreq):
    spec = FilterSpec(**band)
    digital = FilterBank(spec, sfreq).settling / sfreq

    # A response swings: the last swing above the limit may be one more or one less.
    swing = 0.5 / spec.bands[0][0]
    assert settling_seconds(spec) == pytest.approx(digital, rel=0.02, abs=min(swing, 0.1))
