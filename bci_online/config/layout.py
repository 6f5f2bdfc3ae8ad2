"""A matrix of symbols, or groups of them: what a flash of each code lights."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from bci_online.config.ranges import Label
from bci_online.config.section import Section

__all__ = ["LayoutSpec"]

# A text is a row of symbols of one character.
Row = (
    Annotated[str, msgspec.Meta(max_length=50)]
    | Annotated[tuple[Label, ...], msgspec.Meta(max_length=50)]
)

# Codes of flashes that name their objects have a bit for each.
Code = Annotated[int, msgspec.Meta(ge=0, le=(1 << 62) - 1)]
Codes = Annotated[
    dict[Code, Annotated[tuple[Label, ...], msgspec.Meta(max_length=2500)]],
    msgspec.Meta(max_length=1000),
]


class LayoutSpec(Section, frozen=True):
    """A matrix of symbols whose rows and columns flash, or any groups of symbols.

    Parameters
    ----------
    rows : tuple of (str or tuple of str)
        Rows of the matrix; a row is a text of one-character symbols, or a list of symbols.
    numbering : {"columns-first", "rows-first"}
        Whether codes 1, 2, ... are the columns or the rows; the others come after them.
    codes : dict of int to tuple of str
        Other groups: which symbols a flash of each code lights, such as ``1 = ["A", "B"]``; empty:
        rows and columns.

    See Also
    --------
    bci_online.paradigms.p300.flash_order.row_column : The order of flashes.

    Examples
    --------
    >>> LayoutSpec(rows=("AB", "CD")).symbols_of_code[1]  # code 1 is the first column
    ('A', 'C')
    >>> LayoutSpec(codes={7: ("A", "D"), 8: ("B", "D")}).symbols_of_code[7]
    ('A', 'D')
    """

    rows: Annotated[tuple[Row, ...], msgspec.Meta(max_length=50)] = (
        "ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "56789_",
    )  # fmt: skip
    numbering: Literal["columns-first", "rows-first"] = "columns-first"
    codes: Codes = msgspec.field(default_factory=dict)

    def check(self) -> None:
        """Refuse a matrix with holes or one symbol twice, and groups that tell no symbols apart."""
        self._check_codes()
        if len({len(row) for row in self.rows}) > 1 or any(not row for row in self.rows):
            raise ValueError("every row of the layout needs the same number of symbols")
        symbols = [symbol for row in self.rows for symbol in row]
        if len(set(symbols)) < len(symbols) or "" in symbols:
            wrong = sorted({s for s in symbols if not s or symbols.count(s) > 1})
            raise ValueError(f"symbols must be different and not empty, got {wrong}")

    def _check_codes(self) -> None:
        lit: dict[str, set[int]] = {}
        for code, symbols in self.codes.items():
            if not symbols or "" in symbols:
                raise ValueError(f"codes.{code} needs symbols that are not empty")
            for symbol in symbols:
                lit.setdefault(symbol, set()).add(code)
        alike: dict[frozenset[int], str] = {}
        for symbol, codes in lit.items():
            other = alike.setdefault(frozenset(codes), symbol)
            if other != symbol:
                raise ValueError(
                    f"codes: {other!r} and {symbol!r} flash together each time, so nothing tells "
                    "which of them is meant"
                )

    @property
    def symbols_of_code(self) -> dict[int, tuple[str, ...]]:
        """Which symbols a flash of each code lights; empty for a layout without rows."""
        if self.codes:
            return dict(self.codes)
        rows = [tuple(row) for row in self.rows]
        columns = list(zip(*rows, strict=True))
        lines = rows + columns if self.numbering == "rows-first" else columns + rows
        return dict(enumerate(lines, start=1))

    def spelled(self, word: str | Sequence[str]) -> tuple[str, ...]:
        """Return the symbols that make up `word`.

        A text is one symbol if the matrix has that symbol. Otherwise each character is one, or
        each word where symbols have several characters. If they do not fit in this case, upper
        and lower case are tried. A sequence is taken as symbols already.

        Raises
        ------
        ValueError
            If the matrix lacks a symbol of the word, or the word is empty.

        Examples
        --------
        >>> LayoutSpec().spelled("bci")
        ('B', 'C', 'I')
        >>> LayoutSpec(rows=(("YES", "NO"), ("HELP", "STOP"))).spelled("YES NO")
        ('YES', 'NO')
        """
        known = {symbol for line in self.symbols_of_code.values() for symbol in line}
        texts = (word, word.upper(), word.lower()) if isinstance(word, str) else ()
        for text in texts:
            for symbols in ((text,), tuple(text), tuple(text.split())):
                if symbols and known.issuperset(symbols):
                    return symbols
        missing = min((sorted({*text} - known) for text in texts or (word,)), key=len)
        if missing or not word:
            lacking = ", ".join(each if each.strip() else repr(each) for each in missing) or "yet"
            raise ValueError(f"word {''.join(word)!r}: the layout has no symbol {lacking}")
        return tuple(word)

    def words(self, text: str) -> tuple[str, ...]:
        """Return the words of `text`; it is one word where the matrix has a symbol for spaces."""
        try:
            self.spelled(text)
        except ValueError:
            return tuple(text.split())
        return (text,)
