"""Error potentials as a user records, trains and uses them: every process, LSL, the recorder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import simulated_files
from recorded_signal import RecordedSignal
from session_runs import Run

from bci_online.markers import Feedback, parse_marker

pytestmark = pytest.mark.live

SUBJECT = """
[presentation]
flash_ms = 75.0
gap_ms = 50.0
repetitions = 2
cue_s = 0.4
decision_s = 0.5
pause_s = 0.4
answers = 24
wrong_answers = 0.45
[simulation]
ch_names = ["Cz", "Pz", "PO7", "PO8"]
sfreq = 128.0
p300_uv = 30.0
errp_uv = 80.0
latency_jitter_s = 0.0
amplitude_jitter = 0.0
noise_uv = 2.0
blinks_per_min = 0.0
"""


def answers_of(rows: list[dict]) -> list[tuple]:
    return [
        (row["trial"], row["value"], round(row["ratio"], 3), round(row["confidence"], 4))
        for row in rows
        if row["type"] == "reconsidered"
    ]


def output_of(*command: object) -> list[dict]:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.timeout(400)
def test_answers_are_recorded_and_trained_on_and_reconsidered_live_as_in_the_replay(
    tmp_path, started
):
    config: Path = tmp_path / "subject.toml"
    config.write_text(SUBJECT, encoding="utf-8")
    recorded, spelled = tmp_path / "answers", tmp_path / "spelling"
    shared = ["--simulate", "--headless", "--config", config]
    run = Run("calibration", "record", "errp", *shared, "-o", recorded)
    started.append(run)
    assert run.end() == ""
    summary = json.loads((recorded / "summary.json").read_text())
    assert (summary["ended"], summary["calibration"]) == ("done", True)

    errp = tmp_path / "errp.decoder"
    training = ["--paradigm", "errp", "--method", "lda", "--no-evaluation", "--json", "-"]
    *_, trained = output_of("calibration", "train", recorded, *training, "-o", errp)
    assert (trained["epochs"], trained["targets"]) == (24, 11)

    decoders = ["--decoder", simulated_files.decoder(), "--errp", errp]
    run = Run("bci_online", "spell", *decoders, *shared, "--copy", "BC", "-o", spelled)
    started.append(run)
    run.end()

    summary = json.loads((spelled / "summary.json").read_text())
    recording = spelled / summary["recording"]
    events = [parse_marker(marker.text) for marker in RecordedSignal.of(recording).markers]
    assert [event.what for event in events if isinstance(event, Feedback)] == ["hit", "hit"]
    assert summary["spelled"] == "BC"
    again = answers_of(output_of("bci_online", "replay", recording, *decoders, "--json", "-"))
    assert [(trial, value) for trial, value, *_ in again] == [(1, "B"), (2, "C")]
    assert answers_of(run.rows) == again
    assert [ratio for _, _, ratio, _ in again] == pytest.approx(
        [ratio for _, _, ratio, _ in answers_of(run.rows)], abs=1e-3
    )
    (verified,) = output_of("bci_online", "verify", spelled, "--json", "-")
    assert (verified["is_right"], verified["problems"]) == (True, [])
