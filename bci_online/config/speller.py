"""A speller: its matrix, the times of the screen, and the stopping rule."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from bci_online.config.ranges import (
    Label,
    Names,
    Probability,
    Repetitions,
    Seconds,
    Text,
    Weight,
)
from bci_online.config.section import Section

__all__ = ["LayoutSpec", "Presentation", "Stopping"]


# A text is a row of symbols of one character.
Row = (
    Annotated[str, msgspec.Meta(max_length=50)]
    | Annotated[tuple[Label, ...], msgspec.Meta(max_length=50)]
)

PerMinute = Annotated[Weight, msgspec.Meta(extra={"unit": "1/min"})]

Code = Annotated[int, msgspec.Meta(ge=0, le=999_999_999)]
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


class Presentation(Section, frozen=True):
    """What the screen shows: times in ms (``_ms``) or s (``_s``).

    Times in ms are rounded to whole frames of ``refresh_hz``.

    Parameters
    ----------
    flash_ms : float
        Length of a flash; it is rounded to whole frames.
    gap_ms : float
        From the end of a flash to the next one; it is rounded to whole frames.
    refresh_hz : float
        Refresh rate of the display; it is measured where frames wait for the display.
    order : {"row-column", "random-groups"}
        What flashes together; random groups have no neighbours and change with each repetition.
    repetitions : int
        Repetitions of each letter in calibration.
    cue_s : float
        How long the cue is shown.
    decision_s : float
        How long a decision is shown.
    pause_s : float
        Pause between two letters.
    attempts : int
        How often a letter without a decision is asked for.
    backspace : str
        Symbol that takes back the letter before. It can always be chosen in free spelling, in the
        layout or beside it; empty: none.
    rest : str
        Symbol with which the subject asks for a pause, as with the one before; empty: none.
    waiting_s : float
        How much longer the pause is after a letter that nobody looked at, and again after each
        next one.
    rest_after : int
        After so many such letters the session pauses until it is resumed; 0: never.
    words : tuple of str
        What is copied in calibration. Words are spelled with the symbols of the layout.
    until : str
        A share such as 9/10: a calibration ends once its letters promise so many right, at the
        latest after its words; empty: after its words.
    classes : tuple of str
        Motor imagery: what is imagined; rest may be one of them.
    trials_per_class : int
        Motor imagery: cues of each class.

    See Also
    --------
    bci_online.paradigms.p300.presentation.P300Presentation : Shows letters.

    Examples
    --------
    >>> Presentation(flash_ms=100.0, gap_ms=75.0, refresh_hz=60.0).frames()
    (6, 4)
    >>> Presentation(until="9/10").wanted
    0.9
    """

    flash_ms: Annotated[float, msgspec.Meta(gt=0, le=10_000, extra={"unit": "ms"})] = 100.0
    gap_ms: Annotated[float, msgspec.Meta(ge=0, le=10_000, extra={"unit": "ms"})] = 75.0
    refresh_hz: Annotated[float, msgspec.Meta(ge=1, le=1000, extra={"unit": "Hz"})] = 60.0
    order: Literal["row-column", "random-groups"] = "row-column"
    repetitions: Repetitions = 15
    cue_s: Seconds = 1.5
    decision_s: Seconds = 1.5
    pause_s: Seconds = 2.5
    attempts: Repetitions = 3
    backspace: Label = "⌫"
    rest: Label = "☾"
    waiting_s: Seconds = 5.0
    rest_after: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 4
    until: Label = ""
    words: Annotated[tuple[Text, ...], msgspec.Meta(max_length=1000)] = (
        "THE",
        "QUICK",
        "BROWN",
        "FOX",
    )
    classes: Names = ("left_hand", "right_hand")
    trials_per_class: Repetitions = 20

    def check(self) -> None:
        """Refuse a text that is no share of letters."""
        if self.until:
            right, slash, of = self.until.partition("/")
            is_share = slash and right.isdecimal() and of.isdecimal()
            if not (is_share and 0 < int(right) < int(of)):
                raise ValueError(
                    f"until = {self.until!r} must be like '9/10': 9 of 10 letters right"
                )

    @property
    def wanted(self) -> float | None:
        """The share of letters that a calibration is to promise; None: all words are shown."""
        if not self.until:
            return None
        right, _, of = self.until.partition("/")
        return int(right) / int(of)

    def frames(self) -> tuple[int, int]:
        """Return the length of a flash and of a gap in whole frames."""
        flash = max(1, round(self.flash_ms * self.refresh_hz / 1000))
        return flash, round(self.gap_ms * self.refresh_hz / 1000)


class Stopping(Section, frozen=True):
    """When a letter or cue is decided: at an error rate, and at the latest after its repetitions.

    Motor imagery: with ``idle``, training learns from rest that nothing may be imagined, and at
    rest there are at most ``false_activations_per_minute``. Without, one of the classes is always
    meant, and what is decided at rest is not limited.

    Parameters
    ----------
    error_rate : float
        The share of wrong letters or trials that is accepted.
    min_repetitions : int
        Fewest repetitions of a letter.
    max_repetitions : int
        Most repetitions of a letter.
    idle : bool
        Motor imagery: whether nothing may be imagined. Then rest is learnt, too; without, one of
        the classes is always meant.
    false_activations_per_minute : float
        Motor imagery: how many are accepted at rest; fewer cost hits.
    least_auc : float
        P300: flashes are not decoded without sensors that fail where the AUC that is expected of
        the others is below.

    See Also
    --------
    bci_online.paradigms.p300.decision.P300Speller : Follows the rule.
    """

    error_rate: Probability = 0.05
    min_repetitions: Repetitions = 2
    max_repetitions: Repetitions = 15
    idle: bool = True
    false_activations_per_minute: PerMinute = 0.5
    least_auc: Probability = 0.7
