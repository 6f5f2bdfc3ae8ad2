"""Amplifiers without LSL, from the command line: a FieldTrip buffer, and a file that mocks one."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import mne
import numpy as np
import pytest
import simulated_files
from fieldtrip_server import FieldTripServer

from bci_online.__main__ import app as online
from bci_online.acquisition.xdf import XdfSource
from bci_online.console import run
from bci_online.runtime.whole_recording import WholeRecording, read_whole

pytestmark = pytest.mark.live

MICROVOLT = 1e-6
N_BLOCK = 8


class Done(NamedTuple):
    code: int
    rows: list[dict]
    errors: str


def bci_online(*arguments: object, module: str = "bci_online") -> Done:
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=110,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return Done(done.returncode, rows, done.stderr)


def replayed(capsys, *arguments: object) -> Done:
    code = run(online, ["replay", *map(str, arguments), "--json", "-"])
    said = capsys.readouterr()
    return Done(code, [json.loads(line) for line in said.out.splitlines()], said.err)


def config(folder: Path, source: str, *tables: str) -> Path:
    path = folder / "amplifier.toml"
    text = "\n".join([f'[eeg]\nsource = "{source}"', *tables])
    path.write_text(text + "\n", encoding="utf-8")
    return path


def decided(rows: list[dict]) -> list[str]:
    return [row["value"] for row in rows if row["type"] == "decision"]


@pytest.fixture(scope="module")
def whole() -> WholeRecording:
    return read_whole(simulated_files.recording("AB", 7))


def written_fif(whole: WholeRecording, path: Path) -> str:
    """Write a recording as FIF, its markers as numbers in a stim channel; return their table."""
    stim = np.zeros(len(whole.data))
    rules = []
    for number, (at, text) in enumerate(whole.events, start=1):
        sample = whole.sample_at(at)
        if sample is None:
            continue
        # A number is a marker where it begins; another marker may be of the same sample.
        while stim[sample]:
            sample += 1
        stim[sample] = number
        rules.append(f"[[markers.translate]]\nnumber = {number}\nto = {json.dumps(text)}")
    kinds = ["eeg"] * len(whole.spec.ch_names)
    info = mne.create_info([*whole.spec.ch_names, "STI 014"], whole.spec.sfreq, [*kinds, "stim"])
    data = np.vstack([MICROVOLT * np.asarray(whole.data, dtype=np.float64).T, stim])
    mne.io.RawArray(data, info, verbose="ERROR").save(path, fmt="double", verbose="ERROR")
    return "\n".join(rules)


def test_a_fif_file_is_replayed_as_the_recording_that_it_was_made_of(
    whole, tmp_path, capsys
) -> None:
    path = tmp_path / "mock_raw.fif"
    table = written_fif(whole, path)
    decoder = simulated_files.decoder()

    own = replayed(capsys, simulated_files.recording("AB", 7), "--decoder", decoder)
    mock = replayed(
        capsys, "--decoder", decoder, "--config", config(tmp_path, f"mne-mock:{path}", table)
    )

    assert mock.code == 0, mock.errors
    assert decided(mock.rows) == decided(own.rows) == ["A", "B"]
    assert mock.rows[-1]["epochs"] == own.rows[-1]["epochs"]
    assert "arning" not in mock.errors


def feed(server: FieldTripServer, whole: WholeRecording) -> None:
    """Serve a recording at its own speed, with its markers as events."""
    placed = [(whole.sample_at(at), text) for at, text in whole.events]
    events = [(sample, text) for sample, text in placed if sample is not None]
    data = np.asarray(whole.data, dtype=np.float64)
    n_before = len(server.samples)
    began = time.monotonic()
    for start in range(0, len(data), N_BLOCK):
        time.sleep(max(0.0, began + start / whole.spec.sfreq - time.monotonic()))
        server.put_samples(data[start : start + N_BLOCK])
        while events and events[0][0] < start + N_BLOCK:
            sample, text = events.pop(0)
            server.put_event("marker", text, sample + n_before)


@contextmanager
def run_of(server: FieldTripServer, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a run on a buffer that holds something already, as buffers of labs do."""
    server.put_samples(np.zeros((N_BLOCK, len(server.ch_names))))
    source = f"fieldtrip://127.0.0.1:{server.port}?unit=microvolts"
    streams = config(folder, source, "[live]\nresolve_timeout = 60.0\nsilent_after = 30.0")
    command = [sys.executable, "-m", "bci_online", "run", "--config", str(streams)]
    command += ["--decoder", str(simulated_files.decoder()), "--json", "-"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as child:
        try:
            yield child
        finally:
            child.kill()


def test_a_run_decodes_a_fieldtrip_buffer_by_its_own_events(tmp_path) -> None:
    whole = read_whole(simulated_files.recording("A", 7))

    with FieldTripServer(whole.spec.ch_names, whole.spec.sfreq) as server:
        with run_of(server, tmp_path) as child:
            ready = json.loads(child.stdout.readline())
            feed(server, whole)
            rows = [json.loads(line) for line in child.stdout]
            errors = child.stderr.read()

    assert "ready" in ready["text"]
    assert child.returncode == 0, errors
    assert decided(rows) == ["A"]
    assert rows[-1]["lost_samples"] == 0
    # The stamps are of this computer's clock, and not of a counter.
    assert abs(rows[-1]["latency_ms"]["p50"]) < 10_000


def test_a_buffer_that_goes_away_ends_the_run_with_its_summary_and_one_line(tmp_path) -> None:
    whole = read_whole(simulated_files.recording("A", 7))

    with FieldTripServer(whole.spec.ch_names, whole.spec.sfreq) as server:
        with run_of(server, tmp_path) as child:
            child.stdout.readline()
            server.start_anew()
            rows = [json.loads(line) for line in child.stdout]
            errors = child.stderr.read().splitlines()

    (line,) = [line for line in errors if line.startswith("error:")]
    assert child.returncode == 2
    assert rows[-1]["type"] == "summary"
    assert "the session's amplifier ended (exit code 2): the FieldTrip buffer at" in line
    assert "is lost" in line


def test_a_buffer_that_is_not_there_is_one_line(tmp_path) -> None:
    done = bci_online("run", "--decoder", simulated_files.decoder(),
                      "--config", config(tmp_path, "fieldtrip://127.0.0.1:1"))  # fmt: skip

    (line,) = [line for line in done.errors.splitlines() if line.startswith("error:")]
    assert done.code == 2
    assert "no FieldTrip buffer with a header answers at 127.0.0.1:1" in line


def test_a_session_records_what_an_amplifier_without_lsl_sends(whole, tmp_path) -> None:
    path = tmp_path / "mock_raw.fif"
    written_fif(whole, path)
    words = '[presentation]\nwords = ["A"]\nrepetitions = 1'

    done = bci_online("record", "p300", "--headless", "--accept-quality", "a test", "--json", "-",
                      "--config", config(tmp_path, f"mne-mock:{path}", words),
                      "-o", tmp_path / "session", module="calibration")  # fmt: skip

    assert done.code == 0, done.errors
    (recorded,) = (tmp_path / "session").glob("*.xdf")
    source = XdfSource(recorded)
    source.open()
    assert source.spec.name == "MockRtClient"
    assert source.spec.unit == "microvolts"
    assert source.spec.ch_names == whole.spec.ch_names
    times = read_whole(recorded)
    marks = [at for at, text in times.events if text.startswith("flash/")]
    assert marks
    assert times.times[0] < min(marks) < max(marks) < times.times[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no RECORDING to replay"),
        (["--lsl", "--speed", "1"], "--lsl plays one RECORDING"),
    ],
)
def test_a_replay_of_nothing_is_refused(capsys, arguments, said) -> None:
    done = replayed(capsys, "--decoder", simulated_files.decoder(), *arguments)

    assert done.code == 2
    assert said in done.errors


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_file_that_is_no_fif_is_one_line(tmp_path, capsys, content) -> None:
    path = tmp_path / "mock_raw.fif"
    path.write_bytes(content)

    done = replayed(
        capsys, "--decoder", simulated_files.decoder(),
        "--config", config(tmp_path, f"mne-mock:{path}"),
    )  # fmt: skip

    (line,) = [line for line in done.errors.splitlines() if line.startswith("error:")]
    assert done.code == 2
    assert "mock_raw.fif: cannot be read as a FIF file" in line
    assert "Traceback" not in done.errors
