"""Decoders from before scaling factors were read get the samples that they were trained on."""

import msgspec
import numpy as np

from bci_online.config import EpochSpec, Evidence, Preprocessing, Stopping
from bci_online.messages import EEG, Chunk, ClockOffset, Epoch, Marker, Reading, StreamSpec
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.runtime.chain import Chain

SPEC = StreamSpec(
    name="amp", sfreq=100.0, ch_names=("Cz", "Pz"), ch_types=("EEG",) * 2, unit="microvolts"
)
TRAINED = Preprocessing(
    sfreq=100.0, ch_names=("Cz", "Pz"), unit="microvolts", epoch=EpochSpec(tmax=0.5)
)


def epoch(preprocessing: Preprocessing, spec: StreamSpec, data: np.ndarray) -> np.ndarray:
    speller = P300Speller({1: ("A", "B")}, Evidence(), Stopping(), window_s=0.5)
    reading = Reading(
        chunks=(Chunk(data, np.arange(len(data)) / 100),),
        markers=(Marker("flash/1/target", 7.0),),
        offsets=(ClockOffset(EEG, 0.0, 0.0),),
    )
    chain = Chain(preprocessing, spec, speller)
    (found,) = [one for one in chain.push(reading) if isinstance(one, Epoch)]
    return found.data


def test_an_older_decoder_gets_the_converters_steps():
    steps = np.random.default_rng(0).normal(size=(900, 2)).round(1)
    scaled = msgspec.structs.replace(SPEC, scaling=(0.5, 0.25))
    microvolts = steps * [0.5, 0.25]

    older = epoch(TRAINED, scaled, microvolts)
    newer = epoch(msgspec.structs.replace(TRAINED, scaled=True), scaled, microvolts)

    np.testing.assert_allclose(older, epoch(TRAINED, SPEC, steps), rtol=1e-9)
    np.testing.assert_allclose(newer, epoch(TRAINED, SPEC, microvolts), rtol=1e-9)
