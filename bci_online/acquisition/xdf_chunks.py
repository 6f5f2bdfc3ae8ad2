"""The chunks of an XDF file: which are sound, and pyxdf's reading of those of chosen streams.

pyxdf raises away a whole file where a chunk that is not samples was cut or damaged, and believes
whatever number of samples a damaged chunk claims (2^32 lists, if the damage says so). So the
chunks are checked first, and pyxdf is given the sound ones alone, behind headers of our own.

Format: https://github.com/sccn/xdf/wiki/Specifications.
"""

import bisect
import io
import logging
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import pyxdf

from bci_online.acquisition.xdf_header import SAMPLE_TYPES, StreamHeader, clean, parse_header

__all__ = ["Contents", "load_streams", "scan"]

BOUNDARY = bytes.fromhex("43A546DCCBF5410FB30ED5467383CBE4")
HEADER, SAMPLES, OFFSET = 2, 3, 4
TAGS = range(1, 7)
BLOCK = 1 << 20
# Room to look for the true end of a text chunk whose length is wrong.
FAR = 16 * BLOCK


@dataclass
class Contents:
    """What an XDF file holds; ``pieces`` are (start, end, stream id) of samples and offsets."""

    headers: dict[int, StreamHeader] = field(default_factory=dict)
    n_samples: dict[int, int] = field(default_factory=dict)
    pieces: list[tuple[int, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def describe(self) -> list[str]:
        """Return a line for each stream, in the order of the file."""
        return [header.describe(self.n_samples[id_]) for id_, header in self.headers.items()]


def scan(file: BinaryIO) -> Contents:
    """Walk through `file` and keep what is sound; after damage go on at the next boundary chunk."""
    contents = Contents()
    size = file.seek(0, io.SEEK_END)
    at = 4
    while at < size:
        end = _sound_end(file, at, size, contents)
        if end is None:
            end = _after_boundary(file, at, size)
            contents.notes.append(f"{end - at} bytes at {at} are damaged and were left out")
        at = end
    return contents


def _sound_end(file: BinaryIO, start: int, size: int, contents: Contents) -> int | None:
    """Return where the chunk at `start` ends, having noted it; None if it is damaged."""
    file.seek(start)
    head = file.read(16)
    parsed = _head(head)
    if parsed is None:
        return None
    at, length, tag = parsed
    stated_end = start + at + length - 2
    if tag not in (HEADER, SAMPLES, OFFSET):
        return stated_end if stated_end <= size else None
    if len(head) < at + 4:
        return None
    (stream,) = struct.unpack_from("<I", head, at)
    body = start + at + 4
    if tag == HEADER:
        return _note_header(file, body, stated_end, size, stream, contents)
    if stream not in contents.headers:
        return stated_end if stated_end <= size else None
    if tag == OFFSET:
        end, n_samples = body + 16, 0
    else:
        n_samples, end = _samples(file, body, stated_end, size, contents.headers[stream])
    # What is in the chunk and its stated length are two witnesses; if they disagree (a flipped
    # bit in the length), what follows must look like a chunk.
    if end > size or (end != stated_end and not _chunk_follows(file, end)):
        return None
    contents.pieces.append((start, end, stream))
    contents.n_samples[stream] += n_samples
    return end


def _head(head: bytes) -> tuple[int, int, int] | None:
    """Return size of the chunk's head, length with the tag, tag; None if this is no chunk."""
    number = _number(head, 0)
    if number is None or len(head) < number[0] + 2:
        return None
    at, length = number
    tag = int.from_bytes(head[at : at + 2], "little")
    return (at + 2, length, tag) if tag in TAGS and length >= 2 else None


def _number(body: bytes, at: int) -> tuple[int, int] | None:
    """Read the variable-length integer at `at`; return where it ends, and its value."""
    width = body[at] if at < len(body) else 0
    end = at + 1 + width
    if width not in (1, 4, 8) or end > len(body):
        return None
    return end, int.from_bytes(body[at + 1 : end], "little")


def _chunk_follows(file: BinaryIO, at: int) -> bool:
    file.seek(at)
    head = file.read(16)
    return not head or _head(head) is not None


def _after_boundary(file: BinaryIO, start: int, size: int) -> int:
    """Return where the first boundary chunk that begins after `start` ends, or `size`."""
    at = start + 1
    while at < size:
        file.seek(at)
        block = file.read(BLOCK + len(BOUNDARY))
        found = block.find(BOUNDARY)
        if found >= 0:
            return at + found + len(BOUNDARY)
        at += BLOCK
    return size


def _note_header(
    file: BinaryIO, start: int, end: int, size: int, stream: int, contents: Contents
) -> int | None:
    if not start <= end <= size:
        return None
    if stream in contents.headers:
        contents.notes.append(f"a second header of stream {stream} was left out")
        return end
    file.seek(start)
    try:
        header = parse_header(file.read(end - start), number=len(contents.headers) + 1)
    except (ValueError, RecursionError) as error:
        contents.notes.append(clean(f"a stream was left out, its header is damaged: {error}", 200))
        return end
    if not header.whole:
        contents.notes.append(f"the description of {header.name!r} is damaged and was left out")
    contents.headers[stream] = header
    contents.n_samples[stream] = 0
    return end


def _samples(
    file: BinaryIO, start: int, stated_end: int, size: int, header: StreamHeader
) -> tuple[int, int]:
    """Return how many samples the chunk holds and where it ends; beyond `size` if it is damaged."""
    damaged = 0, size + 1
    for room in (stated_end - start, FAR):
        if not 0 < room <= max(size - start, FAR):
            continue
        file.seek(start)
        body = file.read(min(room, size - start))
        number = _number(body, 0)
        if number is None:
            return damaged
        at, n_samples = number
        if header.format == "string":
            length = _text_length(body, at, n_samples, header.n_channels)
        else:
            row = header.n_channels * np.dtype(SAMPLE_TYPES[header.format]).itemsize
            length = _number_length(body, at, n_samples, row)
        if length is not None:
            return n_samples, start + at + length
    return damaged


def _number_length(body: bytes, at: int, n_samples: int, row: int) -> int | None:
    """Return how many bytes `n_samples` rows of `row` bytes take, each with or without a stamp."""
    room = len(body) - at
    if n_samples * (1 + row) > room:
        return None
    # Nearly always all samples have a stamp, or none but the first: one look at each flag.
    for stamped, first in ((0, 8), (8, 0), (0, 0)):
        length = n_samples * (1 + stamped + row) + first
        if length == room and n_samples:
            flags = np.frombuffer(body, np.uint8, length - first, at + first)
            flags = flags[:: 1 + stamped + row]
            if first:
                flags = flags[1:]
            if np.all(flags != 0) if stamped else not flags.any():
                return length if not first or body[at] else None
    end = at
    for _ in range(n_samples):
        if end >= len(body):
            return None
        end += (9 if body[end] else 1) + row
    return end - at if end <= len(body) else None


def _text_length(body: bytes, at: int, n_samples: int, n_channels: int) -> int | None:
    """Return how many bytes `n_samples` rows of strings take, each with or without a stamp."""
    if n_samples * (1 + 2 * n_channels) > len(body) - at:
        return None
    end = at
    for _ in range(n_samples):
        if end >= len(body):
            return None
        end += 9 if body[end] else 1
        for _ in range(n_channels):
            number = _number(body, end)
            if number is None:
                return None
            end = number[0] + number[1]
    return end - at if end <= len(body) else None


def load_streams(
    file: BinaryIO, contents: Contents, streams: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Return pyxdf's reading of `streams` by id, raw: no clock correction, no smoothed stamps."""
    with _warnings_noted(contents.notes), np.errstate(all="ignore"):
        loaded, _ = pyxdf.load_xdf(
            io.BufferedReader(_ChosenChunks(file, contents, streams), BLOCK),
            synchronize_clocks=False,
            dejitter_timestamps=False,
        )
    return {stream["info"]["stream_id"]: stream for stream in loaded}


@contextmanager
def _warnings_noted(notes: list[str]) -> Iterator[None]:
    """Keep pyxdf's warnings in `notes` instead of the log."""

    def note(record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            notes.append(clean(record.getMessage(), 200))
        return False

    logger = logging.getLogger("pyxdf.pyxdf")
    logger.addFilter(note)
    try:
        yield
    finally:
        logger.removeFilter(note)


class _ChosenChunks(io.RawIOBase):
    """A file of the chosen streams' sound chunks, never copied, behind small headers of our own.

    pyxdf fails on a header without a name, among others, and needs but four of its fields.
    """

    def __init__(self, file: BinaryIO, contents: Contents, streams: Collection[int]) -> None:
        self._file = file
        self._front = b"XDF:" + b"".join(_header(id_, contents.headers[id_]) for id_ in streams)
        self._spans: list[tuple[int, int]] = []
        for start, end, stream in contents.pieces:
            if stream not in streams:
                continue
            if self._spans and self._spans[-1][1] == start:
                start = self._spans.pop()[0]
            self._spans.append((start, end))
        lengths = [len(self._front)] + [end - start for start, end in self._spans]
        self._ends = np.cumsum(lengths).tolist()
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._ends[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        span = bisect.bisect_right(self._ends, self._at)
        if span == len(self._ends):
            return 0
        room = min(len(buffer), self._ends[span] - self._at)
        if span == 0:
            buffer[:room] = self._front[self._at : self._at + room]
            n_read = room
        else:
            self._file.seek(self._spans[span - 1][1] - (self._ends[span] - self._at))
            n_read = self._file.readinto(memoryview(buffer)[:room])  # type: ignore[attr-defined]
        self._at += n_read
        return n_read


def _header(stream: int, header: StreamHeader) -> bytes:
    xml = (
        f"<info><name>-</name><channel_count>{header.n_channels}</channel_count>"
        f"<nominal_srate>{header.sfreq!r}</nominal_srate>"
        f"<channel_format>{header.format}</channel_format></info>"
    ).encode()
    return b"\x04" + struct.pack("<IHI", len(xml) + 6, HEADER, stream) + xml
