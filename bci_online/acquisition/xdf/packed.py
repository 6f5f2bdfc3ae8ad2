"""Gzipped recordings: what of them unpacks."""

import os
import zlib
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from bci_online.errors import RecordingError

__all__ = ["is_packed_whole", "unpack"]

BLOCK = 1 << 16
GZIP = 16 + zlib.MAX_WBITS
# Noise of an amplifier shrinks to a half or a fifth, a flat signal to a fiftieth.
MOST_GROWTH = 100
UNPACKED_ANYWAY = 1 << 26


def unpack(file: BinaryIO) -> Iterator[bytes]:
    """Yield what a gzipped recording unpacks to, up to where it is cut or damaged.

    Parameters
    ----------
    file : BinaryIO
        At its beginning.

    Yields
    ------
    block : bytes
        Not empty.

    Raises
    ------
    RecordingError
        If it unpacks to far too much; it is raised before that fills the disk.

    See Also
    --------
    is_packed_whole : Whether it is cut or damaged.

    Examples
    --------
    >>> import gzip, io
    >>> b"".join(unpack(io.BytesIO(gzip.compress(b"XDF:"))))
    b'XDF:'
    """
    packed = file.seek(0, os.SEEK_END)
    file.seek(0)
    most = max(UNPACKED_ANYWAY, MOST_GROWTH * packed)
    n_unpacked = 0
    for block in _inflated(file):
        n_unpacked += len(block)
        if n_unpacked > most:
            raise RecordingError(
                f"unpacks {packed / 1e6:.1f} MB to more than {most / 1e6:.0f} MB: recordings grow "
                f"by at most {MOST_GROWTH} times, so this is none; if it is one, unpack it with "
                "gzip and name the .xdf file"
            )
        yield block


def is_packed_whole(path: Path) -> bool:
    """Return whether a gzipped recording unpacks to its end; a plain file counts as whole.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    whole : bool
        Whether its checksum is right, too.

    See Also
    --------
    unpack : Reads what unpacks.

    Examples
    --------
    >>> import gzip, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.xdfz"
    ...     n_written = path.write_bytes(gzip.compress(b"XDF:")[:-2])
    ...     is_packed_whole(path)
    False
    """
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        blocks = _inflated(file)
        while is_packed:
            try:
                next(blocks)
            except StopIteration as end:
                return bool(end.value)
    return True


def _inflated(file: BinaryIO) -> Generator[bytes, None, bool]:
    """Yield what a gzipped file unpacks to, up to where it is cut or damaged; return if it is not.

    `gzip` would drop all that it has unpacked in the call that meets the damage.
    """
    inflate = zlib.decompressobj(GZIP)
    while packed := inflate.unused_data or file.read(BLOCK):
        if inflate.eof:
            inflate = zlib.decompressobj(GZIP)
        before = inflate.copy()
        try:
            block = inflate.decompress(packed)
        except zlib.error:
            yield _inflated_part(before, packed)
            return False
        if block:
            yield block
    return inflate.eof


def _inflated_part(inflate: Any, packed: bytes) -> bytes:
    """Return what unpacks before the damage."""
    part = bytearray()
    with suppress(zlib.error):
        for at in range(len(packed)):
            part += inflate.decompress(packed[at : at + 1])
    return bytes(part)
