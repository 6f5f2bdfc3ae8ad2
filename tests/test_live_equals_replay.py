"""What is decided live is decided in the replay: through LSL, and through the session's journal."""

import os
import subprocess
import threading
import time
import uuid
from pathlib import Path

import numpy as np
import pytest
import simulated_files
from independent_recorder import IndependentRecorder
from live_runs import played_live
from recorded_signal import replayed

from bci_online.acquisition.lsl import session_source_id
from bci_online.config import read_config
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision, Message, Score
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

pytestmark = pytest.mark.live

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


def scores(messages: list[Message]) -> np.ndarray:
    return np.array([message.values[1] for message in messages if isinstance(message, Score)])


def decided(messages: list[Message]) -> list[tuple]:
    found = [message for message in messages if isinstance(message, Decision)]
    return [(d.value, d.trial, d.truth, d.repetitions, d.flashes) for d in found]


def confidences(messages: list[Message]) -> np.ndarray:
    return np.array([m.confidence for m in messages if isinstance(m, Decision)])


def trained_on(recordings: list[Path], config: str, path: Path):
    asked = TrainingRequest(
        recordings=tuple(recordings),
        method="lda",
        config=read_config(CONFIGS / f"p300_{config}.toml"),
        output=path,
        evaluation=False,
    )
    train(asked)
    return read_decoder(path)


@pytest.mark.parametrize(
    ("trained", "played", "config"),
    [
        ("p300_wadsworth/*ses-10*", "p300_wadsworth/sub-01_ses-11_run-01.xdf", "wadsworth"),
        ("p300_bci2000/*", "p300_bci2000/sub-01_ses-01_run-01.xdf", "bci2000"),
    ],
)
def test_a_replay_through_lsl_at_forty_times_the_speed_decides_the_same(
    data_dir, tmp_path, trained, played, config
) -> None:
    decoder = trained_on(sorted(data_dir.glob(trained)), config, tmp_path / "d")
    recording = data_dir / played
    expected = replayed(decoder, recording).messages

    live = played_live(recording, decoder, uuid.uuid4().hex[:8], speed=40, measures_clocks=False)

    assert decided(live) == decided(expected)
    assert len(decided(live)) >= 3
    np.testing.assert_allclose(confidences(live), confidences(expected), atol=1e-6)
    np.testing.assert_allclose(scores(live), scores(expected), atol=1e-6)


def recorded_live(folder: Path, decoder) -> tuple[list[Message], IndependentRecorder]:
    """What a live run said, and its recording that began 3 s later."""
    session = uuid.uuid4().hex[:8]
    ids = [session_source_id(session, kind) for kind in ("markers", "journal")]
    ids.append(f"bci-online/{session}/eeg")
    recorder = IndependentRecorder(folder / f"{session}.xdf", ids)

    def record_late() -> None:
        time.sleep(3.0)
        recorder.start()

    try:
        live = played_live(
            simulated_files.recording("AB", 7), decoder, session, speed=1, meanwhile=record_late
        )
    finally:
        recorder.stop()
    return live, recorder


@pytest.mark.timeout(400)
def test_a_recorded_live_run_replays_through_its_journal_to_the_same_decisions(tmp_path) -> None:
    decoder = read_decoder(simulated_files.decoder())

    # LabRecorder hangs now and then while it starts, or comes too late for the first letter.
    runs = (recorded_live(tmp_path, decoder) for _ in range(4))
    live, recorder = next(run for run in runs if b"trial/start/1" in run[1].recorded)

    again = replayed(decoder, recorder.path).messages
    assert decided(again) == decided(live)
    assert len(decided(live)) == 2
    # A confidence rests on a sum of dozens of scores, each equal to 1e-6.
    np.testing.assert_allclose(confidences(again), confidences(live), atol=1e-5)
    # What the filter kept of the first three seconds dies away within some ten more.
    n_late = len(scores(live)) // 2
    np.testing.assert_allclose(scores(again)[-n_late:], scores(live)[-n_late:], atol=1e-6)


def test_nothing_of_a_run_is_left_behind() -> None:
    threads, descriptors = set(threading.enumerate()), set(os.listdir("/proc/self/fd"))

    played_live(
        simulated_files.recording(), read_decoder(simulated_files.decoder()),
        uuid.uuid4().hex[:8], speed=20,
    )  # fmt: skip

    assert set(threading.enumerate()) <= threads
    children = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "args="],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert "bci_online" not in children
    assert len(set(os.listdir("/proc/self/fd")) - descriptors) <= 2
