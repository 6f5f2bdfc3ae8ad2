from dataclasses import replace

import numpy as np
import pytest
from recorded import AMPLIFIER, EVENTS, STAMPS, joined, read, texts, written

from bci_online.acquisition.xdf import clocks
from bci_online.acquisition.xdf.clocks import run_starts
from bci_online.acquisition.xdf.writer import XdfStream
from bci_online.config import EegStream
from bci_online.messages import EEG


def test_runs_are_the_same_however_many_stamps_are_looked_at_at_once(monkeypatch):
    stamps = np.arange(50.0) / 10 + 100 * np.isin(np.arange(50), [9, 10, 20, 49])
    starts = run_starts(stamps)

    for block in (1, 2, 5, 10, 49, 50):
        monkeypatch.setattr(clocks, "BLOCK", block)

        assert run_starts(stamps) == starts == [0, 9, 11, 20, 21, 49]


def test_offsets_come_once_each_and_not_before_they_were_measured(tmp_path):
    readings = read(written(tmp_path, AMPLIFIER, EVENTS))

    given = [offset for reading in readings for offset in reading.offsets]
    assert len(given) == len(set(given)) == 10
    assert {offset.stream for offset in readings[0].offsets} == {EEG, "markers"}
    for reading in readings[1:]:
        last = reading.chunks[0].stamps[-1]
        assert all(o.time <= last for o in reading.offsets if o.stream == EEG)
        assert all(last - 0.13 < o.time for o in reading.offsets if o.stream == EEG)


def test_the_first_offset_comes_first_even_if_it_was_measured_later(tmp_path):
    late = replace(AMPLIFIER, offsets=[(1004.0, 0.5), (1006.0, 0.6)])

    readings = read(written(tmp_path, late))

    assert [(o.time, o.value) for o in readings[0].offsets] == [(1004.0, 0.5)]
    assert sum(len(reading.offsets) for reading in readings) == 2


def test_a_stream_without_offsets_has_one_of_zero_at_its_first_stamp(tmp_path):
    readings = read(written(tmp_path, replace(AMPLIFIER, offsets=()), replace(EVENTS, offsets=())))

    offsets = {(o.stream, o.time, o.value) for r in readings for o in r.offsets}
    assert offsets == {(EEG, 1000.0, 0.0), ("markers", 900.25, 0.0)}


def restarted(stream: XdfStream, half: int, back: float) -> XdfStream:
    """The stream after its computer was restarted: stamps and offsets begin anew."""
    stamps = np.array(stream.stamps)
    stamps[half:] -= back
    offsets = [(t - back * (k >= 3), v + back * (k >= 3)) for k, (t, v) in
               enumerate(stream.offsets)]  # fmt: skip
    return replace(stream, stamps=stamps, offsets=offsets, every_stamp=True)


@pytest.mark.parametrize("back", [900.0, -50_000.0], ids=["back", "forward"])
@pytest.mark.parametrize("chunk_s", [0.03, 0.125, 100.0])
def test_a_new_clock_comes_with_its_first_sample_and_its_first_marker(tmp_path, back, chunk_s):
    amplifier = restarted(AMPLIFIER, 500, back)
    # Long after each other, as after a restart, so that the offsets tell of it.
    events = restarted(EVENTS, 17, back)

    readings = read(written(tmp_path, amplifier, events), chunk_s=chunk_s)

    assert texts(readings) == EVENTS.data
    clock = {}
    for reading in readings:
        for chunk in reading.chunks:
            assert len(set(abs(chunk.stamps - STAMPS[0]) > 40)) == 1
        for offset in reading.offsets:
            clock[offset.stream] = abs(offset.value) < 500 if back > 0 else offset.value > 0
        for chunk in reading.chunks:
            assert clock[EEG] == (abs(chunk.stamps[0] - STAMPS[0]) < 40)
        for marker in reading.markers:
            assert clock[marker.stream] == (abs(marker.time - 900) < 40)


def test_the_restart_in_a_real_recording_brings_the_new_clock_in_time(data_dir):
    readings = read(data_dir / "xdf_corpus" / "clock_resets.xdf")

    data, _ = joined(readings)
    assert data.shape == (27815, 8)
    assert len(texts(readings)) == 175
    value = {}
    for reading in readings:
        value.update({offset.stream: offset.value for offset in reading.offsets})
        for chunk in reading.chunks:
            assert abs(np.ptp(chunk.stamps)) < 1
            assert 808 < chunk.stamps[0] + value[EEG] < 1390
            assert 808 < chunk.stamps[-1] + value[EEG] < 1390
        for marker in reading.markers:
            assert 808 < marker.time + value[marker.stream] < 1390


def test_markers_whose_times_run_backwards_are_all_delivered_once(data_dir):
    path = data_dir / "xdf_corpus" / "markers_not_monotonic.xdf"

    readings = read(path, EegStream(type="ECG"))

    markers = [marker for reading in readings for marker in reading.markers]
    assert len(markers) == len(set(markers)) == 7
    assert markers[-1].text == "2 min test pressed"


def test_two_clocks_at_once_in_one_stream_of_markers_never_share_a_reading(tmp_path):
    # All markers after the last sample: only separate readings can keep the clocks apart.
    events = restarted(replace(EVENTS, stamps=EVENTS.stamps + 60), 17, 900.0)
    events = replace(events, offsets=[(t + 60 * (k < 3), v) for k, (t, v) in
                                      enumerate(events.offsets)])  # fmt: skip

    readings = read(written(tmp_path, AMPLIFIER, events))

    assert sorted(texts(readings)) == sorted(EVENTS.data)
    for reading in readings:
        assert len({marker.time > 500 for marker in reading.markers}) < 2


@pytest.mark.parametrize("off_s", [200_000.0, -200_000.0, 300.0])
def test_a_second_of_wild_stamps_calls_in_no_later_marker(tmp_path, off_s):
    stamps = 1000 + np.arange(3000) / 100
    wild = stamps.copy()
    wild[1000:1100] += off_s
    data = np.random.default_rng(0).normal(size=(3000, 3))
    amplifier = replace(AMPLIFIER, stamps=wild, data=data, offsets=(), every_stamp=True)
    events = replace(EVENTS, stamps=1000.5 + np.arange(29), data=["m"] * 29, offsets=())

    readings = read(written(tmp_path, amplifier, events), chunk_s=0.5)

    # The horizon of each reading, by the samples that were read so far.
    n_read = 0
    for reading in readings:
        n_read += sum(chunk.stamps.size for chunk in reading.chunks)
        assert all(marker.time <= 1000 + n_read / 100 for marker in reading.markers)
    assert sum(len(reading.markers) for reading in readings) == 29
