"""Open an XDF file, and load chosen streams: texts with pyxdf, numbers by our own reader.

pyxdf alone discards a whole file if a chunk without samples is cut or damaged, or if a header has
no name. It believes the number of samples that a damaged chunk claims, and makes up to 2^32 lists.
So it gets only the sound chunks, after new headers. Hours of signal need not fit into memory.
"""

import bisect
import io
import logging
import struct
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pyxdf

from bci_online.acquisition.file_names import KNOWN
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.stream_texts import clean
from bci_online.acquisition.xdf.chunks import HEADER, Contents
from bci_online.acquisition.xdf.packed import unpack
from bci_online.acquisition.xdf.sample_rows import SampleRows, offsets_of, stamps_of
from bci_online.errors import RecordingError

__all__ = ["load_streams", "open_recording"]

BUFFER = 1 << 20
# A text takes a hundred bytes of memory, and a program sends some in a second.
MOST_TEXTS = 2_000_000


@contextmanager
def open_recording(path: Path) -> Iterator[BinaryIO]:
    """Open an XDF file; a gzipped one (.xdfz, .xdf.gz) is unpacked.

    Parameters
    ----------
    path : Path
        Also gzipped.

    Yields
    ------
    file : BinaryIO
        At its beginning.

    Raises
    ------
    RecordingError
        If there is no XDF file at `path`; the message names what is there.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : Opens recordings so.

    Examples
    --------
    >>> with open_recording(Path("no/such.xdf")) as file:
    ...     pass
    Traceback (most recent call last):
    bci_online.errors.RecordingError: no such file
    """
    # Only plain files: opening a pipe would wait for ever.
    if not path.is_file():
        raise RecordingError("is a folder, name a file in it" if path.is_dir() else "no such file")
    with path.open("rb") as file:
        start = file.read(32)
        file.seek(0)
        if start[:2] != b"\x1f\x8b":
            _check_magic(start)
            yield file
            return
        with tempfile.TemporaryFile() as unpacked:
            start = b""
            for block in unpack(file):
                if not start:
                    start = block[:32]
                    _check_magic(start)
                unpacked.write(block)
            _check_magic(start)
            unpacked.seek(0)
            yield cast(BinaryIO, unpacked)


def _check_magic(start: bytes) -> None:
    if start.startswith(b"version https://git-lfs"):
        raise RecordingError(
            "is a Git LFS pointer, not the recording itself; fetch that with 'git lfs pull'"
        )
    if not start.startswith(b"XDF:"):
        what = "is empty" if not start else "does not begin with 'XDF:'"
        raise RecordingError(
            f"is not an XDF file (it {what}); record or export to XDF. Files of other formats are "
            f"known by their names: {', '.join(KNOWN)}"
        )


def load_streams(
    file: BinaryIO, contents: Contents, streams: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Return `streams` by id: no clock correction, no smoothed stamps.

    Parameters
    ----------
    file : BinaryIO
        An XDF file.
    contents : Contents
        As `scan` returns it; notes of warnings are added.
    streams : collection of int
        Ids of those to load.

    Returns
    -------
    streams : dict of int to dict
        ``time_stamps`` (raw), ``time_series``, ``clock_times`` and ``clock_values``, as pyxdf names
        them. The series is a list of texts, or `SampleRows`.

    Raises
    ------
    RecordingError
        If one of them holds more texts than memory should.

    See Also
    --------
    bci_online.acquisition.xdf.chunks.scan : Finds the sound part.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from bci_online.acquisition.xdf.chunks import scan
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 100.0, np.arange(100) / 100, np.zeros((100, 2)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [eeg])
    ...     with open_recording(Path(folder) / "run.xdf") as file:
    ...         contents = scan(file)
    ...         loaded = load_streams(file, contents, contents.headers)
    >>> [len(stream["time_series"]) for stream in loaded.values()]
    [100]
    """
    texts = [id_ for id_ in streams if contents.headers[id_].format == "string"]
    for id_ in texts:
        header, n_texts = contents.headers[id_], contents.n_samples[id_]
        n_texts *= header.n_channels
        if n_texts > MOST_TEXTS:
            raise RecordingError(
                f"stream {header.name!r} holds {n_texts} texts, at most {MOST_TEXTS} are read; "
                "name the right marker streams in markers.names"
            )
    loaded = _loaded_texts(file, contents, texts) if texts else {}
    numbers = {id_: _loaded_numbers(file, contents, id_) for id_ in set(streams) - set(texts)}
    return loaded | numbers


def _loaded_texts(
    file: BinaryIO, contents: Contents, streams: Collection[int]
) -> dict[int, dict[str, Any]]:
    with _warnings_noted(contents.notes), np.errstate(all="ignore"):
        loaded, _ = pyxdf.load_xdf(
            io.BufferedReader(_ChosenChunks(file, contents, streams), BUFFER),
            synchronize_clocks=False,
            dejitter_timestamps=False,
        )
    return {stream["info"]["stream_id"]: stream for stream in loaded}


def _loaded_numbers(file: BinaryIO, contents: Contents, stream: int) -> dict[str, Any]:
    header = contents.headers[stream]
    pieces = [piece for piece in contents.pieces if piece.stream == stream]
    times, values = offsets_of(file, pieces)
    return {
        "time_series": SampleRows(file, header, pieces),
        "time_stamps": stamps_of(file, header, pieces),
        "clock_times": times,
        "clock_values": values,
    }


@contextmanager
def _warnings_noted(notes: list[str]) -> Iterator[None]:
    """Collect pyxdf's warnings in `notes` instead of the log."""

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
    """A virtual file: the sound chunks of the chosen streams, after small new headers.

    pyxdf fails on some headers, for instance one without a name, and needs only four fields.
    Nothing is copied.
    """

    def __init__(self, file: BinaryIO, contents: Contents, streams: Collection[int]) -> None:
        self._file = file
        self._front = b"XDF:" + b"".join(_header(id_, contents.headers[id_]) for id_ in streams)
        self._spans: list[tuple[int, int]] = []
        for piece in contents.pieces:
            start, end = piece.start, piece.end
            if piece.stream not in streams:
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
            part = self._front[self._at : self._at + room]
        else:
            self._file.seek(self._spans[span - 1][1] - (self._ends[span] - self._at))
            part = self._file.read(room)
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


def _header(stream: int, header: StreamHeader) -> bytes:
    xml = (
        f"<info><name>-</name><channel_count>{header.n_channels}</channel_count>"
        f"<nominal_srate>{header.sfreq!r}</nominal_srate>"
        f"<channel_format>{header.format}</channel_format></info>"
    ).encode()
    return b"\x04" + struct.pack("<IHI", len(xml) + 6, HEADER, stream) + xml
