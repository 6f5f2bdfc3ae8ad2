"""The chunks of an XDF file: the streams, and the chunks that are sound.

Only the places of chunks are kept. The number of samples that a chunk claims is believed only if so
many samples fit into it.

Format: https://github.com/sccn/xdf/wiki/Specifications.
"""

import io
import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple, cast

from bci_online.acquisition.stream_header import StreamHeader, parse_header
from bci_online.acquisition.stream_texts import clean
from bci_online.acquisition.xdf.samples import samples_end, varlen
from bci_online.counted import counted

__all__ = [
    "BOUNDARY",
    "BOUNDARY_TAG",
    "FILE_HEADER",
    "FOOTER",
    "HEADER",
    "OFFSET",
    "SAMPLES",
    "Contents",
    "Piece",
    "scan",
]

BOUNDARY = bytes.fromhex("43A546DCCBF5410FB30ED5467383CBE4")
FILE_HEADER, HEADER, SAMPLES, OFFSET, BOUNDARY_TAG, FOOTER = TAGS = range(1, 7)
BLOCK = 1 << 20
# A file that is damaged throughout must not take for ever.
MOST_DAMAGE = 100


class Piece(NamedTuple):
    """A sound chunk of samples or offsets.

    Parameters
    ----------
    start, end : int
        Of the whole chunk, in bytes of the file.
    stream : int
        Its id.
    tag : int
        `SAMPLES` or `OFFSET`.
    content : int
        Where its content begins, behind the stream's id.
    n_samples : int
        0 for an offset.
    stamp : float or None
        The stamp of the first sample where no other one has a stamp.

    See Also
    --------
    Contents : Holds them.
    """

    start: int
    end: int
    stream: int
    tag: int
    content: int
    n_samples: int
    stamp: float | None = None


@dataclass
class Contents:
    """The sound part of an XDF file.

    Parameters
    ----------
    headers : dict of int to StreamHeader
        By the stream's id.
    n_samples : dict of int to int
        By the stream's id.
    pieces : list of Piece
        Each chunk of samples or offsets.
    notes : list of str
        What was damaged.
    texts : dict of (int, int) to (int, int)
        Start and end of the XML of each tag and stream; the file's own header is of stream 0.
    orphans : dict of (int, int, int) to (int, int)
        Start and end of the content of chunks whose stream has no header, by tag, stream and start.
    damage : list of dict of int to int
        For each damaged place, how many samples of each stream come before it.
    n_dropped : int
        Bytes that are damaged, and of headers that were left out.

    See Also
    --------
    scan : Makes it.
    """

    headers: dict[int, StreamHeader] = field(default_factory=dict)
    n_samples: dict[int, int] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    texts: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    orphans: dict[tuple[int, int, int], tuple[int, int]] = field(default_factory=dict)
    damage: list[dict[int, int]] = field(default_factory=list)
    n_dropped: int = 0


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
    # Chunks are small: each read of a file takes as long as some kilobytes do.
    reader = io.BufferedReader(cast(io.RawIOBase, file), BLOCK)
    size = reader.seek(0, io.SEEK_END)
    at, damage = 4, 0
    while at < size:
        end = _sound_end(reader, at, size, contents)
        if end is None:
            damage += 1
            end = _past_damage(reader, at, size) if damage < MOST_DAMAGE else size
            contents.notes.append(
                f"{counted(end - at, 'byte is', 'bytes are')} damaged at {at} and left out"
            )
            contents.damage.append(dict(contents.n_samples))
            contents.n_dropped += end - at
        at = end
    # It would close the file.
    reader.detach()
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
    if tag not in (HEADER, SAMPLES, OFFSET, FOOTER):
        return _noted(contents.texts, (tag, 0), (start + at, stated_end), size)
    if len(head) < at + 4:
        return None
    (stream,) = struct.unpack_from("<I", head, at)
    body = start + at + 4
    if tag == HEADER:
        return _note_header(file, body, stated_end, size, stream, contents)
    if tag == FOOTER:
        return _noted(contents.texts, (tag, stream), (body, stated_end), size)
    if stream not in contents.headers:
        return _noted(contents.orphans, (tag, stream, start), (body, stated_end), size)
    n_samples, end, stamp = 0, body + 16, None
    if tag == SAMPLES:
        n_samples, end, stamp = samples_end(file, body, stated_end, size, contents.headers[stream])
    # The samples and the stated length both give the end. If they differ (a flipped bit in the
    # length), a chunk must follow at the end that the samples give.
    if end > size or (end != stated_end and not _chunk_follows(file, end)):
        return None
    contents.pieces.append(Piece(start, end, stream, tag, body, n_samples, stamp))
    contents.n_samples[stream] += n_samples
    return end


def _noted(
    places: dict[Any, tuple[int, int]], key: object, place: tuple[int, int], size: int
) -> int | None:
    """Note where the content of a chunk is; return its end, or None if it has no such place."""
    if not place[0] <= place[1] <= size:
        return None
    places[key] = place
    return place[1]


def _head(head: bytes) -> tuple[int, int, int] | None:
    """Return the size of a chunk's head, its length with the tag, and the tag; None if invalid."""
    number = varlen(head, 0)
    if number is None or len(head) < number[0] + 2:
        return None
    at, length = number
    tag = int.from_bytes(head[at : at + 2], "little")
    return (at + 2, length, tag) if tag in TAGS and length >= 2 else None


def _chunk_follows(file: BinaryIO, at: int) -> bool:
    file.seek(at)
    head = file.read(16)
    return not head or _head(head) is not None


def _past_damage(file: BinaryIO, start: int, size: int) -> int:
    """Return where the next chunk after a damaged one begins.

    It is the stated end if a chunk follows there, else the end of the next boundary chunk.
    """
    file.seek(start)
    number = varlen(file.read(16), 0)
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
        contents.n_dropped += end - start
        return end
    file.seek(start)
    try:
        header = parse_header(file.read(end - start), number=len(contents.headers) + 1)
    except (ValueError, RecursionError) as error:
        contents.notes.append(clean(f"a stream was left out, its header is damaged: {error}", 200))
        contents.n_dropped += end - start
        return end
    if not header.whole:
        contents.notes.append(f"the description of {header.name!r} is damaged and was left out")
    contents.headers[stream] = header
    contents.n_samples[stream] = 0
    contents.texts[HEADER, stream] = start, end
    return end
