"""Numbers with their nouns or with two digits, and lists that end with a number."""

from collections.abc import Sequence

__all__ = ["counted", "rounded", "some"]

MOST_NAMED = 8


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
    some : Names instead of a number.
    bci_online.console.note : Most counts are for such lines.

    Examples
    --------
    >>> counted(1, "channel"), counted(8, "channel"), counted(0, "sample is", "samples are")
    ('1 channel', '8 channels', '0 samples are')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def some(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Return the first few names, and how many more there are.

    Parameters
    ----------
    names : sequence of str
        Such as channels.
    most : int
        How many are named.

    Returns
    -------
    text : str
        For a person.

    See Also
    --------
    counted : A number alone.

    Examples
    --------
    >>> some(["Cz", "Pz"]), some(["Cz", "Pz", "Oz"], most=1)
    ('Cz, Pz', 'Cz and 2 more')
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def rounded(value: float) -> str:
    """Return a number with two digits that count, without an exponent where that is readable.

    Parameters
    ----------
    value : float
        Such as a size.

    Returns
    -------
    text : str
        For a person.

    See Also
    --------
    counted : Whole numbers.

    Examples
    --------
    >>> rounded(1034.0), rounded(0.0361), rounded(5.8e-7)
    ('1000', '0.036', '5.8e-07')
    """
    return f"{float(f'{value:.2g}'):g}"
