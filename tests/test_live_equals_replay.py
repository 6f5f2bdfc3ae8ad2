"""What is decided live is decided in the replay: through LSL, and through the session's journal."""

import os
import subprocess
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import simulated_files
from independent_recorder import IndependentRecorder
from live_runs import played_live
from recorded_signal import RecordedSignal, ran, replayed

from bci_online.acquisition.lsl import session_source_id
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import Presentation, read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision, Message, Retracted, Score
from bci_online.runtime.no_calibration import uncalibrated_decoder
from bci_online.runtime.simulated_recording import write_recording
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


def recorded_live(folder: Path, decoder, played: Path) -> tuple[list[Message], IndependentRecorder]:
    """What a live run of a recording said, and its own recording that began 3 s later."""
    session = uuid.uuid4().hex[:8]
    ids = [session_source_id(session, kind) for kind in ("markers", "journal")]
    ids.append(f"bci-online/{session}/eeg")
    recorder = IndependentRecorder(folder / f"{session}.xdf", ids)

    def record_late() -> None:
        time.sleep(3.0)
        recorder.start()

    try:
        live = played_live(played, decoder, session, speed=1, meanwhile=record_late)
    finally:
        recorder.stop()
    return live, recorder


def fully_recorded(
    folder: Path, decoder, played: Path
) -> tuple[list[Message], IndependentRecorder]:
    # LabRecorder hangs now and then while it starts, or comes too late for the first letter.
    runs = (recorded_live(folder, decoder, played) for _ in range(4))
    return next(run for run in runs if b"trial/start/1" in run[1].recorded)


@pytest.mark.timeout(400)
def test_a_recorded_live_run_replays_through_its_journal_to_the_same_decisions(tmp_path) -> None:
    decoder = read_decoder(simulated_files.decoder())

    live, recorder = fully_recorded(tmp_path, decoder, simulated_files.recording("AB", 7))

    again = replayed(decoder, recorder.path).messages
    assert decided(again) == decided(live)
    assert len(decided(live)) == 2
    # A confidence rests on a sum of dozens of scores, each equal to 1e-6.
    np.testing.assert_allclose(confidences(again), confidences(live), atol=1e-5)
    # What the filter kept of the first three seconds dies away within some ten more.
    n_late = len(scores(live)) // 2
    np.testing.assert_allclose(scores(again)[-n_late:], scores(live)[-n_late:], atol=1e-6)


def with_a_late_loss(folder: Path) -> tuple[Path, Decoder]:
    """A recording of uncalibrated letters; samples behind the first one are lost, in jitter."""
    known = simulated_files.CONFIG
    # Its first letter is sure by the fewest repetitions, whatever is lost of the last flashes.
    subject = msgspec.structs.replace(known.simulation, p300_uv=25.0)
    shown = Presentation(repetitions=8)
    config = msgspec.structs.replace(known, presentation=shown, simulation=subject)
    write_recording(config, "FO", folder / "sound.xdf", 2)
    sound = RecordedSignal.of(folder / "sound.xdf")
    decoder = uncalibrated_decoder(config, sound.spec)
    first, *_ = ran(decoder, sound).decisions
    late = np.random.default_rng(4).uniform(0, 0.005, len(sound.stamps) // 8 + 1)
    jittered = sound.stamps + late[np.arange(len(sound.stamps)) // 8]
    # Its decision waits for these samples, and the loss is found a second and a half later.
    at = int(np.searchsorted(jittered, first.time - 0.25))
    lossy = replace(sound, stamps=jittered).without(at, 20)
    eeg = XdfStream(
        "amp", "EEG", lossy.spec.sfreq, lossy.stamps, lossy.data, lossy.spec.ch_names,
        "microvolts", every_stamp=True,
    )  # fmt: skip
    times, texts = [m.time for m in lossy.markers], [m.text for m in lossy.markers]
    path = folder / "lossy.xdf"
    write_xdf(path, [eeg, XdfStream("markers", "Markers", 0.0, times, texts)])
    return path, decoder


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_flashes_that_are_taken_back_after_their_letter_help_the_next_one_neither_live_nor_replayed(
    tmp_path,
) -> None:
    played, decoder = with_a_late_loss(tmp_path)

    live, recorder = fully_recorded(tmp_path, decoder, played)

    again = replayed(decoder, recorder.path).messages
    assert decided(again) == decided(live)
    assert [value for value, *_ in decided(live)] == ["F", "O"]
    # As above; the first letter begins soon after the recording does.
    np.testing.assert_allclose(confidences(again), confidences(live), atol=1e-4)
    for messages in live, again:
        taken_back = [m for m in messages if isinstance(m, Retracted)]
        assert 1 in {m.suspect_trial for m in taken_back}
        kinds = [m for m in messages if isinstance(m, Decision | Retracted)]
        assert isinstance(kinds[0], Decision)


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
