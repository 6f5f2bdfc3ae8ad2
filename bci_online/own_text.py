"""What a subject wrote freely in earlier sessions: a file on this computer, if it is asked for.

It is plain text, a line for each session, and only its user can read it. Whoever wants to take a
line back deletes it there. It makes suggestions of words better and nothing else: a recording has
the suggested words, so a replay needs no own text.
"""

import os
import re
from pathlib import Path

from bci_online.errors import BciError

__all__ = [
    "add_own_text",
    "check_own_text_name",
    "erase_own_text",
    "own_text_path",
    "read_own_text",
]

NAMED = re.compile(r"[A-Za-z0-9_-]{1,64}")
BYTES_READ = 100_000
"""The end of a longer text is read."""


def check_own_text_name(name: str) -> None:
    """Refuse a name that might lead out of the folder; an empty one is no own text.

    Parameters
    ----------
    name : str
        Of an own text.

    Raises
    ------
    ValueError
        If it has other characters than letters, digits, ``_`` and ``-``, or more than 64.

    See Also
    --------
    own_text_path : What it names.

    Examples
    --------
    >>> check_own_text_name("../anna")
    Traceback (most recent call last):
    ValueError: own_text = '../anna' must be a name of at most 64 letters, digits, _ and -
    """
    if name and not NAMED.fullmatch(name):
        raise ValueError(
            f"own_text = {name!r} must be a name of at most 64 letters, digits, _ and -"
        )


def own_text_path(name: str) -> Path:
    """Return where an own text is, or would be.

    Parameters
    ----------
    name : str
        As the configuration has it: ``language.own_text``.

    Returns
    -------
    path : Path
        In ``$XDG_DATA_HOME``, else in ``~/.local/share``.

    Raises
    ------
    ValueError
        If it is empty, or no name.
    BciError
        If that is no absolute path, as without a home directory.

    See Also
    --------
    read_own_text : What is in it.

    Examples
    --------
    >>> own_text_path("anna").parts[-3:]
    ('bci-online', 'own-text', 'anna.txt')
    """
    if not name:
        raise ValueError("an own text needs a name: set language.own_text")
    check_own_text_name(name)
    # Not Path.home(): it raises where there is no home directory.
    base = Path(os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"))
    if not base.is_absolute():
        raise BciError(f"{base}: must be an absolute path; set XDG_DATA_HOME to a folder of yours")
    return base / "bci-online" / "own-text" / f"{name}.txt"


def read_own_text(name: str) -> str:
    """Return what a subject wrote in earlier sessions.

    Parameters
    ----------
    name : str
        As the configuration has it.

    Returns
    -------
    text : str
        A line for each session; of a text of more than 100,000 bytes the end. Empty if there is
        none.

    Raises
    ------
    BciError
        If it cannot be read.

    See Also
    --------
    add_own_text : Writes it.

    Examples
    --------
    >>> import tempfile
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, XDG_DATA_HOME=folder):
    ...     add_own_text("anna", "GOOD MORNING")
    ...     read_own_text("anna").split()
    ['GOOD', 'MORNING']
    """
    path = own_text_path(name)
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - BYTES_READ))
            return file.read(BYTES_READ).decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise BciError(f"{path}: cannot be read: {error.strerror}") from None


def add_own_text(name: str, text: str) -> None:
    """Add the text of a session; only this user can read the file.

    Parameters
    ----------
    name : str
        As the configuration has it.
    text : str
        It becomes one line; nothing is added for an empty one.

    Raises
    ------
    BciError
        If it cannot be written.

    See Also
    --------
    erase_own_text : Removes all of it.

    Examples
    --------
    >>> import tempfile
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, XDG_DATA_HOME=folder):
    ...     add_own_text("anna", "GOOD MORNING")
    ...     own_text_path("anna").exists()
    True
    """
    line = " ".join(text.split())
    if not line:
        return
    path = own_text_path(name)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError as error:
        raise BciError(f"{path}: cannot be written: {error.strerror}") from None


def erase_own_text(name: str) -> bool:
    """Remove an own text; return whether there was one.

    Parameters
    ----------
    name : str
        As the configuration has it.

    Returns
    -------
    erased : bool
        False if there was none. Recordings still hold what was written in them.

    Raises
    ------
    BciError
        If it cannot be removed.

    See Also
    --------
    own_text_path : Which file.

    Examples
    --------
    >>> import tempfile
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, XDG_DATA_HOME=folder):
    ...     add_own_text("anna", "GOOD MORNING")
    ...     erase_own_text("anna"), erase_own_text("anna")
    (True, False)
    """
    path = own_text_path(name)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise BciError(f"{path}: cannot be removed: {error.strerror}") from None
    return True
