"""What every Source owes its reader. A new one joins by one line in SOURCES."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from fieldtrip_server import ServedFieldTripSource
from lsl_amplifier import ServedLslSource
from mne import create_info
from mne.io import RawArray

from bci_online.acquisition.mne_realtime import MockClientSource
from bci_online.acquisition.other_formats import ConvertedSource
from bci_online.acquisition.simulator import SimulatedAmplifier
from bci_online.acquisition.source import Source
from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import Simulation
from bci_online.messages import EEG, Reading

MOST_READINGS = 200


@dataclass(frozen=True)
class Maker:
    """How to make one kind of source, unopened, in an empty folder of its own.

    ``ends`` is False for a source that goes on for ever (its first readings are looked at);
    ``n_samples`` is how many it delivers in all, where that is known.
    """

    make: Callable[[Path], Source]
    ends: bool = True
    n_samples: int | None = None


def recording(folder: Path) -> Source:
    stamps = 50 + np.arange(500) / 100
    samples = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    write_xdf(
        folder / "recording.xdf",
        [
            XdfStream("amp", "EEG", 100.0, stamps, samples, offsets=[(50.0, 0.1), (53.0, 0.2)]),
            XdfStream("events", "Markers", 0.0, [51.0, 52.5], ["a", "b"], offsets=[(50.0, 0.3)]),
        ],
    )
    return XdfSource(folder / "recording.xdf")


def raw_recording() -> RawArray:
    info = create_info(["Fz", "Cz", "STI 014"], 100.0, ["eeg", "eeg", "stim"])
    samples = 1e-6 * np.random.default_rng(0).normal(size=(3, 250))
    samples[2] = np.arange(250) // 50
    return RawArray(samples, info, verbose="ERROR")


def fif_recording(folder: Path) -> Source:
    raw_recording().save(folder / "recording_raw.fif", verbose="ERROR")
    return ConvertedSource(folder / "recording_raw.fif")


SOURCES = {
    "xdf": Maker(recording, n_samples=500),
    "other format": Maker(fif_recording, n_samples=250),
    "simulator": Maker(lambda _: SimulatedAmplifier(Simulation(), duration=2.0), n_samples=500),
    "mne-realtime mock": Maker(lambda _: MockClientSource(raw_recording()), n_samples=250),
    "lsl": Maker(lambda _: ServedLslSource(), ends=False),
    "mne-realtime FieldTrip": Maker(lambda _: ServedFieldTripSource(), ends=False),
}


@pytest.fixture(
    params=[
        pytest.param(maker, marks=[pytest.mark.live] * (name == "lsl"), id=name)
        for name, maker in SOURCES.items()
    ]
)
def maker(request: pytest.FixtureRequest) -> Maker:
    return request.param


@pytest.fixture
def source(maker: Maker, tmp_path: Path) -> Iterator[Source]:
    made = maker.make(tmp_path)
    made.open()
    yield made
    made.close()


def readings_of(source: Source) -> list[Reading]:
    """All readings; of an endless source the first ones."""
    readings = []
    for _ in range(MOST_READINGS):
        reading = source.read(timeout=0.05)
        if reading is None:
            break
        readings.append(reading)
    return readings


def test_spec_describes_every_channel_once(source):
    spec = source.spec

    assert np.isfinite(spec.sfreq)
    assert spec.sfreq > 0
    assert len(spec.ch_names) == len(set(spec.ch_names)) == len(spec.ch_types) > 0
    assert spec.unit


def test_opening_twice_changes_nothing(source):
    spec = source.spec

    source.open()

    assert source.spec == spec
    assert any(reading.chunks for reading in readings_of(source))


def test_closing_is_harmless_twice_and_without_opening(maker, tmp_path):
    source = maker.make(tmp_path)

    source.close()
    source.open()
    source.close()
    source.close()


def test_a_closed_source_leaves_no_thread_behind(maker, tmp_path):
    before = set(threading.enumerate())
    source = maker.make(tmp_path)

    source.open()
    source.read(timeout=0.05)
    source.close()

    assert set(threading.enumerate()) <= before


def test_chunks_are_samples_by_channels_with_a_raw_stamp_each(source):
    chunks = [chunk for reading in readings_of(source) for chunk in reading.chunks]

    assert chunks
    for chunk in chunks:
        assert chunk.data.shape == (len(chunk.stamps), len(source.spec.ch_names))
        assert chunk.data.dtype.kind in "if"
        assert chunk.stamps.dtype == np.float64
        assert np.isfinite(chunk.stamps).all()


def test_arrays_are_read_only_and_stay_as_they_are(source):
    chunks, copies = [], []
    for _ in range(MOST_READINGS):
        reading = source.read(timeout=0.05)
        if reading is None:
            break
        chunks += reading.chunks
        copies += [(chunk.data.copy(), chunk.stamps.copy()) for chunk in reading.chunks]

    for chunk, (data, stamps) in zip(chunks, copies, strict=True):
        assert not chunk.data.flags.writeable
        assert not chunk.stamps.flags.writeable
        np.testing.assert_array_equal(chunk.data, data)
        np.testing.assert_array_equal(chunk.stamps, stamps)


def test_no_sample_and_no_marker_comes_before_the_first_offset_of_its_stream(source):
    known = set()
    for reading in readings_of(source):
        known |= {offset.stream for offset in reading.offsets}
        if reading.chunks:
            assert EEG in known
        assert {marker.stream for marker in reading.markers} <= known


def test_offsets_and_marker_times_are_finite(source):
    for reading in readings_of(source):
        for offset in reading.offsets:
            assert np.isfinite([offset.time, offset.value, offset.uncertainty]).all()
        assert np.isfinite([marker.time for marker in reading.markers]).all()


def test_every_sample_comes_and_then_none_for_ever(maker, source):
    if not maker.ends:
        pytest.skip("this source never ends")

    n_samples = sum(len(chunk.stamps) for r in readings_of(source) for chunk in r.chunks)

    assert maker.n_samples in (None, n_samples)
    assert [source.read(timeout=0.0) for _ in range(3)] == [None, None, None]
