"""Arrays and a text as the bytes of a file that nothing can run and nobody can change unseen.

A safetensors file: arrays, and texts in its metadata. A SHA-256 covers all of it. The 64 characters
of the digest are zeros while it is computed and are then patched in. safetensors alone accepts 286
of 300 flipped bits.
"""

import hashlib
import json
import re
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

__all__ = ["is_sealed", "sealed", "texts_of"]

_BLANK = "0" * 64

_MOST_HEADER = 1 << 24
"""Bytes of a header that are read: JSON of many small values takes twenty times as much memory."""


def sealed(key: str, text: str, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the bytes of a file.

    Parameters
    ----------
    key : str
        What the text is.
    text : str
        Everything that is not an array.
    arrays : mapping of str to ndarray
        By name.

    Returns
    -------
    content : bytes
        With its checksum.

    See Also
    --------
    is_sealed : Whether nothing was changed.

    Examples
    --------
    >>> content = sealed("poem", "roses", {"red": np.ones(3)})
    >>> texts_of(content)["poem"], is_sealed(content)
    ('roses', True)
    >>> is_sealed(content.replace(b"roses", b"Roses"))
    False
    """
    # Not ascontiguousarray: it makes one number a row of one.
    tensors = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    content = _ordered(save(tensors, metadata={key: text, "sha256": _BLANK}))
    digest = hashlib.sha256(content).hexdigest()
    return content.replace(_digest(_BLANK), _digest(digest), 1)


def texts_of(content: bytes) -> dict[str, str] | None:
    """Return the texts of a file's metadata, unchecked.

    Parameters
    ----------
    content : bytes
        Any.

    Returns
    -------
    texts : dict of str to str, or None
        None if these bytes have no header of safetensors, or one that is too long.

    Raises
    ------
    ValueError
        If the header is longer than the bytes.

    See Also
    --------
    is_sealed : Checks them.

    Examples
    --------
    >>> texts_of(b"PK") is None
    True
    """
    if len(content) < 8:
        return None
    (length,) = struct.unpack("<Q", content[:8])
    if length > len(content) - 8:
        raise ValueError("it is cut short")
    if length > _MOST_HEADER:
        return None
    try:
        metadata = json.loads(content[8 : 8 + length]).get("__metadata__", {})
        return {key: str(value) for key, value in metadata.items()}
    except (ValueError, AttributeError, RecursionError):
        return None


def is_sealed(content: bytes) -> bool | None:
    """Return whether every byte is as it was written; None if there is no checksum.

    Parameters
    ----------
    content : bytes
        That `texts_of` can read.

    Returns
    -------
    sound : bool or None
        Of the checksum.

    See Also
    --------
    sealed : Makes it.

    Examples
    --------
    >>> from safetensors.numpy import save
    >>> is_sealed(save({"red": np.ones(3)})) is None
    True
    """
    stated = (texts_of(content) or {}).get("sha256", "")
    if not re.fullmatch("[0-9a-f]{64}", stated) or content.count(_digest(stated)) != 1:
        return None
    blank = content.replace(_digest(stated), _digest(_BLANK), 1)
    return hashlib.sha256(blank).hexdigest() == stated


def _ordered(content: bytes) -> bytes:
    """Put the checksum first: safetensors writes the texts in an order that chance decides."""
    blank, before = _digest(_BLANK), b'{"__metadata__":{'
    at = 8 + len(before)
    if content.startswith(blank, at):
        return content
    content = content.replace(b"," + blank, b"", 1)
    return b"".join((content[:at], blank, b",", content[at:]))


def _digest(value: str) -> bytes:
    # The key makes it unique: quotes in the header's text are escaped, so no text looks like this.
    return b'"sha256":"%s"' % value.encode()
