"""Make of a cut or damaged XDF file one that every XDF reader opens, and say what is missing.

Nothing is made up. The sound chunks are copied, headers and footers that are missing are written
where they follow from the samples, and all other bytes are left out and counted.
"""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from bci_online.acquisition.xdf.chunks import (
    BOUNDARY,
    BOUNDARY_TAG,
    FILE_HEADER,
    FOOTER,
    HEADER,
    scan,
)
from bci_online.acquisition.xdf.file import open_recording
from bci_online.acquisition.xdf.packed import is_packed_whole
from bci_online.acquisition.xdf.remains import Remains, RepairedStream
from bci_online.acquisition.xdf.repaired_xml import parsed_xml
from bci_online.acquisition.xdf.writer import chunk
from bci_online.atomic_write import open_atomically
from bci_online.errors import RecordingError

__all__ = ["RepairedFile", "repair"]

BOUNDARY_EVERY = 1 << 20
PLAIN_HEADER = b"<?xml version='1.0'?><info><version>1.0</version></info>"


class RepairedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a file.

    Parameters
    ----------
    bytes, dropped : int
        Size of the file, and how many of its bytes belong to no sound chunk.
    streams : tuple of RepairedStream
        Those that could be kept.
    notes : tuple of str
        What was damaged.
    is_whole : bool
        Whether nothing had to be repaired.

    See Also
    --------
    repair : Makes it.
    """

    bytes: int
    dropped: int
    streams: tuple[RepairedStream, ...]
    notes: tuple[str, ...]
    is_whole: bool


def repair(path: Path, output: Path) -> RepairedFile:
    """Write what is sound of a recording into another file; a whole file is not written again.

    Parameters
    ----------
    path : Path
        An .xdf file, or a gzipped one. It is never changed.
    output : Path
        Where the repaired recording is written, unpacked. It must not exist, or be what an earlier
        repair of the same file has written.

    Returns
    -------
    repaired : RepairedFile
        What is left, and what is missing.

    Raises
    ------
    RecordingError
        If `output` is another file, or no stream of this one can be kept.

    See Also
    --------
    bci_online.acquisition.xdf.chunks.scan : Which chunks are sound.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 100.0, np.arange(100) / 100, np.zeros((100, 2)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.xdf"
    ...     write_xdf(path, [eeg])
    ...     n_written = path.write_bytes(path.read_bytes()[:-700])
    ...     repaired = repair(path, Path(folder) / "run_repaired.xdf")
    >>> repaired.streams[0].samples, repaired.streams[0].made, repaired.dropped > 0
    (50, ('footer',), True)
    """
    try:
        with open_recording(path) as file:
            return _repaired(file, path, output)
    except RecordingError as error:
        raise RecordingError(f"{path}: {error}") from error


def _repaired(file: BinaryIO, path: Path, output: Path) -> RepairedFile:
    """Write what is sound of an open file into another."""
    contents = scan(file)
    remains = Remains(file, contents)
    if not is_packed_whole(path):
        contents.notes.append("the packed file is cut or damaged, its rest cannot be unpacked")
    if not remains.streams:
        raise RecordingError("holds no stream that can be kept")
    made = any(stream.made for stream in remains.streams.values())
    damaged = contents.n_dropped or contents.notes or (FILE_HEADER, 0) not in contents.texts
    if output.exists():
        # A repair that was stopped after this file continues.
        if not (made or damaged) or not _holds(output, _chunks(remains)):
            raise RecordingError(f"{output} is there already; name another --output")
    elif made or damaged:
        # A user who may not read the recording must not read the repaired file either.
        with open_atomically(output, path.stat().st_mode & 0o666) as repaired:
            for piece in _chunks(remains):
                repaired.write(piece)
    return RepairedFile(
        bytes=file.seek(0, io.SEEK_END),
        dropped=contents.n_dropped,
        streams=tuple(remains.streams.values()),
        notes=tuple(contents.notes),
        is_whole=not (made or damaged),
    )


def _holds(path: Path, pieces: Iterator[bytes]) -> bool:
    """Return whether a file holds just these bytes."""
    with path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)


def _chunks(remains: Remains) -> Iterator[bytes]:
    """Yield the chunks of the repaired file."""
    own = remains.text(FILE_HEADER, 0)
    yield b"XDF:" + chunk(FILE_HEADER, own if parsed_xml(own) is not None else PLAIN_HEADER)
    for id_, header in remains.headers.items():
        yield chunk(HEADER, struct.pack("<I", id_) + header)
    n_written = BOUNDARY_EVERY
    for piece, body in remains.pieces():
        if n_written >= BOUNDARY_EVERY:
            yield chunk(BOUNDARY_TAG, BOUNDARY)
            n_written = 0
        # Not copied with its head: its length may be wrong, which other readers believe.
        yield chunk(piece.tag, struct.pack("<I", piece.stream) + body)
        n_written += len(body)
    for id_, footer in remains.footers.items():
        yield chunk(FOOTER, struct.pack("<I", id_) + footer)
