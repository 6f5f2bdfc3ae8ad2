"""Public sets as trials at 100 Hz; nothing is fetched: MOABB's own fake set stands for them."""

import warnings

import numpy as np
import pytest

from bci_online.errors import BciError
from calibration.experiments.moabb_sets import open_dataset
from calibration.experiments.network_sets import content, described, read_trials
from calibration.experiments.public_sets import SETS, preset_for

pytestmark = [
    # MOABB takes four seconds to load.
    pytest.mark.slow,
    # Its own loaders use what MNE is about to rename.
    pytest.mark.filterwarnings("ignore:Montage name:FutureWarning"),
]

EVENTS = {
    "imagery": ["left_hand", "right_hand"],
    "ssvep": ["12.0", "8.57", "6.67"],
    "p300": ["NonTarget", "Target"],
}


@pytest.fixture(scope="module", autouse=True)
def moabb():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("moabb.datasets")


def fake(moabb, paradigm="imagery", **more):
    shape = {"n_subjects": 3, "n_sessions": 2, "n_runs": 1, "duration": 140, "n_events": 24}
    return moabb.FakeDataset(EVENTS[paradigm], paradigm=paradigm, seed=1, **{**shape, **more})


@pytest.mark.parametrize(("paradigm", "n_times"), [("imagery", 300), ("ssvep", 300), ("p300", 80)])
@pytest.mark.parametrize("stim", [True, False])
def test_a_fake_set_of_each_paradigm_becomes_trials_at_100_hz(moabb, paradigm, n_times, stim):
    dataset = fake(moabb, paradigm, stim=stim, annotations=not stim)
    preset = preset_for(dataset)

    found = read_trials(dataset, [2], preset, bank=False)["2"]

    assert found.X.shape == (len(found), 3, n_times)
    assert len(found) + sum(found.rejected.values()) == 2 * 24
    assert found.classes == tuple(EVENTS[paradigm])
    each = np.bincount(found.y)
    assert each.max() - each.min() <= 2
    assert found.training.sum() == pytest.approx(len(found) / 2, abs=2)
    low, high = preset.band
    # White noise of 20 µV: what a band leaves of 0-64 Hz.
    assert found.X.std() == pytest.approx(20.0 * ((high - low) / 64.0) ** 0.5, rel=0.15)


def test_a_bank_is_nine_bands_of_the_running_signal(moabb):
    found = read_trials(fake(moabb), [1], preset_for(fake(moabb)), bank=True)["1"]

    assert found.X.shape == (len(found), 9, 3, 300)


def test_each_trial_keeps_its_own_label_and_begins_at_its_window(moabb):
    dataset = fake(moabb, n_runs=2, n_events=[24, 24], duration=[140, 140])
    marked = dataset._generate_raw

    def with_a_rhythm(n_events, duration):
        """Put 15 Hz into the second half of the windows of the second class."""
        raw = marked(n_events, duration)
        for sample in np.flatnonzero(raw._data[-1] == 2):
            times = np.arange(192, 384)
            raw._data[0, sample + times] += 1e-4 * np.sin(2 * np.pi * 15 * times / 128)
        return raw

    dataset._generate_raw = with_a_rhythm

    found = read_trials(dataset, [1], preset_for(dataset), bank=False)["1"]

    first, second = np.split(found.X[:, 0].astype(float), 2, axis=-1)
    assert (second.std(axis=1) > 2 * first.std(axis=1)).tolist() == (found.y == 1).tolist()


def test_only_the_classes_asked_for_take_part(moabb):
    dataset = moabb.FakeDataset(
        ["left_hand", "rest", "feet"], n_subjects=1, duration=140, n_events=24, seed=1
    )

    found = read_trials(dataset, [], preset_for(dataset, ["rest", "feet"]), bank=False)["1"]

    assert found.classes == ("rest", "feet")
    assert np.bincount(found.y).min() >= 28
    with pytest.raises(BciError, match=r"--classes feet: needs two or more of left_hand, rest"):
        preset_for(dataset, ["feet"])
    with pytest.raises(BciError, match="--classes feet,tongue: needs two or more of"):
        preset_for(dataset, ["feet", "tongue"])


def test_a_trial_that_the_next_one_begins_in_is_left_out_and_counted(moabb):
    dataset = fake(moabb, duration=50)

    found = read_trials(dataset, [1], preset_for(dataset), bank=False)["1"]

    # Of 24 trials, 2 s apart and 3 s long, only a run's last one is whole.
    assert len(found) + sum(found.rejected.values()) == 2 * 24
    assert found.rejected["overlap"] >= 44
    assert "overlap" in described({"1": found})[1]


def test_of_a_single_session_the_runs_called_train_are_the_training(moabb):
    dataset = fake(moabb, n_sessions=1)
    loaded = dataset.get_data

    def renamed(subjects):
        data = loaded(subjects)
        runs = data[subjects[0]]["0"]
        data[subjects[0]]["0"] = {"0train": runs["0"], "1test": runs["0"]}
        return data

    dataset.get_data = renamed

    found = read_trials(dataset, [1], preset_for(dataset), bank=False)["1"]

    half = len(found) // 2
    np.testing.assert_array_equal(found.training, np.arange(len(found)) < half)


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_preset_asks_for_nothing_that_its_set_lacks(moabb, name):
    dataset = getattr(moabb, name)()
    preset = SETS[name]

    assert set(preset.classes) <= set(dataset.event_id)
    assert set(preset.channels) <= set(dataset.METADATA.acquisition.sensors)
    assert len(set(preset.channels)) == len(preset.channels)
    n_channels = {"BNCI2014_002": 0, "Lee2019_SSVEP": 10, "Lee2019_ERP": 32}.get(name, 20)
    assert len(preset.channels) == n_channels


def test_what_there_is_and_what_was_lost_is_said(moabb):
    found = read_trials(fake(moabb), [], preset_for(fake(moabb)), bank=False)

    first, *others = described(found)

    assert first.startswith("3 subjects, 66 left_hand, 72 right_hand; 69 of them in training")
    assert "3 channels, 300 samples at 100 Hz" in first
    assert all("trials left out" in line for line in others)


def test_other_data_have_another_hash(moabb):
    subjects = read_trials(fake(moabb), [1, 2], preset_for(fake(moabb)), bank=False)

    assert content(subjects["1"]) != content(subjects["2"])
    again = read_trials(fake(moabb), [1], preset_for(fake(moabb)), bank=False)
    assert content(subjects["1"]) == content(again["1"])


def test_what_is_no_set_for_networks_is_refused_with_those_there_are():
    with pytest.raises(
        BciError, match="is not a set of MOABB for imagery or ssvep or P300"
    ) as told:
        open_dataset("NoSuchSet", None, ("imagery", "ssvep", "p300"))

    assert set(SETS) <= set(str(told.value).replace(",", " ").split())


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning")
def test_a_copy_in_the_data_folder_is_read_without_a_network(moabb, tmp_path, monkeypatch):
    from scipy.io import savemat

    monkeypatch.setenv("MNE_DATA", "")
    monkeypatch.setenv("MOABB_DOWNLOAD_PROVIDER", "upstream")
    rng = np.random.default_rng(0)
    folder = tmp_path / "MNE-bnci-data/~bci/database/001-2014"
    folder.mkdir(parents=True)
    for letter in "TE":
        run = {
            "X": 20 * rng.normal(size=(250 * 80, 25)),
            "trial": np.arange(8) * 250 * 8 + 1500,
            "y": np.tile([1, 2, 3, 4], 2),
            "fs": 250,
            "classes": np.array(["left hand", "right hand", "feet", "tongue"], dtype=object),
            "artifacts": np.zeros(8),
            "gender": "male",
            "age": 22,
        }
        runs = np.empty(2, dtype=object)
        runs[:] = [run, run]
        savemat(folder / f"A01{letter}.mat", {"data": runs})
    dataset = open_dataset("BNCI2014_001", tmp_path, ("imagery",))

    found = read_trials(dataset, [1], preset_for(dataset), bank=False)["1"]

    assert found.X.shape == (16, 20, 400)
    assert found.training.sum() == 8
    assert np.bincount(found.y).tolist() == [8, 8]
    assert found.preprocessing.ch_names[:2] == ("FC3", "FC1")
