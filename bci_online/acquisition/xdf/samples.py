"""The samples of a chunk: how many bytes they take.

The number of samples that a chunk claims is believed only if so many samples fit into it.
"""

import struct
from typing import BinaryIO

import numpy as np

from bci_online.acquisition.stream_header import SAMPLE_TYPES, StreamHeader

__all__ = ["row_size", "samples_end", "text_length", "varlen"]

# If the length of a chunk is wrong, its samples are followed up to this many bytes.
FAR = 4 << 20
_SIZES = {name: np.dtype(of).itemsize for name, of in SAMPLE_TYPES.items()}


def varlen(body: bytes, at: int) -> tuple[int, int] | None:
    """Read the variable-length integer at `at`; return its end and its value, or None.

    Parameters
    ----------
    body : bytes
        Content of a chunk.
    at : int
        Where its width stands.

    Returns
    -------
    number : (int, int) or None
        None if there is no such integer.

    See Also
    --------
    text_length : Reads the lengths of texts so.

    Examples
    --------
    >>> varlen(bytes([1, 200]), 0), varlen(bytes([3, 200]), 0)
    ((2, 200), None)
    """
    width = body[at] if at < len(body) else 0
    end = at + 1 + width
    if width == 1 and end <= len(body):
        return end, body[at + 1]
    if width not in (1, 4, 8) or end > len(body):
        return None
    return end, int.from_bytes(body[at + 1 : end], "little")


def samples_end(
    file: BinaryIO, start: int, stated_end: int, size: int, header: StreamHeader
) -> tuple[int, int, float | None]:
    """Return how many samples a chunk holds, and its end; beyond `size` if it is damaged.

    Parameters
    ----------
    file : BinaryIO
        An XDF file.
    start, stated_end : int
        Where the chunk's samples begin, and where it says that it ends.
    size : int
        Of the file.
    header : StreamHeader
        Of its stream.

    Returns
    -------
    n_samples, end : int
        Only so many as fit.
    stamp : float or None
        The stamp of the first number where no other one has a stamp, as is usual.

    See Also
    --------
    bci_online.acquisition.xdf.chunks.scan : Walks through the chunks.

    Examples
    --------
    >>> import io
    >>> from xml.etree.ElementTree import Element
    >>> header = StreamHeader(1, "amp", "EEG", "", 1, 10.0, "int8", Element("desc"), whole=True)
    >>> samples_end(io.BytesIO(bytes([1, 2, 0, 7, 0, 7])), 0, 6, 6, header)
    (2, 6, None)
    """
    damaged = 0, size + 1, None
    for room in (stated_end - start, FAR):
        if not 0 < room <= max(size - start, FAR):
            continue
        file.seek(start)
        body = file.read(min(room, size - start))
        number = varlen(body, 0)
        if number is None:
            return damaged
        at, n_samples = number
        if header.format == "string":
            length = text_length(body, at, n_samples, header.n_channels)
            row = 0
        else:
            row = row_size(header)
            length = _number_length(body, at, n_samples, row)
        if length is not None:
            is_usual = row and length == n_samples * (1 + row) + 8 and body[at]
            stamp = struct.unpack_from("<d", body, at + 1)[0] if is_usual else None
            return n_samples, start + at + length, stamp
    return damaged


def row_size(header: StreamHeader) -> int:
    """Return how many bytes the values of one numeric sample take.

    Parameters
    ----------
    header : StreamHeader
        Of the stream.

    Returns
    -------
    n_bytes : int
        Without flag and stamp.

    See Also
    --------
    samples_end : Where the samples of a chunk end.

    Examples
    --------
    >>> from xml.etree.ElementTree import Element
    >>> row_size(StreamHeader(1, "amp", "EEG", "", 3, 10.0, "int16", Element("desc"), whole=True))
    6
    """
    return header.n_channels * _SIZES[header.format]


def _number_length(body: bytes, at: int, n_samples: int, row: int) -> int | None:
    """Return the bytes of `n_samples` rows of `row` bytes, each with or without a stamp."""
    room = len(body) - at
    if n_samples * (1 + row) > room:
        return None
    # Nearly always all samples have a stamp, or only the first: then all flags are checked at once.
    for stamped, first in ((0, 8), (8, 0), (0, 0)):
        length = n_samples * (1 + stamped + row) + first
        if length == room and n_samples:
            # As bytes: of few samples numpy would take several times as long.
            flags = body[at + first : at + length : 1 + stamped + row]
            if first:
                flags = flags[1:]
            if flags.count(0) == (0 if stamped else len(flags)) and (not first or body[at]):
                return length
    end = at
    for _ in range(n_samples):
        if end >= len(body):
            return None
        end += (9 if body[end] else 1) + row
    return end - at if end <= len(body) else None


def text_length(body: bytes, at: int, n_samples: int, n_channels: int) -> int | None:
    r"""Return the bytes of `n_samples` rows of strings, each with or without a stamp.

    Parameters
    ----------
    body : bytes
        Content of a chunk.
    at : int
        Where its samples begin.
    n_samples, n_channels : int
        As the chunk and the stream state them.

    Returns
    -------
    length : int or None
        None if they do not fit into `body`.

    See Also
    --------
    varlen : Reads one length.

    Examples
    --------
    >>> text_length(b"\x00\x01\x03abc", 0, n_samples=1, n_channels=1)
    6
    """
    if n_samples * (1 + 2 * n_channels) > len(body) - at:
        return None
    end = at
    for _ in range(n_samples):
        if end >= len(body):
            return None
        end += 9 if body[end] else 1
        for _ in range(n_channels):
            number = varlen(body, end)
            if number is None:
                return None
            end = number[0] + number[1]
    return end - at if end <= len(body) else None
