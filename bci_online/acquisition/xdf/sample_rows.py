"""The samples of a numeric stream, decoded by numpy when they are asked for.

A sample is a flag, a stamp of 8 bytes if the flag is set, and a row of values. A sample without a
stamp comes one interval of the nominal rate after the one before. pyxdf gives the same values, but
reads sample by sample and keeps all of them in memory.
"""

import os
import struct
import weakref
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import SAMPLE_TYPES, StreamHeader
from bci_online.acquisition.xdf.chunks import OFFSET, SAMPLES, Piece
from bci_online.acquisition.xdf.samples import varlen
from bci_online.errors import RecordingError

__all__ = ["SampleRows", "offsets_of", "stamps_of"]

AT_ONCE = 1 << 18
"""Stamps that are made up together."""


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
        self._layout = _Layout(header)
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
        rows = np.empty((max(0, stop - start), self._layout.n_channels), self.dtype)
        number, at = int(np.searchsorted(self._ends, start, "right")), start
        while at < stop:
            end = int(self._ends[number])
            first, until = end - self._pieces[number].n_samples, min(stop, end)
            part = rows[at - start : until - start]
            if until - at == end - first:
                self._layout.read_into(part, self._file, self._pieces[number])
            else:
                part[:] = self._whole(number)[at - first : until - first]
            at, number = until, number + 1
        return rows

    def _whole(self, number: int) -> NDArray[Any]:
        """Return all rows of a chunk; the rest of the last one is asked for next."""
        if number != self._current:
            piece = self._pieces[number]
            values = np.empty((piece.n_samples, self._layout.n_channels), self.dtype)
            self._layout.read_into(values, self._file, piece)
            self._values, self._current = values, number
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
    pieces, layout = _with_samples(pieces), _Layout(header)
    interval = 1.0 / header.sfreq if header.sfreq > 0 else 0.0
    starts = np.cumsum([0, *(piece.n_samples for piece in pieces)])
    found = np.empty(starts[-1])
    usual: dict[int, list[int]] = {}
    for number, piece in enumerate(pieces):
        if piece.stamp is not None:
            usual.setdefault(piece.n_samples, []).append(number)
    for n_samples, numbers in usual.items():
        n_some = max(1, AT_ONCE // n_samples)
        for some in (numbers[first : first + n_some] for first in range(0, len(numbers), n_some)):
            steps = np.full((len(some), n_samples), interval)
            steps[:, 0] = [pieces[number].stamp for number in some]
            places = starts[some][:, np.newaxis] + np.arange(n_samples)
            found[places] = np.add.accumulate(steps, axis=1)
    for number, piece in enumerate(pieces):
        if piece.stamp is None:
            start, stop = starts[number : number + 2]
            is_stamped = layout.read_stamps_into(found[start:stop], file, piece)
            last = float(found[start - 1]) if start else 0.0
            _make_up(found[start:stop], is_stamped, last, interval)
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


class _Layout:
    """How the samples of a stream lie in its chunks; the scan knows that so many are in each."""

    def __init__(self, header: StreamHeader) -> None:
        self.n_channels = header.n_channels
        stored = np.dtype(SAMPLE_TYPES[header.format]).newbyteorder("<")
        self._row = np.dtype((stored, (header.n_channels,)))
        self._bare = np.dtype([("flag", "u1"), ("row", self._row)])
        self._stamped = np.dtype([("flag", "u1"), ("stamp", "<f8"), ("row", self._row)])

    def read_into(self, rows: NDArray[Any], file: BinaryIO, piece: Piece) -> None:
        """Read the values of a chunk (n_samples, n_channels)."""
        body, at, n_stamps = self._body(file, piece)
        if n_stamps == piece.n_samples:
            rows[:] = np.frombuffer(body, self._stamped, n_stamps, at)["row"]
        elif n_stamps == 0:
            rows[:] = np.frombuffer(body, self._bare, piece.n_samples, at)["row"]
        elif piece.stamp is not None:
            # Nearly always: the first sample has a stamp, and no other one.
            rows[0] = np.frombuffer(body, self._row.base, self.n_channels, at + 9)
            rest = at + self._stamped.itemsize
            rows[1:] = np.frombuffer(body, self._bare, piece.n_samples - 1, rest)["row"]
        else:
            for sample, (_, place) in enumerate(self._places(body, at, piece.n_samples)):
                rows[sample] = np.frombuffer(body, self._row.base, self.n_channels, place)

    def read_stamps_into(
        self, stamps: NDArray[np.float64], file: BinaryIO, piece: Piece
    ) -> NDArray[np.bool_]:
        """Read the stamps of a chunk (n_samples,); return which of the samples have one."""
        body, at, n_stamps = self._body(file, piece)
        if n_stamps in (0, piece.n_samples):
            stamps[:n_stamps] = np.frombuffer(body, self._stamped, n_stamps, at)["stamp"]
            return np.full(piece.n_samples, n_stamps > 0)
        is_stamped = np.zeros(piece.n_samples, dtype=bool)
        for sample, (flag, place) in enumerate(self._places(body, at, piece.n_samples)):
            is_stamped[sample] = body[flag] != 0
            if is_stamped[sample]:
                (stamps[sample],) = struct.unpack_from("<d", body, place - 8)
        return is_stamped

    def _body(self, file: BinaryIO, piece: Piece) -> tuple[bytes, int, int]:
        """Return the content of a chunk, where its samples begin, and how many have a stamp."""
        file.seek(piece.content)
        length = piece.end - piece.content
        body = file.read(length)
        number = varlen(body, 0)
        if len(body) < length or number is None or number[1] != piece.n_samples:
            raise RecordingError("has changed while it was read; read it again")
        at = number[0]
        return body, at, (length - at - piece.n_samples * self._bare.itemsize) // 8

    def _places(self, body: bytes, at: int, n_samples: int) -> Iterator[tuple[int, int]]:
        """Yield where the flag and where the values of each sample are."""
        for _ in range(n_samples):
            place = at + (9 if body[at] else 1)
            yield at, place
            at = place + self._row.itemsize
