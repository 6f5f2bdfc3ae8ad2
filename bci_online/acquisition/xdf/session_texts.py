"""What the streams of our own session say in its recording, line by line."""

from pathlib import Path
from typing import BinaryIO

import msgspec

from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.xdf.chunks import FOOTER, Contents, scan
from bci_online.acquisition.xdf.file import load_streams, open_recording
from bci_online.errors import RecordingError
from bci_online.session_lines import PARSERS
from bci_online.session_names import session_of, session_source_id

__all__ = ["SessionTexts", "read_session_texts"]


class SessionTexts(msgspec.Struct, frozen=True):
    """The lines of a session.

    Parameters
    ----------
    session : str
        Name of the session.
    lines : tuple of (float, str, str)
        Raw stamp in seconds, kind of the stream, and text, in the order of the stamps.
    n_frames : int
        How many frames of the screen were recorded.
    eeg : str
        The source_id of the EEG that the session itself has sent; empty for an amplifier's own.
    is_closed : bool
        Whether the recorder has closed the file: every stream has its footer.

    See Also
    --------
    read_session_texts : Reads them.

    Examples
    --------
    >>> SessionTexts("s", ((1.0, "markers", "trial/end/1"), (2.0, "journal", "{}"))).of("markers")
    ['trial/end/1']
    """

    session: str
    lines: tuple[tuple[float, str, str], ...]
    n_frames: int = 0
    eeg: str = ""
    is_closed: bool = True

    def of(self, kind: str) -> list[str]:
        """Return the texts of one kind: ``markers``, ``decisions`` or ``journal``."""
        return [text for _, own, text in self.lines if own == kind]


def read_session_texts(path: Path) -> SessionTexts:
    """Read the lines of the session that made a recording.

    Parameters
    ----------
    path : Path
        An XDF file, also a damaged one.

    Returns
    -------
    texts : SessionTexts
        Of the session's own streams.

    Raises
    ------
    RecordingError
        If the file cannot be read, or no session of ours made it.

    See Also
    --------
    bci_online.session_names.session_source_id : By which the streams are known.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> markers = XdfStream(
    ...     "screen", "Markers", 0.0, [1.0], ["trial/end/1"], source_id="bci-online/s/markers"
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [markers])
    ...     read_session_texts(Path(folder) / "run.xdf").lines
    ((1.0, 'markers', 'trial/end/1'),)
    """
    try:
        with open_recording(path) as file:
            contents = scan(file)
            return _texts(file, contents)
    except (OSError, RecordingError) as error:
        raise RecordingError(f"{path}: {error}") from error


def _texts(file: BinaryIO, contents: Contents) -> SessionTexts:
    session = _session(contents.headers)
    ids = {header.source_id: id_ for id_, header in contents.headers.items()}
    kinds = {
        id_: kind
        for kind in PARSERS
        if (id_ := ids.get(session_source_id(session, kind))) is not None
        and contents.headers[id_].format == "string"
    }
    loaded = load_streams(file, contents, kinds)
    lines = [
        (float(stamp), kinds[id_], row[0])
        for id_, stream in loaded.items()
        for stamp, row in zip(stream["time_stamps"], stream["time_series"], strict=True)
    ]
    eeg = session_source_id(session, "eeg")
    frames = ids.get(session_source_id(session, "frames"))
    return SessionTexts(
        session=session,
        lines=tuple(sorted(lines, key=lambda line: line[0])),
        n_frames=0 if frames is None else contents.n_samples[frames] + 1,
        eeg=eeg if eeg in ids else "",
        is_closed=all((FOOTER, id_) in contents.texts for id_ in contents.headers),
    )


def _session(headers: dict[int, StreamHeader]) -> str:
    for header in headers.values():
        for kind in PARSERS:
            session = session_of(header.source_id, kind)
            if session is not None:
                return session
    raise RecordingError("was not recorded by a session of this program")
