"""The text that chosen symbols spell, and the word that it ends with."""

import unicodedata
from collections.abc import Sequence

__all__ = ["text_of"]

SPACES = frozenset({" ", "_", "␣", "\u00a0"})
"""Symbols that stand for a space."""

APOSTROPHES = frozenset("'’ʼ")
"""Marks that are a part of a word."""


def text_of(symbols: Sequence[str]) -> str:
    """Return the spelled text; a word of several characters gets a space after it.

    A symbol of several characters is a word. If the text before it begins the same word, the symbol
    completes it.

    Parameters
    ----------
    symbols : sequence of str
        In the order of the decisions.

    Returns
    -------
    text : str
        Without a space at its end after single letters.

    See Also
    --------
    bci_online.paradigms.p300.text_prior.TextPrior : Uses the text so far.

    Examples
    --------
    >>> text_of(["I", "␣", "W", "WANT", "T", "O"])
    'I WANT TO'
    """
    text = ""
    for symbol in symbols:
        if symbol in SPACES:
            text += " "
        elif len(symbol) == 1:
            text += symbol
        else:
            begun = begun_word(text)
            if symbol.casefold().startswith(begun.casefold()):
                text = text[: len(text) - len(begun)]
            text += f"{symbol} "
    return text


def is_word(text: str) -> bool:
    """Return whether `text` consists of letters and their marks only."""
    return bool(text) and all(unicodedata.category(letter)[0] in "LM" for letter in text)


def begun_word(text: str) -> str:
    """Return the letters that `text` ends with."""
    end = len(text)
    while end and in_word(text[end - 1]):
        end -= 1
    return text[end:]


def in_word(letter: str) -> bool:
    """Return whether a letter or mark can be a part of a word."""
    return is_word(letter) or letter in APOSTROPHES
