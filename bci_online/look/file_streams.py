"""The streams of a recording of any format, and what each is used for."""

from collections.abc import Sequence
from pathlib import Path

from bci_online.acquisition.file_names import is_other_format
from bci_online.acquisition.found_streams import RECORDING
from bci_online.acquisition.other_formats.source import converted_overview
from bci_online.acquisition.stream_choice import choose_eeg, choose_markers
from bci_online.acquisition.xdf.overview import StreamOverview, overview_of
from bci_online.config import Config
from bci_online.errors import BciError

__all__ = ["roles_of", "streams_in"]


def streams_in(path: Path) -> tuple[list[StreamOverview], list[str]]:
    """Return the streams of a recording, and what is odd about the file.

    Parameters
    ----------
    path : Path
        An XDF file, or one of another format.

    Returns
    -------
    streams : list of StreamOverview
        In the order of the file.
    notes : list of str
        One line each.

    Raises
    ------
    RecordingError
        If the file cannot be read.

    See Also
    --------
    bci_online.acquisition.xdf.overview.overview_of : Of an XDF file.
    bci_online.acquisition.other_formats.source.converted_overview : Of another format.

    Examples
    --------
    >>> streams_in(Path("nowhere.xdf"))
    Traceback (most recent call last):
    bci_online.errors.RecordingError: nowhere.xdf: no such file
    """
    return converted_overview(path) if is_other_format(path) else overview_of(path)


def roles_of(streams: Sequence[StreamOverview], config: Config, path: Path) -> list[str]:
    """Return what each stream is used for.

    Parameters
    ----------
    streams : sequence of StreamOverview
        Of the recording.
    config : Config
        Which of them are meant.
    path : Path
        The recording; in other formats than XDF the first stream is the EEG.

    Returns
    -------
    roles : list of str
        ``EEG``, ``markers`` or ``not read``.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_eeg : The rule.

    Examples
    --------
    >>> roles_of([], Config(), Path("run.xdf"))
    []
    """
    eeg, chosen = None, []
    is_other = is_other_format(path)
    try:
        eeg = streams[0] if is_other and streams else choose_eeg(streams, config.eeg, RECORDING)
        if eeg is not None:
            chosen = choose_markers(streams, config.markers, eeg, RECORDING)[0]
    except BciError:
        pass
    if is_other and not chosen:
        chosen = [*streams[1:]]

    def role(stream: StreamOverview) -> str:
        if stream is eeg:
            return "EEG"
        return "markers" if any(stream is one for one in chosen) else "not read"

    return [role(stream) for stream in streams]
