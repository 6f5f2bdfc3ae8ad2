"""A trigger in a channel of the EEG stream begins its epoch at its own sample."""

import numpy as np
import pytest

from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import EegStream, EpochSpec, Evidence, MarkerStream, Preprocessing, Stopping
from bci_online.messages import Epoch
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.runtime.chain import Chain
from bci_online.translation import TranslationRule

SFREQ, N = 100.0, 3000
ONSETS = np.arange(1000, 2900, 37)
MARKERS = MarkerStream(channel_of_eeg="Trig")
RULES = (TranslationRule("flash/1/target", regex="1"),)


def jittered(rng: np.random.Generator) -> np.ndarray:
    return np.arange(N) / SFREQ + rng.exponential(0.02, N)


def stalled(rng: np.random.Generator) -> np.ndarray:
    """Return stamps of bursts: 30 samples have one stamp."""
    return np.repeat(np.arange(N // 30) * 30 / SFREQ, 30)


def wild(rng: np.random.Generator) -> np.ndarray:
    stamps = np.arange(N) / SFREQ
    stamps[ONSETS[::3]] += 3600.0
    return stamps


def onsets(tmp_path, stamps, chunk_s: float) -> list[int]:
    line = np.zeros(N)
    line[ONSETS] = 1
    data = np.column_stack([np.zeros((N, 2)), line]).astype(np.float32)
    stream = XdfStream("amp", "EEG", SFREQ, stamps, data, ("Cz", "Pz", "Trig"), "microvolts")
    write_xdf(tmp_path / "run.xdf", [stream])
    source = XdfSource(tmp_path / "run.xdf", EegStream(), MARKERS, chunk_s=chunk_s)
    source.open()
    preprocessing = Preprocessing(
        sfreq=SFREQ, ch_names=("Cz", "Pz"), unit="microvolts",
        epoch=EpochSpec(tmin=0.0, tmax=0.6, step=0.05),
    )  # fmt: skip
    speller = P300Speller({1: ("A", "B")}, Evidence(), Stopping(), window_s=0.6)
    chain = Chain(preprocessing, source.spec, speller, translate=RULES)
    messages = [one for reading in iter(source.read, None) for one in chain.push(reading)]
    messages += chain.finish()
    return [one.onset for one in messages if isinstance(one, Epoch)]


@pytest.mark.parametrize("stamps", [jittered, stalled, wild])
def test_a_trigger_begins_its_epoch_at_its_own_sample_whatever_its_stamp_is(tmp_path, stamps):
    given = stamps(np.random.default_rng(0))

    found = onsets(tmp_path, given, chunk_s=5.0)

    assert set(found) <= set(ONSETS.tolist())
    assert len(found) > 0.8 * len(ONSETS)
    assert onsets(tmp_path, given, chunk_s=0.07) == found
