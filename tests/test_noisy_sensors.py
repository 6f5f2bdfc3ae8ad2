"""A sensor of a real recording becomes noisy while a decoder runs."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from bci_online.config import Config
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Chunk, Journal, Message, Reading, Rejected, Score
from bci_online.metrics import auc
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.sources import recording
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

pytestmark = pytest.mark.slow

NOISY, NOISE_UV = "PO7", 300.0


@pytest.fixture(scope="module")
def path(data_dir) -> Path:
    return data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf"


def trained(path: Path, file: Path, channels: tuple[str, ...] = ()):
    own = Config()
    eeg = msgspec.structs.replace(own.eeg, channels=channels)
    config = msgspec.structs.replace(own, eeg=eeg)
    train(
        TrainingRequest(
            recordings=(path,), config=config, output=file, method="xdawn", evaluation=False,
            trials=frozenset({1, 2}),
        )
    )  # fmt: skip
    return read_decoder(file)


@pytest.fixture(scope="module")
def native(path):
    source = recording(path)
    source.open()
    return source.spec, list(iter(source.read, None))


def run(decoder, native, noise_uv: float, chunk: int = 64) -> list[Message]:
    """Return the messages of the recording, in which one sensor is noisy from its middle on."""
    spec, readings = native
    data = np.concatenate([one.data for reading in readings for one in reading.chunks])
    stamps = np.concatenate([one.stamps for reading in readings for one in reading.chunks])
    data = data.astype(float)
    half = len(data) // 2
    noise = np.random.default_rng(0).normal(size=len(data) - half)
    data[half:, spec.ch_names.index(NOISY)] += noise_uv * noise
    chain, _ = online_chain(decoder, spec)
    messages = [
        one
        for reading in readings
        for one in chain.push(msgspec.structs.replace(reading, chunks=()))
    ]
    for at in range(0, len(data), chunk):
        piece = Chunk(data[at : at + chunk], stamps[at : at + chunk])
        messages += chain.push(Reading(chunks=(piece,)))
    return messages + chain.finish()


def late_auc(messages: list[Message], after: float) -> float:
    scores = [one for one in messages if isinstance(one, Score) and one.time > after]
    y = np.array(["/target" in one.marker.text for one in scores])
    return auc(y, np.array([one.values[1] for one in scores]))


def test_a_noisy_sensor_costs_no_more_than_a_training_without_it(path, native, tmp_path):
    decoder = trained(path, tmp_path / "all.decoder")
    rest = tuple(one for one in decoder.header.preprocessing.ch_names if one != NOISY)
    without = trained(path, tmp_path / "rest.decoder", rest)

    noisy = run(decoder, native, NOISE_UV)

    swaps = [one for one in noisy if isinstance(one, Journal) and one.kind == "swap"]
    assert [one.text for one in swaps] == [NOISY]
    since = swaps[0].time
    assert late_auc(noisy, since) == pytest.approx(
        late_auc(run(without, native, NOISE_UV), since), abs=0.02
    )
    assert not [one for one in noisy if isinstance(one, Rejected) and one.time > since]
    # However it is cut: live and replay decide alike, to the last bit.
    other = run(decoder, native, NOISE_UV, chunk=1000)
    assert [
        (one.marker.text, one.time, one.values[1]) for one in noisy if isinstance(one, Score)
    ] == [(one.marker.text, one.time, one.values[1]) for one in other if isinstance(one, Score)]


def test_nothing_of_the_recording_itself_is_noisy(path, native, tmp_path):
    sound = run(trained(path, tmp_path / "all.decoder"), native, 0.0)

    assert not [one for one in sound if isinstance(one, Journal) and one.kind == "swap"]
