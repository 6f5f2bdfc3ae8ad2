"""Texts of streams, which may come from anywhere, made safe to show."""

import math
import re
from typing import Any

import numpy as np

__all__ = ["LONGEST_MARKER", "clean", "number_text", "printable"]

LONGEST_MARKER = 1 << 16
"""Characters of a marker that are read, live and in a recording; the rest is cut off."""

# Control characters, line and paragraph separators, and marks that change the direction of text:
# each could make a terminal show something else than the text.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str, limit: int) -> str:
    r"""Return at most `limit` characters of `text`, without control characters.

    Parameters
    ----------
    text : str
        Of any origin.
    limit : int
        Most characters.

    Returns
    -------
    text : str
        On one line.

    See Also
    --------
    clean : Takes off the blanks around it, too.

    Examples
    --------
    >>> printable("\x1b[31mred", 20)
    '[31mred'
    """
    return _UNPRINTABLE.sub("", text[:limit])


def clean(text: str | None, limit: int = 80) -> str:
    r"""Return `text` as `printable` does, without surrounding blanks (the indentation of XML).

    Parameters
    ----------
    text : str or None
        Of any origin; None is empty.
    limit : int
        Most characters.

    Returns
    -------
    text : str
        It can be shown in one line.

    See Also
    --------
    printable : Keeps the blanks.

    Examples
    --------
    >>> clean("  a name\n ")
    'a name'
    """
    return printable((text or "").strip(), limit).strip()


def number_text(value: Any) -> str:
    """Return a numeric marker as short as possible: ``1111.0`` is ``1111``.

    Parameters
    ----------
    value : float or int
        Of a marker channel.

    Returns
    -------
    text : str
        Without a needless decimal point.

    See Also
    --------
    bci_online.translation.Translator : Reads such texts.

    Examples
    --------
    >>> number_text(1111.0), number_text(0.5)
    ('1111', '0.5')
    """
    if math.isfinite(value):
        return np.format_float_positional(value, trim="-") if value % 1 else str(int(value))
    return str(value)
