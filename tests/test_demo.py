"""The whole of it as a newcomer runs it: calibration, training, spelling, all over LSL."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bci_online", "demo", "--headless", "-o", str(folder)]
    return subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, timeout=400
    )


@pytest.mark.timeout(420)
def test_the_demo_calibrates_trains_and_spells_and_keeps_what_it_showed(tmp_path):
    done = demo(tmp_path, "--word", "B", "--json", "-")

    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    copied = [row for row in rows if row["type"] == "trial"]
    assert "".join(row["symbol"] for row in copied) == "BRAIN"
    assert all(row["calibration"] for row in copied)
    assert sum(row["type"] in {"decision", "no_decision"} for row in rows) >= 1
    summary = rows[-1]
    assert summary["spelled"] == summary["spelling"]["spelled"]
    assert summary["training"]["epochs"] == summary["calibration"]["engine"]["epochs"] == 600
    assert summary["spelling"]["recorder"] == summary["calibration"]["recorder"] == "closed"
    assert Path(summary["recording"]).is_file()
    pictures = {path.stem for path in (tmp_path / "01" / "pictures").glob("*.png")}
    assert pictures >= {"cue", "flashing", "ended"}


def test_a_word_the_matrix_lacks_is_refused_before_anything_starts(tmp_path):
    done = demo(tmp_path / "out", "--word", "NAÏVE")

    assert done.returncode == 2
    assert done.stderr == "error: --word NAÏVE: the matrix has no Ï; it has A-Z, 1-9 and _\n"
    assert not (tmp_path / "out").exists()
