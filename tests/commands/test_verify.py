"""A session's files and decisions are checked once more: what was changed is named."""

import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import numpy as np
import pytest
import simulated_files
from session_files import rows, session_folder

from bci_online.__main__ import app
from bci_online.acquisition.xdf.session_texts import read_session_texts
from bci_online.console import run
from bci_online.messages import Journal, Reconsidered
from bci_online.session.checksums import NAME, keep_checksums
from bci_online.session.folder import SessionFolder

# A session is simulated and replayed.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> SessionFolder:
    return session_folder(tmp_path_factory.mktemp("verified") / "session")


@pytest.fixture
def copy(session, tmp_path) -> Path:
    return Path(shutil.copytree(session.folder, tmp_path / "copy"))


def verified(folder: Path, capsys) -> dict:
    code = run(app, ["verify", str(folder), "--json", "-"])
    [row] = rows(capsys.readouterr().out)
    assert code == (0 if row["is_right"] else 2)
    return row


def test_a_session_as_it_was_left_is_right_and_its_decisions_are_derived_again(copy, capsys):
    row = verified(copy, capsys)

    assert row["problems"] == row["notes"] == []
    assert row["decisions"] == 3


def test_the_sums_are_those_of_sha256sum(copy):
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", NAME], cwd=copy, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK\n") == len(list(copy.iterdir())) - 1


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"two\nlines", "two\u2028lines".encode()])
def test_a_file_whose_name_no_line_can_hold_has_no_sum_and_harms_no_other(name, copy, capsys):
    Path(os.fsdecode(os.path.join(os.fsencode(copy), name))).touch()

    keep_checksums(copy)

    assert verified(copy, capsys)["problems"] == []


def test_one_flipped_bit_in_any_file_is_found_and_the_file_is_named(copy, capsys):
    rng = np.random.default_rng(1)
    for path in sorted(copy.iterdir()):
        whole = path.read_bytes()
        for _ in range(2 if whole else 0):
            content = bytearray(whole)
            content[rng.integers(len(content))] ^= 1 << rng.integers(8)
            path.write_bytes(content)

            code = run(app, ["verify", str(copy)])

            said = capsys.readouterr().err
            assert code == 2
            assert path.name in said
            assert "Traceback" not in said
        path.write_bytes(whole)
    assert run(app, ["verify", str(copy)]) == 0


def test_a_file_that_is_gone_is_named_and_one_that_came_later_is_not(copy, capsys):
    (copy / "versions.json").unlink()
    (copy / "my.decoder").write_bytes(b"trained later")

    assert verified(copy, capsys)["problems"] == ["versions.json: is missing"]


def test_a_decision_that_the_recording_does_not_give_is_shown_beside_the_one_it_gives(copy, capsys):
    recording = next(copy.glob("*.xdf"))
    content = recording.read_bytes()
    lines = read_session_texts(recording).of("decisions")
    first = msgspec.json.decode(lines[0])
    value = first["value"]
    other = lines[0].replace(f'"value":"{value}"', '"value":"9"')
    recording.write_bytes(content.replace(lines[0].encode(), other.encode()))
    # Whoever changes a recording may also make its sum anew.
    keep_checksums(copy, [recording])

    [problem] = verified(copy, capsys)["problems"]

    assert problem.startswith(f"{recording.name}: decision 1: recorded '9' for trial 1 after ")
    assert f"derived '{value}' for trial 1" in problem


def test_a_decision_that_is_missing_is_no_decision_that_is_the_same(copy, capsys):
    (recording,) = copy.glob("*.xdf")
    content = recording.read_bytes()
    first = read_session_texts(recording).of("decisions")[0]
    recording.write_bytes(content.replace(first.encode(), f"[{first[1:]}".encode()))
    keep_checksums(copy, [recording])

    row = verified(copy, capsys)

    assert row["problems"][-1] == f"{recording.name}: 2 decisions recorded, 3 derived"
    assert row["decisions"] == 0


@pytest.mark.parametrize(
    ("kind", "line", "said"),
    [
        (
            "decisions",
            Reconsidered(value=None, trial=1, confidence=0.2, shown="Q"),
            "error potentials: recorded 'Q' of trial 1 is taken back, derived nothing",
        ),
        (
            "journal",
            Journal("reread", 9.0, text="I", value=2),
            "letters read again: recorded 'I' for trial 2, derived nothing",
        ),
    ],
)
def test_what_became_of_a_letter_in_the_recording_alone_is_named(copy, capsys, kind, line, said):
    (recording,) = copy.glob("*.xdf")
    content = recording.read_bytes()
    text = msgspec.json.encode(line).decode()
    first = next(one for one in read_session_texts(recording).of(kind) if len(one) >= len(text))
    recording.write_bytes(content.replace(first.encode(), text.ljust(len(first)).encode(), 1))
    keep_checksums(copy, [recording])

    problems = verified(copy, capsys)["problems"]

    assert f"{recording.name}: {said}" in problems


def test_a_session_without_sums_is_told_to_have_none_and_is_not_at_fault(copy, capsys):
    (copy / NAME).unlink()

    row = verified(copy, capsys)

    assert row["is_right"]
    assert row["decisions"] == 3
    assert "no checksums" in row["notes"][0]


@pytest.mark.parametrize(("n_recorded", "n_same"), [(3, 2), (1, 0), (0, 0)])
def test_where_the_end_was_not_recorded_the_last_decision_is_not_compared(
    tmp_path, capsys, n_recorded, n_same
):
    folder = session_folder(tmp_path / "s", has_end=False, n_decisions=n_recorded).folder

    row = verified(folder, capsys)

    assert row["is_right"]
    assert row["decisions"] == n_same
    assert "the last decision is not compared" in row["notes"][0]


def test_a_folder_that_holds_no_session_is_said(tmp_path, capsys):
    assert run(app, ["verify", str(tmp_path)]) == 2
    assert "holds no recording" in capsys.readouterr().err

    shutil.copy(simulated_files.recording(), SessionFolder(tmp_path).recording)
    row = verified(tmp_path, capsys)
    assert "is no session's, config.json is not beside it" in row["problems"][0]


def test_a_file_of_an_earlier_run_keeps_its_sum_when_another_run_ends(copy, capsys):
    versions = copy / "versions.json"
    versions.write_bytes(versions.read_bytes().replace(b"numpy", b"numpx"))
    later = copy / "summary_run-02.json"
    later.write_text("{}")

    keep_checksums(copy, [later])

    assert verified(copy, capsys)["problems"] == [
        "versions.json: was changed: it is not as the session left it"
    ]
