"""The files that a training is given: found in folders, and checked for doubles."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bci_online.acquisition.other_formats import bids_recordings
from bci_online.errors import RecordingError
from bci_online.runtime.assembly import recording_content
from bci_online.session.folder import REPAIRED, recordings_in

__all__ = ["contents_of", "found_in", "versions_of"]

PIECE = 1 << 14
"""Bytes that are compared at a time; shorter files are no recordings with letters."""

LIBRARIES = ("bci-online", "numpy", "scipy", "scikit-learn")


def found_in(paths: Sequence[Path], config: Path | None) -> tuple[list[Path], Path | None]:
    """Replace session folders and BIDS data sets by the recordings in them.

    Parameters
    ----------
    paths : sequence of Path
        Recordings, folders of sessions, or BIDS data sets or parts of them.
    config : Path or None
        The configuration that was given.

    Returns
    -------
    paths : list of Path
        Recordings.
    config : Path or None
        If none was given, the first folder's own.

    Raises
    ------
    RecordingError
        If a folder holds no recording.

    See Also
    --------
    contents_of : Check that no recording is given twice.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "run-01.xdf").touch()
    ...     found, config = found_in([Path(folder)], None)
    >>> [path.name for path in found], config
    (['run-01.xdf'], None)
    """
    found: list[Path] = []
    for path in paths:
        recordings = (recordings_in(path) or bids_recordings(path)) if path.is_dir() else [path]
        if not recordings:
            raise RecordingError(
                f"{path}: holds no recording (*.xdf); is it a session's folder, or a BIDS data set?"
            )
        found += recordings
        kept = path / "config.json"
        config = kept if config is None and kept.is_file() else config
    return found, config


def contents_of(paths: Sequence[Path]) -> tuple[tuple[int, str], ...]:
    """Return size in bytes and SHA-256 of each recording.

    Parameters
    ----------
    paths : sequence of Path
        XDF files.

    Returns
    -------
    contents : tuple of (int, str)
        One pair for each recording, in the order of `paths`.

    Raises
    ------
    RecordingError
        If two have the same content, or one begins as the other does, such as a shortened or
        repaired copy: a fold would train on what it tests.

    See Also
    --------
    found_in : Find the recordings of a session.
    bci_online.runtime.assembly.recording_content : The same for one recording.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run-01.xdf"
    ...     written = recording.write_bytes(b"XDF:")
    ...     [(size, digest)] = contents_of([recording])
    >>> size, len(digest)
    (4, 64)
    """
    seen: dict[tuple[int, str], Path] = {}
    for path in paths:
        content = recording_content(path)
        if content in seen:
            raise RecordingError(
                f"{path}: is the same recording as {seen[content]}; give each of them once"
            )
        for other in seen.values():
            if _begin_alike(path, other):
                raise RecordingError(f"{path}: holds the same as {other}; give one of them")
        seen[content] = path
    return tuple(seen)


def _begin_alike(one: Path, other: Path) -> bool:
    """Return whether the first half of the shorter file is the beginning of the other.

    A repaired recording is written anew: it is known by its name.
    """
    names = {path.with_name(path.name.replace(REPAIRED, "")) for path in (one, other)}
    if len(names) == 1:
        return True
    left = min(one.stat().st_size, other.stat().st_size) // 2
    if left < PIECE:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while left > 0:
            n_read = min(left, PIECE)
            if first.read(n_read) != second.read(n_read):
                return False
            left -= n_read
    return True


def versions_of(kind: str) -> dict[str, str]:
    """Return the versions of the libraries that train a decoder, by name.

    Parameters
    ----------
    kind : str
        As in `DecoderHeader`; a network is trained by torch, too.

    Returns
    -------
    versions : dict of str to str
        Version of each library.

    See Also
    --------
    bci_online.config.decoder.DecoderHeader : Keeps the versions in the decoder file.

    Examples
    --------
    >>> sorted(versions_of("linear"))
    ['bci-online', 'numpy', 'scikit-learn', 'scipy']
    """
    return {name: version(name) for name in (*LIBRARIES, *(["torch"] if kind == "network" else []))}
