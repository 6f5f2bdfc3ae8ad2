"""XDF recordings as Sources: raw stamps, the file's own clock offsets, markers in order of time.

The file is loaded once by pyxdf. Its samples are then delivered block by block, as views.
"""

import math
import time
from pathlib import Path
from typing import Any

import numpy as np

from bci_online.acquisition.stream_texts import clean
from bci_online.acquisition.xdf.chunks import Contents, scan
from bci_online.acquisition.xdf.file import load_streams, open_recording
from bci_online.acquisition.xdf.journal import follow, journal_stream
from bci_online.acquisition.xdf.markers import MarkerTape
from bci_online.acquisition.xdf.streams import choose_streams, streams_of
from bci_online.acquisition.xdf.tape import Tape
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import BciError, RecordingError
from bci_online.input_findings import InputFinding, ordered
from bci_online.messages import EEG, Reading, StreamSpec

__all__ = ["XdfSource", "describe_streams"]

ANY_EEG = EegStream()
ANY_MARKERS = MarkerStream()
MOST_NOTES = 20


class XdfSource:
    """A recording, delivered in pieces as an amplifier would deliver it.

    Parameters
    ----------
    path : Path
        An .xdf file, or a gzipped one (.xdfz).
    eeg : EegStream
        Chooses the EEG stream by ``name`` (a stream's name, else its source_id, else ``#2`` for the
        second stream of the file), else by ``type``. All of its channels are delivered.
    markers : MarkerStream
        Chooses the marker streams by ``names``, else all that are text or of one of ``types``.
    chunk_s : float
        Seconds of EEG per reading.

    Raises
    ------
    ValueError
        If `chunk_s` is not positive and finite.

    See Also
    --------
    bci_online.acquisition.xdf.writer.write_xdf : Write a recording; has an example.
    bci_online.acquisition.lsl.source.LslSource : The same for a live stream.

    Notes
    -----
    *Samples* come in the order of the file and in their stored type. Voltages in another unit are
    converted to microvolts, chunk by chunk. No chunk crosses a jump of the stamps by more than a
    second.

    *Offsets.* An offset comes with the first chunk whose last stamp is at or after its measurement;
    the first offset of each clock comes before the first sample (or marker) of that clock. Offsets
    that were measured after the last sample of a clock, or on a clock without samples, do not come.

    *Markers.* A marker comes with the chunk that contains it, and markers after the last sample
    with the last chunk. Where a stream's markers change to another clock, they come in a reading
    after it.

    If the recording holds the journal of the session that made it, offsets and onsets are those of
    the live run.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 100.0, np.arange(100) / 100, np.zeros((100, 2)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.xdf"
    ...     write_xdf(path, [eeg])
    ...     source = XdfSource(path, chunk_s=0.25)
    ...     source.open()
    >>> [reading.chunks[0].data.shape for reading in iter(source.read, None)]
    [(25, 2), (25, 2), (25, 2), (25, 2)]
    """

    def __init__(
        self,
        path: Path,
        eeg: EegStream = ANY_EEG,
        markers: MarkerStream = ANY_MARKERS,
        *,
        chunk_s: float = 0.125,
    ) -> None:
        if not 0 < chunk_s < math.inf:
            raise ValueError(f"chunk_s={chunk_s} s must be positive and finite")
        self.path = Path(path)
        self.load_s = 0.0
        self.notes: tuple[str, ...] = ()
        self.findings: tuple[InputFinding, ...] = ()
        self._eeg = eeg
        self._markers = markers
        self._chunk_s = chunk_s
        self._tape: Tape | None = None
        self._closed = False

    @property
    def spec(self) -> StreamSpec:
        """Description of the EEG stream."""
        return self._opened().spec

    @property
    def n_samples(self) -> int:
        """Number of samples in the recording."""
        return self._opened().n_samples

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the delivered samples."""
        return self._opened().dtype

    @property
    def duration_s(self) -> float:
        """Seconds from the first sample to the end of the last one, in common time."""
        return self._opened().duration_s

    def open(self) -> None:
        """Load the file.

        Raises
        ------
        RecordingError
            In one line: the file, what is wrong with it, and the way out.
        """
        if self._tape is not None:
            return
        began = time.perf_counter()
        contents = Contents()
        try:
            with open_recording(self.path) as file:
                contents = scan(file)
                keys = choose_streams(contents, self._eeg, self._markers)
                journal = journal_stream(contents)
                others = [] if journal is None else [journal]
                loaded = load_streams(file, contents, [*keys.values(), *others])
            written = follow(loaded, keys, journal)
            eeg = keys.pop(EEG)
            markers = MarkerTape(loaded, keys, contents, written, self._markers)
            self._tape = Tape(
                contents.headers[eeg],
                loaded[eeg],
                markers,
                self._chunk_s,
                self._eeg,
                self._markers,
            )
            if markers.is_over and not self._markers.channel_of_eeg:
                self._tape.no_markers([header.name for header in contents.headers.values()])
        # The file goes through three foreign parsers here; none documents what it raises.
        except Exception as error:
            raise explained(self.path, error, contents.notes) from error
        self.notes = _shortened(contents.notes + self._tape.notes)
        self.findings = tuple(ordered(self._tape.findings))
        self.load_s = time.perf_counter() - began
        self._closed = False

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return the next `chunk_s` of the recording without waiting; None once it is over."""
        return None if self._closed else self._opened().read()

    def close(self) -> None:
        """Release the recording; readings that were taken from it stay valid."""
        self._tape = None
        self._closed = True

    def _opened(self) -> Tape:
        if self._tape is None:
            raise RuntimeError(f"{self.path} is not open: call open() first")
        return self._tape


def describe_streams(path: Path) -> list[str]:
    """Return a line for each stream of a file.

    Parameters
    ----------
    path : Path
        An .xdf or .xdfz file.

    Returns
    -------
    lines : list of str
        Name, type, rate and size of each stream.

    Raises
    ------
    RecordingError
        As `XdfSource.open` does.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : Reads the streams.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 100.0, np.arange(100) / 100, np.zeros((100, 2), np.float32))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [eeg])
    ...     describe_streams(Path(folder) / "run.xdf")
    ["#1 'amp' (type 'EEG', 2 ch float32, 100 Hz, 100 samples)"]
    """
    try:
        with open_recording(Path(path)) as file:
            return [stream.describe() for stream in streams_of(scan(file))]
    except Exception as error:
        raise explained(path, error, []) from error


def explained(path: Path, error: Exception, notes: list[str]) -> RecordingError:
    if isinstance(error, BciError):
        what = str(error)
    elif isinstance(error, MemoryError):
        what = "does not fit into memory; close other programs or cut the recording"
    elif isinstance(error, OSError):
        what = f"cannot be read: {error.strerror or error}"
    else:
        what = f"cannot be read, it is damaged ({type(error).__name__}: {error})"
    damage = f" ({notes[0]})" if notes else ""
    return RecordingError(f"{clean(str(path), 1000)}: {clean(what, 4000)}{damage}")


def _shortened(notes: list[str]) -> tuple[str, ...]:
    more = len(notes) - MOST_NOTES
    return (*notes[:MOST_NOTES], *([f"and {more} notes more"] if more > 0 else []))
