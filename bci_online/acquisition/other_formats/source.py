"""Recordings of other formats as Sources."""

from pathlib import Path
from typing import Any

from bci_online.acquisition.file_names import is_bci2000
from bci_online.acquisition.found_streams import RECORDING, keys_of
from bci_online.acquisition.other_formats.bci2000 import read_bci2000
from bci_online.acquisition.other_formats.converted import EEG_ID, streams_from
from bci_online.acquisition.other_formats.mne_raw import read_with_mne
from bci_online.acquisition.stream_choice import choose_markers
from bci_online.acquisition.xdf.chunks import Contents
from bci_online.acquisition.xdf.overview import StreamOverview, stream_overview
from bci_online.acquisition.xdf.streams import streams_of
from bci_online.acquisition.xdf.tape_source import LoadedStreams, TapeSource, explained
from bci_online.errors import RecordingError
from bci_online.messages import EEG

__all__ = ["ConvertedSource", "converted_overview"]


class ConvertedSource(TapeSource):
    """A recording of another format than XDF, delivered as an amplifier would deliver it.

    Parameters
    ----------
    path : Path
        The file; its name decides which reader opens it.
    eeg : EegStream
        Which channels take part, their unit and rate. Such a file holds one signal, so ``name`` and
        ``type`` choose nothing.
    markers : MarkerStream
        ``names`` chooses among ``events`` (annotations, or the events of a BIDS data set) and the
        channels of triggers, if one of them is there; else all of them are read.
    chunk_s : float
        Seconds of EEG per reading.

    Raises
    ------
    ValueError
        If `chunk_s` is not positive and finite.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : The same for XDF.
    bci_online.acquisition.file_names.is_other_format : Whether a file is one.

    Notes
    -----
    Times begin at 0 and follow from the sampling rate: such files have no stamps. So nothing that
    was lost can be found, unless the file has an event for it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import mne
    >>> import numpy as np
    >>> info = mne.create_info(["Cz"], 100.0, "eeg", verbose="ERROR")
    >>> raw = mne.io.RawArray(1e-6 * np.ones((1, 200)), info, verbose="ERROR")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run_raw.fif"
    ...     _ = raw.save(path, fmt="double", verbose="ERROR")
    ...     source = ConvertedSource(path, chunk_s=0.5)
    ...     source.open()
    >>> [reading.chunks[0].data.shape for reading in iter(source.read, None)]
    [(50, 1), (50, 1), (50, 1), (50, 1)]
    """

    def _streams(self) -> LoadedStreams:
        self._contents, loaded = _converted(self.path)
        eeg, *others = streams_of(self._contents)
        if not eeg.n_samples:
            raise RecordingError("holds no samples")
        # The channel that is read from the EEG stream must not come a second time.
        lines = [one for one in others if one.header.name != self._markers.channel_of_eeg]
        chosen, _ = choose_markers(lines, self._markers, eeg, RECORDING)
        chosen = chosen or lines
        keys = dict(zip(keys_of(chosen), (one.id for one in chosen), strict=True))
        return LoadedStreams({EEG: EEG_ID} | keys, loaded)


def converted_overview(path: Path) -> tuple[list[StreamOverview], list[str]]:
    """Return the streams that a file of another format has, and what is odd about it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    streams : list of StreamOverview
        The EEG is the first.
    notes : list of str
        One line each.

    Raises
    ------
    RecordingError
        As `ConvertedSource.open` does.

    See Also
    --------
    bci_online.acquisition.xdf.overview.overview_of : The same for an XDF file.

    Examples
    --------
    >>> converted_overview(Path("nowhere.edf"))
    Traceback (most recent call last):
    bci_online.errors.RecordingError: nowhere.edf: no such file
    """
    try:
        contents, loaded = _converted(path)
    # The file goes through foreign parsers here; none documents what it raises.
    except Exception as error:
        raise explained(path, error, []) from error
    streams = [
        stream_overview(one.id, one.header, one.n_samples, loaded[one.id])
        for one in streams_of(contents)
    ]
    return streams, contents.notes


def _converted(path: Path) -> tuple[Contents, dict[int, dict[str, Any]]]:
    if not path.is_file():
        is_folder = path.is_dir()
        raise RecordingError("is a folder, name a file in it" if is_folder else "no such file")
    read = read_bci2000 if is_bci2000(path) else read_with_mne
    return streams_from(path.stem, read(path))
