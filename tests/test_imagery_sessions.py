"""Whole sessions of motor imagery as a user runs them: recorded, trained on, decoded live."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
import simulated_files
from session_runs import Run

from bci_online.config import read_config
from bci_online.runtime.simulated_recording import write_recording
from calibration.motor_imagery.training import train
from calibration.training_request import TrainingRequest

pytestmark = pytest.mark.live

# A subject without doubts, in trials without rests.
BRISK = """
paradigm = "motor_imagery"
[filter]
l_freq = 8.0
h_freq = 30.0
[window]
length = 1.0
step = 0.0625
[evidence]
tmin = 0.5
tmax = 2.25
[stopping]
error_rate = 0.2
[presentation]
classes = [{classes}]
trials_per_class = {trials}
[imagery]
cue = 0.25
feedback = 0.5
end = 2.25
outcome = 0.25
shortest_pause = 0.25
longest_pause = 0.5
[simulation]
ch_names = ["FC3", "FC4", "C3", "Cz", "C4", "CP3", "CP4"]
sfreq = 128.0
erd = 0.95
amplitude_jitter = 0.0
mu_uv = 12.0
"""
HANDS = '"left_hand", "right_hand"'


def config(folder: Path, trials: int, classes: str = HANDS) -> Path:
    path = folder / f"brisk-{trials}.toml"
    path.write_text(BRISK.format(trials=trials, classes=classes), encoding="utf-8")
    return path


def calibrated(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "calibration", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@cache
def decoder() -> Path:
    """Return a decoder trained on a recording that was made without LSL."""
    folder = Path(mkdtemp(prefix="bci-online-tests-"))
    known = read_config(config(folder, 10))
    write_recording(known, "", folder / "imagery.xdf", seed=2)
    asked = TrainingRequest(
        recordings=(folder / "imagery.xdf",),
        method="csp-lda",
        config=known,
        output=folder / "decoder",
        evaluation=False,
    )
    train(asked)
    return folder / "decoder"


def feedback(
    folder: Path,
    started: list[Run],
    decoder: Path,
    trials: int,
    classes: str = HANDS,
    *options: object,
    name: str = "feedback",
) -> Run:
    run = Run(
        "bci_online", "feedback", "--decoder", decoder, "--config",
        config(folder, trials, classes), "--simulate", "--headless", "-o", folder / name,
        *options,
    )  # fmt: skip
    started.append(run)
    return run


def decided(rows: list[dict]) -> list[dict]:
    return [row for row in rows if row["type"] in {"decision", "no_decision"}]


@pytest.mark.timeout(400)
def test_the_loop_closes_from_cued_trials_over_training_to_feedback(tmp_path, started):
    calibration = Run(
        "calibration", "record", "mi", "--simulate", "--headless", "-o", tmp_path / "imagery",
        "--config", config(tmp_path, 6),
    )  # fmt: skip
    started.append(calibration)
    assert calibration.end() == ""
    trained = calibrated(
        "train", tmp_path / "imagery", "--method", "csp-lda", "-o", tmp_path / "d", "--json", "-"
    )
    assert trained.returncode == 0, trained.stderr
    live = feedback(tmp_path, started, tmp_path / "d", 3, f'{HANDS}, "rest"')

    errors = live.end()

    cues = [row["cue"] for row in calibration.rows if row["type"] == "trial"]
    assert sorted(cues) == ["left_hand"] * 6 + ["right_hand"] * 6
    first = json.loads((tmp_path / "imagery" / "summary.json").read_text())
    assert first["recording"] == "sub-01_ses-01_task-imagery_run-01_eeg.xdf"
    assert (first["ended"], first["recorder"], "spelled" in first) == ("done", "closed", False)
    # One window a step from its first end to the last, behind each cue.
    assert first["engine"]["epochs"] == 12 * (1 + round((2.25 - 0.5 - 1.0) / 0.0625))
    assert live.process.returncode == 0, errors
    summary = json.loads((tmp_path / "feedback" / "summary.json").read_text())
    assert summary["recording"] == "sub-01_ses-01_task-feedback_run-01_eeg.xdf"
    screen, engine = summary["screen"], summary["engine"]
    assert (screen["judged"], engine["presented"], engine["known"]) == (9, 6, 6)
    assert engine["correct"] >= 4
    # A cue for rest is no trial that counts: what is decided behind it is a false activation.
    assert screen["hits"] == engine["correct"] + 3 - engine["false_activations"]
    assert engine["false_activations_per_min"] is not None
    assert screen["dropped_decisions"] == 0
    replay_decides_the_same(tmp_path / "feedback", live)
    options = "--after", tmp_path / "feedback"
    later = feedback(tmp_path, started, tmp_path / "d", 1, HANDS, *options, name="later")
    errors = later.end()
    assert later.process.returncode == 0, errors
    (recording,) = (tmp_path / "later").glob("*.xdf")
    assert b'"carried"' in recording.read_bytes()
    replay_decides_the_same(tmp_path / "later", later)
    replay_decides_the_same(tmp_path / "later", later, *options)


def replay_decides_the_same(folder: Path, live: Run, *options: object) -> None:
    """Hold what was decided live against what a replay of the recording decides."""
    (recording,) = folder.glob("*.xdf")
    command = [sys.executable, "-m", "bci_online", "replay", recording, "--json", "-"]
    command += ["--decoder", folder / "session.decoder", *options]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
    again = decided([json.loads(line) for line in done.stdout.splitlines()])
    was = decided(live.rows)
    same = ("type", "value", "trial", "truth", "flashes")
    assert [[row[key] for key in same] for row in was] == [
        [row[key] for key in same] for row in again
    ]
    confidences = [[row["confidence"] for row in rows] for rows in (was, again)]
    assert confidences[0] == pytest.approx(confidences[1], abs=1e-6)


@pytest.mark.timeout(360)
def test_a_screen_that_is_killed_in_mid_trial_ends_the_session_in_order(tmp_path, started):
    run = feedback(tmp_path, started, decoder(), 6)
    run.until('"decision"')
    (recording,) = (tmp_path / "feedback").glob("*.xdf")
    # Until the next cue is everywhere: what the screen had not handed over would die with it.
    until = time.monotonic() + 60
    while b"cue/" not in recording.read_bytes().partition(b"trial/start/2")[2]:
        assert time.monotonic() < until
        time.sleep(0.05)

    os.kill(run.pids["screen"], signal.SIGKILL)
    errors = run.end()

    assert run.process.returncode == 2
    assert "the session's screen was killed (signal 9)" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    assert run.left_over() == []
    summary = json.loads((tmp_path / "feedback" / "summary.json").read_text())
    assert summary["recorder"] == "closed"
    replay_decides_the_same(tmp_path / "feedback", run)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["bci_online", "feedback", "--decoder", "speller"], "the decoder is for 'p300'"),
        (["calibration", "record", "mi"], "paradigm 'p300' is not what record mi shows"),
    ],
)
def test_what_is_for_a_speller_is_refused_in_one_line(command, said, tmp_path):
    command = [str(simulated_files.decoder()) if word == "speller" else word for word in command]
    done = subprocess.run(
        [sys.executable, "-m", *command, "--simulate", "--headless", "-o", str(tmp_path / "s")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
