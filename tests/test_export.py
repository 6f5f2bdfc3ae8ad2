"""What is exported can be read back: the same samples, the same events."""

import builtins
import json
from pathlib import Path

import mne_bids
import numpy as np
import pytest
import simulated_files

from bci_online.__main__ import app
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.console import run
from bci_online.runtime.whole_recording import read_whole

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:mne")


def exported(capsys, recording: Path, root: Path, *more: str) -> dict:
    assert run(app, ["export", "bids", str(recording), "-o", str(root), "--json", "-", *more]) == 0
    return json.loads(capsys.readouterr().out)


def read_back(subject: str, root: Path, **entities: str):
    found = mne_bids.BIDSPath(
        subject=subject, datatype="eeg", suffix="eeg", extension=".vhdr", root=root, **entities
    )
    return mne_bids.read_raw_bids(found, verbose="ERROR")


def session(folder: Path) -> Path:
    """Return a session's folder with a simulated recording."""
    folder.mkdir()
    path = folder / "sub-P07_ses-02_task-p300_run-03_eeg.xdf"
    path.write_bytes(simulated_files.recording().read_bytes())
    return folder


@pytest.mark.slow
def test_samples_and_events_come_back_from_the_data_set(tmp_path, capsys) -> None:
    folder, root = session(tmp_path / "s"), tmp_path / "bids"

    row = exported(capsys, folder, root, "--line-freq", "60")

    raw = read_back("P07", root, session="02", task="p300", run="03")
    whole = read_whole(next(folder.glob("*.xdf")))
    assert raw.ch_names == list(whole.spec.ch_names)
    assert raw.info["sfreq"] == whole.spec.sfreq
    assert raw.info["line_freq"] == 60
    np.testing.assert_allclose(1e6 * raw.get_data().T, whole.data, rtol=1e-5, atol=1e-3)
    onsets = np.rint(raw.annotations.onset * raw.info["sfreq"]).astype(int)
    expected = [whole.sample_at(time) for time, _ in whole.events]
    np.testing.assert_allclose(onsets, expected, atol=1)
    assert list(raw.annotations.description) == [text for _, text in whole.events]
    assert row["events"] == len(expected) > 200


@pytest.mark.slow
def test_onsets_are_those_of_the_online_chain(data_dir, tmp_path, capsys) -> None:
    from recorded_signal import RecordedSignal, ran

    from bci_online.decoding.decoder_file import read_decoder

    path = data_dir / "p300_wadsworth/sub-01_ses-11_run-01.xdf"
    decoder = read_decoder(simulated_files.decoder_for(path, tmp_path / "d"))
    online = [score.onset for score in ran(decoder, RecordedSignal.of(path)).scores.values()]

    exported(capsys, path, tmp_path / "bids", "--task", "p300")

    raw = read_back("01", tmp_path / "bids", session="11", task="p300", run="01")
    onsets = [
        round(annotation["onset"] * 240)
        for annotation in raw.annotations
        if annotation["description"].startswith("flash/")
    ]
    assert len(onsets) == len(online) == 540
    np.testing.assert_allclose(onsets, online, atol=1)


def test_the_data_set_says_no_more_of_people_than_their_number(tmp_path, capsys) -> None:
    root = tmp_path / "bids"

    exported(capsys, session(tmp_path / "s"), root)

    header, *rows = (root / "participants.tsv").read_text().splitlines()
    assert header.startswith("participant_id")
    assert [row.split("\t")[0] for row in rows] == ["sub-P07"]
    assert set(rows[0].split("\t")[1:]) == {"n/a"}
    description = json.loads((root / "dataset_description.json").read_text())
    assert description["Name"] == "Sessions of bci-online"
    (sidecar,) = root.rglob("*_eeg.json")
    assert json.loads(sidecar.read_text())["Manufacturer"] == "n/a"


def written(path: Path, markers: list[tuple[float, str]], *, unit="microvolts", lost=0) -> Path:
    """Return a recording of 20 s at 100 Hz, with markers, and samples lost after 10 s."""
    rng = np.random.default_rng(0)
    kept = np.delete(np.arange(2000), slice(1000, 1000 + lost))
    eeg = XdfStream(
        name="amp", type="EEG", sfreq=100.0, stamps=50 + kept / 100,
        data=rng.normal(size=(2000, 2)).astype(np.float32)[kept], ch_names=("Cz", "Pz"),
        unit=unit, offsets=[(50.0, 0.0)], source_id="amp",
    )  # fmt: skip
    events = XdfStream(
        name="m", type="Markers", sfreq=0.0, stamps=np.array([time for time, _ in markers]),
        data=[text for _, text in markers], offsets=[(50.0, 0.0)], source_id="m",
    )  # fmt: skip
    write_xdf(path, [eeg, events])
    return path


def test_lost_samples_are_said_and_events_behind_them_stay_on_their_samples(
    tmp_path, capsys
) -> None:
    markers = [(55.0, "cue/feet"), (65.0, "cue/hands")]
    path = written(tmp_path / "sub-1_task-mi.xdf", markers, lost=300)

    row = exported(capsys, path, tmp_path / "bids")

    raw = read_back("1", tmp_path / "bids", task="mi")
    found = {a["description"]: round(100 * a["onset"]) for a in raw.annotations}
    assert raw.n_times == 1700
    assert found == {"cue/feet": 500, "boundary": 1000, "cue/hands": 1200}
    assert row["losses"] == 1


def test_notes_keep_their_time_but_not_their_words_and_markers_beside_samples_are_counted(
    tmp_path, capsys
) -> None:
    markers = [(40.0, "early"), (55.0, "note/Miller%20coughs"), (56.0, "cue/feet")]
    path = written(tmp_path / "sub-1_task-mi.xdf", markers)

    row = exported(capsys, path, tmp_path / "bids")

    texts = "".join(p.read_text(errors="replace") for p in (tmp_path / "bids").rglob("*.*sv"))
    assert "Miller" not in texts
    assert "note" in texts
    assert row["left_out"] == 1


@pytest.mark.parametrize("mode", ["free", "copy"])
def test_what_was_spelled_freely_cannot_be_read_from_the_words_that_were_suggested(
    tmp_path, capsys, mode
) -> None:
    markers = [
        (55.0, f'session/start/{{"paradigm":"p300","mode":"{mode}"}}'),
        (56.0, 'layout/{"1":["A","HELLO","HELP"]}'),
        (57.0, "flash/1/unknown"),
    ]
    path = written(tmp_path / "sub-1_task-p300.xdf", markers)

    exported(capsys, path, tmp_path / "bids")

    texts = "".join(p.read_text(errors="replace") for p in (tmp_path / "bids").rglob("*.*sv"))
    assert ("HELP" in texts) == (mode == "copy")
    assert "layout" in texts
    assert "flash/1/unknown" in texts


def test_an_unknown_unit_is_said_and_marked(tmp_path, capsys) -> None:
    path = written(tmp_path / "sub-1_task-mi.xdf", [(55.0, "cue/feet")], unit="au")

    run(app, ["export", "bids", str(path), "-o", str(tmp_path / "bids")])

    assert "unit 'au': written as if it were microvolts" in capsys.readouterr().err
    (channels,) = (tmp_path / "bids").rglob("*_channels.tsv")
    assert {line.split("\t")[2] for line in channels.read_text().splitlines()[1:]} == {"n/a"}


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("mine.xdf", (), "its name has no sub-"),
        ("sub-1.xdf", (), "its name has no task-…; name it like"),
        ("sub-1.xdf", ("--task", "a b"), "--task a b: must be letters and digits"),
        ("nothing", (), "holds 0 recordings"),
    ],
)
def test_what_cannot_be_exported_is_reported_in_one_line(
    tmp_path, capsys, name, options, said
) -> None:
    path = tmp_path / name
    if path.suffix:
        written(path, [(55.0, "cue/feet")])
    else:
        path.mkdir()

    code = run(app, ["export", "bids", str(path), "-o", str(tmp_path / "bids"), *options])

    error = capsys.readouterr().err
    assert code == 2
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "bids").exists()


def test_what_is_in_the_data_set_already_is_not_replaced(tmp_path, capsys) -> None:
    path = written(tmp_path / "sub-1_task-mi.xdf", [(55.0, "cue/feet")])
    exported(capsys, path, tmp_path / "bids")

    code = run(app, ["export", "bids", str(path), "-o", str(tmp_path / "bids")])

    assert code == 2
    assert "is there already" in capsys.readouterr().err


def test_without_mne_bids_the_extra_is_named(tmp_path, capsys, monkeypatch) -> None:
    real = builtins.__import__

    def missing(name, *rest):
        if name == "mne_bids":
            raise ImportError(name="mne_bids")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)

    code = run(app, ["export", "bids", str(tmp_path), "-o", str(tmp_path)])

    assert code == 2
    assert "pip install 'bci-online[bids]'" in capsys.readouterr().err


def test_times_of_the_whole_recording_rise_and_hold_every_sample() -> None:
    whole = read_whole(simulated_files.recording())

    assert whole.times.size == len(whole.data)
    np.testing.assert_allclose(np.diff(whole.times), 1 / whole.spec.sfreq, atol=1e-6)
    assert whole.losses == ()
    assert whole.sample_at(float(whole.times[77])) == 77
    assert whole.sample_at(float(whole.times[-1]) + 1) is None
