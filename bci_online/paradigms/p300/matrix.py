"""The symbols on the subject's screen: the matrix, and a row of suggestions."""

from collections.abc import Sequence

import numpy as np

from bci_online.config import Config, LayoutSpec
from bci_online.errors import ConfigError
from bci_online.own_text import read_own_text
from bci_online.paradigms.p300.flash_order import Repetition, random_groups, row_column
from bci_online.paradigms.p300.language import language
from bci_online.paradigms.p300.suggestions import with_suggestions

__all__ = ["SymbolMatrix"]

ORDERS = {"row-column": row_column, "random-groups": random_groups}


class SymbolMatrix:
    """The symbols that can be chosen, and the order in which they flash.

    Parameters
    ----------
    config : Config
        Matrix, order of flashes, backspace and rest.
    code : str
        The language of suggested words; empty: none.
    free : bool
        Free spelling: a row beneath the text has likely words, if there is a language, and
        backspace and rest, if the matrix lacks them. The subject's own text is read for them, if
        the configuration names it.

    Attributes
    ----------
    layout : LayoutSpec
        The matrix, with the row of suggestions as its last row.

    Raises
    ------
    ConfigError
        If the language is not known, or the matrix is too small for its order or for the row.
    BciError
        If the own text cannot be read.

    See Also
    --------
    bci_online.paradigms.p300.suggestions.with_suggestions : The row of words.
    bci_online.paradigms.p300.flash_order.row_column : The order.

    Examples
    --------
    >>> matrix = SymbolMatrix(Config(), code="", free=True)
    >>> len(matrix.symbols), matrix.row[-2:]  # 36 symbols of the matrix, and a row of six
    (42, ('⌫', '☾'))
    """

    def __init__(self, config: Config, code: str, *, free: bool) -> None:
        shown = config.presentation
        self._matrix = self.layout = config.layout
        self._order, self._language, self._is_free = shown.order, code, free
        self.backspace, self.rest = (shown.backspace, shown.rest) if free else ("", "")
        name = config.language.own_text
        has_own = bool(code and name) and free
        self._earlier = language(code).words(read_own_text(name)) if has_own else ()
        if code:
            language(code)
        try:
            self.suggest(())
            self.repetitions(1, np.random.default_rng(0))
        except ValueError as error:
            raise ConfigError(f"layout: {error}") from error

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol that can be chosen."""
        return tuple(symbol for row in self.layout.rows for symbol in row)

    @property
    def row(self) -> tuple[str, ...]:
        """The row of suggestions; empty where there is none."""
        return tuple(symbol for row in self.layout.rows[len(self._matrix.rows) :] for symbol in row)

    def suggest(self, spelled: Sequence[str]) -> None:
        """Update the row of suggestions to the text so far."""
        if self._is_free:
            keys = self.backspace, self.rest
            self.layout = with_suggestions(
                self._matrix, self._language, spelled, keys, self._earlier
            )

    def repetitions(self, n: int, rng: np.random.Generator) -> list[Repetition]:
        """Return `n` repetitions of flashes, in the configured order."""
        layout, row = self.layout, self.row
        if row and self._order == "random-groups":
            # On the screen the row is above the matrix, and neighbours must not flash together.
            layout = LayoutSpec(rows=(row, *self._matrix.rows))
        return list(ORDERS[self._order](layout, n, rng))

    def spelled(self, words: Sequence[str | Sequence[str]]) -> list[tuple[str, ...]]:
        """Return the symbols of each word, as `LayoutSpec.spelled` does.

        Raises
        ------
        ConfigError
            If a word has a symbol that the matrix lacks, or no symbol at all.
        """
        try:
            return [self._matrix.spelled(word) for word in words]
        except ValueError as error:
            raise ConfigError(str(error)) from error
