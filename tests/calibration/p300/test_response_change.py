"""A training says from which letter or flash on its responses change."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import pyxdf

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import Config, MarkerStream, Presentation, Simulation
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.response_change import response_change
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

CONFIG = Config(
    presentation=Presentation(repetitions=6),
    simulation=Simulation(
        sfreq=128.0, ch_names=("Fz", "Cz", "Pz", "Oz"), p300_uv=12.0, latency_jitter_s=0.0
    ),
)


def delayed(seconds: float) -> Config:
    """Say that the light came so much later than the markers."""
    return msgspec.structs.replace(CONFIG, markers=MarkerStream(display_delay=seconds))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("response") / "run.xdf"
    write_recording(CONFIG, "BRAINS", path, seed=2)
    return path


def jumped(path: Path, letter: int, seconds: float, sign: int = 1) -> Path:
    """Write the recording with markers that are stamped later from a letter on."""
    streams, _ = pyxdf.load_xdf(path, synchronize_clocks=False, dejitter_timestamps=False)
    eeg, markers = sorted(streams, key=lambda stream: stream["info"]["type"][0])
    texts = [text for (text,) in markers["time_series"]]
    first = next(n for n, text in enumerate(texts) if text.startswith(f"trial/start/{letter}/"))
    stamps = markers["time_stamps"] + np.where(np.arange(len(texts)) >= first, seconds, 0.0)
    again = path.with_name(f"jumped-{letter}-{seconds:g}.xdf")
    names = CONFIG.simulation.ch_names
    write_xdf(again, [
        XdfStream("amp", "EEG", 128.0, eeg["time_stamps"], sign * eeg["time_series"], names,
                  "microvolts", offsets=[(0.0, 0.0)]),
        XdfStream("markers", "Markers", 0.0, stamps, texts, offsets=[(0.0, 0.0)]),
    ])  # fmt: skip
    return again


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [-0.5, -0.1, 0.06, 0.3])
def test_a_jump_of_the_markers_is_named_with_its_letter(recording, seconds):
    line = response_change([jumped(recording, 4, seconds)], CONFIG, frozenset())

    _, _, _, letter, *_, milliseconds, _, way = line.split(" than ")[0].split(" ")
    assert int(letter) == pytest.approx(4, abs=1)
    assert way == ("earlier" if seconds > 0 else "later")
    assert float(milliseconds) == pytest.approx(1000 * abs(seconds), abs=21)


@pytest.mark.slow
def test_a_recording_without_a_jump_has_none_named(recording):
    assert response_change([recording], CONFIG, frozenset()) == ""
    assert response_change([recording], delayed(0.5), frozenset()) == ""
    assert response_change([jumped(recording, 4, 0.02)], CONFIG, frozenset()) == ""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_recording_without_responses_has_no_jump_named(tmp_path, seed):
    silent = msgspec.structs.replace(CONFIG.simulation, p300_uv=0.0)
    config = msgspec.structs.replace(CONFIG, simulation=silent)
    write_recording(config, "BRAINS", tmp_path / "run.xdf", seed=seed)

    assert response_change([tmp_path / "run.xdf"], config, frozenset()) == ""


def test_a_jump_within_three_letters_is_named_with_its_flash(recording):
    line = response_change([jumped(recording, 3, 0.3)], CONFIG, frozenset({2, 3, 4}))

    assert line.startswith("from about flash 121 on the responses come 3")


def test_a_recording_that_is_upside_down_is_named(recording):
    turned = jumped(recording, 1, 0.0, sign=-1)

    line = response_change([recording, turned], CONFIG, frozenset())

    assert line.startswith("from about letter 7 on the responses are upside down")


@pytest.mark.slow
def test_a_training_says_so_where_its_auc_is_that_of_chance(recording, tmp_path):
    request = TrainingRequest(
        recordings=(recording,), method="lda", config=delayed(0.8), output=tmp_path / "my.decoder"
    )
    trained = train(request)

    assert trained.outcome.auc < 0.6
    assert trained.notes[0].startswith("the response is strongest 0.5 s before the flash")


@pytest.mark.slow
def test_a_training_that_finds_responses_says_nothing(recording, tmp_path):
    request = TrainingRequest(
        recordings=(recording,), method="lda", config=CONFIG, output=tmp_path / "my.decoder"
    )
    trained = train(request)

    assert trained.outcome.auc > 0.7
    assert not any("strongest" in note for note in trained.notes)
    assert np.isfinite(trained.seconds)
