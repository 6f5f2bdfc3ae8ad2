"""All streams of a recording with their times, also those that nothing here reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.xdf.chunks import Contents, scan
from bci_online.acquisition.xdf.clocks import FARTHEST
from bci_online.acquisition.xdf.common_times import common_times
from bci_online.acquisition.xdf.file import load_streams, open_recording
from bci_online.acquisition.xdf.streams import streams_of
from bci_online.acquisition.xdf.tape_source import explained
from bci_online.errors import RecordingError

__all__ = ["StreamOverview", "overview_of", "stream_overview"]


@dataclass(frozen=True)
class StreamOverview:
    """One stream of a recording: how it was announced, and when its samples came.

    Parameters
    ----------
    id : int
        What its chunks are marked with.
    header : StreamHeader
        How it was announced.
    n_samples : int
        Number of samples.
    stamps, common : ndarray, shape (n_samples,)
        Raw and common times in seconds, without those that are damaged. Empty where a stream is
        not loaded, because it is too large.
    offsets : ndarray, shape (n_offsets, 2)
        When the clock was compared, and by how much it was off, in seconds.

    See Also
    --------
    overview_of : The streams of a file.
    bci_online.acquisition.found_streams.Stream : What choosing among streams needs.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> empty = np.zeros(0)
    >>> header = SimpleNamespace(number=2)
    >>> StreamOverview(7, header, 0, empty, empty, np.zeros((0, 2))).number
    2
    """

    id: int
    header: StreamHeader
    n_samples: int
    stamps: NDArray[np.float64]
    common: NDArray[np.float64]
    offsets: NDArray[np.float64]

    @property
    def number(self) -> int:
        """Its place among the streams of the file, from 1."""
        return self.header.number

    def describe(self) -> str:
        """Return a line for a person who has to choose among streams."""
        return self.header.describe(self.n_samples)


def overview_of(path: Path) -> tuple[list[StreamOverview], list[str]]:
    """Return every stream of a file, and what is damaged in the file.

    Parameters
    ----------
    path : Path
        An .xdf or .xdfz file.

    Returns
    -------
    streams : list of StreamOverview
        In the order of the file.
    notes : list of str
        Damage, one line each.

    Raises
    ------
    RecordingError
        As `XdfSource.open` does; a file without streams is no error.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : Reads the EEG and the markers.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 100.0, np.arange(100) / 100, np.zeros((100, 2), np.float32))
    >>> keys = XdfStream("keys", "Keyboard", 0.0, [0.5, 0.7], ["space", "space"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [eeg, keys])
    ...     streams, notes = overview_of(Path(folder) / "run.xdf")
    >>> [(one.header.name, one.n_samples, one.common.size) for one in streams], notes
    ([('amp', 100, 100), ('keys', 2, 2)], [])
    """
    contents = Contents()
    try:
        with open_recording(Path(path)) as file:
            contents = scan(file)
            return [
                stream_overview(one.id, one.header, one.n_samples, _loaded(file, contents, one.id))
                for one in streams_of(contents)
            ], contents.notes
    except Exception as error:
        raise explained(path, error, contents.notes) from error


def stream_overview(
    id_: int, header: StreamHeader, n_samples: int, stream: Mapping[str, Any] | None
) -> StreamOverview:
    """Return one stream with its times.

    Parameters
    ----------
    id_ : int
        What its chunks are marked with.
    header : StreamHeader
        How it was announced.
    n_samples : int
        Number of samples.
    stream : mapping of str to object, or None
        As pyxdf loads it; None where it is not loaded.

    Returns
    -------
    overview : StreamOverview
        Of this stream.

    See Also
    --------
    overview_of : Of all streams of a file.

    Examples
    --------
    >>> stream = {"time_stamps": [8.0, 9.0], "clock_times": [7.0], "clock_values": [0.5]}
    >>> stream_overview(1, None, 2, stream).common.tolist()
    [8.5, 9.5]
    """
    stamps, offsets, common = np.zeros(0), np.zeros((0, 2)), np.zeros(0)
    if stream is not None:
        stamps = np.asarray(stream["time_stamps"], dtype=np.float64)
        stamps = stamps[np.abs(stamps) < FARTHEST]
        measured = np.array([stream["clock_times"], stream["clock_values"]], float)
        offsets = measured.reshape(2, -1).T
        offsets = offsets[np.all(np.abs(offsets) < FARTHEST, axis=1)]
        common = common_times(stamps, stream["clock_times"], stream["clock_values"])
    return StreamOverview(id_, header, n_samples, stamps, common, offsets)


def _loaded(file: BinaryIO, contents: Contents, id_: int) -> Mapping[str, Any] | None:
    """Load one stream alone: all of them together need not fit into memory."""
    try:
        return load_streams(file, contents, [id_])[id_]
    except (RecordingError, KeyError) as error:
        name = contents.headers[id_].name
        contents.notes.append(f"stream {name!r} is not looked into: {error}")
        return None
