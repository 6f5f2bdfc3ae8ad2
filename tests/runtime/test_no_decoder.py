import numpy as np
import pytest
import simulated_files

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Config
from bci_online.errors import BciError
from bci_online.messages import (
    MARKERS,
    Chunk,
    Decision,
    Epoch,
    Gap,
    Marker,
    Reading,
    Rejected,
    Score,
)
from bci_online.runtime.no_decoder import chain_without_decoder
from calibration.p300.recorded_epochs import epochs_of


def opened() -> XdfSource:
    source = XdfSource(simulated_files.recording(), chunk_s=1.0)
    source.open()
    return source


def test_a_calibration_that_is_watched_cuts_the_epochs_that_training_cuts():
    source = opened()
    header, chain, paradigm = chain_without_decoder(simulated_files.CONFIG, source.spec)

    messages = [m for reading in iter(source.read, None) for m in chain.push(reading)]
    messages += [*chain.finish()]

    cut = np.stack([message.data for message in messages if isinstance(message, Epoch)])
    trained_on = epochs_of([simulated_files.recording()], simulated_files.CONFIG).all()
    np.testing.assert_array_equal(cut, trained_on.X)
    assert not any(isinstance(message, Decision | Score) for message in messages)
    assert header.preprocessing.ch_names == simulated_files.CONFIG.simulation.ch_names
    assert paradigm.trial_evidence() is None
    assert paradigm.unknown_codes == 0


def test_a_loss_is_reported_and_its_epochs_are_rejected_without_a_decoder():
    source = opened()
    _, chain, _ = chain_without_decoder(simulated_files.CONFIG, source.spec)
    messages = []

    for number, reading in enumerate(iter(source.read, None)):
        # The twelfth second never comes.
        kept = () if number == 12 else reading.chunks
        messages += chain.push(Reading(kept, reading.markers, reading.offsets))

    (gap,) = [message for message in messages if isinstance(message, Gap)]
    assert gap.n_lost == 128
    assert {m.reason for m in messages if isinstance(m, Rejected)} == {"gap", "settling"}


@pytest.mark.parametrize(("code", "n_unknown"), [(1, 0), (12, 0), (13, 1), (99, 1)])
def test_a_flash_whose_code_no_layout_has_is_counted(code, n_unknown):
    source = opened()
    _, chain, paradigm = chain_without_decoder(simulated_files.CONFIG, source.spec)
    stamps = np.arange(1280) / 128.0
    samples = np.zeros((1280, len(source.spec.ch_names)))

    chain.push(Reading((Chunk(samples, stamps),), (Marker(f"flash/{code}/target", 5.0, MARKERS),)))
    chain.finish()

    assert paradigm.unknown_codes == n_unknown


def test_a_channel_that_the_stream_lacks_is_refused():
    source = opened()
    config = Config(eeg=simulated_files.CONFIG.eeg.__class__(channels=("Cz", "Fp1")))

    with pytest.raises(BciError, match="Fp1"):
        chain_without_decoder(config, source.spec)
