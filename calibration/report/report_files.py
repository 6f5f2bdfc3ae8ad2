"""The files of a report: a decoder, and its recordings if they are given."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bci_online.console import command_line
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError
from calibration.recordings import contents_of, found_in

__all__ = ["ReportFiles", "find"]


class ReportFiles(NamedTuple):
    """The files of a report; the decoder was not trained on the recordings in ``session``.

    Parameters
    ----------
    decoder : Path
        The decoder file.
    recordings : list of Path
        Those that it was trained on.
    session : list of Path
        Those that it was not trained on.
    config : Path or None
        How the recordings' streams and markers are read.

    See Also
    --------
    find : Finds them.
    calibration.report.material.gather : Reads them.
    """

    decoder: Path
    recordings: list[Path]
    session: list[Path]
    config: Path | None


def find(target: Path, recordings: Sequence[Path], config: Path | None) -> ReportFiles:
    """Return the files of a session's folder, or of a decoder and its recordings.

    Parameters
    ----------
    target : Path
        A session's folder, or a decoder file.
    recordings : sequence of Path
        Those that a decoder file was trained on; a folder has its own.
    config : Path or None
        How the recordings are read; None: as the session's folder says.

    Returns
    -------
    files : ReportFiles
        None is opened yet, apart from the headers of decoders.

    Raises
    ------
    BciError
        If a folder holds no decoder, or several and none is the one to take.

    See Also
    --------
    calibration.report.material.gather : Reads them.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     find(Path(folder), [], None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: ...: holds no decoder (*.decoder); make one with ...
    """
    if not target.is_dir():
        own, config = found_in(recordings, config)
        return ReportFiles(target, own, [], config)
    if recordings:
        raise BciError(f"--recordings: {target} is a session and has its own; name a decoder file")
    decoders = sorted(target.glob("*.decoder"))
    if not decoders:
        how = command_line("bci-calibrate", "train", target, "-o", target / "my.decoder")
        raise BciError(f"{target}: holds no decoder (*.decoder); make one with `{how}`")
    own, config = found_in([target], config)
    contents = contents_of(own)
    trained = [
        path for path in decoders if set(contents) <= set(read_decoder(path).header.trained_on)
    ]
    chosen = trained or decoders
    if len(chosen) > 1:
        names = ", ".join(path.name for path in chosen)
        raise BciError(f"{target}: holds several decoders ({names}); name one of the files")
    training, session = (own, []) if trained else ([], own)
    return ReportFiles(chosen[0], training, session, config)
