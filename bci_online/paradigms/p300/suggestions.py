"""What free spelling adds to a matrix: likely words, the way back, a rest."""

from collections.abc import Sequence

from bci_online.config import LayoutSpec
from bci_online.paradigms.p300.language import language

__all__ = ["with_suggestions"]

MARKS = ".,?!'-:;/()+=%&@"
"""What fills a row where no words are suggested."""


def with_suggestions(
    layout: LayoutSpec, code: str, spelled: Sequence[str], keys: Sequence[str] = ()
) -> LayoutSpec:
    """Return `layout` with a last row of likely words and of the keys that it lacks.

    Parameters
    ----------
    layout : LayoutSpec
        Of letters; the codes of its rows and columns stay, but with ``rows-first`` numbering those
        of the columns move up by one.
    code : str
        The language; empty: marks instead of words, and no row where no key is lacking.
    spelled : sequence of str
        What was chosen so far.
    keys : sequence of str
        Symbols that have to be there, such as a backspace.

    Raises
    ------
    ValueError
        If the row has no room for the keys.
    """
    known = {symbol for row in layout.rows for symbol in row}
    lacking = tuple(key for key in dict.fromkeys(keys) if key and key not in known)
    if not code and not lacking:
        return layout
    n = len(layout.rows[0]) - len(lacking)
    if n < 0:
        raise ValueError(f"a row of {len(layout.rows[0])} has no room for {' '.join(lacking)}")
    found = _words(code, spelled, n, known) if code else (mark for mark in MARKS)
    words = tuple(dict.fromkeys(word for word in found if word not in known | {*lacking}))[:n]
    return LayoutSpec(rows=(*layout.rows, (*words, *lacking)), numbering=layout.numbering)


def _words(code: str, spelled: Sequence[str], n: int, known: set[str]) -> list[str]:
    """Return at least `n` words that the matrix lacks, the likeliest first."""
    of = language(code)
    capitals = any(symbol.isupper() for symbol in known)
    found = list(of.completions(spelled, n + len(known)))
    # Where the word cannot be guessed, the likeliest words of all stand in: a row has no holes.
    found += of.completions((), 2 * n + len(known))
    return [_capital(word, code) if capitals else word for word in found]


def _capital(word: str, code: str) -> str:
    return (word.replace("i", "İ") if code == "tr" else word).upper()
