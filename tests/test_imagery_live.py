"""A simulated subject's imagery: recorded, trained on, replayed, and decoded live over LSL."""

import uuid
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from live_runs import played_live
from recorded_signal import replayed

from bci_online.config import Config, EvidenceSpec, FilterSpec, Presentation, Simulation, Stopping
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Decision, Message, Score
from bci_online.runtime.simulated_recording import write_recording
from calibration.motor_imagery.training import Trained, train
from calibration.training_request import TrainingRequest


def configured(trials_per_class: int) -> Config:
    return Config(
        paradigm="motor_imagery",
        filter=FilterSpec(l_freq=8.0, h_freq=30.0),
        evidence=EvidenceSpec(tmin=0.5, tmax=4.0),
        stopping=Stopping(error_rate=0.2),
        presentation=Presentation(trials_per_class=trials_per_class),
        simulation=Simulation(ch_names=("FC3", "FC4", "C3", "Cz", "C4", "CP3", "CP4"), sfreq=128.0),
    )


@cache
def folder() -> Path:
    return Path(mkdtemp(prefix="bci-online-tests-"))


@cache
def recording(trials_per_class: int, seed: int) -> Path:
    path = folder() / f"{trials_per_class}-{seed}.xdf"
    write_recording(configured(trials_per_class), "", path, seed)
    return path


@cache
def trained() -> Trained:
    return train(
        TrainingRequest(
            recordings=(recording(15, 1),),
            method="csp-lda",
            config=configured(15),
            output=folder() / "decoder",
        )
    )


def decided(messages: list[Message]) -> list[tuple]:
    found = [message for message in messages if isinstance(message, Decision)]
    return [(d.value, d.trial, d.truth, d.flashes) for d in found]


def confidences(messages: list[Message]) -> np.ndarray:
    return np.array([m.confidence for m in messages if isinstance(m, Decision)])


@pytest.mark.slow
def test_what_training_says_of_held_out_trials_holds_in_another_session_of_the_subject():
    outcome = trained().outcome
    decoder = read_decoder(folder() / "decoder")

    decisions = decided(replayed(decoder, recording(10, 2)).messages)

    assert outcome.split == "trial"
    assert outcome.trials == 30
    assert outcome.right_whole >= 24
    assert outcome.right <= outcome.decided <= 30
    assert len(decisions) == 20
    assert sum(value == truth for value, _, truth, _ in decisions) >= 14


@pytest.mark.slow
def test_without_desynchronisation_there_is_nothing_to_tell(tmp_path):
    config = configured(10)
    still = Simulation(ch_names=config.simulation.ch_names, sfreq=128.0, erd=0.0, seed=4)
    nothing = Config(
        paradigm="motor_imagery",
        filter=config.filter,
        evidence=config.evidence,
        stopping=config.stopping,
        presentation=config.presentation,
        simulation=still,
    )
    write_recording(nothing, "", tmp_path / "still.xdf", 4)

    asked = TrainingRequest(
        recordings=(tmp_path / "still.xdf",),
        method="csp-lda",
        config=nothing,
        output=tmp_path / "d",
    )
    outcome = train(asked).outcome

    assert 4 <= outcome.right_whole <= 16
    assert outcome.whole_ci[0] < 0.5 < outcome.whole_ci[1]


@pytest.mark.live
def test_live_over_lsl_decides_what_the_replay_decides():
    assert trained()
    decoder = read_decoder(folder() / "decoder")
    played = recording(1, 3)
    expected = replayed(decoder, played).messages

    live = played_live(played, decoder, uuid.uuid4().hex[:8], speed=5, measures_clocks=False)

    assert decided(live) == decided(expected)
    assert len(decided(live)) == 2
    np.testing.assert_allclose(confidences(live), confidences(expected), atol=1e-6)
    values = [
        np.array([m.values for m in messages if isinstance(m, Score)])
        for messages in (live, expected)
    ]
    np.testing.assert_allclose(*values, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["reference", "band_rms", "limits", "filters", "coef"])
def test_the_decoder_file_carries_arrays_and_no_code(name):
    assert trained()

    decoder = read_decoder(folder() / "decoder")

    assert decoder.header.kind == "spatial"
    assert decoder.header.classes == ("left_hand", "right_hand")
    assert np.isfinite(decoder.arrays[name]).all()
