"""Whole sessions as a user runs them: every process, LSL, the recorder; and what kills them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import simulated_files
from recorded_signal import RecordedSignal
from session_runs import Run, decisions, replayed, same_decisions

from bci_online.markers import TrialEnd, parse_marker
from bci_online.notes import Promised

pytestmark = pytest.mark.live

# Two repetitions must decide each letter with room to spare, so this subject answers each flash
# alike: 3,000 of 3,000 replayed letters are right, log odds 10.4 ± 1.5. The threshold is at 2.2.
BRISK = """
[presentation]
flash_ms = 75.0
gap_ms = 50.0
repetitions = {repetitions}
cue_s = 0.5
decision_s = 0.5
pause_s = 0.5
words = ["{word}"]
[simulation]
ch_names = ["Cz", "Pz", "PO7", "PO8"]
sfreq = 128.0
p300_uv = 30.0
latency_jitter_s = 0.0
amplitude_jitter = 0.0
noise_uv = 2.0
blinks_per_min = 0.0
"""


def config(folder: Path, word: str = "AB", repetitions: int = 2) -> Path:
    path = folder / "brisk.toml"
    path.write_text(BRISK.format(word=word, repetitions=repetitions), encoding="utf-8")
    return path


def spelling(folder: Path, started: list[Run], word: str = "BC", *, windows: bool = False) -> Run:
    run = Run(
        "bci_online", "spell", "--decoder", simulated_files.decoder(), "--simulate",
        *([] if windows else ["--headless"]), "--copy", word,
        "--config", config(folder), "-o", folder / "session",
    )  # fmt: skip
    started.append(run)
    return run


def summary_in(folder: Path) -> dict:
    return json.loads((folder / "session" / "summary.json").read_text())


def test_a_calibration_is_recorded_and_can_be_trained_on_by_its_folder(tmp_path, started):
    folder = tmp_path / "session"
    run = Run(
        "calibration", "record", "p300", "--simulate", "--headless", "-o", folder,
        "--config", config(tmp_path, "ABC", 4),
    )  # fmt: skip
    started.append(run)

    assert run.end() == ""

    trials = [row for row in run.rows if row["type"] == "trial"]
    assert [(row["symbol"], row["calibration"]) for row in trials] == [
        ("A", True), ("B", True), ("C", True),
    ]  # fmt: skip
    summary = summary_in(tmp_path)
    assert summary["recorder"] == "closed"
    assert summary["ended"] == "done"
    assert summary["engine"]["epochs"] == summary["screen"]["flashes"] == 3 * 4 * 12
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "brisk.toml", "config.json", "session.log", "summary.json", "versions.json", "SHA256SUMS",
        "sub-01_ses-01_task-p300_run-01_eeg.xdf",
    } - {"brisk.toml"} | {"config.toml"}  # fmt: skip
    command = [sys.executable, "-m", "calibration", "train", folder, "--method", "lda"]
    trained = subprocess.run(
        [*map(str, command), "-o", str(tmp_path / "x.decoder"), "--json", "-"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    assert json.loads(trained.stdout.splitlines()[-1])["epochs"] == 144


@pytest.mark.timeout(360)
def test_a_calibration_ends_once_its_letters_promise_enough(tmp_path, started):
    run = Run(
        "calibration", "record", "p300", "--simulate", "--headless", "-o", tmp_path / "session",
        "--config", config(tmp_path, "ABCDEFGHIK", 4), "--until", "2/3",
    )  # fmt: skip
    started.append(run)

    assert run.end() == ""

    summary = summary_in(tmp_path)
    assert summary["ended"] == "done"
    assert 3 <= summary["screen"]["trials"] < 10
    recording = tmp_path / "session" / summary["recording"]
    events = [parse_marker(marker.text) for marker in RecordedSignal.of(recording).markers]
    noted = [event for event in events if isinstance(event, Promised)]
    assert noted[0].letters == 3
    reached = [events.index(note) for note in noted if note.is_reached]
    assert [note.is_reached for note in noted] == sorted(note.is_reached for note in noted)
    # The letter that was open when the promise came is the last one; its own promise may come too.
    assert sum(isinstance(event, TrialEnd) for event in events[reached[0] :]) <= 1


def test_a_word_is_copied_live_and_its_recording_decides_the_same(tmp_path, started):
    run = spelling(tmp_path, started, "BC")

    errors = run.end()

    assert run.process.returncode == 0, errors
    summary = summary_in(tmp_path)
    assert summary["spelled"] == "BC"
    recording = tmp_path / "session" / summary["recording"]
    again = replayed(recording, tmp_path / "session" / "session.decoder")
    assert same_decisions(decisions(run.rows), again)
    [verified] = answered("bci_online", "verify", tmp_path / "session")
    assert (verified["problems"], verified["notes"], verified["decisions"]) == ([], [], 2)
    # Nobody was asked, and the recording says so.
    assert summary["electrodes"] == {"by": "by itself", "reason": "", "faults": {}}
    recorded = recording.read_bytes()
    assert b'note/{"type":"electrodes","by":"by itself"' in recorded
    assert b'{"type":"electrodes","channels":[' in recorded


def test_a_word_is_copied_without_any_calibration_and_decided_again(tmp_path, started):
    run = uncalibrated(tmp_path, started, "BC")

    errors = run.end()

    assert run.process.returncode == 0, errors
    summary = summary_in(tmp_path)
    assert (summary["spelled"], summary["mode"]) == ("BC", "copy")
    recording = tmp_path / "session" / summary["recording"]
    again = replayed(recording, tmp_path / "session" / "session.decoder")
    assert same_decisions(decisions(run.rows), again)
    [verified] = answered("bci_online", "verify", tmp_path / "session")
    assert (verified["problems"], verified["decisions"]) == ([], 2)


def uncalibrated(folder: Path, started: list[Run], word: str) -> Run:
    run = Run(
        "bci_online", "spell", "--no-calibration", "--simulate", "--headless", "--copy", word,
        "--config", config(folder), "-o", folder / "session",
    )  # fmt: skip
    started.append(run)
    return run


@pytest.mark.timeout(400)
def test_letters_make_a_decoder_live_and_a_replay_swaps_it_in_alike(tmp_path, started):
    run = uncalibrated(tmp_path, started, "BCDEFGHIJK")

    errors = run.end()

    assert run.process.returncode == 0, errors
    recording = tmp_path / "session" / summary_in(tmp_path)["recording"]
    said = [row["text"] for row in run.rows if row["type"] == "status"]
    assert any("it decides from now on" in text for text in said)
    assert b'note/{"type":"supervised","letters":4' in recording.read_bytes()
    live = decisions(run.rows)
    # Without a decoder no letter has fewer than five repetitions.
    assert live[0]["repetitions"] >= 5 > live[-1]["repetitions"]
    again = replayed(recording, tmp_path / "session" / "session.decoder")
    assert same_decisions(live, again)
    [verified] = answered("bci_online", "verify", tmp_path / "session")
    assert (verified["problems"], verified["decisions"]) == ([], len(live))


@pytest.mark.timeout(360)
def test_a_worker_that_is_killed_costs_its_decoder_alone(tmp_path, started):
    run = uncalibrated(tmp_path, started, "BC")
    run.until('"decision"')

    os.kill(run.pids["supervise"], signal.SIGKILL)
    errors = run.end()

    assert run.process.returncode == 0, errors
    said = [row["text"] for row in run.rows if row["type"] == "status"]
    assert any("fits a decoder on the letters has ended" in text for text in said)
    assert summary_in(tmp_path)["spelled"] == "BC"
    assert run.left_over() == []


@pytest.mark.timeout(360)
def test_a_wish_is_written_freely_with_suggestions_and_decided_again(tmp_path, started):
    path = config(tmp_path)
    path.write_text(path.read_text() + '[language]\ncode = "en"\n')
    run = Run(
        "bci_online", "spell", "--decoder", simulated_files.decoder(), "--simulate", "--headless",
        "--wish", "the", "--config", path, "-o", tmp_path / "session",
    )  # fmt: skip
    started.append(run)

    errors = run.end()

    assert run.process.returncode == 0, errors
    live, summary = decisions(run.rows), summary_in(tmp_path)
    assert summary["spelled"].strip() == "THE"
    assert "THE" in [row["value"] for row in live]
    recording = tmp_path / "session" / summary["recording"]
    assert same_decisions(live, replayed(recording, tmp_path / "session" / "session.decoder"))


@pytest.mark.timeout(320)
@pytest.mark.parametrize(
    ("victim", "windows"),
    [("engine", False), ("amplifier", False), ("screen", False), ("screen", True)],
)
def test_a_part_that_is_killed_in_mid_letter_ends_the_session_in_order(
    victim, windows, tmp_path, started, monkeypatch
):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    said = f"the session's {victim} was killed (signal 9)"
    run = spelling(tmp_path, started, "BCB", windows=windows)
    run.until('"decision"')
    time.sleep(1.5)

    os.kill(run.pids[victim], signal.SIGKILL)
    errors = run.end()

    assert run.process.returncode == 2
    assert errors.startswith("note: the decoder was trained at")
    assert said in errors.splitlines()[-1]
    assert run.left_over() == []
    summary = summary_in(tmp_path)
    assert said in summary["ended"]
    assert summary["recorder"] == "closed"
    assert b"flash/" in (tmp_path / "session" / summary["recording"]).read_bytes()


def test_a_recorder_that_is_killed_is_reported_and_the_letter_goes_on(tmp_path, started):
    run = spelling(tmp_path, started, "BC")
    run.until('"decision"')

    os.kill(run.pids["recorder"], signal.SIGKILL)
    errors = run.end()

    assert "the recorder died" in errors
    assert summary_in(tmp_path)["spelled"] == "BC"
    assert summary_in(tmp_path)["recorder"] == "died"
    assert run.left_over() == []


@pytest.mark.parametrize(
    ("number", "named"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGHUP, "SIGHUP")]
)
def test_ctrl_c_and_a_terminal_that_is_closed_end_a_session_in_order(
    tmp_path, started, number, named
):
    run = spelling(tmp_path, started, "BCB")
    run.until('"decision"')

    run.process.send_signal(number)
    errors = run.end()

    assert run.process.returncode == 130
    assert errors.splitlines()[-1] == f"stopped by {named}"
    assert run.left_over() == []
    assert summary_in(tmp_path)["ended"] == "interrupted"
    assert summary_in(tmp_path)["recorder"] == "closed"
    [verified] = answered("bci_online", "verify", tmp_path / "session")
    assert (verified["problems"], verified["notes"]) == ([], [])


def test_parts_end_when_the_one_who_started_them_is_killed(tmp_path, started):
    run = spelling(tmp_path, started, "BCB")
    run.until('"decision"')

    run.process.kill()
    run.process.communicate()

    until = time.monotonic() + 60
    while run.left_over() and time.monotonic() < until:
        time.sleep(0.1)
    assert run.left_over() == []


def answered(module: str, *arguments: object) -> list[dict]:
    """Return what a command answers to a program."""
    command = [sys.executable, "-m", module, *map(str, arguments), "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.timeout(400)
def test_a_calibration_whose_conductor_is_killed_goes_on_and_is_one_training_set(tmp_path, started):
    folder, path = tmp_path / "session", config(tmp_path, "ABCD")
    record = ("calibration", "record", "p300", "--simulate", "--headless")
    run = Run(*record, "-o", folder, "--config", path)
    started.append(run)
    run.until('"symbol":"B"')
    time.sleep(3.0)

    os.kill(run.process.pid, signal.SIGKILL)
    run.process.communicate()
    until = time.monotonic() + 60
    while run.left_over() and time.monotonic() < until:
        time.sleep(0.1)
    *_, summary = answered("bci_online", "repair", folder)
    rest = Run(*record, "--resume", folder)
    started.append(rest)

    assert rest.end() == ""
    assert summary["type"] == "summary"
    assert "was killed" in summary["ended"]
    assert summary["spelled"].startswith("AB")
    shown = [row["symbol"] for row in rest.rows if row["type"] == "trial"]
    assert shown == ["C", "D"]
    assert json.loads((folder / "summary_run-02.json").read_text())["ended"] == "done"
    trained = answered(
        "calibration", "train", folder, "--method", "lda", "-o", tmp_path / "x.decoder"
    )
    # The letter that was cut counts with the flashes that it had.
    assert trained[-1]["epochs"] >= 4 * 2 * 12
    [verified] = answered("bci_online", "verify", folder)
    assert verified["is_right"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--copy", "BÉ"], "the layout has no symbol É"),
        ([], "--simulate needs --copy WORD"),
        (["--copy", "B", "--wish", "B"], "--wish is for a simulated subject who spells freely"),
        (["--wish", "BÉ"], "wish 'BÉ': the layout has no symbol é"),
        (["--copy", "B", "--subject", "Jane Doe"], "must be 1 to 32 letters or digits"),
    ],
)
def test_what_cannot_be_spelled_is_reported_in_one_line(options, said, tmp_path):
    command = [sys.executable, "-m", "bci_online", "spell", "--simulate", "--headless"]
    command += ["--decoder", str(simulated_files.decoder()), "-o", str(tmp_path / "s"), *options]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "s").exists()
