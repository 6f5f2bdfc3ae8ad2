"""The samples of a numeric stream, decoded by numpy when they are asked for.

A sample is a flag, a stamp of 8 bytes if the flag is set, and a row of values. A sample without a
stamp comes one interval of the nominal rate after the one before. pyxdf gives the same values, but
reads sample by sample and keeps all of them in memory.
"""

import os
import struct
import weakref
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import SAMPLE_TYPES, StreamHeader
from bci_online.acquisition.xdf.chunks import OFFSET, SAMPLES, Piece
from bci_online.acquisition.xdf.samples import varlen
from bci_online.errors import RecordingError

__all__ = ["SampleRows", "offsets_of", "stamps_of"]


class _Samples(NamedTuple):
    """The samples of a chunk; ``stamps`` (n,) are right where ``is_stamped`` (n,)."""

    stamps: NDArray[np.float64]
    is_stamped: NDArray[np.bool_]
    values: NDArray[Any]


class SampleRows:
    """The samples of a numeric stream, read from the file when they are asked for.

    A slice of it is a new array. Samples that follow each other are read fastest.

    Parameters
    ----------
    file : BinaryIO
        An XDF file on disk. It may be closed afterwards; until then each read of rows moves its
        position.
    header : StreamHeader
        Of the stream.
    pieces : sequence of Piece
        Its chunks of samples.

    Attributes
    ----------
    dtype : numpy.dtype
        As the samples are stored.

    Raises
    ------
    RecordingError
        While samples are read, if the file has become shorter.

    See Also
    --------
    stamps_of : The stamps of the same samples.
    bci_online.acquisition.xdf.tape.Tape : Delivers the samples.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from bci_online.acquisition.xdf.chunks import scan
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 10.0, np.arange(50) / 10, np.arange(100.0).reshape(50, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [eeg])
    ...     with (Path(folder) / "run.xdf").open("rb") as file:
    ...         contents = scan(file)
    ...         rows = SampleRows(file, contents.headers[1], contents.pieces)
    >>> len(rows), rows[2:4].tolist()
    (50, [[4.0, 5.0], [6.0, 7.0]])
    """

    def __init__(self, file: BinaryIO, header: StreamHeader, pieces: Sequence[Piece]) -> None:
        own = open(os.dup(file.fileno()), "rb", buffering=0)
        weakref.finalize(self, own.close)
        self._file = own
        self._header = header
        self._pieces = _with_samples(pieces)
        self._ends = np.cumsum([piece.n_samples for piece in self._pieces], dtype=np.int64)
        self._current = -1
        self._values: NDArray[Any] = np.empty(0)
        self.dtype = np.dtype(SAMPLE_TYPES[header.format])

    def __len__(self) -> int:
        return int(self._ends[-1]) if self._ends.size else 0

    def __getitem__(self, which: slice) -> NDArray[Any]:
        """Return some rows (n, n_channels) that follow each other."""
        start, stop, step = which.indices(len(self))
        if step != 1:
            raise ValueError(f"step={step}: only rows that follow each other can be read")
        parts = list(self._parts(start, stop))
        if not parts:
            return np.empty((0, self._header.n_channels), self.dtype)
        return np.concatenate(parts)

    def _parts(self, start: int, stop: int) -> Iterator[NDArray[Any]]:
        piece = int(np.searchsorted(self._ends, start, "right"))
        while start < stop:
            end = int(self._ends[piece])
            first = end - self._pieces[piece].n_samples
            yield self._decoded(piece)[start - first : min(stop, end) - first]
            start, piece = end, piece + 1

    def _decoded(self, number: int) -> NDArray[Any]:
        if number != self._current:
            self._values = _samples_of(self._file, self._pieces[number], self._header).values
            self._current = number
        return self._values


def stamps_of(file: BinaryIO, header: StreamHeader, pieces: Sequence[Piece]) -> NDArray[np.float64]:
    """Return the stamps of all samples of a numeric stream.

    Parameters
    ----------
    file : BinaryIO
        An XDF file.
    header : StreamHeader
        Of the stream.
    pieces : sequence of Piece
        Its chunks of samples.

    Returns
    -------
    stamps : ndarray, shape (n_samples,)
        Raw, in seconds; those that were left out are made up, as in pyxdf.

    See Also
    --------
    SampleRows : The samples.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from bci_online.acquisition.xdf.chunks import scan
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 2.0, np.array([1.0, 1.5, 2.0]), np.zeros((3, 2)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [eeg])
    ...     with (Path(folder) / "run.xdf").open("rb") as file:
    ...         contents = scan(file)
    ...         stamps_of(file, contents.headers[1], contents.pieces).tolist()
    [1.0, 1.5, 2.0]
    """
    pieces = _with_samples(pieces)
    found = np.empty(sum(piece.n_samples for piece in pieces))
    interval = 1.0 / header.sfreq if header.sfreq > 0 else 0.0
    at, last = 0, 0.0
    for piece in pieces:
        samples = _samples_of(file, piece, header)
        stop = at + piece.n_samples
        found[at:stop] = samples.stamps
        _make_up(found[at:stop], samples.is_stamped, last, interval)
        at, last = stop, float(found[stop - 1])
    return found


def offsets_of(file: BinaryIO, pieces: Sequence[Piece]) -> tuple[list[float], list[float]]:
    """Return when a stream's clock was compared, and its offsets, in seconds.

    Parameters
    ----------
    file : BinaryIO
        An XDF file.
    pieces : sequence of Piece
        The stream's chunks.

    Returns
    -------
    times, values : list of float
        In the order of the file.

    See Also
    --------
    bci_online.acquisition.xdf.clocks.clocks_of : Which clock they belong to.

    Examples
    --------
    >>> import io
    >>> offset = Piece(start=0, end=22, stream=1, tag=OFFSET, content=6, n_samples=0)
    >>> offsets_of(io.BytesIO(bytes(6) + struct.pack("<2d", 10.0, 0.25)), [offset])
    ([10.0], [0.25])
    """
    times, values = [], []
    for piece in pieces:
        if piece.tag == OFFSET:
            file.seek(piece.content)
            time, value = struct.unpack("<2d", file.read(16))
            times.append(time)
            values.append(value)
    return times, values


def _with_samples(pieces: Sequence[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.tag == SAMPLES and piece.n_samples]


def _make_up(
    stamps: NDArray[np.float64], is_stamped: NDArray[np.bool_], last: float, interval: float
) -> None:
    """Set the stamps that were left out; the sample before the first one has the stamp `last`.

    The sums are made one after the other, as pyxdf makes them: they are equal to the last bit.
    """
    if is_stamped.all():
        return
    edges = np.diff(np.concatenate([[True], is_stamped, [True]]).astype(np.int8))
    for start, stop in zip(np.flatnonzero(edges < 0), np.flatnonzero(edges > 0), strict=True):
        steps = np.full(stop - start + 1, interval)
        steps[0] = stamps[start - 1] if start else last
        stamps[start:stop] = np.add.accumulate(steps)[1:]


def _samples_of(file: BinaryIO, piece: Piece, header: StreamHeader) -> _Samples:
    """Decode a chunk, of which the scan knows that so many samples are in it."""
    file.seek(piece.content)
    length = piece.end - piece.content
    body = file.read(length)
    number = varlen(body, 0)
    if len(body) < length or number is None or number[1] != piece.n_samples:
        raise RecordingError("has changed while it was read; read it again")
    at, n_samples = number
    stored = np.dtype(SAMPLE_TYPES[header.format]).newbyteorder("<")
    values = np.dtype((stored, (header.n_channels,)))
    n_stamps, rest = divmod(length - at - n_samples * (1 + values.itemsize), 8)
    first = n_stamps == 1 and body[at] != 0
    if rest == 0 and (n_stamps in (0, n_samples) or first):
        # Nearly always all samples have a stamp, or only the first one.
        return _regular(body, at, n_samples, n_stamps, values)
    return _irregular(body, at, n_samples, values)


def _regular(body: bytes, at: int, n_samples: int, n_stamps: int, row: np.dtype[Any]) -> _Samples:
    """Decode samples of which all, the first, or none has a stamp."""
    stamps, is_stamped = np.zeros(n_samples), np.zeros(n_samples, dtype=bool)
    stamped = np.dtype([("flag", "u1"), ("stamp", "<f8"), ("row", row)])
    bare = np.dtype([("flag", "u1"), ("row", row)])
    begun = np.frombuffer(body, stamped, n_stamps, at)
    stamps[:n_stamps], is_stamped[:n_stamps] = begun["stamp"], True
    if n_stamps == n_samples:
        return _Samples(stamps, is_stamped, begun["row"])
    others = np.frombuffer(body, bare, n_samples - n_stamps, at + n_stamps * stamped.itemsize)
    return _Samples(stamps, is_stamped, np.concatenate([begun["row"], others["row"]]))


def _irregular(body: bytes, at: int, n_samples: int, row: np.dtype[Any]) -> _Samples:
    """Decode samples of which some have a stamp."""
    stamps, is_stamped = np.zeros(n_samples), np.zeros(n_samples, dtype=bool)
    values = np.empty(n_samples, dtype=row)
    for sample in range(n_samples):
        is_stamped[sample] = body[at] != 0
        if is_stamped[sample]:
            stamps[sample] = np.frombuffer(body, "<f8", 1, at + 1)[0]
        at += 9 if is_stamped[sample] else 1
        values[sample] = np.frombuffer(body, row.base, row.shape[0], at)
        at += row.itemsize
    return _Samples(stamps, is_stamped, values)
