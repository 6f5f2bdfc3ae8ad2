import subprocess
import sys

import numpy as np
import pytest
from scipy import signal

from bci_online.preprocessing import sections
from bci_online.preprocessing.sections import band_sections, filtered, response, unit_state

NOISE = np.random.default_rng(0).normal(size=(3, 500))


@pytest.mark.parametrize("order", range(1, 9))
@pytest.mark.parametrize("ripple_db", [0.0, 0.01, 0.5, 3.0])
def test_a_band_has_the_numbers_of_scipys_design(order, ripple_db) -> None:
    for sfreq in (100.3, 125.0, 256.0, 2048.0):
        # Wide bands of odd order have real poles, too.
        for band in ((0.5, 8.0), (8.0, 10.0), (0.1, 0.4 * sfreq), (1.0, 0.49 * sfreq)):
            kind = {"btype": "bandpass", "fs": sfreq, "output": "sos"}
            if ripple_db:
                expected = signal.cheby1(order, ripple_db, band, **kind)
            else:
                expected = signal.butter(order, band, **kind)

            sos = band_sections(order, ripple_db, band, sfreq)

            np.testing.assert_allclose(sos, expected, rtol=1e-12, atol=1e-15)
            np.testing.assert_allclose(unit_state(sos), signal.sosfilt_zi(sos), rtol=1e-12)


@pytest.mark.parametrize("way", [sections._alone(), sections._with_all()], ids=["alone", "all"])
def test_the_recursion_is_scipys_whichever_way_it_is_loaded(monkeypatch, way) -> None:
    sos, block = band_sections(4, 0.0, (0.5, 8.0), 256.0), NOISE.astype(np.float32)
    monkeypatch.setattr(sections, "_found", [way])
    state = unit_state(sos) * block[:, :1, np.newaxis]
    expected, after = signal.sosfilt(sos, block, axis=1, zi=state.transpose(1, 0, 2))

    np.testing.assert_array_equal(filtered(sos, block, state), expected)
    np.testing.assert_array_equal(state.transpose(1, 0, 2), after)


def test_gain_and_phase_are_scipys() -> None:
    sos, frequencies = band_sections(3, 0.5, (1.0, 15.0), 250.0), np.linspace(0.5, 40.0, 50)

    _, expected = signal.sosfreqz(sos, frequencies, fs=250.0)

    np.testing.assert_allclose(response(sos, frequencies, 250.0), expected, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("module", ["bci_online.runtime.live", "calibration.p300.training"])
def test_what_runs_live_or_trains_loads_neither_scipy_signal_nor_scipy_stats(module) -> None:
    """They take 0.7 s and 40 MB of each process."""
    code = (
        f"import sys, {module}; import numpy as np; from bci_online.config import FilterSpec; "
        "from bci_online.preprocessing.filters import FilterBank; "
        "from bci_online.preprocessing.quality import assess; "
        "FilterBank(FilterSpec(), 250.0).process(np.ones((1, 500))); "
        "assess(np.ones((1, 500)), ('Cz',), 250.0); "
        "sys.exit(bool({'scipy.signal', 'scipy.stats'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
