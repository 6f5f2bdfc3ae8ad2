"""A cut or damaged file becomes one that other readers open; what is missing is said."""

import gzip
import logging
import struct
from dataclasses import replace
from pathlib import Path

import mne
import numpy as np
import pytest
import pyxdf
from recorded import AMPLIFIER, EVENTS, SAMPLES, corpus, joined, read, texts, written

from bci_online.acquisition.xdf import chunks
from bci_online.acquisition.xdf.chunks import scan
from bci_online.acquisition.xdf.repair import RepairedFile, repair
from bci_online.acquisition.xdf.writer import chunk, write_xdf
from bci_online.errors import RecordingError


def chunk_ends(path: Path) -> list[int]:
    """Return where each chunk of a whole file ends, by the places that pyxdf's own walk visits."""
    with path.open("rb") as file:
        file.seek(4)
        ends = []
        while width := file.read(1):
            length = int.from_bytes(file.read(width[0]), "little")
            file.seek(length, 1)
            ends.append(file.tell())
    return ends


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("whole"), AMPLIFIER, EVENTS)


def opened(path: Path) -> dict[object, dict]:
    """Return the streams by id and by name, as pyxdf loads them by default.

    pyxdf reports damage to its log and goes on; a repaired file has none.
    """
    reported: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: reported.append(record.getMessage())
    logging.getLogger("pyxdf.pyxdf").addHandler(handler)
    try:
        with np.errstate(all="ignore"):
            streams, _ = pyxdf.load_xdf(path)
        ids = {info["stream_id"] for info in pyxdf.resolve_streams(str(path))}
    finally:
        logging.getLogger("pyxdf.pyxdf").removeHandler(handler)
    assert not reported
    assert ids == {stream["info"]["stream_id"] for stream in streams}
    by_name = {stream["info"]["name"][0]: stream for stream in streams}
    return by_name | {stream["info"]["stream_id"]: stream for stream in streams}


def as_mne_has_it(stream: dict) -> mne.io.RawArray:
    """Return an EEG stream as MNE's example for XDF files makes it."""
    info = mne.create_info(
        int(stream["info"]["channel_count"][0]),
        float(stream["info"]["nominal_srate"][0]),
        "eeg",
        verbose="ERROR",
    )
    return mne.io.RawArray(stream["time_series"].T * 1e-6, info, verbose="ERROR")


def repaired_bytes(content: bytes, folder: Path) -> tuple[RepairedFile, Path]:
    path, output = folder / "cut.xdf", folder / "cut_repaired.xdf"
    path.write_bytes(content)
    output.unlink(missing_ok=True)
    found = repair(path, output)
    assert path.read_bytes() == content
    return found, path if found.is_whole else output


def check_account(found: RepairedFile, streams: dict[object, dict], n_bytes: int) -> None:
    """Check that what is said to be kept is what a reader finds."""
    assert found.bytes == n_bytes
    for stream in found.streams:
        kept = streams[stream.id]
        assert len(kept["time_series"]) == stream.samples
        assert int(kept["footer"]["info"]["sample_count"][0]) == stream.samples


def test_a_whole_file_is_not_written_again(whole, tmp_path):
    found = repair(whole, tmp_path / "again.xdf")

    assert found.is_whole
    assert (found.dropped, found.notes) == (0, ())
    assert not (tmp_path / "again.xdf").exists()


@pytest.mark.slow
def test_a_file_that_is_cut_at_any_chunk_keeps_all_chunks_before(tmp_path):
    # Each file is read by pyxdf: a short one has all kinds of chunks beside each other, too.
    short = replace(AMPLIFIER, stamps=AMPLIFIER.stamps[:300], data=SAMPLES[:300])
    events = replace(EVENTS, stamps=EVENTS.stamps[:9], data=EVENTS.data[:9])
    whole = written(tmp_path, short, events)
    content, ends = whole.read_bytes(), chunk_ends(whole)
    with whole.open("rb") as file:
        kinds = [stream["stream_id"] for stream in pyxdf.resolve_streams(str(whole))]
        n_headers = 1 + len(kinds)
        assert len(scan(file).headers) == len(kinds)

    for number, end in enumerate(ends):
        for at in {end, end - 1, min(end + 1, len(content))}:
            if number + (at >= end) <= n_headers - 1:
                continue
            found, output = repaired_bytes(content[:at], tmp_path)
            before = max(one for one in ends if one <= at)
            assert found.dropped == at - before
            assert found.is_whole == (at == len(content))
            check_account(found, opened(output), at)


def test_what_was_kept_of_a_cut_file_is_what_was_recorded(whole, tmp_path):
    content = whole.read_bytes()

    found, output = repaired_bytes(content[: len(content) // 2], tmp_path)

    streams = opened(output)
    kept = streams["amp"]["time_series"]
    assert 400 < len(kept) < 600
    np.testing.assert_array_equal(kept, SAMPLES[: len(kept)])
    ours = read(output)
    np.testing.assert_array_equal(joined(ours)[0], kept)
    assert texts(ours) == [row[0] for row in streams["events"]["time_series"]]
    assert as_mne_has_it(streams["amp"]).n_times == len(kept)
    assert {stream.name: stream.made for stream in found.streams} == {
        "amp": ("footer",), "events": ("footer",),
    }  # fmt: skip
    assert all(stream.stated is None for stream in found.streams)


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a file with one to four damaged places, and perhaps cut."""
    changed = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        # The headers lie in the first tenth; most of a file is samples.
        at = int(rng.integers(4, len(content) if rng.random() < 0.5 else len(content) // 10))
        length = int(rng.choice([1, 1, 1, 8, 300]))
        changed[at : at + length] = rng.bytes(length)
    return bytes(changed[: rng.integers(200, len(changed))] if rng.random() < 0.3 else changed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_file_with_damaged_bytes_anywhere_opens_after_its_repair(seed, whole, tmp_path) -> None:
    rng = np.random.default_rng(seed)
    n_opened = 0

    for _ in range(50):
        content = damaged(whole.read_bytes(), rng)
        try:
            found, output = repaired_bytes(content, tmp_path)
        except RecordingError:
            # Both headers are gone.
            continue
        check_account(found, opened(output), len(content))
        n_opened += 1

    assert n_opened > 40


def test_the_span_that_damage_took_is_told_to_the_sample(whole, tmp_path):
    write_xdf(tmp_path / "whole.xdf", [AMPLIFIER, EVENTS], boundary_s=1.0)
    content = bytearray((tmp_path / "whole.xdf").read_bytes())
    middle = next(end for end in chunk_ends(tmp_path / "whole.xdf") if end > len(content) // 2)
    content[middle : middle + 900] = bytes(900)

    found, output = repaired_bytes(bytes(content), tmp_path)

    amp = next(stream for stream in found.streams if stream.name == "amp")
    assert amp.stated == 1000
    [span] = amp.lost
    assert span.samples == 1000 - amp.samples
    assert 0 < span.samples <= 150
    assert round(100 * span.seconds) == span.samples + 1
    assert amp.made == ("footer",)
    kept = opened(output)["amp"]["time_series"]
    n_before = round(100 * (span.after - AMPLIFIER.stamps[0])) + 1
    after = SAMPLES[n_before + span.samples :]
    np.testing.assert_array_equal(kept, np.concatenate([SAMPLES[:n_before], after]))


def test_a_marker_stream_whose_header_is_gone_is_kept_and_one_of_numbers_is_not(whole, tmp_path):
    content = whole.read_bytes()
    lost = {
        name: content.replace(b"<name>%s<" % name, b"<name>%s\x00" % name, 1)
        for name in (b"amp", b"events")
    }

    without_events, output = repaired_bytes(lost[b"events"], tmp_path)
    streams = opened(output)
    without_amp, _ = repaired_bytes(lost[b"amp"], tmp_path)

    assert streams["stream 2"]["time_series"] == [[text] for text in EVENTS.data]
    assert without_events.streams[1].made == ("header",)
    assert [stream.name for stream in without_amp.streams] == ["events"]
    assert without_amp.dropped > SAMPLES.nbytes


def test_a_damaged_description_costs_nothing_else(whole, tmp_path):
    content = whole.read_bytes().replace(b"<channels>", b"<channels\x01", 1)

    found, output = repaired_bytes(content, tmp_path)

    assert len(opened(output)["amp"]["time_series"]) == 1000
    assert found.streams[0].made == ("header",)


@pytest.mark.parametrize("kept", [1.0, 0.6])
def test_a_packed_file_is_repaired_into_a_plain_one(kept, whole, tmp_path):
    packed = gzip.compress(whole.read_bytes())
    path, output = tmp_path / "run.xdfz", tmp_path / "run_repaired.xdf"
    path.write_bytes(packed[: round(kept * len(packed)) - (kept == 1.0)])

    found = repair(path, output)

    assert any("packed" in note for note in found.notes)
    check_account(found, opened(output), found.bytes)


def test_a_repair_replaces_no_file_and_leaves_no_draft(whole, tmp_path):
    cut, other = tmp_path / "cut.xdf", tmp_path / "other.xdf"
    cut.write_bytes(whole.read_bytes()[:5000])
    other.write_bytes(b"precious")

    with pytest.raises(RecordingError, match="is there already"):
        repair(cut, other)
    with pytest.raises(RecordingError, match="is there already"):
        repair(cut, cut)

    assert other.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.xdf", "other.xdf"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "no such file"), (b"", "is empty"), (b"junk", "is not an XDF file"),
     (b"XDF:", "holds no stream"), (b"\x1f\x8bjunk", "is not an XDF")],
)  # fmt: skip
def test_what_is_no_recording_is_refused_by_its_name(content, reason, tmp_path):
    path = tmp_path / "odd.xdf"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RecordingError, match=rf"odd\.xdf: .*{reason}"):
        repair(path, tmp_path / "repaired.xdf")


@pytest.mark.parametrize("permissions", [0o600, 0o640, 0o644])
def test_nobody_can_read_more_of_a_repaired_recording_than_of_the_recording(
    permissions, whole, tmp_path
):
    cut = tmp_path / "cut.xdf"
    cut.write_bytes(whole.read_bytes()[:5000])
    cut.chmod(permissions)

    repair(cut, tmp_path / "out.xdf")

    assert (tmp_path / "out.xdf").stat().st_mode & 0o777 == permissions


def test_offsets_that_are_no_numbers_are_left_out(tmp_path):
    offsets = [*AMPLIFIER.offsets, (1009.0, np.nan)]
    write_xdf(tmp_path / "nan.xdf", [replace(AMPLIFIER, offsets=offsets)])

    found = repair(tmp_path / "nan.xdf", tmp_path / "out.xdf")

    assert "a clock offset of stream 1 was left out" in found.notes
    assert np.isfinite(opened(tmp_path / "out.xdf")["amp"]["time_stamps"]).all()


@pytest.mark.slow
def test_recordings_of_other_programs_open_after_their_repair(data_dir, tmp_path):
    n_opened = 0
    for path in corpus(data_dir):
        output = tmp_path / "out.xdf"
        output.unlink(missing_ok=True)
        try:
            found = repair(path, output)
        except RecordingError:
            continue
        opened(path if found.is_whole else output)
        n_opened += 1
    assert n_opened > 10


def of_stream(tag: int, body: bytes, id_: int = 1) -> bytes:
    return chunk(tag, struct.pack("<I", id_) + body)


def made_to_harm(*others: bytes, name: str = "amp", description: str = "") -> bytes:
    """Return a file with one stream of bytes at 10 Hz, and other chunks."""
    header = (
        f"<info><name>{name}</name><channel_count>1</channel_count><nominal_srate>10"
        f"</nominal_srate><channel_format>int8</channel_format>{description}</info>"
    )
    front = (
        b"XDF:" + chunk(chunks.FILE_HEADER, b"<info/>") + of_stream(chunks.HEADER, header.encode())
    )
    return front + b"".join(others)


def sample(stamp: float) -> bytes:
    return of_stream(chunks.SAMPLES, b"\1\1\x08" + struct.pack("<d", stamp) + b"\7")


DAMAGE = b"\x99" * 300 + chunk(chunks.BOUNDARY_TAG, chunks.BOUNDARY)


@pytest.mark.parametrize("stamp", [np.nan, np.inf, -1e300])
def test_a_damaged_stamp_beside_damage_says_no_number_of_lost_samples(stamp, tmp_path):
    content = made_to_harm(
        sample(1.0), DAMAGE, sample(2.0), DAMAGE, sample(stamp), DAMAGE, sample(3.0)
    )

    found, _ = repaired_bytes(content, tmp_path)

    [amp] = found.streams
    assert amp.samples == 4
    assert [(span.after, span.samples) for span in amp.lost] == [(1.0, 9)]


@pytest.mark.parametrize("digits", [30, 5000])
def test_a_footer_that_states_an_impossible_number_is_made_again(digits, tmp_path):
    stated = b"<info><sample_count>" + b"9" * digits + b"</sample_count></info>"

    found, _ = repaired_bytes(made_to_harm(sample(1.0), of_stream(chunks.FOOTER, stated)), tmp_path)

    assert found.streams[0].stated is None
    assert found.streams[0].made == ("footer",)


def test_a_description_that_no_reader_can_walk_is_left_out(tmp_path):
    deep = "<desc>" + 5000 * "<a>" + 5000 * "</a>" + "</desc>"

    found, output = repaired_bytes(made_to_harm(sample(1.0), name="", description=deep), tmp_path)

    assert found.streams[0].made == ("header", "footer")
    assert opened(output)["stream 1"]["info"]["desc"] == []


def test_a_chunk_that_is_too_short_for_its_stream_is_damaged(tmp_path):
    short = [
        struct.pack("<BBH", 1, 2, tag) for tag in (chunks.FOOTER, chunks.OFFSET, chunks.SAMPLES)
    ]

    found, output = repaired_bytes(made_to_harm(sample(1.0), *short, sample(1.1)), tmp_path)

    assert found.streams[0].samples == 2
    assert found.dropped == 12
    check_account(found, opened(output), found.bytes)
