"""What is said to a person: the key of a text, and the values that stand in it."""

import msgspec

__all__ = ["Said"]


class Said(msgspec.Struct, frozen=True):
    """One text of the lab's window, before it has a language.

    Parameters
    ----------
    key : str
        Of a text in `bci_online.gui.lab.texts`, such as ``decoder.title``.
    values : dict
        What stands in its braces.

    See Also
    --------
    bci_online.lab.cards.cards_of : Says what comes next so.

    Examples
    --------
    >>> Said("history.subjects", {"n": 3}).values
    {'n': 3}
    """

    key: str
    values: dict[str, str | int | float] = {}
