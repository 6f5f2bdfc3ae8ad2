"""Temporary folders of sessions that were killed are removed by the next session."""

import os
import subprocess
import sys
import tempfile

from bci_online.session import this_machine


def test_a_folder_is_removed_once_its_process_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                           capture_output=True, text=True, check=True)  # fmt: skip
    names = {
        "left": f"bci-online-{ended.stdout.strip()}-abcd",
        "in use": f"bci-online-{os.getpid()}-abcd",
        "of a test": "bci-online-tests-abcd",
        "another program's": "other-1-abcd",
    }
    for name in names.values():
        (tmp_path / name).mkdir()

    this_machine._remove_left_folders()

    assert {key for key, name in names.items() if not (tmp_path / name).exists()} == {"left"}
