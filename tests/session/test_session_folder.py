import getpass
import json
import socket

import pytest

from bci_online.config import Config, read_config
from bci_online.errors import RecordingError
from bci_online.session.folder import SessionFolder


def test_a_session_folder_has_the_names_of_bids_and_all_that_was_used(tmp_path):
    toml, decoder = tmp_path / "my.toml", tmp_path / "my.decoder"
    toml.write_text("[presentation]\nrepetitions = 4\n")
    decoder.write_bytes(b"\x00decoder")
    folder = SessionFolder(tmp_path / "a" / "b", subject="S7", session="02", task="mi", run=3)

    folder.make()
    folder.keep_config(read_config(toml), toml)
    folder.keep_decoder(decoder)
    folder.keep_summary({"letters": "BCI", "n": 3}, free_spelling=False)

    assert folder.recording == tmp_path / "a/b/sub-S7_ses-02_task-mi_run-03_eeg.xdf"
    assert folder.config.read_bytes() == toml.read_bytes()
    assert json.loads(folder.whole_config.read_text())["presentation"]["repetitions"] == 4
    assert folder.decoder.read_bytes() == b"\x00decoder"
    assert json.loads(folder.summary.read_text()) == {"letters": "BCI", "n": 3}
    assert {"python", "bci-online", "pylsl"} <= set(json.loads(folder.versions.read_text()))
    names = {path.name for path in folder.folder.iterdir()}
    assert names == {
        "config.toml",
        "config.json",
        "session.decoder",
        "session.log",
        "summary.json",
        "versions.json",
    }


def test_what_was_spelled_freely_is_in_no_summary(tmp_path):
    folder = SessionFolder(tmp_path)
    trial = {"value": "S", "evidence": {"S": 0.9}, "correct": None, "repetitions": 4}

    returned = folder.keep_summary(
        {"spelled": "SECRET", "letters": "SECRET", "decisions": 6, "trials": [trial]},
        free_spelling=True,
    )

    kept = json.loads(folder.summary.read_text())
    assert kept == {"decisions": 6, "trials": [{"correct": None, "repetitions": 4}]}
    assert returned == kept


def test_no_file_says_who_or_where(tmp_path):
    folder = SessionFolder(tmp_path / "s")

    folder.make()
    folder.keep_config(Config())
    folder.keep_summary({"decisions": 6}, free_spelling=True)

    for path in folder.folder.iterdir():
        words = set(path.read_text().replace('"', " ").split())
        assert not words & {socket.gethostname(), getpass.getuser(), str(tmp_path)}


def test_a_folder_that_holds_a_recording_is_left_alone(tmp_path):
    (tmp_path / "sub-01_ses-01_task-p300_run-01_eeg.xdf").write_bytes(b"precious")

    with pytest.raises(RecordingError, match="holds a recording already"):
        SessionFolder(tmp_path, run=2).make()

    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(RecordingError, match="cannot be written"):
        SessionFolder(tmp_path / "file" / "session").make()


@pytest.mark.parametrize(
    "label",
    [{"subject": "Jane Doe"}, {"session": ""}, {"task": "a/b"}, {"subject": "é"}, {"run": 0}],
)
def test_what_is_no_label_of_bids_is_refused(label, tmp_path):
    with pytest.raises(RecordingError, match="must be"):
        SessionFolder(tmp_path, **label)


def test_two_sessions_in_one_folder_at_once_are_one_too_many(tmp_path):
    first, second = SessionFolder(tmp_path / "s"), SessionFolder(tmp_path / "s")
    first.make()

    with pytest.raises(RecordingError, match="another session runs in it; choose another folder"):
        second.make()

    first.release()
    second.make()
    second.release()
