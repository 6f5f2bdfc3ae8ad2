"""What free spelling adds to a matrix: likely words, a backspace, a rest."""

from collections.abc import Sequence

from bci_online.config import LayoutSpec
from bci_online.paradigms.p300.language import language

__all__ = ["with_suggestions"]

MARKS = ".,?!'-:;/()+=%&@"
"""Symbols of a row in which no words are suggested."""


def with_suggestions(
    layout: LayoutSpec,
    code: str,
    spelled: Sequence[str],
    keys: Sequence[str] = (),
    earlier: tuple[str, ...] = (),
) -> LayoutSpec:
    """Return `layout` with a last row of likely words and of the keys that it lacks.

    Parameters
    ----------
    layout : LayoutSpec
        The letters. Codes of its rows and columns stay; with ``rows-first`` numbering the codes of
        columns grow by one.
    code : str
        The language; empty: marks instead of words, and no row if no key is missing.
    spelled : sequence of str
        The symbols chosen so far.
    keys : sequence of str
        Symbols that must be there, such as a backspace.
    earlier : tuple of str
        The subject's words of earlier sessions, as `Language.words` returns them.

    Returns
    -------
    layout : LayoutSpec
        The same one if there is nothing to add.

    Raises
    ------
    ValueError
        If the row has no room for the keys.

    See Also
    --------
    bci_online.paradigms.p300.matrix.SymbolMatrix : Changes the row between letters.

    Examples
    --------
    >>> with_suggestions(LayoutSpec(rows=("ABC", "DEF")), "", (), keys=("⌫",)).rows[-1][-1]
    '⌫'
    """
    known = {symbol for row in layout.rows for symbol in row}
    lacking = tuple(key for key in dict.fromkeys(keys) if key and key not in known)
    if not code and not lacking:
        return layout
    n = len(layout.rows[0]) - len(lacking)
    if n < 0:
        raise ValueError(f"a row of {len(layout.rows[0])} has no room for {' '.join(lacking)}")
    found = _words(code, spelled, n, known, earlier) if code else (mark for mark in MARKS)
    words = tuple(dict.fromkeys(word for word in found if word not in known | {*lacking}))[:n]
    return LayoutSpec(rows=(*layout.rows, (*words, *lacking)), numbering=layout.numbering)


def _words(
    code: str, spelled: Sequence[str], n: int, known: set[str], earlier: tuple[str, ...]
) -> list[str]:
    """Return at least `n` words that the matrix lacks, the best first."""
    of = language(code)
    capitals = any(symbol.isupper() for symbol in known)
    at_hand = {of.fold(symbol) for symbol in known}
    found = list(of.completions(spelled, n, at_hand, earlier))
    # If the word cannot be guessed, words that begin a text fill the row: it has no empty cells.
    found += of.completions((), 2 * n, at_hand, earlier)
    return [_capital(word, code) if capitals else word for word in found]


def _capital(word: str, code: str) -> str:
    return (word.replace("i", "İ") if code == "tr" else word).upper()
