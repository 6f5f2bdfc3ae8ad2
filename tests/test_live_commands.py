"""The live commands as a user runs them: processes, LSL between them, and what goes wrong."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import simulated_files

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf

pytestmark = pytest.mark.live


class Shell:
    """Starts commands, and ends what a test left running."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[str]] = []

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "bci_online", *map(str, arguments)]
        child = subprocess.Popen(
            command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=os.sep
        )
        self._running.append(child)
        return child

    def end(self) -> None:
        for child in self._running:
            if child.poll() is None:
                child.kill()
            child.communicate()


@pytest.fixture
def shell() -> Iterator[Shell]:
    shell = Shell()
    yield shell
    shell.end()


def session() -> str:
    return uuid.uuid4().hex[:8]


def of_session(name: str, folder: Path, **live: object) -> list[str]:
    """Return options that choose a session's streams, and rules of [live]."""
    # The process that sends them has still to begin.
    rules_of = {"resolve_timeout": 60.0} | live
    rules = "\n".join(f"{key} = {json.dumps(value)}" for key, value in rules_of.items())
    config = folder / "session.toml"
    config.write_text(
        f'[eeg]\nname = "bci-online/{name}/eeg"\n'
        f'[markers]\nnames = ["bci-online/{name}/markers"]\n[live]\n{rules}\n',
        encoding="utf-8",
    )
    return ["--config", str(config), "--session", name]


def rows_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def until(child: subprocess.Popen[str], text: str) -> str:
    """Read a command's output up to the line that holds `text`."""
    for line in child.stdout:
        if text in line:
            return line
    raise AssertionError(f"{text!r} did not come: {child.stderr.read()}")


def test_a_played_recording_is_decoded_by_a_run_until_its_end(shell, tmp_path) -> None:
    name = session()
    player = shell.start("play", simulated_files.recording(), "--session", name, "--speed", 10)

    run = shell.start(
        "run", "--decoder", simulated_files.decoder(), "--json", "-",
        *of_session(name, tmp_path, max_data_age=1e9),
    )  # fmt: skip
    output, errors = run.communicate(timeout=100)

    rows = rows_of(output)
    assert (run.returncode, player.wait(timeout=30)) == (0, 0), errors
    assert [row["truth"] for row in rows if row["type"] == "decision"] == ["A", "B", "C"]
    assert rows[-1]["type"] == "summary"
    assert rows[-1]["epochs"] == 216
    assert rows[-1]["lost_samples"] == 0


def test_an_open_run_obeys_markers_that_are_not_signed_and_warns_of_it(shell, tmp_path) -> None:
    name = session()
    shell.start("play", simulated_files.recording("AB", 7), "--session", name, "--speed", 10)
    options = of_session(name, tmp_path, max_data_age=1e9)
    config = Path(options[1])
    config.write_text(config.read_text() + '[security]\nmarkers = "open"\n', encoding="utf-8")

    run = shell.start("run", "--decoder", simulated_files.decoder(), "--json", "-", *options)
    output, errors = run.communicate(timeout=100)

    rows = rows_of(output)
    assert run.returncode == 0, errors
    assert [row["truth"] for row in rows if row["type"] == "decision"] == ["A", "B"]
    (warning,) = [row for row in rows if row.get("level") == "warning"]
    assert "every program on the network" in warning["text"]


def test_an_interrupted_run_ends_in_order_with_its_summary(shell, tmp_path) -> None:
    name = session()
    shell.start("play", simulated_files.recording(), "--session", name)
    run = shell.start(
        "run", "--decoder", simulated_files.decoder(), "--json", "-", *of_session(name, tmp_path)
    )
    until(run, "ready")
    time.sleep(1.0)

    run.send_signal(signal.SIGINT)
    output, errors = run.communicate(timeout=60)

    assert run.returncode == 0, errors
    assert "Traceback" not in errors
    assert rows_of(output)[-1]["type"] == "summary"


def test_a_player_that_is_killed_is_reported_and_ends_the_run_by_the_rule(shell, tmp_path) -> None:
    name = session()
    player = shell.start("play", simulated_files.recording(), "--session", name)
    run = shell.start(
        "run", "--decoder", simulated_files.decoder(), "--json", "-",
        *of_session(name, tmp_path, lost_after=2.0),
    )  # fmt: skip
    until(run, "ready")
    time.sleep(2.0)

    player.kill()
    alarm = until(run, "alarm")
    output, errors = run.communicate(timeout=60)

    assert "no sample for" in alarm or "lost" in alarm
    assert run.returncode == 2
    assert rows_of(output)[-1]["type"] == "summary"
    (line,) = [line for line in errors.splitlines() if line.startswith("error:")]
    assert "check the amplifier" in line


def test_a_run_without_streams_says_what_there_is(shell, tmp_path) -> None:
    name = session()

    run = shell.start(
        "run", "--decoder", simulated_files.decoder(),
        *of_session(name, tmp_path, resolve_timeout=1.0),
    )  # fmt: skip
    _, errors = run.communicate(timeout=60)

    assert run.returncode == 2
    (line,) = [line for line in errors.splitlines() if line.startswith("error:")]
    assert f"bci-online/{name}/eeg" in line
    assert "start the amplifier's LSL stream" in line


def test_a_replay_over_lsl_to_its_end_says_nothing_of_a_ctrl_c_that_nobody_typed(shell) -> None:
    run = shell.start(
        "replay", simulated_files.recording("AB", 7), "--decoder", simulated_files.decoder(),
        "--speed", 10, "--lsl", "--json", "-",
    )  # fmt: skip
    output, errors = run.communicate(timeout=100)

    assert run.returncode == 0, errors
    rows = rows_of(output)
    assert [row["truth"] for row in rows if row["type"] == "decision"] == ["A", "B"]
    (line,) = errors.splitlines()
    assert line.startswith("note: session")


def test_a_player_that_ends_before_its_streams_are_there_ends_the_replay_at_once(
    shell, tmp_path
) -> None:
    path = tmp_path / "events.xdf"
    stamps = np.arange(20) / 4
    write_xdf(path, [XdfStream("events", "Markers", 0.0, stamps, ["note/a"] * 20)])
    run = shell.start("replay", path, "--decoder", simulated_files.decoder(), "--speed", 1, "--lsl")
    _, errors = run.communicate(timeout=100)

    assert run.returncode == 2
    said = [line for line in errors.splitlines() if line.startswith("error:")]
    assert "EEG" in said[0]
    assert said[-1].endswith("the player ended early; its message is above")
    assert "Traceback" not in errors


def test_a_player_that_cannot_play_ends_the_replay(shell, tmp_path) -> None:
    run = shell.start(
        "replay", tmp_path / "absent.xdf", "--decoder", simulated_files.decoder(),
        "--speed", 10, "--lsl",
    )  # fmt: skip
    _, errors = run.communicate(timeout=60)

    assert run.returncode == 2
    assert "absent.xdf" in errors
    assert "Traceback" not in errors


def test_an_unbounded_speed_through_lsl_is_refused(shell) -> None:
    run = shell.start(
        "replay", simulated_files.recording(), "--decoder", simulated_files.decoder(), "--lsl"
    )
    _, errors = run.communicate(timeout=60)

    assert run.returncode == 2
    assert "--speed max --lsl" in errors


def test_a_simulated_amplifier_is_listed_with_its_measured_rate(shell) -> None:
    name = session()
    shell.start("simulate", "--session", name, "--seconds", 20)
    found: list[dict] = []
    for _ in range(5):
        listing = shell.start("streams", "--json", "-")
        output, _ = listing.communicate(timeout=60)
        found = [row for row in rows_of(output) if name in row["source_id"]]
        if found and found[0]["measured_sfreq"]:
            break

    assert found[0]["sfreq"] == 250.0
    assert found[0]["measured_sfreq"] == pytest.approx(250.0, rel=0.2)
