from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy.signal import sosfilt
from simulated_files import CONFIG, recording

from bci_online.config import Config, EpochSpec
from bci_online.preprocessing.filters import bandpass
from calibration.experiments import flash_protocols
from calibration.experiments.flash_protocols import BY_RUN, PAPER, Splitting, compute, content, plan
from calibration.experiments.presets import PRESETS, with_preset
from calibration.experiments.recorded_subjects import described, read_subjects, subjects_of


@pytest.fixture(scope="module")
def epochs():
    return read_subjects([recording("ABC", 1), recording("THEFOX", 2)], CONFIG)["01"]


@pytest.fixture(scope="module")
def folds(epochs):
    cells, _ = plan({"01": epochs}, [PAPER, BY_RUN], ["svm"], Splitting(splits=3))
    return [(cell, *flash_protocols._split(cell, epochs)) for cell in cells]


def test_no_flash_is_on_both_sides_of_a_split(folds) -> None:
    for _, (train, test), _ in folds:
        assert np.intersect1d(train, test).size == 0


def test_by_run_no_letter_is_on_both_sides_of_an_outer_or_inner_split(epochs, folds) -> None:
    by_run = [fold for fold in folds if fold[0]["protocol"] == BY_RUN]
    assert by_run
    for cell, (train, test), inner in by_run:
        assert cell["unit"] == "letter"
        assert np.intersect1d(epochs.letter[train], epochs.letter[test]).size == 0
        letters = epochs.letter[train]
        for known, unseen in inner:
            assert np.intersect1d(letters[known], letters[unseen]).size == 0


def test_the_papers_splits_are_random_and_keep_the_classes_balanced(epochs, folds) -> None:
    splits = [fold[1] for fold in folds if fold[0]["protocol"] == PAPER]

    assert len(splits) == 3
    assert not np.array_equal(splits[0][1], splits[1][1])
    for train, test in splits:
        assert train.size == pytest.approx(0.8 * len(epochs), abs=1)
        assert epochs.y[test].mean() == pytest.approx(epochs.y.mean(), abs=0.01)


def test_with_few_targets_there_are_as_many_inner_folds_as_each_can_have_one(epochs) -> None:
    few = np.sort(np.concatenate([np.flatnonzero(epochs.y)[:5], np.flatnonzero(~epochs.y)[:60]]))
    short = epochs[few]
    cells, _ = plan({"01": short}, [PAPER], ["gsvm-2"], Splitting(splits=1, train_share=0.8))

    (train, _), inner = flash_protocols._split(cells[0], short)

    assert short.y[train].sum() == 4
    assert [int(short.y[train][unseen].sum()) for _, unseen in inner] == [1] * 4


@pytest.mark.slow
def test_a_method_is_trained_and_tested_by_either_protocol(epochs, folds) -> None:
    for cell in (folds[0][0], folds[-1][0]):
        result = compute({**cell, "method": "gsvm-2"}, epochs)

        assert result["auc"] > 0.6
        assert result["n_train"] + result["n_test"] <= len(epochs)
        assert set(result["sensors"]) <= set(epochs.preprocessing.ch_names)


def test_cells_of_other_data_are_other_cells(epochs) -> None:
    fewer = epochs[np.arange(len(epochs) - 1)]
    filtered = msgspec.structs.replace(
        epochs,
        preprocessing=msgspec.structs.replace(epochs.preprocessing, epoch=EpochSpec(tmax=0.8)),
    )

    assert len({content(epochs), content(fewer), content(filtered)}) == 3
    assert content(epochs) == content(epochs[np.arange(len(epochs))])


def test_the_subject_stands_in_the_name_or_the_nearest_folder() -> None:
    paths = [Path(p) for p in ("sub-A/x.xdf", "sub-A/sub-B_run-1.xdf", "y/sub-A_run-2.xdf")]

    assert {k: len(v) for k, v in subjects_of(paths).items()} == {"A": 2, "B": 1}
    assert subjects_of([Path("one.xdf"), Path("two.xdf")]).keys() == {"01"}


def test_what_each_subject_has_and_lost_is_said(epochs) -> None:
    line = described({"01": epochs})[0]

    assert f"{len(epochs)} flashes" in line
    assert "0 samples lost in 0 gaps" in line


def test_the_window_of_epfl_reaches_what_its_causal_filter_delays() -> None:
    preset, sfreq = PRESETS["epfl"], 256.0
    times = np.arange(-1, 4, 1 / sfreq)
    late = np.exp(-0.5 * ((times - 0.6) / 0.07) ** 2)

    power = sosfilt(bandpass(preset.filter, sfreq), late) ** 2

    half = preset.epoch.step / 2
    inside = (times >= preset.epoch.tmin - half) & (times <= preset.epoch.tmax + half)
    assert power[inside].sum() > 0.9 * power.sum()


@pytest.mark.parametrize(("name", "n_times"), [("epfl", 8), ("uam", 31), ("errp", 21)])
def test_a_preset_has_the_papers_number_of_samples_and_aliases_nothing(name, n_times) -> None:
    config, deviation = with_preset(Config(), name)

    assert config.epoch.latencies.size == n_times
    assert config.filter.order == PRESETS[name].filter.order
    assert "causally" in deviation
    assert "not done: " in deviation
