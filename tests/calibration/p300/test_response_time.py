"""Responses that come when nobody can respond are named, with when they come."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import (
    Config,
    EpochSpec,
    FilterSpec,
    MarkerStream,
    Presentation,
    Simulation,
)
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.response_change import response_change
from calibration.p300.response_time import misplaced_response

pytestmark = pytest.mark.slow

CONFIG = Config(
    presentation=Presentation(repetitions=6),
    simulation=Simulation(
        sfreq=128.0, ch_names=("Fz", "Cz", "Pz", "Oz"), p300_uv=12.0, latency_jitter_s=0.0
    ),
)
SFREQ, N_FLASHES = 100.0, 300


def delayed(seconds: float) -> Config:
    """Say that the light came so much later than the markers."""
    return msgspec.structs.replace(CONFIG, markers=MarkerStream(display_delay=seconds))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("response") / "run.xdf"
    write_recording(CONFIG, "BRAINS", path, seed=2)
    return path


def bump(seconds: np.ndarray, middle: float) -> np.ndarray:
    return np.exp(-(((seconds - middle) / 0.06) ** 2))


def oddball(path: Path, *, late: float = 0.0, moved: int = 0, target_uv: float = 6.0) -> Path:
    """Write flashes at irregular intervals without codes; labels may stand at other flashes."""
    rng = np.random.default_rng(0)
    onsets = 8 + np.cumsum(rng.uniform(0.4, 0.8, N_FLASHES))
    is_target = rng.random(N_FLASHES) < 0.2
    seconds = np.arange(0, onsets[-1] + 5, 1 / SFREQ)
    data = rng.normal(size=(seconds.size, 2)).cumsum(axis=0) * 0.5
    for onset, target in zip(onsets, is_target, strict=True):
        evoked = 3 * bump(seconds, onset + 0.15) + target_uv * target * bump(seconds, onset + 0.35)
        data += evoked[:, np.newaxis]
    texts = [
        f"flash/0/{'target' if one else 'nontarget'}" for one in np.roll(is_target, moved).tolist()
    ]
    write_xdf(path, [
        XdfStream("amp", "EEG", SFREQ, seconds, data, ("Cz", "Pz"), "microvolts"),
        XdfStream("markers", "Markers", 0.0, onsets + late, texts),
    ])  # fmt: skip
    return path


@pytest.mark.parametrize(
    ("seconds", "when"),
    [(-0.5, "0.8 s after"), (0.5, "0.2 s before"), (0.8, "0.5 s before")],
)
def test_it_is_where_the_markers_put_it(recording, seconds, when):
    line = misplaced_response([recording], delayed(seconds), frozenset())

    assert line.startswith(f"the response is strongest {when} the flash: the markers come ")


def test_it_is_seen_in_a_band_that_its_own_latencies_are_too_coarse_for(recording):
    wide = FilterSpec(h_freq=30.0), EpochSpec(step=0.015)
    config = msgspec.structs.replace(delayed(0.5), filter=wide[0], epoch=wide[1])

    line = misplaced_response([recording], config, frozenset())

    assert line.startswith("the response is strongest 0.2 s before the flash")
    assert response_change([recording], config, frozenset()) == ""


@pytest.mark.parametrize("seconds", [-0.1, 0.0, 0.1])
def test_a_response_at_a_usual_time_is_not_misplaced(recording, seconds):
    assert misplaced_response([recording], delayed(seconds), frozenset()) == ""


def test_no_response_has_no_time(tmp_path):
    silent = msgspec.structs.replace(CONFIG.simulation, p300_uv=0.0)
    config = msgspec.structs.replace(CONFIG, simulation=silent)
    path = tmp_path / "run.xdf"
    write_recording(config, "BRAINS", path, seed=3)

    assert misplaced_response([path], config, frozenset()) == ""


def test_labels_of_another_flash_are_named_where_flashes_have_no_codes(tmp_path):
    late = misplaced_response([oddball(tmp_path / "1.xdf", moved=1)], Config(), frozenset())
    early = misplaced_response([oddball(tmp_path / "2.xdf", moved=-1)], Config(), frozenset())

    assert late.startswith("the labels seem to be those of the flash before")
    assert early.startswith("the labels seem to be those of the flash after")


@pytest.mark.parametrize(("late", "when"), [(-0.5, "after"), (0.5, "before")])
def test_what_all_flashes_evoke_shows_when_they_were_without_a_response_to_targets(
    tmp_path, late, when
):
    path = oddball(tmp_path / "run.xdf", late=late, target_uv=0.0)

    line = misplaced_response([path], Config(), frozenset())

    _, _, _, _, seconds, _, way, *_ = line.split()
    assert way == when
    assert float(seconds) == pytest.approx(abs(0.15 - late), abs=0.11)


@pytest.mark.parametrize("target_uv", [0.0, 6.0])
def test_sound_flashes_at_irregular_intervals_are_not_misplaced(tmp_path, target_uv):
    path = oddball(tmp_path / "run.xdf", target_uv=target_uv)

    assert misplaced_response([path], Config(), frozenset()) == ""
