"""A decoder reads a real recording as if another amplifier had recorded it."""

from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy.signal import resample_poly

from bci_online.config import Config, EpochSpec, FilterSpec
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Chunk, Reading, StreamSpec
from bci_online.preprocessing.filters import band_delays
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.sources import recording
from bci_online.runtime.tally import Summary, Tally
from calibration.networks.network_training import NetworkTraining
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def path(data_dir) -> Path:
    return data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf"


@pytest.fixture(scope="module")
def decoder(path, tmp_path_factory) -> Decoder:
    file = tmp_path_factory.mktemp("trained") / "letters.decoder"
    request = TrainingRequest(
        recordings=(path,), config=Config(), output=file, method="xdawn", evaluation=False,
        trials=frozenset({1, 2}),
    )  # fmt: skip
    train(request)
    return read_decoder(file)


@pytest.fixture(scope="module")
def network(path, tmp_path_factory) -> Decoder:
    file = tmp_path_factory.mktemp("trained") / "network.decoder"
    request = TrainingRequest(
        recordings=(path,),
        config=Config(epoch=EpochSpec(step=0.02), filter=FilterSpec(h_freq=16.0)),
        output=file, method="eegnet", network=NetworkTraining(network="eegnet", max_epochs=12),
        evaluation=False, trials=frozenset({1, 2}),
    )  # fmt: skip
    train(request)
    return read_decoder(file)


@pytest.fixture(scope="module")
def native(path) -> tuple[StreamSpec, Reading]:
    source = recording(path)
    source.open()
    readings = list(iter(source.read, None))
    chunks = [chunk for reading in readings for chunk in reading.chunks]
    whole = Reading(
        chunks=(
            Chunk(
                np.concatenate([chunk.data for chunk in chunks]).astype(float),
                np.concatenate([chunk.stamps for chunk in chunks]),
            ),
        ),
        markers=tuple(marker for reading in readings for marker in reading.markers),
        offsets=tuple(offset for reading in readings for offset in reading.offsets),
    )
    return source.spec, whole


def at_rate(native, sfreq: float) -> tuple[StreamSpec, Reading]:
    spec, whole = native
    ((data, stamps),) = [(chunk.data, chunk.stamps) for chunk in whole.chunks]
    ratio = Fraction(sfreq / spec.sfreq).limit_denominator(1000)
    data = data[0] + resample_poly(data - data[0], ratio.numerator, ratio.denominator, axis=0)
    chunk = Chunk(data, stamps[0] + np.arange(len(data)) / sfreq)
    return (
        msgspec.structs.replace(spec, sfreq=sfreq),
        msgspec.structs.replace(whole, chunks=(chunk,)),
    )


def decoded(decoder: Decoder, spec: StreamSpec, whole: Reading) -> Summary:
    chain, _ = online_chain(decoder, spec)
    tally = Tally(decoder.header, chain.translator.rules, frozenset({3, 4}))
    for message in [*chain.push(whole), *chain.finish()]:
        tally.take(message)
    return tally.summary(chain, 100.0, 0.0, 0.0)


@pytest.mark.parametrize("sfreq", [128.0, 500.0, 1000.0])
def test_another_sampling_rate_costs_less_than_five_thousandths_of_auc(decoder, native, sfreq):
    own, other = decoded(decoder, *native), decoded(decoder, *at_rate(native, sfreq))

    assert own.auc > 0.8
    assert other.auc == pytest.approx(own.auc, abs=0.005)
    assert other.epochs == own.epochs


def test_a_network_of_flashes_reads_another_sampling_rate(network, native):
    own, other = decoded(network, *native), decoded(network, *at_rate(native, 500.0))

    assert own.auc > 0.7
    assert other.auc == pytest.approx(own.auc, abs=0.01)


def test_other_spellings_order_and_more_channels_change_no_score(decoder, native):
    spec, whole = native
    ((data, stamps),) = [(chunk.data, chunk.stamps) for chunk in whole.chunks]
    spelled = tuple(f"EEG {name.upper()}-A1" for name in reversed(spec.ch_names))
    wider = np.column_stack([stamps, data[:, ::-1]])
    other = msgspec.structs.replace(
        spec, ch_names=("ramp", *spelled), ch_types=("AUX", *spec.ch_types), no_electrodes=("ramp",)
    )

    found = decoded(decoder, other, msgspec.structs.replace(whole, chunks=(Chunk(wider, stamps),)))

    own = decoded(decoder, *native)
    assert (found.auc, found.letters, found.epochs) == (own.auc, own.letters, own.epochs)


def test_the_filters_delay_in_seconds_is_that_of_the_training():
    slow, fast = (band_delays(Config().filter, sfreq)[0] for sfreq in (250.0, 1000.0))

    assert fast == pytest.approx(slow, abs=0.001)
