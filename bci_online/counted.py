"""Numbers with their nouns."""

__all__ = ["counted"]


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Parameters
    ----------
    n : int
        How many.
    one : str
        What one is called.
    many : str
        What several are called; by default with an s at the end.

    Returns
    -------
    text : str
        The number, and the noun that fits it.

    See Also
    --------
    bci_online.console.note : Most counts are for such lines.

    Examples
    --------
    >>> counted(1, "channel"), counted(8, "channel"), counted(0, "sample is", "samples are")
    ('1 channel', '8 channels', '0 samples are')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"
