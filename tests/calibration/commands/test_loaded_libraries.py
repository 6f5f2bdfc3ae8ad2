"""A training loads no library that it does not use."""

import subprocess
import sys

import pytest

from bci_online.config import Config, Presentation, Simulation
from bci_online.runtime.simulated_recording import write_recording

CONFIG = Config(
    presentation=Presentation(repetitions=3),
    simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz"), p300_uv=12.0),
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "unused"),
    [
        ("lda", "sklearn numba pandas joblib mne matplotlib torch"),
        ("gsvm-2", "sklearn pandas joblib mne matplotlib torch"),
    ],
)
def test_a_training_loads_no_library_that_it_does_not_use(tmp_path, method, unused):
    recording, output = tmp_path / "run.xdf", tmp_path / "my.decoder"
    write_recording(CONFIG, "ABC", recording, seed=0)
    asked = ["train", str(recording), "--method", method, "--output", str(output), "--json", "-"]
    code = (
        "import sys; from bci_online.console import run; from calibration.__main__ import app; "
        f"run(app, {asked!r}); sys.exit(' '.join(set({unused.split()!r}) & set(sys.modules)) or 0)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, output.exists()) == (0, True), ended.stderr
