"""Whether the flashes that are called targets light the letter that was to be spelled."""

from collections.abc import Iterable, Mapping
from typing import Self

import msgspec

from bci_online.config import LayoutSpec
from bci_online.markers import Flash

__all__ = ["LetterLabels", "fitting_layout", "told_by_labels"]

WRONG = 0.25
"""A letter's labels contradict its layout if more than this share of its targets do."""

KNOWN_ROWS = (
    ("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "56789_"),
    ("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "56789?"),
    ("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "567890"),
    ("ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ0123", "456789"),
    ("ABCDE", "FGHIJ", "KLMNO", "PQRST", "UVWXY"),
)
"""Matrices of other programs: Wadsworth, BCI2000, OpenVIBE, g.tec, and one of letters alone."""


class LetterLabels(msgspec.Struct):
    """The labels of one letter's flashes, against the layout.

    Parameters
    ----------
    truth : str
        What was to be spelled; empty if unknown.
    targets : set of int
        Codes of the flashes that are called targets.
    n_targets, n_wrong : int
        How many such flashes there were, and how many of them do not light the truth.

    See Also
    --------
    fitting_layout : The layout that the labels are of.

    Examples
    --------
    >>> letter = LetterLabels("B")
    >>> letter.add(Flash(1, target=True), {1: ("A", "B"), 2: ("C", "D")})
    >>> letter.contradicts
    False
    >>> letter.add(Flash(2, target=True), {1: ("A", "B"), 2: ("C", "D")})
    >>> letter.contradicts
    True
    """

    truth: str
    targets: set[int] = msgspec.field(default_factory=set)
    n_targets: int = 0
    n_wrong: int = 0

    @classmethod
    def begun(cls, symbol: str, symbols_of_code: Mapping[int, tuple[str, ...]]) -> Self:
        """Return those of a letter that begins.

        ``?`` means that the symbol is not known, unless the matrix itself has it.
        """
        known = {symbol for line in symbols_of_code.values() for symbol in line}
        return cls("" if symbol == "?" and "?" not in known else symbol)

    def add(self, flash: Flash, symbols_of_code: Mapping[int, tuple[str, ...]]) -> None:
        """Count a flash; one of a code that the layout lacks says nothing."""
        lit = symbols_of_code.get(flash.code)
        if flash.target and self.truth and lit is not None:
            self.targets.add(flash.code)
            self.n_targets += 1
            self.n_wrong += self.truth not in lit

    @property
    def contradicts(self) -> bool:
        """Whether the layout is not that of these labels."""
        return self.n_wrong > WRONG * self.n_targets


def fitting_layout(letters: Iterable[LetterLabels], layout: LayoutSpec) -> LayoutSpec | None:
    """Return the layout in which each letter's targets light it.

    Parameters
    ----------
    letters : iterable of LetterLabels
        Of one recording or several.
    layout : LayoutSpec
        The configured one; its rows are tried first, with the other numbering.

    Returns
    -------
    layout : LayoutSpec or None
        None if none of the matrices of other programs fits either.

    See Also
    --------
    LetterLabels : Whether a layout is contradicted.

    Examples
    --------
    With columns first, code 1 would be the column A G M S Y 5:

    >>> letter = LetterLabels("B", targets={1, 8})
    >>> fitting_layout([letter], LayoutSpec()).numbering
    'rows-first'
    """
    known = [letter for letter in letters if letter.targets]
    for rows in (layout.rows, *KNOWN_ROWS):
        for numbering in ("columns-first", "rows-first"):
            candidate = LayoutSpec(rows=rows, numbering=numbering)
            lines = candidate.symbols_of_code
            if known and all(_fits(letter, lines) for letter in known):
                return candidate
    return None


def told_by_labels(
    flashes: Iterable[tuple[int, bool]], symbols_of_code: Mapping[int, tuple[str, ...]]
) -> str:
    """Return the symbol that every target flash of a letter lights, and no other flash.

    Parameters
    ----------
    flashes : iterable of (int, bool)
        Code of each flash, and whether it was a target.
    symbols_of_code : mapping of int to tuple of str
        What each code lights.

    Returns
    -------
    symbol : str
        Empty if it is none, or not one alone.

    See Also
    --------
    LetterLabels : Where the symbol is known.

    Examples
    --------
    >>> layout = {1: ("A", "B"), 2: ("C", "D"), 3: ("A", "C")}
    >>> told_by_labels([(1, True), (2, False), (3, False)], layout)
    'B'
    """
    symbols = {symbol for line in symbols_of_code.values() for symbol in line}
    n_targets = 0
    for code, is_target in flashes:
        lit = set(symbols_of_code.get(code, ()))
        symbols = symbols & lit if is_target else symbols - lit
        n_targets += is_target
    return symbols.pop() if n_targets and len(symbols) == 1 else ""


def _fits(letter: LetterLabels, lines: Mapping[int, tuple[str, ...]]) -> bool:
    """Return whether the codes of the targets light one symbol alone, the truth."""
    lit = [set(lines.get(code, ())) for code in letter.targets]
    return set.intersection(*lit) == {letter.truth}
