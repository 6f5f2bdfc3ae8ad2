"""`--method auto` on simulated imagery: what is tried, and what is taken."""

import msgspec
import pytest

from bci_online.config import Config, Presentation, Simulation
from bci_online.runtime.simulated_recording import write_recording
from calibration.motor_imagery.method_choice import prepared, right_whole
from calibration.motor_imagery.methods import METHODS
from calibration.training_request import TrainingRequest

pytestmark = pytest.mark.slow

CONFIG = Config(
    paradigm="motor_imagery",
    presentation=Presentation(trials_per_class=6),
    simulation=Simulation(sfreq=128.0, erd=0.7),
)


def test_auto_takes_a_candidate_that_no_other_beats_and_says_what_was_tried(tmp_path):
    path = tmp_path / "run.xdf"
    write_recording(CONFIG, "", path, seed=0)

    def made(method):
        request = TrainingRequest(
            recordings=(path,), config=CONFIG, output=tmp_path / "d", method=method
        )
        return prepared(request)

    taken = made("auto")

    right = {name: right_whole(made(name)) for name in METHODS}
    assert right[taken.method.name] == max(right.values())
    said = ", ".join(f"{name} {n}" for name, n in right.items())
    assert any(f"{said} right" in note for note in taken.notes)
    # All are recentred, and keep covariances alone.
    assert taken.config.window.recentre
    assert all(len(window[0]) <= len(CONFIG.simulation.ch_names) for window in taken.windows.X)


def test_auto_leaves_out_a_method_whose_bands_the_stream_is_too_slow_for(tmp_path):
    path = tmp_path / "run.xdf"
    slow = msgspec.structs.replace(CONFIG, simulation=Simulation(sfreq=70.0, erd=0.7))
    write_recording(slow, "", path, seed=0)

    taken = prepared(
        TrainingRequest(recordings=(path,), config=slow, output=tmp_path / "d", method="auto")
    )

    assert taken.method.name != "fbcsp"
    assert any(note.startswith("auto: fbcsp is left out: ") for note in taken.notes)
