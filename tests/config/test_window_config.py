from itertools import pairwise

import numpy as np
import pytest

from bci_online.config import FilterSpec, Preprocessing, read_config
from bci_online.config.windows import EvidenceSpec, WindowSpec, window_starts
from bci_online.errors import ConfigError


@pytest.mark.parametrize("step", [0.0625, 0.1, 0.25, 1.0])
def test_windows_lie_within_the_interval_and_fill_it(step):
    evidence = EvidenceSpec(tmin=0.5, tmax=4.5)

    starts = window_starts(WindowSpec(length=2.0, step=step), evidence)

    assert starts[0] == 0.5
    np.testing.assert_allclose(np.diff(starts), step)
    assert 4.5 - step < starts[-1] + 2.0 <= 4.5 + 1e-9


def test_a_window_as_long_as_the_interval_is_one_window():
    starts = window_starts(WindowSpec(length=2.0), EvidenceSpec(tmin=0.5, tmax=2.5))

    assert starts.tolist() == [0.5]


def test_a_window_holds_at_least_two_samples():
    window = WindowSpec(length=0.01)

    assert Preprocessing(ch_names=("C3", "C4"), sfreq=200.0, window=window).n_epoch == 2
    with pytest.raises(ValueError, match="at least 2 samples at sfreq=100 Hz"):
        Preprocessing(ch_names=("C3", "C4"), sfreq=100.0, window=window)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[evidence]\ntmin = 3", "must hold a window of 2 s"),
        ("[window]\nlength = 0", "window.length"),
        ("[window]\nstep = 0", "window.step"),
        ("[window]\nlength = 11", "window.length"),
        ("[evidence]\ntmax = 61", "evidence.tmax"),
        ("[filter]\nband_width = 5", "divide the band"),
        ("[filter]\nband_width = 0.01", "at most 64"),
    ],
)
def test_what_makes_no_windows_is_refused(tmp_path, text, said):
    path = tmp_path / "mi.toml"
    path.write_text(f'paradigm = "motor_imagery"\n{text}\n')

    with pytest.raises(ConfigError, match=said):
        read_config(path)


def test_flashes_take_one_band(tmp_path):
    path = tmp_path / "p300.toml"
    path.write_text("[filter]\nband_width = 2.5\n")

    with pytest.raises(ConfigError, match="motor imagery"):
        read_config(path)


def test_neighbouring_bands_cover_the_whole_without_overlap():
    bands = FilterSpec(l_freq=4.0, h_freq=40.0, band_width=4.0).bands

    assert len(bands) == 9
    assert bands[0][0] == 4.0
    assert bands[-1][1] == 40.0
    assert all(low[1] == high[0] for low, high in pairwise(bands))
    assert FilterSpec(l_freq=8.0, h_freq=30.0).bands == ((8.0, 30.0),)
