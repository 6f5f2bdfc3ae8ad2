"""A file is written whole or not at all."""

import os
import stat

import pytest

from bci_online.atomic_write import write_atomically


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "summary.json"
    write_atomically(path, b"before")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(path, b"after")

    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["summary.json"]


def test_a_file_is_replaced_and_everybody_may_read_it(tmp_path):
    path = tmp_path / "summary.json"
    write_atomically(path, b"before")
    write_atomically(path, b"after")

    assert path.read_bytes() == b"after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
