"""A recording as a Source, whatever file it comes from: it is opened once and then played."""

import math
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from bci_online.acquisition.stream_texts import clean
from bci_online.acquisition.xdf.chunks import Contents
from bci_online.acquisition.xdf.common_times import common_times
from bci_online.acquisition.xdf.journal import RecordedJournal
from bci_online.acquisition.xdf.markers import MarkerTape
from bci_online.acquisition.xdf.tape import Tape
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import BciError, RecordingError
from bci_online.input_findings import InputFinding, ordered
from bci_online.messages import CARRIED, EEG, Journal, Reading, StreamSpec

__all__ = ["LoadedStreams", "TapeSource", "explained"]

ANY_EEG = EegStream()
ANY_MARKERS = MarkerStream()
MOST_NOTES = 20


class LoadedStreams(NamedTuple):
    """The streams of a recording that are read.

    Parameters
    ----------
    keys : dict of str to int
        Ids of the EEG and of the marker streams, by their stream keys.
    loaded : dict of int to dict
        Streams by id, as `bci_online.acquisition.xdf.file.load_streams` loads them.
    journal : RecordedJournal or None
        What a live run wrote into the recording.

    See Also
    --------
    TapeSource : Plays them.
    """

    keys: dict[str, int]
    loaded: dict[int, dict[str, Any]]
    journal: RecordedJournal | None = None


class TapeSource(ABC):
    """A recording, delivered in pieces as an amplifier would deliver it.

    Parameters
    ----------
    path : Path
        The file.
    eeg : EegStream
        Chooses the EEG stream. All of its channels are delivered.
    markers : MarkerStream
        Chooses the marker streams.
    chunk_s : float
        Seconds of EEG per reading.

    Raises
    ------
    ValueError
        If `chunk_s` is not positive and finite.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : An XDF file.
    bci_online.acquisition.other_formats.source.ConvertedSource : A file of another format.

    Examples
    --------
    >>> from bci_online.acquisition.xdf import XdfSource
    >>> issubclass(XdfSource, TapeSource)
    True
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
        self._contents = Contents()
        self._tape: Tape | None = None
        self._journal: tuple[Journal, ...] = ()
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
        """Find what is in the file; samples are read when they are delivered.

        Raises
        ------
        RecordingError
            In one line: the file, what is wrong with it, and the way out.
        """
        if self._tape is not None:
            return
        began = time.perf_counter()
        try:
            self._tape = self._loaded_tape()
        # The file goes through foreign parsers here; none documents what it raises.
        except Exception as error:
            raise explained(self.path, error, self._contents.notes) from error
        self.notes = _shortened(self._contents.notes + self._tape.notes)
        self.findings = tuple(ordered(self._tape.findings))
        self.load_s = time.perf_counter() - began
        self._closed = False

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return the next `chunk_s` of the recording without waiting; None once it is over."""
        try:
            reading = None if self._closed else self._opened().read()
        # Samples are read from the file now: it may have been cut, or its disk may be gone.
        except (RecordingError, OSError) as error:
            raise explained(self.path, error, []) from error
        if reading is not None and self._journal:
            reading, self._journal = msgspec.structs.replace(reading, journal=self._journal), ()
        return reading

    def close(self) -> None:
        """Release the recording; readings that were taken from it stay valid."""
        self._tape = None
        self._closed = True

    @abstractmethod
    def _streams(self) -> LoadedStreams:
        """Set ``_contents`` to all streams that are there, and load those that are chosen."""

    def _loaded_tape(self) -> Tape:
        keys, loaded, journal = self._streams()
        contents, eeg = self._contents, keys.pop(EEG)
        if journal is not None and journal.carried:
            self._journal = (Journal(CARRIED, 0.0, text=journal.carried),)
        span = None
        if self._markers.clock == "match-start":
            stream = loaded[eeg]
            common = common_times(
                stream["time_stamps"], stream["clock_times"], stream["clock_values"]
            )
            span = (float(common.min()), float(common.max())) if common.size else None
        markers = MarkerTape(loaded, keys, contents, journal, self._markers, span)
        header = contents.headers[eeg]
        tape = Tape(header, loaded[eeg], markers, self._chunk_s, self._eeg, self._markers)
        if markers.is_over and not self._markers.channel_of_eeg:
            tape.no_markers([header.name for header in contents.headers.values()])
        return tape

    def _opened(self) -> Tape:
        if self._tape is None:
            raise RuntimeError(f"{self.path} is not open: call open() first")
        return self._tape


def explained(path: Path, error: Exception, notes: list[str]) -> RecordingError:
    """Return the one line that a person reads where a file cannot be used.

    Parameters
    ----------
    path : Path
        The file.
    error : Exception
        What reading it raised.
    notes : list of str
        Damage that was found before; the first is added.

    Returns
    -------
    error : RecordingError
        The file, what is wrong with it, and the way out.

    See Also
    --------
    TapeSource : Raises it.

    Examples
    --------
    >>> print(explained(Path("a.xdf"), MemoryError(), []))
    a.xdf: does not fit into memory; close other programs or cut the recording
    """
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
