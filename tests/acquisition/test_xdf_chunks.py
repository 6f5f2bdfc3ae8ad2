import gzip
import logging
import re
import struct
from dataclasses import replace

import numpy as np
import pytest
from recorded import (
    AMPLIFIER,
    EVENTS,
    SAMPLES,
    STAMPS,
    corpus,
    joined,
    outcome,
    read,
    readings_of,
    refusal,
    texts,
    written,
)

from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf import file as xdf_file
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import EegStream


def test_what_is_no_xdf_file_is_refused_in_one_line(tmp_path):
    (tmp_path / "pointer.xdf").write_text("version https://git-lfs.github.com/spec/v1\n")
    (tmp_path / "empty.xdf").touch()
    (tmp_path / "other.xdf").write_bytes(b"\x89PNG" * 20)
    (tmp_path / "packed.xdfz").write_bytes(gzip.compress(b"no xdf"))
    (tmp_path / "header.xdf").write_bytes(b"XDF:")

    said = {
        name: refusal(tmp_path / f"{name}")
        for name in (
            "absent.xdf",
            "pointer.xdf",
            "empty.xdf",
            "other.xdf",
            "packed.xdfz",
            "header.xdf",
        )
    }
    folder = refusal(tmp_path)  # fmt: skip

    assert "no such file" in said["absent.xdf"]
    assert "git lfs pull" in said["pointer.xdf"]
    assert "is empty" in said["empty.xdf"]
    assert "not an XDF file" in said["other.xdf"]
    assert "not an XDF file" in said["packed.xdfz"]
    assert "holds no streams" in said["header.xdf"]
    assert "folder" in folder


def test_a_gzipped_recording_is_read_and_so_is_what_is_left_of_a_cut_one(tmp_path):
    packed = gzip.compress(written(tmp_path, AMPLIFIER, EVENTS).read_bytes())
    (tmp_path / "whole.xdfz").write_bytes(packed)
    (tmp_path / "cut.xdf.gz").write_bytes(packed[: len(packed) // 2])

    whole, _ = joined(read(tmp_path / "whole.xdfz"))

    np.testing.assert_array_equal(whole, SAMPLES)
    cut = outcome(tmp_path / "cut.xdf.gz")
    rest = SAMPLES[:0] if isinstance(cut, str) else joined(cut)[0]
    np.testing.assert_array_equal(rest, SAMPLES[: len(rest)])


def test_damaged_stamps_are_made_up_and_markers_without_a_time_counted(tmp_path):
    stamps = STAMPS.copy()
    stamps[[0, 500, 501]] = [np.inf, np.nan, -1e300]
    times = EVENTS.stamps.copy()
    times[3] = np.nan
    amplifier = replace(AMPLIFIER, stamps=stamps, every_stamp=True)
    source = XdfSource(written(tmp_path, amplifier, replace(EVENTS, stamps=times)))

    readings = readings_of(source)

    data, read_stamps = joined(readings)
    np.testing.assert_array_equal(data, SAMPLES)
    np.testing.assert_allclose(read_stamps[1:], STAMPS[1:])
    assert len(texts(readings)) == 38
    assert any("3 stamps" in note for note in source.notes)
    assert any("1 markers" in note for note in source.notes)


def test_after_damage_reading_goes_on_at_the_next_boundary(tmp_path):
    write_xdf(tmp_path / "damaged.xdf", [AMPLIFIER, EVENTS], boundary_s=1.0)
    content = bytearray((tmp_path / "damaged.xdf").read_bytes())
    head = content.index(struct.pack("<HI", 3, 1), len(content) // 2)
    content[head - 20 : head + 20] = bytes(40)
    (tmp_path / "damaged.xdf").write_bytes(content)
    source = XdfSource(tmp_path / "damaged.xdf")

    data, stamps = joined(readings_of(source))

    assert 800 < len(data) < 1000
    np.testing.assert_array_equal(data, SAMPLES[np.rint((stamps - 1000) * 100).astype(int)])
    assert len(source.notes) == 1


@pytest.mark.parametrize("tag", [3, 4, 6])
def test_a_file_cut_within_any_kind_of_chunk_gives_what_is_before(tmp_path, tag):
    content = written(tmp_path, AMPLIFIER, EVENTS).read_bytes()
    last = content.rindex(struct.pack("<HI", tag, 1))
    (tmp_path / "cut.xdf").write_bytes(content[: last + 8])

    data, _ = joined(read(tmp_path / "cut.xdf"))

    assert len(data) >= 775
    np.testing.assert_array_equal(data, SAMPLES[: len(data)])


def test_a_claimed_number_of_samples_is_not_believed(tmp_path):
    # pyxdf would make 2^32 lists of it.
    content = written(tmp_path, AMPLIFIER, replace(EVENTS, chunk_n=20)).read_bytes()
    claim = struct.pack("<HI", 3, 2) + b"\x01\x14"
    assert claim in content
    huge = struct.pack("<HI", 3, 2) + b"\x04\xff\xff\xff\xff"
    (tmp_path / "huge.xdf").write_bytes(content.replace(claim, huge, 1))
    source = XdfSource(tmp_path / "huge.xdf")

    data, _ = joined(readings_of(source))

    assert len(data) > 0
    assert source.notes


@pytest.mark.slow
def test_pyxdf_says_nothing_in_the_log(data_dir, caplog):
    caplog.set_level(logging.DEBUG)

    for path in corpus(data_dir):
        outcome(path)

    assert not caplog.records


@pytest.mark.slow
def test_every_file_of_the_corpus_gives_a_result_or_one_line(data_dir):
    names = ("", "#1", "#2", "#3")

    found = [outcome(path, EegStream(name=name)) for path in corpus(data_dir) for name in names]

    assert not [line for line in found if isinstance(line, str) and "\n" in line]
    assert len([readings for readings in found if not isinstance(readings, str)]) == 27


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_flipped_or_cut_gives_a_result_or_one_line(tmp_path, seed):
    rng = np.random.default_rng(seed)
    number = XdfStream("n", "Stim", 0.0, [1001.0, 1002.0], np.array([[1.0], [2.0]]))
    write_xdf(tmp_path / "fuzz.xdf", [AMPLIFIER, EVENTS, number], boundary_s=2.0)
    content = bytearray((tmp_path / "fuzz.xdf").read_bytes())
    # Most of the file is samples, whose damage nobody can see: half of the flips go to the rest.
    heads = [found.start() for found in re.finditer(rb"[\2\3\4\6]\0[\1\2\3]\0\0\0", content)]
    for _ in range(rng.integers(1, 8)):
        near = int(rng.choice(heads)) + int(rng.integers(-6, 30))
        at = near if rng.random() < 0.5 else int(rng.integers(4, len(content)))
        content[max(4, at) % len(content)] ^= 1 << int(rng.integers(8))
    if rng.random() < 0.4:
        del content[int(rng.integers(4, len(content))) :]
    (tmp_path / "fuzz.xdf").write_bytes(content)

    found = outcome(tmp_path / "fuzz.xdf")

    assert found
    assert "\n" not in found


def test_a_gzipped_file_that_grows_without_end_is_refused_with_its_cause(tmp_path):
    path = tmp_path / "bomb.xdfz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(b"XDF:")
        for _ in range(80):
            file.write(bytes(1 << 20))

    said = refusal(path)

    assert "unpacks 0.1 MB to more than 67 MB" in said
    assert "name the .xdf file" in said


def test_a_recording_of_silence_is_unpacked_however_well_it_was_packed(tmp_path):
    silent = replace(AMPLIFIER, data=np.zeros_like(SAMPLES))
    packed = gzip.compress(written(tmp_path, silent).read_bytes(), compresslevel=9)
    (tmp_path / "silent.xdfz").write_bytes(packed)

    data, _ = joined(read(tmp_path / "silent.xdfz"))

    np.testing.assert_array_equal(data, np.zeros_like(SAMPLES))


def test_more_texts_than_memory_should_hold_are_refused(tmp_path, monkeypatch):
    path = written(tmp_path, AMPLIFIER, EVENTS)
    n_texts = len(EVENTS.stamps)

    monkeypatch.setattr(xdf_file, "MOST_TEXTS", n_texts)
    assert len(texts(read(path))) == n_texts
    monkeypatch.setattr(xdf_file, "MOST_TEXTS", n_texts - 1)
    assert f"holds {n_texts} texts, at most {n_texts - 1} are read" in refusal(path)


@pytest.mark.parametrize("sfreq", [100_001.0, 1e6, 1e300])
def test_an_eeg_of_impossible_rate_is_refused_with_its_rate(tmp_path, sfreq):
    said = refusal(written(tmp_path, replace(AMPLIFIER, sfreq=sfreq, every_stamp=True)))

    assert f"has a nominal rate of {sfreq:g} Hz, the highest possible is 100000 Hz" in said
