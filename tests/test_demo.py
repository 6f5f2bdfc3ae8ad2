"""The whole of it as a newcomer runs it: calibration, training, spelling, all over LSL."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from session_runs import decisions, replayed, same_decisions

pytestmark = pytest.mark.live


def demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bci_online", "demo", "--headless", "-o", str(folder)]
    return subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, timeout=580
    )


@pytest.mark.timeout(600)
def test_the_demo_calibrates_trains_spells_at_1_percent_and_decides_the_same_again(tmp_path):
    """With the real windows, drawn into memory, and the demo's own word of three letters.

    Single flashes have an AUC of about 0.9.
    """
    done = demo(tmp_path, "--json", "-")

    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    copied = [row for row in rows if row["type"] == "trial"]
    assert "".join(row["symbol"] for row in copied) == "ERP"
    assert all(row["calibration"] for row in copied)
    summary = rows[-1]
    assert summary["error_rate"] == 0.01
    assert summary["spelling"]["engine"]["correct"] >= 2
    assert summary["repetitions"] < summary["max_repetitions"]
    again = replayed(summary["recording"], summary["decoder"])
    assert same_decisions(decisions(rows), again)
    assert summary["spelled"] == summary["spelling"]["spelled"]
    assert 0 < summary["first_letter_s"] < summary["seconds"]
    assert summary["training"]["epochs"] == summary["calibration"]["engine"]["epochs"] == 144
    assert summary["spelling"]["recorder"] == summary["calibration"]["recorder"] == "closed"
    assert Path(summary["recording"]).is_file()
    pictures = {path.stem for path in (tmp_path / "01" / "pictures").glob("*.png")}
    assert pictures >= {"cue", "flashing", "ended"}


@pytest.mark.timeout(300)
def test_the_demo_spells_at_once_without_calibration_and_decides_the_same_again(tmp_path):
    done = demo(tmp_path, "--no-calibration", "--word", "HI", "--json", "-")

    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    summary = rows[-1]
    assert (summary["training"], summary["calibration"]) == (None, None)
    assert 0 < summary["first_letter_s"] < summary["seconds"]
    again = replayed(summary["recording"], summary["decoder"])
    assert same_decisions(decisions(rows), again)
    assert summary["spelling"]["recorder"] == "closed"


def test_a_word_the_matrix_lacks_is_refused_before_anything_starts(tmp_path):
    done = demo(tmp_path / "out", "--word", "NAÏVE")

    assert done.returncode == 2
    assert done.stderr == "error: --word NAÏVE: the matrix has no Ï; it has A-Z, 1-9 and _\n"
    assert not (tmp_path / "out").exists()
