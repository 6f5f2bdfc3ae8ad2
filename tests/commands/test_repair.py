"""A damaged recording, and a session whose conductor was killed, are made usable again."""

import json
import shutil
from pathlib import Path

import pytest
from session_files import rows, session_folder

from bci_online.__main__ import app
from bci_online.acquisition.xdf import XdfSource
from bci_online.console import run
from bci_online.session.folder import SessionFolder
from calibration.recordings import found_in

# A session is simulated and replayed.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> SessionFolder:
    return session_folder(tmp_path_factory.mktemp("repaired") / "session")


@pytest.fixture
def killed(whole, tmp_path) -> Path:
    """The folder of a session whose conductor was killed: its parts have left what they leave."""
    folder = Path(shutil.copytree(whole.folder, tmp_path / "killed"))
    (folder / "summary.json").unlink()
    (folder / "SHA256SUMS").unlink()
    (folder / "parts.json").write_text("{}")
    recording = next(folder.glob("*.xdf"))
    recording.write_bytes(recording.read_bytes()[: -recording.stat().st_size // 8])
    return folder


def test_a_session_without_a_summary_gets_it_from_its_recording(killed, capsys):
    assert run(app, ["repair", str(killed), "--json", "-"]) == 0

    repaired, summary = rows(capsys.readouterr().out)
    assert repaired["dropped"] > 0
    assert {stream["stated"] for stream in repaired["streams"]} == {None}
    assert summary == json.loads((killed / "summary.json").read_text())
    assert (summary["mode"], summary["recorder"]) == ("copy", "died")
    assert "killed" in summary["ended"]
    assert 1 <= summary["engine"]["decisions"] <= 3
    assert summary["screen"]["flashes"] >= summary["engine"]["epochs"] > 100
    assert summary["spelled"] in "ABC"
    names = {path.name for path in killed.iterdir()}
    assert "parts.json" not in names
    assert {"SHA256SUMS", f"{Path(summary['recording']).stem}_repaired.xdf"} <= names


def test_a_repaired_session_is_trained_on_once_and_verified(killed, capsys):
    run(app, ["repair", str(killed)])
    capsys.readouterr()

    [recording], _ = found_in([killed], None)

    assert not recording.stem.endswith("_repaired")
    assert run(app, ["verify", str(killed)]) == 0


@pytest.mark.parametrize("n_written", [1, 2])
def test_a_repair_that_was_stopped_between_its_files_goes_on(killed, n_written, capsys):
    run(app, ["repair", str(killed)])
    written = sorted(killed.iterdir())
    for name in ("SHA256SUMS", "summary.json")[: 3 - n_written]:
        (killed / name).unlink()

    assert run(app, ["repair", str(killed)]) == 0

    assert sorted(killed.iterdir()) == written
    assert json.loads((killed / "summary.json").read_text())["engine"]["decisions"] > 0
    assert run(app, ["verify", str(killed)]) == 0


def test_what_a_repair_says_has_a_line_for_each_stream(killed, capsys):
    recording = next(killed.glob("*.xdf"))
    output = killed / "mended.xdf"

    assert run(app, ["repair", str(recording), "-o", str(output)]) == 0

    said = capsys.readouterr().out.splitlines()
    assert "bytes were left out" in said[0]
    assert [line.split(" (")[0].strip() for line in said[1:-1]] == [
        "amp", "bci-online-markers", "bci-online-decisions", "bci-online-journal",
    ]  # fmt: skip
    assert said[-1] == f"written to {output}"
    source = XdfSource(output)
    source.open()
    assert f" {source.n_samples} samples kept" in said[1]


def test_a_whole_session_is_left_as_it_is(whole, capsys):
    before = {path.name: path.read_bytes() for path in whole.folder.iterdir()}

    assert run(app, ["repair", str(whole.folder)]) == 0

    assert {path.name: path.read_bytes() for path in whole.folder.iterdir()} == before
    assert capsys.readouterr().out.endswith("is whole, nothing was written\n")


def test_a_session_that_runs_is_not_repaired(whole, capsys):
    whole.hold()
    try:
        assert run(app, ["repair", str(whole.folder)]) == 2
    finally:
        whole.release()

    assert "another session runs in it" in capsys.readouterr().err
