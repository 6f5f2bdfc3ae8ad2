"""What people write about a run afterwards: a file beside the folder of its session."""

from pathlib import Path

from bci_online.atomic_write import write_atomically
from bci_online.errors import BciError

__all__ = ["notes_path", "read_notes", "write_notes"]

LONGEST = 20_000
LARGEST_CHARACTER = 4
"""Bytes of it in UTF-8."""


def notes_path(folder: Path) -> Path:
    """Return where the notes about a session are.

    Parameters
    ----------
    folder : Path
        Of the session.

    Returns
    -------
    path : Path
        Beside it.

    See Also
    --------
    read_notes : Reads them.

    Examples
    --------
    >>> notes_path(Path("lab/spell-02")).as_posix()
    'lab/spell-02.notes.txt'
    """
    return folder.with_name(f"{folder.name}.notes.txt")


def read_notes(folder: Path) -> str:
    """Return the notes about a session.

    Parameters
    ----------
    folder : Path
        Of the session.

    Returns
    -------
    text : str
        Empty where there are none.

    See Also
    --------
    write_notes : Writes them; has an example.

    Examples
    --------
    >>> read_notes(Path("no such session"))
    ''
    """
    path = notes_path(folder)
    if not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_CHARACTER * LONGEST)
    except OSError:
        return ""
    return content.decode("utf-8", "replace")[:LONGEST]


def write_notes(folder: Path, text: str) -> None:
    """Keep the notes about a session; without a text there is no file.

    Parameters
    ----------
    folder : Path
        Of the session.
    text : str
        What is longer than 20,000 characters is cut.

    Raises
    ------
    BciError
        If they cannot be written.

    See Also
    --------
    read_notes : Reads them.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as lab:
    ...     write_notes(Path(lab) / "spell-02", "tired")
    ...     read_notes(Path(lab) / "spell-02")
    'tired'
    """
    path = notes_path(folder)
    try:
        if text.strip():
            write_atomically(path, text[:LONGEST].encode())
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise BciError(f"{path}: cannot be written: {error.strerror}") from error
