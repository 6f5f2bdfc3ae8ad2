"""The texts of a stream, and their stamps."""

import struct
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.xdf.chunks import SAMPLES, Piece
from bci_online.acquisition.xdf.samples import varlen
from bci_online.errors import RecordingError

__all__ = ["texts_of"]


def texts_of(
    file: BinaryIO, header: StreamHeader, pieces: Sequence[Piece]
) -> tuple[NDArray[np.float64], list[list[str]]]:
    """Return the stamps and the texts of all samples of a stream.

    Parameters
    ----------
    file : BinaryIO
        An XDF file.
    header : StreamHeader
        Of the stream.
    pieces : sequence of Piece
        Its chunks.

    Returns
    -------
    stamps : ndarray, shape (n_samples,)
        Raw, in seconds; one that was left out follows from the one before.
    texts : list of list of str
        Of each sample, one for each channel; what is no UTF-8 is replaced.

    Raises
    ------
    RecordingError
        If the file has become shorter.

    See Also
    --------
    bci_online.acquisition.xdf.sample_rows.SampleRows : The samples of a numeric stream.

    Examples
    --------
    >>> import io
    >>> from xml.etree.ElementTree import Element
    >>> header = StreamHeader(1, "m", "Markers", "", 1, 0.0, "string", Element("desc"), whole=True)
    >>> body = bytes([1, 1, 8]) + struct.pack("<d", 5.0) + bytes([1, 2]) + b"go"
    >>> texts_of(io.BytesIO(body), header, [Piece(0, 15, 1, SAMPLES, content=0, n_samples=1)])
    (array([5.]), [['go']])
    """
    interval = 1.0 / header.sfreq if header.sfreq > 0 else 0.0
    stamps: list[float] = []
    texts: list[list[str]] = []
    last = 0.0
    for piece in pieces:
        if piece.tag != SAMPLES:
            continue
        file.seek(piece.content)
        body = file.read(piece.end - piece.content)
        number = varlen(body, 0)
        if piece.content + len(body) < piece.end or number is None or number[1] != piece.n_samples:
            raise RecordingError("has changed while it was read; read it again")
        at = number[0]
        for _ in range(piece.n_samples):
            if body[at]:
                (last,) = struct.unpack_from("<d", body, at + 1)
                at += 9
            else:
                last += interval
                at += 1
            stamps.append(last)
            row: list[str] = []
            texts.append(row)
            for _ in range(header.n_channels):
                start, length = varlen(body, at) or (at, 0)
                at = start + length
                row.append(body[start:at].decode(errors="replace"))
    return np.array(stamps, dtype=np.float64), texts
