"""A decoder that follows its session, live: every process, LSL, the recorder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import simulated_files
from session_runs import Run, decisions

pytestmark = pytest.mark.live

# A response 40 ms later than in the recording that the decoder was trained on.
SUBJECT = """
[presentation]
flash_ms = 50.0
gap_ms = 25.0
repetitions = 4
cue_s = 0.2
decision_s = 0.2
pause_s = 0.2
[adaptation]
on = true
half_life = 4.0
confidence = 0.5
[stopping]
max_repetitions = 4
[simulation]
ch_names = ["Cz", "Pz", "PO7", "PO8"]
sfreq = 128.0
p300_uv = 30.0
p300_latency_s = 0.34
latency_jitter_s = 0.0
amplitude_jitter = 0.0
noise_uv = 2.0
blinks_per_min = 0.0
"""
FOLLOWED = "the decoder has followed the session"
TRAINED = "the trained decoder decides again, and stays"


def output_of(*command: object) -> list[dict]:
    done = subprocess.run(
        [sys.executable, "-m", "bci_online", *map(str, command), "--json", "-"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def decided(rows: list[dict]) -> list[tuple[object, ...]]:
    return [(row["trial"], row.get("value"), row["flashes"]) for row in decisions(rows)]


def said(rows: list[dict]) -> list[str]:
    return [row["text"] for row in rows if row.get("text") in (FOLLOWED, TRAINED)]


@pytest.mark.timeout(200)
def test_a_decoder_follows_goes_back_when_asked_and_a_replay_decides_alike(tmp_path, started):
    config: Path = tmp_path / "subject.toml"
    config.write_text(SUBJECT, encoding="utf-8")
    folder, decoder = tmp_path / "spelling", simulated_files.decoder()
    run = Run(
        "bci_online", "spell", "--simulate", "--headless", "--config", config,
        "--decoder", decoder, "--copy", "BCDBCDB", "--steer", "-", "-o", folder,
        stdin=subprocess.PIPE,
    )  # fmt: skip
    started.append(run)
    run.until(FOLLOWED)
    run.process.stdin.write("go_back\n")
    run.process.stdin.flush()
    run.end()

    assert said(run.rows) == [FOLLOWED, TRAINED]
    assert len(decided(run.rows)) == 7
    recording = folder / json.loads((folder / "summary.json").read_text())["recording"]
    again = output_of("replay", recording, "--decoder", decoder)
    assert decided(again) == decided(run.rows)
    assert said(again) == [FOLLOWED, TRAINED]
    (verified,) = output_of("verify", folder)
    assert (verified["is_right"], verified["problems"]) == (True, [])
