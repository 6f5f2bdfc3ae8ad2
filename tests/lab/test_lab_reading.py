"""What a lab's folder holds is read from the folder alone."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from bci_online.decoding.sealed_arrays import sealed
from bci_online.lab.actions import LIBRARY
from bci_online.lab.contents import LabContents
from bci_online.lab.file_reading import read_decoder_header
from bci_online.lab.reading import LabReader
from bci_online.lab.run_notes import LONGEST, read_notes, write_notes

RELEASED = Path(__file__).resolve().parents[1] / "released" / "0.1.0.dev0"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    shutil.copytree(RELEASED / "session", tmp_path / "sub-01" / "ses-01" / "spell-01")
    shutil.copy(RELEASED / "letters.decoder", tmp_path / "sub-01_letters.decoder")
    shutil.copy(RELEASED / "letters.toml", tmp_path)
    return tmp_path


def aged(folder: Path) -> None:
    """Let files be as if nothing had been written lately."""
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))


def test_runs_decoders_and_configurations_are_found_wherever_they_lie(lab):
    contents = LabReader(lab).read()

    (run,) = contents.runs
    summary = json.loads((run.folder / "summary.json").read_text())["engine"]
    assert (run.correct, run.known, run.mode) == (summary["correct"], summary["known"], "copy")
    assert run.auc == summary["auc"]
    assert contents.subjects == ("01",)
    assert [one.path.name for one in contents.decoders_of("01")] == ["sub-01_letters.decoder"]
    assert [one.path.name for one in contents.configurations] == ["letters.toml"]


def test_a_decoder_in_a_sessions_folder_is_found_and_the_sessions_own_copy_is_none_of_the_lab(lab):
    (lab / "sub-01_letters.decoder").rename(lab / "sub-01" / "ses-01" / "spell-01" / "my.decoder")

    assert [one.path.name for one in LabReader(lab).read().decoders] == ["my.decoder"]


def test_a_folder_that_is_copied_in_appears_and_one_that_is_removed_goes(lab):
    reader = LabReader(lab)
    reader.read()

    shutil.copytree(lab / "sub-01" / "ses-01" / "spell-01", lab / "from elsewhere")
    assert len(reader.read().runs) == 2

    shutil.rmtree(lab / "from elsewhere")
    assert len(reader.read().runs) == 1


def test_what_is_damaged_says_why_and_hides_nothing_else(lab):
    reader, folder = LabReader(lab), lab / "sub-01" / "ses-01" / "spell-01"
    (folder / "summary.json").write_bytes(b"\x00 no summary")
    (lab / "sub-01_letters.decoder").write_bytes(b"\xff" * 100)
    (lab / "letters.toml").write_text("paradigm = [", encoding="utf-8")
    (lab / "motor.toml").write_text("paradigm = 'motor_imagery'", encoding="utf-8")
    (lab / "sub-02").mkdir()
    (lab / "sub-02" / "session.log").write_text("error: no EEG stream", encoding="utf-8")

    contents = reader.read()

    faults = {run.subject: run.fault for run in contents.runs}
    assert faults["01"].startswith("summary.json: is no summary")
    assert faults["02"] == "nothing was recorded: no EEG stream"
    assert all(one.fault for one in contents.decoders)
    assert [bool(one.fault) for one in contents.configurations] == [True, False]


@pytest.mark.parametrize(
    "row",
    ["[]", '{"mode": "other"}', '{"engine": [1]}', '{"engine": {"auc": "much"}}', "1e999"],
)
def test_a_summary_of_another_shape_is_a_fault_of_its_run_alone(lab, row):
    (lab / "sub-01" / "ses-01" / "spell-01" / "summary.json").write_text(row, encoding="utf-8")

    (run,) = LabReader(lab).read().runs

    assert run.fault


def test_a_recording_without_a_summary_is_open_while_it_grows_and_cut_short_afterwards(lab):
    reader = LabReader(lab)
    (lab / "sub-01" / "ses-01" / "spell-01" / "summary.json").unlink()
    recording = next(lab.rglob("*.xdf"))
    os.utime(recording)

    (growing,) = reader.read().runs
    aged(lab)
    (left,) = reader.read().runs

    assert (growing.is_open, growing.fault) == (True, "")
    assert not left.is_open
    assert "cut short" in left.fault


def test_a_file_that_did_not_change_is_not_read_again(lab):
    aged(lab)
    reader = LabReader(lab)

    first, second = reader.read(), reader.read()

    assert first == second
    assert all(one is other for one, other in zip(first.runs, second.runs, strict=True))
    assert first.decoders[0] is second.decoders[0]


def test_a_folder_that_is_gone_is_empty(tmp_path):
    assert LabReader(tmp_path / "none").read() == LabContents(folder=tmp_path / "none")


def test_a_recording_that_is_no_file_is_a_fault_of_its_run_alone(lab):
    recording = next(lab.rglob("*.xdf"))
    recording.unlink()

    for make in (os.mkfifo, os.mkdir, lambda path: os.symlink("nowhere", path)):
        make(recording)
        (run,) = LabReader(lab).read().runs
        assert run.fault == f"{recording.name}: is not a file"
        recording.rename(lab / make.__name__)


def test_pipes_in_the_place_of_a_sessions_files_are_not_waited_for(lab):
    folder = next(lab.rglob("*.xdf")).parent
    for name in ("summary.json", "SHA256SUMS", "session.log"):
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)
    aged(lab)

    (run,) = LabReader(lab).read().runs

    assert (run.fault, run.sha256) == ("it was cut short: it has no summary", "")


def test_notes_in_any_script_come_back_whole(tmp_path):
    text = "ä" * LONGEST

    write_notes(tmp_path / "spell-02", text)

    assert read_notes(tmp_path / "spell-02") == text


def test_what_the_data_set_of_the_lab_holds_is_known(tmp_path):
    place = tmp_path / "bids" / "sub-01" / "ses-01" / "eeg"
    place.mkdir(parents=True)
    (place / "sub-01_ses-01_task-p300_run-02_eeg.vhdr").touch()

    assert LabReader(tmp_path).read().exported == {"sub-01_ses-01_task-p300_run-02_eeg"}


def test_a_decoder_of_imagery_promises_what_its_held_out_trials_were():
    decoder = read_decoder_header(RELEASED / "imagery.decoder")

    assert (decoder.is_imagery, decoder.auc, decoder.shown) == (True, None, 10)
    assert decoder.right == pytest.approx((0.018, 0.1, 0.404), abs=1e-3)
    assert decoder.seconds == pytest.approx((3.3, 3.3, 3.3))


def test_what_the_library_holds_is_read_from_its_files_and_they_are_no_decoders(lab):
    assert LabReader(lab).read().library is None
    (lab / LIBRARY).mkdir()
    assert LabReader(lab).read().library == frozenset()

    text = json.dumps({"recordings": [[5, "aa"], [6, "bb"]], "consent": "use by this lab"})
    content = sealed("library_entry", text, {"epochs": np.zeros(3)})
    (lab / LIBRARY / "one.safetensors").write_bytes(content)
    (lab / LIBRARY / "damaged.safetensors").write_bytes(content[:20])
    deep = sealed("library_entry", '{"x":' + "[" * 50_000, {"epochs": np.zeros(3)})
    (lab / LIBRARY / "deep.safetensors").write_bytes(deep)
    contents = LabReader(lab).read()

    assert contents.library == {"aa", "bb"}
    assert len(contents.decoders) == 1
