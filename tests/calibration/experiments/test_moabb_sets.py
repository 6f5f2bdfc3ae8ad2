import sys
import warnings

import numpy as np
import pytest

from bci_online.config import Config, EpochSpec, FilterSpec
from bci_online.errors import BciError
from calibration.experiments.flash_protocols import Splitting
from calibration.experiments.flash_tables import Comparison, evaluate_moabb
from calibration.experiments.moabb_sets import AskedSet, open_dataset, read_dataset
from calibration.experiments.raw_source import RawSource
from calibration.experiments.run_options import RunOptions

# MOABB's own loaders use what MNE is about to rename.
pytestmark = pytest.mark.filterwarnings("ignore:Montage name:FutureWarning")

CONFIG = Config(filter=FilterSpec(l_freq=1.0, h_freq=4.0), epoch=EpochSpec(tmax=0.875, step=0.125))


@pytest.fixture(scope="module", autouse=True)
def moabb():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("moabb.datasets")


def fake(moabb, **more):
    shape = {
        "n_subjects": 2,
        "n_sessions": 3,
        "n_runs": 1,
        "duration": 60,
        "n_events": 40,
        "seed": 1,
    }
    return moabb.FakeDataset(["Target", "NonTarget"], paradigm="p300", **{**shape, **more})


@pytest.mark.slow
@pytest.mark.parametrize("stim", [True, False])
def test_a_fake_set_becomes_labelled_epochs_with_sessions_as_runs(moabb, stim) -> None:
    dataset = fake(moabb, stim=stim, annotations=not stim)

    found = read_dataset(dataset, [2], CONFIG)["2"]

    assert found.X.shape == (len(found), 3, 8)
    assert found.preprocessing.ch_names == ("C3", "Cz", "C4")
    assert sorted(set(found.run.tolist())) == [0, 1, 2]
    assert len(found) + sum(found.rejected.values()) == 3 * 40
    assert found.y.mean() == pytest.approx(0.5, abs=0.05)
    share = 3.0 / 64.0  # of white noise of 20 µV, what 1-4 Hz of 0-64 Hz leaves
    assert found.X.std() == pytest.approx(20.0 * share**0.5, rel=0.15)


def test_an_epoch_holds_the_signal_at_its_events_sample(moabb) -> None:
    import mne

    step = np.zeros((1, 4000))
    step[0, 2000:] = 1e-5
    raw = mne.io.RawArray(step, mne.create_info(["Cz"], 200.0, "eeg"), verbose=False)
    source = RawSource(raw, np.array([2000]), ["flash/0/target"], start=5.0)

    source.open()
    readings = list(iter(source.read, None))

    stamps = np.concatenate([chunk.stamps for r in readings for chunk in r.chunks])
    data = np.concatenate([chunk.data for r in readings for chunk in r.chunks])[:, 0]
    marker = readings[0].markers[0]
    assert marker.text == "flash/0/target"
    assert stamps[np.flatnonzero(data)[0]] == pytest.approx(marker.time)
    assert data.max() == pytest.approx(10.0)
    assert source.read() is None


@pytest.mark.slow
def test_noise_is_at_chance_in_the_table_of_a_fake_set(moabb, tmp_path, capsys) -> None:
    options = RunOptions(output=tmp_path / "out", as_json=True)
    asked = AskedSet(dataset=fake(moabb), subjects=(1, 2))
    comparison = Comparison(
        methods="lda",
        preset="epfl",
        protocols=("paper", "by-run"),
        splitting=Splitting(splits=2),
    )

    evaluate_moabb(asked, comparison, options)

    table = (tmp_path / "out" / "moabb.csv").read_text(encoding="utf-8").splitlines()
    assert len(table) == 3
    assert '"units":"subjects"' in capsys.readouterr().out
    for line in table[1:]:
        assert 0.3 < float(line.split(",")[4]) < 0.7


@pytest.mark.parametrize("name", ["NoSuchSet", "BNCI2014_001", "base"])
def test_what_is_no_p300_set_is_refused_with_those_there_are(name) -> None:
    with pytest.raises(
        BciError, match=r"is not a set of MOABB for P300; there are .*EPFLP300"
    ) as told:
        open_dataset(name)

    assert "\n" not in str(told.value)


def test_a_subject_that_the_set_lacks_is_refused(moabb) -> None:
    with pytest.raises(BciError, match=r"--subject 9: .*\[1, 2\]"):
        read_dataset(fake(moabb), [9], CONFIG)


def test_what_cannot_be_fetched_is_one_line_that_says_where_a_copy_goes(moabb) -> None:
    dataset = fake(moabb)

    def unreachable(subject):
        raise ConnectionError("no network\nat all")

    dataset._get_single_subject_data = unreachable
    with pytest.raises(BciError, match=r"--data-dir \(or set MNE_DATA to it\)") as told:
        read_dataset(dataset, [1], CONFIG)

    assert "\n" not in str(told.value)


def test_without_the_datasets_extra_it_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "moabb", None)

    with pytest.raises(BciError, match=r"bci-online\[datasets\]"):
        open_dataset("EPFLP300")


def test_a_data_folder_that_is_not_there_is_refused(tmp_path) -> None:
    with pytest.raises(BciError, match="is not a folder"):
        open_dataset("EPFLP300", tmp_path / "nowhere")
