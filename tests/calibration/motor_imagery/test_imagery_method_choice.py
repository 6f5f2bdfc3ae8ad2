"""`--method auto` on simulated imagery: what is tried, and what is taken."""

import msgspec
import numpy as np
import pytest

from bci_online.config import Config, Presentation, Simulation
from bci_online.runtime.simulated_recording import write_recording
from calibration.motor_imagery.evaluation import evaluate
from calibration.motor_imagery.method_choice import prepared
from calibration.motor_imagery.methods import METHODS
from calibration.progress import TrainingProgress
from calibration.training_request import TrainingRequest

pytestmark = pytest.mark.slow

CONFIG = Config(
    paradigm="motor_imagery",
    presentation=Presentation(trials_per_class=6),
    simulation=Simulation(sfreq=128.0, erd=0.7),
)


def choice(folder, config=CONFIG, method="auto", **progress):
    path = folder / "run.xdf"
    if not path.exists():
        write_recording(config, "", path, seed=0)
    request = TrainingRequest(recordings=(path,), config=config, output=folder / "d", method=method)
    return prepared(request, TrainingProgress(**progress))


def all_trials(found):
    return np.arange(len(found.windows.trials))


def test_auto_takes_the_first_that_is_at_most_one_standard_error_behind_the_best(tmp_path):
    found = choice(tmp_path)

    decoder, windows = found.trained(all_trials(found))

    tried = {one.method: one for one in decoder.header.tried}
    assert list(tried) == list(METHODS)
    first = next(name for name, one in tried.items() if one.behind <= one.error)
    assert decoder.header.method == first
    for name, one in tried.items():
        alone = choice(tmp_path, method=name).candidates[0]
        assert np.mean([*alone.right(all_trials(found)).values()]) == one.held_out[1]
    # All are recentred, and keep covariances alone.
    assert decoder.header.preprocessing.window.recentre
    assert all(len(window[0]) <= len(CONFIG.simulation.ch_names) for window in windows.X)


def test_the_figures_make_the_choice_again_in_every_fold(tmp_path):
    told = []
    found = choice(tmp_path, passed=told.append)

    outcome = evaluate(found)

    assert outcome.trials == 12
    assert len(told) == outcome.n_folds * len(METHODS)


def test_once_interrupted_it_takes_the_best_of_what_was_tried(tmp_path):
    told = []
    found = choice(tmp_path, passed=told.append, interrupted=lambda: len(told) > 1)

    decoder, _ = found.trained(all_trials(found))

    assert [one.method for one in decoder.header.tried] == list(METHODS)[:2]


def test_auto_leaves_out_a_method_whose_bands_the_stream_is_too_slow_for(tmp_path):
    slow = msgspec.structs.replace(CONFIG, simulation=Simulation(sfreq=70.0, erd=0.7))

    found = choice(tmp_path, slow)

    assert "fbcsp" not in [one.method.name for one in found.candidates]
    assert any(note.startswith("auto: fbcsp is left out: ") for note in found.notes)
