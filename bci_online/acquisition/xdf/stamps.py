"""The stamps of a stream's samples, without the samples."""

import struct
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import SAMPLE_TYPES, StreamHeader
from bci_online.acquisition.xdf.chunks import Piece
from bci_online.acquisition.xdf.samples import varlen

__all__ = ["stamps_of"]


def stamps_of(file: BinaryIO, pieces: Iterable[Piece], header: StreamHeader) -> NDArray[np.float64]:
    """Return the raw stamp of each sample; one that is not written follows from the one before.

    Parameters
    ----------
    file : BinaryIO
        An XDF file.
    pieces : iterable of Piece
        The sound chunks of samples of one stream, in the order of the file.
    header : StreamHeader
        Of the stream.

    Returns
    -------
    stamps : ndarray, shape (n_times,)
        In seconds of the sender's clock.

    See Also
    --------
    bci_online.acquisition.xdf.chunks.scan : Finds the chunks.

    Examples
    --------
    >>> import io
    >>> from xml.etree.ElementTree import Element
    >>> header = StreamHeader(1, "amp", "EEG", "", 1, 10.0, "int8", Element("desc"), whole=True)
    >>> body = bytes([1, 2, 8]) + struct.pack("<d", 5.0) + bytes([7, 0, 7])  # two samples
    >>> stamps_of(io.BytesIO(body), [Piece(0, len(body), 1, tag=3, content=0, n_samples=2)], header)
    array([5. , 5.1])
    """
    step = 1 / header.sfreq if header.sfreq else 0.0
    row = 0
    if header.format != "string":
        row = header.n_channels * np.dtype(SAMPLE_TYPES[header.format]).itemsize
    stamps: list[float] = []
    last = 0.0
    for piece in pieces:
        file.seek(piece.content)
        body = file.read(piece.end - piece.content)
        number = varlen(body, 0)
        assert number is not None  # it is sound
        at = number[0]
        for _ in range(piece.n_samples):
            if body[at]:
                (last,) = struct.unpack_from("<d", body, at + 1)
                at += 9
            else:
                last += step
                at += 1
            stamps.append(last)
            at = at + row if row else _behind_texts(body, at, header.n_channels)
    return np.array(stamps)


def _behind_texts(body: bytes, at: int, n_channels: int) -> int:
    for _ in range(n_channels):
        number = varlen(body, at)
        assert number is not None
        at = sum(number)
    return at
