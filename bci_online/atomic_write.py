"""Small files, written whole or not at all."""

import os
import tempfile
from pathlib import Path

__all__ = ["write_atomically"]


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
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            # Some file systems find only now that there is no room.
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner may read.
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
