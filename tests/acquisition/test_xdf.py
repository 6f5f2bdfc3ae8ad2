import logging
from dataclasses import replace

import numpy as np
import pytest
import pyxdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded import (
    AMPLIFIER,
    EVENTS,
    SAMPLES,
    STAMPS,
    joined,
    read,
    readings_of,
    refusal,
    texts,
    written,
)

from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.writer import XdfStream
from bci_online.config import MarkerStream
from bci_online.messages import EEG


def test_samples_stamps_and_markers_come_as_they_were_recorded(tmp_path):
    path = written(tmp_path, replace(AMPLIFIER, every_stamp=True), EVENTS)

    readings = read(path)

    data, stamps = joined(readings)
    np.testing.assert_array_equal(data, SAMPLES)
    np.testing.assert_array_equal(stamps, STAMPS)
    assert data.dtype == np.float32
    assert texts(readings) == EVENTS.data
    times = [marker.time for reading in readings for marker in reading.markers]
    np.testing.assert_array_equal(times, EVENTS.stamps)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(chunk_s=st.floats(0.001, 20.0))
def test_how_a_recording_is_cut_changes_nothing_but_the_cuts(tmp_path, chunk_s):
    other = XdfStream("b", "BCI", 0.0, EVENTS.stamps + 100.1, ["other"] * 39)
    path = written(tmp_path, AMPLIFIER, EVENTS, other)

    whole, cut = read(path, chunk_s=100.0), read(path, chunk_s=chunk_s)

    for a, b in zip(joined(whole), joined(cut), strict=True):
        np.testing.assert_array_equal(a, b)
    assert [m for r in whole for m in r.markers] == [m for r in cut for m in r.markers]
    assert {o for r in whole for o in r.offsets} == {o for r in cut for o in r.offsets}


@pytest.mark.parametrize("unit", ["microvolts", "volts"])
@pytest.mark.parametrize("type_", [np.int16, np.float32, np.float64])
def test_the_type_of_the_samples_is_known_before_any_is_delivered(tmp_path, type_, unit):
    stored = replace(AMPLIFIER, data=SAMPLES.astype(type_), unit=unit)
    source = XdfSource(written(tmp_path, stored))
    source.open()

    dtype = source.dtype

    assert {chunk.data.dtype for r in readings_of(source) for chunk in r.chunks} == {dtype}


def test_chunks_last_chunk_s_and_the_last_one_is_shorter(tmp_path):
    readings = read(written(tmp_path, AMPLIFIER, EVENTS), chunk_s=0.3)

    lengths = [len(chunk.stamps) for reading in readings for chunk in reading.chunks]

    assert lengths == [30] * 33 + [10]
    assert all(len(reading.chunks) == 1 for reading in readings)


def test_a_chunk_is_a_view_where_nothing_is_converted(tmp_path):
    source = XdfSource(written(tmp_path, AMPLIFIER))

    chunks = [chunk for reading in readings_of(source) for chunk in reading.chunks]

    owners = {id(chunk.data.base) for chunk in chunks}
    assert len(owners) == 1


def test_a_marker_comes_with_the_chunk_that_contains_it(tmp_path):
    readings = read(written(tmp_path, AMPLIFIER, EVENTS), chunk_s=0.5)

    # Common time of marker k: 1000.35 + k / 4, of a chunk's samples: stamp + 0.1, drifts apart.
    for number, reading in enumerate(readings[:-1]):
        end = 1000.1 + 0.5 * (number + 1)
        for marker in reading.markers:
            assert end - 0.51 - 0.02 < marker.time + 100.1 <= end + 0.02


def test_markers_after_the_last_sample_come_with_the_last_chunk(tmp_path):
    late = replace(EVENTS, stamps=EVENTS.stamps + 60)

    readings = read(written(tmp_path, AMPLIFIER, late))

    assert [len(reading.markers) for reading in readings[:-1]] == [0] * (len(readings) - 1)
    assert len(readings[-1].markers) == 39


def test_markers_of_several_streams_are_merged_in_common_time(tmp_path):
    a = XdfStream("a", "Markers", 0.0, [1.0, 3.0], ["a1", "a3"], offsets=[(0.0, 1000.0)])
    b = XdfStream("a", "Tags", 0.0, [1002.0, 1004.0], ["b2", "b4"], offsets=[(1000.0, 0.0)])

    readings = read(written(tmp_path, AMPLIFIER, a, b))

    assert texts(readings) == ["a1", "b2", "a3", "b4"]
    streams = [marker.stream for reading in readings for marker in reading.markers]
    assert streams == ["a", "a#3", "a", "a#3"]
    assert {o.stream for r in readings for o in r.offsets} == {EEG, "a", "a#3"}


def test_a_stream_called_like_the_eeg_key_gets_another_key(tmp_path):
    one = XdfStream("eeg", "Markers", 0.0, [1001.0], ["x"])
    two = XdfStream("", "Markers", 0.0, [1002.0], ["y"])

    readings = read(written(tmp_path, AMPLIFIER, one, two))

    streams = [marker.stream for reading in readings for marker in reading.markers]
    assert streams == ["eeg#2", "markers"]


def test_numbers_become_short_texts_and_every_channel_its_own_marker(tmp_path):
    numbers = np.array([[1111.0, np.nan], [0.5, 7.0], [0.0, np.nan]])
    one = XdfStream("numbers", "Markers", 0.0, [1001.0, 1002.0, 1003.0], numbers)
    two = XdfStream("pairs", "BCI", 0.0, [1004.0, 1005.0], [["a", "b"], ["", "c"]])
    small = XdfStream("small", "stim", 0.0, [1006.0], np.array([[-3]], dtype=np.int8))

    readings = read(written(tmp_path, AMPLIFIER, one, two, small))

    assert texts(readings) == ["1111", "0.5", "7", "0", "a", "b", "c", "-3"]


def test_a_sampled_trigger_line_gives_a_marker_where_a_value_begins(tmp_path):
    line = np.zeros((1000, 1), np.int16)
    line[100:110], line[110:120], line[500:505] = 1, 2, 1
    trigger = XdfStream("trigger", "Stim", 100.0, STAMPS, line)

    readings = read(written(tmp_path, AMPLIFIER, trigger))

    found = [(m.text, round(m.time, 3)) for r in readings for m in r.markers]
    assert found == [("1", 1001.0), ("2", 1001.1), ("1", 1005.0)]


def test_what_the_system_said_itself_is_no_marker(tmp_path):
    journal = XdfStream("journal", "Journal", 0.0, [1001.0], ["{}"])

    readings = read(written(tmp_path, AMPLIFIER, EVENTS, journal))

    assert texts(readings) == EVENTS.data


def test_numbers_under_the_name_of_a_journal_are_none(tmp_path):
    own = {"source_id": "bci-online/s/journal"}
    journal = XdfStream("journal", "Journal", 0.0, [1001.0], np.zeros((1, 1)), **own)

    readings = read(written(tmp_path, AMPLIFIER, EVENTS, journal))

    assert texts(readings) == EVENTS.data


def test_named_marker_streams_are_the_only_ones(tmp_path):
    other = XdfStream("other", "Markers", 0.0, [1001.0], ["x"])
    path = written(tmp_path, AMPLIFIER, EVENTS, other)

    readings = read(path, markers=MarkerStream(names=("other",)))

    assert texts(readings) == ["x"]
    assert "'absent'" in refusal(path, markers=MarkerStream(names=("absent",)))


def test_reading_needs_an_open_source_and_ends_with_closing(tmp_path):
    source = XdfSource(written(tmp_path, AMPLIFIER))

    with pytest.raises(RuntimeError, match="not open"):
        source.read()
    source.open()
    first = source.read()
    source.close()

    assert source.read() is None
    assert first.chunks[0].data.shape == (12, 3)


@pytest.mark.parametrize("chunk_s", [0.0, -1.0, np.nan, np.inf])
def test_an_impossible_chunk_length_is_refused(tmp_path, chunk_s):
    with pytest.raises(ValueError, match="chunk_s"):
        XdfSource(tmp_path / "any.xdf", chunk_s=chunk_s)


@pytest.mark.parametrize(
    ("name", "n_samples", "n_markers"),
    [
        ("lsl_recordings/labrecorder_bci2000_60s.xdf", 15360, 183),
        ("lsl_recordings/openbci_imagery_Sub2111001.xdf", 54965, 182),
        ("lsl_recordings/gusbamp_MISwitch.xdf", 30992, 639),
        ("lsl_recordings/gusbamp_P300Checkboard.xdf", 19072, 73),
        ("xdf_corpus/cut_0_original.xdf", 10896, 180),
        ("xdf_corpus/cut_1_truncated_in_chunk.xdf", 5392, 92),
        ("xdf_corpus/cut_2_zero_bytes.xdf", 8720, 138),
        ("xdf_corpus/cut_3_wrong_chunk_length.xdf", 10896, 180),
        ("xdf_corpus/drop_outs.xdf", 45465, 242),
        ("p300_wadsworth/sub-01_ses-10_run-01.xdf", 26328, 546),
    ],
)
def test_real_recordings_are_read_as_pyxdf_reads_them(data_dir, name, n_samples, n_markers):
    path = data_dir / name
    logging.disable(logging.CRITICAL)
    streams, _ = pyxdf.load_xdf(path, synchronize_clocks=False, dejitter_timestamps=False)
    logging.disable(logging.NOTSET)
    theirs = next(stream for stream in streams if stream["info"]["type"] == ["EEG"])

    readings = read(path)

    data, stamps = joined(readings)
    np.testing.assert_array_equal(data, theirs["time_series"])
    np.testing.assert_array_equal(stamps, theirs["time_stamps"])
    assert (len(data), len(texts(readings))) == (n_samples, n_markers)
