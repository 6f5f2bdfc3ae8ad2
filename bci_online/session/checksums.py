"""SHA-256 of each file of a session's folder, so that a changed one is found later.

They are kept in the form of ``sha256sum``, which checks them too: ``sha256sum -c SHA256SUMS``. The
last line, a comment, is the sum of the lines before it.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from bci_online.atomic_write import write_atomically
from bci_online.errors import RecordingError

__all__ = ["NAME", "changed_files", "has_checksum", "keep_checksums", "kept_sums"]

NAME = "SHA256SUMS"
LINE = re.compile(r"([0-9a-f]{64})  (.+)")
OWN = "# of the lines above: "
BLOCK = 1 << 20


def keep_checksums(folder: Path, written: Collection[Path] = ()) -> None:
    """Write the sum of each file of a folder.

    Parameters
    ----------
    folder : Path
        Of a session that is over.
    written : collection of Path
        What the run has written. Other files keep the sums that they have: a file that was changed
        since an earlier run is still found.

    Raises
    ------
    RecordingError
        If it cannot be written.

    See Also
    --------
    changed_files : Checks the sums.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     n_written = (Path(folder) / "summary.json").write_text("{}")
    ...     keep_checksums(Path(folder))
    ...     n_written = (Path(folder) / "summary.json").write_text("[]")
    ...     changed_files(Path(folder))
    ['summary.json: was changed: it is not as the session left it']
    """
    kept = kept_sums(folder)
    try:
        for path in _files(folder):
            if path in written or path.name not in kept:
                kept[path.name] = _digest(path)
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(kept.items()))
        own = hashlib.sha256(lines.encode()).hexdigest()
        write_atomically(folder / NAME, f"{lines}{OWN}{own}\n".encode())
    except OSError as error:
        raise RecordingError(f"{folder / NAME}: cannot be written: {error.strerror}") from error


def has_checksum(path: Path) -> bool:
    """Return whether the sum of a session's file is kept beside it.

    Parameters
    ----------
    path : Path
        Of the file, in the session's folder.

    Returns
    -------
    answer : bool
        Whether it is right does not matter.

    See Also
    --------
    keep_checksums : Keeps it.
    """
    return path.name in kept_sums(path.parent)


def changed_files(
    folder: Path, progress: Callable[[int], None] = lambda n_bytes: None
) -> list[str] | None:
    """Return what is wrong with the files of a folder.

    Parameters
    ----------
    folder : Path
        Of a session.
    progress : callable
        Called with the number of bytes read since the last call.

    Returns
    -------
    problems : list of str or None
        A line for each file that was changed or is missing. None if there are no sums: older
        versions wrote none.

    See Also
    --------
    keep_checksums : Writes the sums.

    Examples
    --------
    >>> changed_files(Path("no such folder")) is None
    True
    """
    if not (folder / NAME).is_file():
        return None
    content = (folder / NAME).read_bytes()
    lines, _, own = content.rpartition(OWN.encode())
    problems = []
    if own != f"{hashlib.sha256(lines).hexdigest()}\n".encode():
        problems.append(f"{NAME}: was changed: it is not as the session left it")
    for name, digest in kept_sums(folder).items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{name}: is missing")
        elif _digest(path, progress) != digest:
            problems.append(f"{name}: was changed: it is not as the session left it")
    return problems


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        # No file of a session has a line break, or bytes that are no text, in its name.
        is_name = path.name.isprintable() and not path.name.startswith(".")
        if is_name and path.name != NAME and path.is_file():
            yield path


def kept_sums(folder: Path) -> dict[str, str]:
    """Return the sums that a folder keeps.

    Parameters
    ----------
    folder : Path
        Of a session.

    Returns
    -------
    sums : dict of str to str
        SHA-256 by file name. Lines of a damaged file that hold no sum are left out; empty where
        none are kept.

    See Also
    --------
    changed_files : Whether they are still right.

    Examples
    --------
    >>> kept_sums(Path("no such folder"))
    {}
    """
    if not (folder / NAME).is_file():
        return {}
    text = (folder / NAME).read_bytes().decode("utf-8", "replace")
    found = (LINE.fullmatch(line) for line in text.splitlines())
    # A name with a slash would be a file elsewhere.
    return {line[2]: line[1] for line in found if line is not None and "/" not in line[2]}


def _digest(path: Path, progress: Callable[[int], None] = lambda n_bytes: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            progress(len(block))
    return digest.hexdigest()
