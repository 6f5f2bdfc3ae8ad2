"""Other subjects' recordings that help a new one, as the user names them."""

from pathlib import Path

import msgspec

from bci_online.config import Config, Preprocessing, preprocessing_for, read_config
from bci_online.errors import BciError
from bci_online.runtime.sources import recording
from calibration.recordings import found_in

__all__ = ["Pool", "cap_of", "other_reference", "parse_pool"]


class Pool(msgspec.Struct, frozen=True, eq=False):
    """One source as the user names it: recordings of one subject and cap, and how to read them.

    Parameters
    ----------
    paths : tuple of Path
        XDF files of one subject and cap.
    config : Config
        How to read them.

    See Also
    --------
    parse_pool : Make one from what the user wrote.

    Examples
    --------
    >>> Pool((Path("run-01.xdf"), Path("run-02.xdf")), Config()).name
    'run-01.xdf and 1 more'
    """

    paths: tuple[Path, ...]
    config: Config

    @property
    def name(self) -> str:
        """Name in messages."""
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return f"{self.paths[0]}{more}"


def parse_pool(text: str, config: Config) -> Pool:
    """Read ``FILE[,FILE…][=CONFIG.toml]``: one source, by default with the new subject's `config`.

    A session's folder stands for its recordings, which are read with the session's configuration.

    Parameters
    ----------
    text : str
        As on the command line.
    config : Config
        The new subject's.

    Returns
    -------
    pool : Pool
        Its recordings are not opened yet.

    Raises
    ------
    BciError
        If it names no file, or its configuration cannot be read or is of another paradigm.

    See Also
    --------
    calibration.p300.pooling.recordings.pooled_with : Reads recordings of flashes.

    Examples
    --------
    >>> parse_pool("nobody.xdf", Config())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: --pool nobody.xdf: ... is not a file; give FILE[,FILE...]...
    """
    files, _, own = (text, "", "") if Path(text).exists() else text.partition("=")
    each = files.split(",") if own or "," in files else [files]
    # An empty name is no file: as a path it would be this folder.
    missing = [file for file in each if not file or not Path(file).exists()]
    if missing:
        raise BciError(
            f"--pool {text}: {missing[0]!r} is not a file; give FILE[,FILE...][=CONFIG.toml], or a "
            "session's folder"
        )
    paths, recorded = found_in([Path(file) for file in each], Path(own) if own else None)
    theirs = config if recorded is None else read_config(recorded)
    if theirs.paradigm != config.paradigm:
        raise BciError(
            f"--pool {text}: its paradigm is {theirs.paradigm!r}, the new subject's "
            f"{config.paradigm!r}"
        )
    return Pool(tuple(paths), theirs)


def cap_of(pool: Pool) -> Preprocessing:
    """Return the preprocessing of a source's own stream.

    Parameters
    ----------
    pool : Pool
        Its first recording is opened.

    Returns
    -------
    cap : Preprocessing
        With the names of the sensors as the recording spells them.

    See Also
    --------
    calibration.common_sensors.common_sensors : Compares caps.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 250.0, np.arange(500) / 250, np.zeros((500, 2)), ("Cz", "Pz"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.xdf"
    ...     write_xdf(path, [eeg])
    ...     cap_of(Pool((path,), Config())).ch_names
    ('Cz', 'Pz')
    """
    first = recording(pool.paths[0], pool.config)
    first.open()
    cap = preprocessing_for(pool.config, first.spec)
    first.close()
    return cap


def other_reference(name: str, cap: Preprocessing, own: Preprocessing) -> tuple[str, ...]:
    """Return a line where a source was recorded against another reference than the new subject.

    Parameters
    ----------
    name : str
        Of the source.
    cap, own : Preprocessing
        The source's, and the new subject's.

    Returns
    -------
    lines : tuple of str
        One or none.

    See Also
    --------
    cap_of : A source's.

    Examples
    --------
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0, stream_reference="A1")
    >>> other_reference("other.xdf", Preprocessing(ch_names=("Cz",), sfreq=250.0), own)
    ("other.xdf: its reference is not stated, the new subject's A1",)
    """
    theirs, ours = cap.stream_reference, own.stream_reference
    if theirs == ours:
        return ()
    return (
        f"{name}: its reference is {theirs or 'not stated'}, the new subject's "
        f"{ours or 'not stated'}",
    )
