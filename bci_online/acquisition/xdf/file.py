"""Open an XDF file, and load chosen streams; numbers are read when they are asked for.

What is loaded is equal to what pyxdf loads, to the last bit. But pyxdf discards a whole file if a
chunk without samples is cut or damaged, or if a header has no name; it believes the number of
samples that a damaged chunk claims, and keeps hours of signal in memory.
"""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from bci_online.acquisition.file_names import KNOWN
from bci_online.acquisition.xdf.chunks import Contents
from bci_online.acquisition.xdf.packed import unpack
from bci_online.acquisition.xdf.sample_rows import SampleRows, offsets_of, stamps_of
from bci_online.acquisition.xdf.texts import texts_of
from bci_online.errors import RecordingError

__all__ = ["load_streams", "open_recording"]

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
        As `scan` returns it.
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
    for id_ in streams:
        header = contents.headers[id_]
        n_texts = contents.n_samples[id_] * header.n_channels
        if header.format == "string" and n_texts > MOST_TEXTS:
            raise RecordingError(
                f"stream {header.name!r} holds {n_texts} texts, at most {MOST_TEXTS} are read; "
                "name the right marker streams in markers.names"
            )
    return {id_: _loaded(file, contents, id_) for id_ in streams}


def _loaded(file: BinaryIO, contents: Contents, stream: int) -> dict[str, Any]:
    header = contents.headers[stream]
    pieces = [piece for piece in contents.pieces if piece.stream == stream]
    times, values = offsets_of(file, pieces)
    series: Any
    if header.format == "string":
        stamps, series = texts_of(file, header, pieces)
    else:
        stamps, series = stamps_of(file, header, pieces), SampleRows(file, header, pieces)
    return {
        "time_series": series,
        "time_stamps": stamps,
        "clock_times": times,
        "clock_values": values,
    }
