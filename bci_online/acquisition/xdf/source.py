"""XDF recordings as Sources: raw stamps, the file's own clock offsets, markers in order of time.

Its chunks are found and its stamps read at once. Samples are read block by block, as they are
delivered: hours of signal need not fit into memory.
"""

from pathlib import Path

from bci_online.acquisition.xdf.chunks import scan
from bci_online.acquisition.xdf.file import load_streams, open_recording
from bci_online.acquisition.xdf.journal import follow, journal_stream
from bci_online.acquisition.xdf.streams import choose_streams, streams_of
from bci_online.acquisition.xdf.tape_source import LoadedStreams, TapeSource, explained

__all__ = ["XdfSource", "describe_streams"]


class XdfSource(TapeSource):
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
    >>> import numpy as np
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

    def _streams(self) -> LoadedStreams:
        with open_recording(self.path) as file:
            contents = self._contents = scan(file)
            keys = choose_streams(contents, self._eeg, self._markers)
            journal = journal_stream(contents)
            others = [] if journal is None else [journal]
            loaded = load_streams(file, contents, [*keys.values(), *others])
        return LoadedStreams(keys, loaded, follow(loaded, keys, journal))


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
    >>> import numpy as np
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
