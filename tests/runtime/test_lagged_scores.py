"""An alarm about time does not depend on how the signal is cut, nor on labels."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Config, Presentation, Simulation
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision, Status
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

pytestmark = pytest.mark.slow

CONFIG = Config(
    presentation=Presentation(repetitions=8),
    simulation=Simulation(ch_names=("Cz", "Pz", "PO7", "PO8"), sfreq=128.0, p300_uv=12.0),
)


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("session") / "session.xdf"
    write_recording(CONFIG, "CAT", path, seed=2)
    return path


@pytest.fixture(scope="module")
def decoder(tmp_path_factory) -> Decoder:
    folder = tmp_path_factory.mktemp("calibration")
    write_recording(CONFIG, "BRAINY", folder / "run.xdf", seed=1)
    train(
        TrainingRequest(
            recordings=(folder / "run.xdf",),
            method="lda",
            config=CONFIG,
            output=folder / "own.decoder",
            evaluation=False,
        )
    )
    return read_decoder(folder / "own.decoder")


def run(path: Path, decoder: Decoder, shift: float, chunk_s: float = 1.0, *, hidden=False):
    """Return alarms about time and decisions, with markers that come late by `shift` s."""
    source = XdfSource(path, chunk_s=chunk_s)
    source.open()
    chain, _ = online_chain(decoder, source.spec)
    messages = []
    for reading in iter(source.read, None):
        markers = [
            msgspec.structs.replace(marker, time=marker.time + shift) for marker in reading.markers
        ]
        if hidden:
            markers = [
                msgspec.structs.replace(
                    marker,
                    text=marker.text.replace("/nontarget", "/unknown").replace(
                        "/target", "/unknown"
                    ),
                )
                for marker in markers
            ]
        messages += chain.push(msgspec.structs.replace(reading, markers=tuple(markers)))
    messages += chain.finish()
    alarms = [m for m in messages if isinstance(m, Status) and m.kind == "misaligned"]
    return alarms, [m for m in messages if isinstance(m, Decision)]


def test_markers_in_time_raise_no_alarm(recording, decoder):
    alarms, decisions = run(recording, decoder, 0.0)

    assert (alarms, len(decisions)) == ([], 3)


def test_late_markers_are_named_however_the_signal_is_cut(recording, decoder):
    whole, decisions = run(recording, decoder, 0.2)
    pieces, again = run(recording, decoder, 0.2, chunk_s=0.07)

    assert "ms earlier than in calibration" in whole[0].text
    assert pieces == whole
    assert [decision.value for decision in again] == [decision.value for decision in decisions]


def test_hidden_labels_change_no_alarm(recording, decoder):
    whole, _ = run(recording, decoder, 0.2)
    hidden, _ = run(recording, decoder, 0.2, hidden=True)

    assert hidden == whole
    assert np.isfinite(hidden[0].time)
