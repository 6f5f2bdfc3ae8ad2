"""Trials that were filtered before; a set of one's own files stands for a public one."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bci_online.config import Preprocessing
from calibration.experiments.network_sets import TrialSet, content
from calibration.experiments.trial_cache import TrialCache, files_key, files_of


def trials(value=1.0, n=4):
    return TrialSet(
        X=np.full((n, 2, 64), value, dtype=np.float32),
        y=np.arange(n) % 2,
        training=np.arange(n) < 2,
        classes=("left", "right"),
        preprocessing=Preprocessing(ch_names=("C3", "C4"), sfreq=250.0),
        rejected={"artefact": 3},
    )


def never():
    raise AssertionError("was filtered again")


def test_what_was_filtered_is_read_back_whole(tmp_path):
    TrialCache(tmp_path).get("ab", trials)

    found = TrialCache(tmp_path).get("ab", never)

    assert content(found) == content(trials())
    assert found.rejected == {"artefact": 3}
    assert found.preprocessing == trials().preprocessing


@pytest.mark.parametrize("damage", ["cut", "turned", "emptied"])
def test_a_damaged_file_is_said_and_made_again(tmp_path, caplog, damage):
    TrialCache(tmp_path).get("ab", trials)
    (path,) = tmp_path.iterdir()
    whole = bytearray(path.read_bytes())
    whole[-3] ^= 1
    path.write_bytes({"cut": whole[:-9], "turned": whole, "emptied": b""}[damage])

    found = TrialCache(tmp_path).get("ab", lambda: trials(2.0))

    assert content(found) == content(trials(2.0))
    assert "damaged, its trials are made again" in caplog.text
    assert content(TrialCache(tmp_path).get("ab", never)) == content(found)


def test_a_writing_that_fails_leaves_the_trials_and_no_file(tmp_path, monkeypatch, caplog):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("calibration.experiments.trial_cache.write_atomically", full)

    found = TrialCache(tmp_path).get("ab", trials)

    assert content(found) == content(trials())
    assert not any(tmp_path.iterdir())
    assert "cannot be kept (No space left on device)" in caplog.text


def test_what_was_not_used_for_longest_makes_room_but_nothing_of_this_run(tmp_path):
    TrialCache(tmp_path).get("old", trials)
    TrialCache(tmp_path).get("older", trials)
    (size,) = {path.stat().st_size for path in tmp_path.iterdir()}
    os.utime(tmp_path / "older.trials", (1, 1))
    cache = TrialCache(tmp_path, largest=2 * size)

    cache.get("new", trials)
    cache.get("newer", trials)
    cache.get("newest", trials)

    assert {path.stem for path in tmp_path.iterdir()} == {"new", "newer", "newest"}


def test_a_key_follows_the_bytes_of_files_and_everything_else(tmp_path):
    first, second = tmp_path / "a.mat", tmp_path / "b.mat"
    first.write_bytes(b"one")
    second.write_bytes(b"two")
    before = files_key([first, second], "a set", 1)

    assert files_key([second, first], "a set", 1) == before
    assert files_key([first, second], "a set", 2) != before
    stamps = first.stat()
    first.write_bytes(b"ONE")
    os.utime(first, ns=(stamps.st_atime_ns, stamps.st_mtime_ns))
    assert files_key([first, second], "a set", 1) != before


def test_a_key_follows_the_libraries_that_read_and_filter(monkeypatch):
    before = files_key([], "a set")
    monkeypatch.setattr("calibration.experiments.trial_cache.version", lambda name: "99.0")

    assert files_key([], "a set") != before


def test_samples_that_lie_beside_their_header_belong_to_the_files(tmp_path):
    names = ("S1.vhdr", "S1.eeg", "S1.vmrk", "S2.vhdr", "S2.eeg", "S3.eeg")
    for name in names:
        (tmp_path / name).write_bytes(b"one")
    own = [str(tmp_path / name) for name in ("S1.vhdr", "S3.vhdr")]
    dataset = SimpleNamespace(data_path=lambda subject: own)

    assert {path.name for path in files_of(dataset, 1)} == {"S1.vhdr", "S1.eeg", "S1.vmrk"}


@pytest.mark.slow
# MOABB's own loaders use what MNE is about to rename.
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_table_that_is_resumed_filters_no_subject_again(tmp_path, monkeypatch, capsys):
    moabb = pytest.importorskip("moabb.datasets")
    from calibration.experiments import network_sets
    from calibration.experiments.compared_trainings import Training
    from calibration.experiments.moabb_sets import AskedSet
    from calibration.experiments.network_tables import WeightingComparison, evaluate_networks
    from calibration.experiments.run_options import RunOptions

    class OfFiles(moabb.FakeDataset):
        def data_path(self, subject, *more, **options):
            return [str(path) for path in Path(tmp_path / "set").glob(f"{subject}*")]

    (tmp_path / "set").mkdir()
    for subject in (1, 2, 3):
        (tmp_path / "set" / f"{subject}.mat").write_bytes(b"signal %d" % subject)
    loaded, load = [], network_sets.load_subject
    monkeypatch.setattr(
        network_sets, "load_subject", lambda d, subject: loaded.append(subject) or load(d, subject)
    )
    events = ["left_hand", "right_hand"]
    shape = {"n_subjects": 3, "n_sessions": 2, "n_runs": 1, "duration": 140, "n_events": 24}
    comparison = WeightingComparison(
        training=Training(network="eegnet", max_epochs=1, threads=1),
        protocols=("subject-independent",),
        keep=True,
    )
    options = RunOptions(output=tmp_path / "table", as_json=True)

    for _ in range(2):
        asked = AskedSet(dataset=OfFiles(events, paradigm="imagery", seed=1, **shape))
        evaluate_networks(asked, comparison, options)

    assert loaded == [1, 2, 3]
    assert "3 of 3 subjects were filtered before" in capsys.readouterr().err
    from bci_online.decoding.decoder_file import read_decoder

    kept = {path.stem[-1]: read_decoder(path) for path in (tmp_path / "table/networks").iterdir()}
    known = {subject: set(decoder.header.trained_on) for subject, decoder in kept.items()}
    assert {len(others) for others in known.values()} == {2}
    # Of three subjects each network lacks another one: any two share one.
    assert len(known["1"] & known["2"]) == len(known["2"] & known["3"]) == 1
