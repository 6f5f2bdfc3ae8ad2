"""Epochs that are cut beside those of a training are those that a pass of their own gives."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import pyxdf

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import Config, EpochSpec, FilterSpec, Presentation, Simulation
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300 import cut_beside
from calibration.p300.cut_beside import CutBeside
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.response_time import around_flashes

CONFIG = Config(
    presentation=Presentation(repetitions=2),
    simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz", "Oz")),
)


def with_losses(config: Config, path: Path, seed: int) -> Path:
    """Write a recording that lacks some samples, a few of them or half a second."""
    write_recording(config, "ABC", path, seed=seed)
    streams, _ = pyxdf.load_xdf(path, synchronize_clocks=False, dejitter_timestamps=False)
    eeg, markers = sorted(streams, key=lambda stream: stream["info"]["type"][0])
    kept = np.ones(eeg["time_stamps"].size, dtype=bool)
    kept[1200:1203] = kept[2000:2064] = False
    texts = [text for (text,) in markers["time_series"]]
    stamps, data = eeg["time_stamps"][kept], eeg["time_series"][kept]
    names, offsets = config.simulation.ch_names, [(0.0, 0.0)]
    write_xdf(path, [
        XdfStream("amp", "EEG", 128.0, stamps, data, names, "microvolts", offsets=offsets),
        XdfStream("markers", "Markers", 0.0, markers["time_stamps"], texts, offsets=offsets),
    ])  # fmt: skip
    return path


@pytest.mark.slow
@pytest.mark.parametrize("band", [8.0, 15.0])
def test_epochs_beside_others_are_those_of_a_pass_of_their_own(tmp_path, band):
    config = msgspec.structs.replace(
        CONFIG,
        filter=FilterSpec(h_freq=band),
        epoch=msgspec.structs.replace(CONFIG.epoch, step=1 / 32),
    )
    paths = [with_losses(config, tmp_path / f"{seed}.xdf", seed) for seed in range(2)]
    cut = around_flashes(config)

    own = epochs_of(paths, config, beside=[cut]).all()

    assert own.gaps
    assert sum(own.rejected.values())
    assert_same(own, epochs_of(paths, config).all())
    alone = epochs_of(paths, cut.config).all()
    assert len(alone) < len(own)
    assert_same(cut.found(), msgspec.structs.replace(alone, X=alone.X.astype(np.float32)))


def test_epochs_longer_than_any_buffer_are_not_kept(tmp_path):
    path = tmp_path / "1.xdf"
    write_recording(CONFIG, "A", path, seed=0)
    cut = CutBeside(-1.0, EpochSpec(tmin=0.0, tmax=1e6, step=1.0), CONFIG)

    own = epochs_of([path], CONFIG, beside=[cut]).all()

    assert len(own)
    assert cut.found() is None


def test_of_very_many_epochs_some_are_kept_of_all_times_and_classes(tmp_path, monkeypatch):
    path = tmp_path / "1.xdf"
    write_recording(CONFIG, "ABC", path, seed=0)
    every, some = around_flashes(CONFIG), around_flashes(CONFIG)
    epochs_of([path], CONFIG, beside=[every])
    every = every.found()
    monkeypatch.setattr(cut_beside, "MOST_VALUES", every.X.size // 2)

    own = epochs_of([path], CONFIG, beside=[some]).all()
    some = some.found()

    assert len(own) >= len(every)
    assert 0.2 * len(every) < len(some) <= 0.5 * len(every)
    assert set(some.letter.tolist()) == set(every.letter.tolist())
    assert 0 < some.y.mean() < 0.5
    at = np.searchsorted(every.time, some.time)
    np.testing.assert_array_equal(some.X, every.X[at])


def assert_same(found, alone):
    for name in type(alone).__struct_fields__:
        one, other = getattr(found, name), getattr(alone, name)
        if isinstance(other, np.ndarray):
            np.testing.assert_array_equal(one, other, err_msg=name)
        else:
            assert one == other, name
