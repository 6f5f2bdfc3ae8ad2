"""The key of a session: one for all its parts, readable by its user alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from bci_online.errors import BciError
from bci_online.session_keys import (
    KEYS_VARIABLE,
    enter_key,
    has_key,
    key_text,
    new_key,
    session_key,
)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch) -> Path:
    """The home of the user."""
    monkeypatch.delenv(KEYS_VARIABLE, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / ".bci-online"


def test_every_part_finds_the_key_that_the_first_one_made():
    assert not has_key("monday")

    key = session_key("monday")

    assert has_key("monday")
    assert session_key("monday") == key
    assert len(key) == 16


@pytest.mark.parametrize("variable", ["XDG_RUNTIME_DIR", "TMPDIR", "SSH_CONNECTION"])
def test_a_shell_that_was_started_another_way_finds_the_same_key(variable, tmp_path, monkeypatch):
    key = session_key("monday")

    monkeypatch.setenv(variable, str(tmp_path / "other"))

    assert session_key("monday") == key


def test_a_home_that_cannot_hold_a_key_is_named_with_the_way_out(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))

    with pytest.raises(BciError, match="set BCI_ONLINE_KEYS to a folder"):
        session_key("monday")

    monkeypatch.setenv(KEYS_VARIABLE, str(tmp_path / "own"))
    assert session_key("monday")


@pytest.mark.parametrize("named", ["", "keys"])
def test_a_folder_that_each_working_directory_has_of_its_own_is_refused(
    named, tmp_path, monkeypatch
):
    """A service may have no home at all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(KEYS_VARIABLE, named)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)

    with pytest.raises(BciError, match="must be an absolute path"):
        session_key("monday")

    assert [*tmp_path.iterdir()] == []


def test_another_session_and_a_session_that_begins_anew_have_another_key():
    keys = {session_key("monday"), session_key("tuesday"), new_key("monday"), new_key("monday")}

    assert len(keys) == 4
    assert session_key("monday") in keys


def test_only_its_user_can_read_it(place):
    session_key("monday")

    (folder,) = place.iterdir()
    (file,) = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_others_can_read_or_that_is_a_link_is_refused(place, tmp_path):
    folder = place / "keys"
    folder.mkdir(mode=0o755, parents=True)
    with pytest.raises(BciError, match="chmod 700"):
        session_key("monday")
    folder.rmdir()
    folder.symlink_to(tmp_path)

    with pytest.raises(BciError, match="must be your own folder"):
        session_key("monday")


@pytest.mark.parametrize(("made_by", "stays"), [("new_key", False), ("session_key", True)])
def test_the_key_of_a_session_ends_with_it_and_that_of_a_named_run_stays(made_by, stays):
    program = f"from bci_online.session_keys import {made_by}; {made_by}('monday')"
    subprocess.run([sys.executable, "-c", program], check=True)

    assert has_key("monday") == stays


def test_a_typed_key_is_the_same_however_it_is_written():
    key = session_key("monday")
    text = key_text(key)

    for typed in (text, text.lower(), text.replace("-", " "), f" {text}\n", text.replace("O", "0")):
        enter_key("there", typed)
        assert session_key("there") == key


@pytest.mark.parametrize("slip", ["", "ABCD", "é" * 32, "swapped"])
def test_a_slip_of_the_hand_is_found(slip):
    text = key_text(bytes(range(16)))
    typed = text[:5] + text[6] + text[5] + text[7:] if slip == "swapped" else slip

    with pytest.raises(BciError, match="this is not the key of session monday"):
        enter_key("monday", typed)
    assert not has_key("monday")


def test_a_file_that_holds_no_key_is_named(place):
    session_key("monday")
    (file,) = (place / "keys").iterdir()
    file.write_text("nothing")

    with pytest.raises(BciError, match=r"monday\.key: holds no session's key"):
        session_key("monday")
