"""The chunks of an XDF file: the streams, and the chunks that are sound.

Only the places of chunks are kept. The number of samples that a chunk claims is believed only if so
many samples fit into it.

Format: https://github.com/sccn/xdf/wiki/Specifications.
"""

import io
import struct
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from bci_online.acquisition.stream_header import SAMPLE_TYPES, StreamHeader, parse_header
from bci_online.acquisition.stream_texts import clean

__all__ = ["HEADER", "Contents", "scan"]

BOUNDARY = bytes.fromhex("43A546DCCBF5410FB30ED5467383CBE4")
HEADER, SAMPLES, OFFSET = 2, 3, 4
TAGS = range(1, 7)
BLOCK = 1 << 20
# If the length of a chunk is wrong, its samples are followed up to this many bytes.
FAR = 4 * BLOCK
# A file that is damaged throughout must not take for ever.
MOST_DAMAGE = 100


@dataclass
class Contents:
    """The sound part of an XDF file.

    Parameters
    ----------
    headers : dict of int to StreamHeader
        By the stream's id.
    n_samples : dict of int to int
        By the stream's id.
    pieces : list of (int, int, int)
        Start, end and stream id of each chunk of samples or offsets.
    notes : list of str
        What was damaged.

    See Also
    --------
    scan : Makes it.
    """

    headers: dict[int, StreamHeader] = field(default_factory=dict)
    n_samples: dict[int, int] = field(default_factory=dict)
    pieces: list[tuple[int, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def scan(file: BinaryIO) -> Contents:
    """Walk through `file` and return its sound chunks.

    Parameters
    ----------
    file : BinaryIO
        An XDF file, at any position.

    Returns
    -------
    contents : Contents
        What is damaged is left out, and noted.

    See Also
    --------
    bci_online.acquisition.xdf.file.load_streams : Loads what was found.

    Examples
    --------
    >>> scan(io.BytesIO(b"XDF:")).headers
    {}
    """
    contents = Contents()
    size = file.seek(0, io.SEEK_END)
    at, damage = 4, 0
    while at < size:
        end = _sound_end(file, at, size, contents)
        if end is None:
            damage += 1
            end = _past_damage(file, at, size) if damage < MOST_DAMAGE else size
            contents.notes.append(f"{end - at} bytes at {at} are damaged and were left out")
        at = end
    return contents


def _sound_end(file: BinaryIO, start: int, size: int, contents: Contents) -> int | None:
    """Add the chunk at `start` to `contents`; return its end, or None if it is damaged."""
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
    # The samples and the stated length both give the end. If they differ (a flipped bit in the
    # length), a chunk must follow at the end that the samples give.
    if end > size or (end != stated_end and not _chunk_follows(file, end)):
        return None
    contents.pieces.append((start, end, stream))
    contents.n_samples[stream] += n_samples
    return end


def _head(head: bytes) -> tuple[int, int, int] | None:
    """Return the size of a chunk's head, its length with the tag, and the tag; None if invalid."""
    number = _number(head, 0)
    if number is None or len(head) < number[0] + 2:
        return None
    at, length = number
    tag = int.from_bytes(head[at : at + 2], "little")
    return (at + 2, length, tag) if tag in TAGS and length >= 2 else None


def _number(body: bytes, at: int) -> tuple[int, int] | None:
    """Read the variable-length integer at `at`; return its end and its value, or None."""
    width = body[at] if at < len(body) else 0
    end = at + 1 + width
    if width not in (1, 4, 8) or end > len(body):
        return None
    return end, int.from_bytes(body[at + 1 : end], "little")


def _chunk_follows(file: BinaryIO, at: int) -> bool:
    file.seek(at)
    head = file.read(16)
    return not head or _head(head) is not None


def _past_damage(file: BinaryIO, start: int, size: int) -> int:
    """Return where the next chunk after a damaged one begins.

    It is the stated end if a chunk follows there, else the end of the next boundary chunk.
    """
    file.seek(start)
    number = _number(file.read(16), 0)
    end = start + sum(number) if number else size + 1
    if start + 2 < end <= size and _chunk_follows(file, end):
        return end
    return _after_boundary(file, start, size)


def _after_boundary(file: BinaryIO, start: int, size: int) -> int:
    """Return the end of the first boundary chunk that begins after `start`, or `size`."""
    at, block_n = start + 1, 1 << 12
    while at < size:
        file.seek(at)
        found = file.read(block_n + len(BOUNDARY)).find(BOUNDARY)
        if found >= 0:
            return at + found + len(BOUNDARY)
        at += block_n
        # Small blocks first: with many near boundaries, whole blocks would take long in total.
        block_n = min(2 * block_n, BLOCK)
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
    """Return how many samples the chunk holds, and its end; beyond `size` if it is damaged."""
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
    """Return the bytes of `n_samples` rows of `row` bytes, each with or without a stamp."""
    room = len(body) - at
    if n_samples * (1 + row) > room:
        return None
    # Nearly always all samples have a stamp, or only the first: then all flags are checked at once.
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
    """Return the bytes of `n_samples` rows of strings, each with or without a stamp."""
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
