"""Small recordings and decoders that need no data folder."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import msgspec
import numpy as np

from bci_online.config import Config, Presentation, Simulation, for_error_potentials
from bci_online.runtime.simulated_recording import write_recording
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

CONFIG = Config(
    presentation=Presentation(repetitions=6),
    simulation=Simulation(ch_names=("Cz", "Pz", "PO7", "PO8"), sfreq=128.0, p300_uv=12.0),
)
# A subject whose error potentials can hardly be missed.
ANSWERS = for_error_potentials(
    Config(
        presentation=Presentation(answers=40, wrong_answers=0.3, cue_s=0.5, pause_s=1.0),
        simulation=Simulation(
            ch_names=CONFIG.simulation.ch_names,
            sfreq=128.0,
            errp_uv=80.0,
            latency_jitter_s=0.0,
            amplitude_jitter=0.0,
        ),
    )
)
# Electrodes over the response and others far from it, to choose from.
EIGHT_SENSORS = Config(
    presentation=Presentation(repetitions=4),
    simulation=Simulation(
        ch_names=("F7", "Fz", "F8", "Cz", "T7", "Pz", "PO7", "PO8"), sfreq=128.0, p300_uv=10.0
    ),
)


@cache
def folder() -> Path:
    """Return a folder for this test run."""
    return Path(mkdtemp(prefix="bci-online-tests-"))


@cache
def recording(word: str = "ABC", seed: int = 1) -> Path:
    """Return a recording in which the simulated subject copies `word`."""
    path = folder() / f"{word}-{seed}.xdf"
    write_recording(CONFIG, word, path, seed)
    return path


@cache
def recording_of_eight_sensors() -> Path:
    """Return a recording of `EIGHT_SENSORS` in which five letters are copied."""
    path = folder() / "eight-sensors.xdf"
    write_recording(EIGHT_SENSORS, "QUICK", path, 3)
    return path


@cache
def decoder() -> Path:
    """Return an LDA decoder trained on another recording of the same subject."""
    path = folder() / "simulated.decoder"
    asked = TrainingRequest(
        recordings=(recording("THEFOX", 2),),
        method="lda",
        config=CONFIG,
        output=path,
        evaluation=False,
    )
    train(asked)
    return path


@cache
def answers() -> Path:
    """Return a recording in which the simulated subject sees answers, some of them wrong."""
    path = folder() / "answers.xdf"
    write_recording(ANSWERS, "", path, 4)
    return path


@cache
def errp_decoder() -> Path:
    """Return a decoder of error potentials, trained on `answers`."""
    path = folder() / "errp.decoder"
    train(
        TrainingRequest(
            recordings=(answers(),), method="lda", config=ANSWERS, output=path, evaluation=False
        )
    )
    return path


def with_unit(unit: str) -> Path:
    """Return a decoder like `decoder` for a stream in another unit."""
    from bci_online.decoding.decoder_file import read_decoder, write_decoder

    known = read_decoder(decoder())
    preprocessing = msgspec.structs.replace(known.header.preprocessing, unit=unit)
    header = msgspec.structs.replace(known.header, preprocessing=preprocessing)
    path = folder() / f"{unit}.decoder"
    write_decoder(path, header, known.arrays)
    return path


def decoder_for(recording: Path, path: Path) -> Path:
    """Return an untrained decoder that fits the stream of any recording."""
    from bci_online.acquisition.xdf import XdfSource
    from bci_online.config import preprocessing_for
    from bci_online.decoding.decoder_file import read_decoder, write_decoder

    known = read_decoder(decoder())
    source = XdfSource(recording)
    source.open()
    preprocessing = preprocessing_for(Config(), source.spec)
    n_channels, n_times = len(preprocessing.ch_names), preprocessing.epoch.latencies.size
    arrays = {
        "coef": np.zeros((n_channels, n_times)),
        "center": np.zeros((n_channels, n_times)),
        "scale": np.ones(n_channels),
        "intercept": np.zeros(1),
    }
    header = msgspec.structs.replace(known.header, preprocessing=preprocessing)
    write_decoder(path, header, arrays)
    return path
