"""The key of a session: made once, found by its parts in a file that only its user can read.

No key stands on a command line or in an environment, which other users of a computer can see.
"""

import atexit
import base64
import binascii
import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from bci_online.errors import BciError
from bci_online.session_names import checked_session

__all__ = ["KEYS_VARIABLE", "enter_key", "has_key", "key_text", "new_key", "session_key"]

KEYS_VARIABLE = "BCI_ONLINE_KEYS"
"""Names the folder of keys, where a home cannot hold it."""

KEY_BYTES = 16
GROUP = 4
# The last bytes of the typed text find a slip; they are no secret beyond the key.
CHECK_BYTES = 4


def new_key(session: str) -> bytes:
    """Make the key of a session that begins and ends with this process, in place of any older one.

    Parameters
    ----------
    session : str
        Its name.

    Returns
    -------
    key : bytes
        Its file is removed when this process ends.

    Raises
    ------
    BciError
        If no file can be kept that only this user can read.

    See Also
    --------
    session_key : What the session's parts call.
    """
    path = _path(session)
    path.unlink(missing_ok=True)
    key = session_key(session)
    atexit.register(_remove, path, os.getpid())
    return key


def session_key(session: str) -> bytes:
    """Return the key of a session; the first part that asks makes it.

    Parameters
    ----------
    session : str
        Its name.

    Returns
    -------
    key : bytes
        Its file stays: a program that ends and starts again must find the same key.

    Raises
    ------
    BciError
        If no file can be kept that only this user can read, or it holds no key.

    See Also
    --------
    new_key : For a session of one process and its parts.
    enter_key : For a session of another computer.
    """
    path = _path(session)
    if not path.exists():
        _write(path, secrets.token_bytes(KEY_BYTES))
    try:
        return _parse(path.read_text())
    except (OSError, ValueError) as error:
        raise BciError(f"{path}: holds no session's key ({error}); remove it") from None


def has_key(session: str) -> bool:
    """Return whether this computer and user have the key of a session.

    Parameters
    ----------
    session : str
        Its name.

    Returns
    -------
    answer : bool
        Whether `session_key` would make none.

    See Also
    --------
    session_key : Read it.
    """
    return _path(session).exists()


def enter_key(session: str, text: str) -> None:
    """Keep the key of a session that runs on another computer.

    Parameters
    ----------
    session : str
        Its name.
    text : str
        As `key_text` shows it there; case, blanks and dashes do not matter.

    Raises
    ------
    BciError
        If the text is no key, or no file can be kept that only this user can read.

    See Also
    --------
    key_text : What is typed.
    """
    try:
        key = _parse(text)
    except ValueError as error:
        raise BciError(
            f"this is not the key of session {session}: {error}; show it again with "
            f"`bci-online key {session}` where the session runs"
        ) from None
    path = _path(session)
    path.unlink(missing_ok=True)
    _write(path, key)


def key_text(key: bytes) -> str:
    """Return a key as a person copies it.

    Parameters
    ----------
    key : bytes
        Of a session.

    Returns
    -------
    text : str
        Groups of four letters and digits; the end checks the rest.

    See Also
    --------
    enter_key : Takes it on another computer.

    Examples
    --------
    >>> key_text(bytes(16))
    'AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-ADWL-WS2V'
    """
    check = binascii.crc32(key).to_bytes(CHECK_BYTES, "big")
    text = base64.b32encode(key + check).decode()
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def _parse(text: str) -> bytes:
    plain = "".join(text.split()).replace("-", "").upper()
    try:
        # 0, 1 and 8 are no letters of this alphabet: somebody read O, I and B.
        decoded = base64.b32decode(plain.translate(str.maketrans("018", "OIB")))
    except ValueError:
        decoded = b""
    if len(decoded) != KEY_BYTES + CHECK_BYTES:
        raise ValueError("it must have 32 letters and digits")
    key, check = decoded[:KEY_BYTES], decoded[KEY_BYTES:]
    if binascii.crc32(key).to_bytes(CHECK_BYTES, "big") != check:
        raise ValueError("a letter or digit is wrong")
    return key


def _path(session: str) -> Path:
    return _folder() / f"{checked_session(session)}.key"


def _folder() -> Path:
    """Return a folder that belongs to this user alone; it is made where it is missing.

    It follows from the user and not from how a shell was started: a desktop, an ssh login and a
    service have other temporary folders.
    """
    named = os.environ.get(KEYS_VARIABLE)
    # Not Path.home(): it raises where there is no home directory.
    folder = Path(named or os.path.expanduser("~/.bci-online/keys"))
    if not folder.is_absolute():
        raise BciError(
            f"{folder}: must be an absolute path, so that each part of a session finds the same "
            f"key; set {KEYS_VARIABLE} to a folder of your own on this computer"
        )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A link is not followed: another user may have made it.
        found = folder.lstat()
    except OSError as error:
        raise _no_place(folder, error) from error
    # Windows keeps other users out of a user's folders by other means than these bits.
    if os.name == "posix":
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise BciError(
                f"{folder}: must be your own folder; remove it, or set {KEYS_VARIABLE} to another "
                "one"
            )
        if found.st_mode & 0o077:
            raise BciError(f"{folder}: must be readable by you alone (chmod 700)")
    return folder


def _no_place(folder: Path, error: OSError) -> BciError:
    return BciError(
        f"{folder}: no key can be kept there: {error.strerror}; set {KEYS_VARIABLE} to a folder of "
        "your own on this computer"
    )


def _write(path: Path, key: bytes) -> None:
    """Write a key in one step; if there is one, it stays."""
    try:
        handle, made = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(key_text(key))
            with suppress(FileExistsError):
                os.link(made, path)
        finally:
            os.unlink(made)
    except OSError as error:
        raise _no_place(path.parent, error) from error


def _remove(path: Path, pid: int) -> None:
    # A process that was forked has the same list of what to do at its end.
    if os.getpid() == pid:
        with suppress(OSError):
            path.unlink()
