"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["open_atomically", "write_atomically"]


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole, or leave what was there before.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    content : bytes
        All of it.

    Raises
    ------
    OSError
        If it cannot be written, for instance because the disk is full. No draft is left.

    See Also
    --------
    bci_online.decoding.decoder_file.write_decoder : Writes decoders so.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     summary = Path(folder) / "summary.json"
    ...     write_atomically(summary, b"{}")
    ...     os.listdir(folder)
    ['summary.json']
    """
    with open_atomically(path) as file:
        file.write(content)


@contextmanager
def open_atomically(path: Path, permissions: int = 0o644) -> Iterator[BinaryIO]:
    """Open a file to be written piece by piece; it is there once the ``with`` block ends.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    permissions : int
        Who may read and write it then; before, only its owner can.

    Yields
    ------
    file : BinaryIO
        A draft in the same folder. An exception in the block removes it.

    Raises
    ------
    OSError
        As `write_atomically` does.

    See Also
    --------
    write_atomically : Writes content that is in memory.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_atomically(Path(folder) / "run.xdf") as file:
    ...         n_bytes = file.write(b"XDF:")
    ...         before = (Path(folder) / "run.xdf").exists()
    ...     before, (Path(folder) / "run.xdf").exists()
    (False, True)
    """
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            # Some file systems find only now that there is no room.
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner may read.
        os.chmod(draft, permissions)
        os.replace(draft, path)
    except BaseException as error:
        os.unlink(draft)
        if isinstance(error, OSError) and error.filename is None:
            # The error of a full disk names no file.
            error.filename = str(path)
        raise
