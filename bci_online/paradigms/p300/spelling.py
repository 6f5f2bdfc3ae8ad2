"""The text to spell and the text spelled."""

from collections.abc import Container, Sequence
from itertools import accumulate
from typing import NamedTuple

from bci_online.notes import Corrected
from bci_online.paradigms.p300.spelled_text import text_of

__all__ = ["Spelling"]


class _Entry(NamedTuple):
    """What a trial changed: whole texts would take memory with the square of their length."""

    trial: int
    n_added: int = 0
    removed: tuple[str, ...] = ()


class Spelling:
    """The symbols spelled so far, letter by letter, with undo.

    Parameters
    ----------
    words : sequence of sequence of str
        The symbols to spell; none means free spelling.
    backspace : str
        The symbol that removes the last one, in free spelling.
    rest : str
        The symbol that asks for a rest, in free spelling; it leaves the text as it is.
    done : int
        How many letters of the words are spelled already.

    See Also
    --------
    bci_online.paradigms.p300.spelled_text.text_of : The symbols as a text.
    bci_online.paradigms.p300.presentation.P300Presentation : Keeps one for the session.

    Notes
    -----
    With words each decision fills the next place, right or wrong, backspace and rest too. So there
    are as many answers as letters.

    Examples
    --------
    >>> spelling = Spelling([("H", "I")])
    >>> spelling.symbol, spelling.n_total, spelling.is_done
    ('H', 2, False)
    """

    def __init__(
        self,
        words: Sequence[Sequence[str]] = (),
        *,
        backspace: str = "",
        rest: str = "",
        done: int = 0,
    ) -> None:
        self._words = tuple(tuple(word) for word in words)
        self._ends = tuple(accumulate(len(word) for word in self._words))
        self._letters = tuple(symbol for word in self._words for symbol in word)
        self._backspace, self._rest = backspace, rest
        self._history: list[_Entry] = []
        self.spelled: tuple[str, ...] = self._letters[:done]

    @property
    def is_cued(self) -> bool:
        """Whether the text to spell is given."""
        return bool(self._words)

    @property
    def n_total(self) -> int:
        """Number of letters to spell; 0 in free spelling."""
        return len(self._letters)

    @property
    def is_done(self) -> bool:
        """Whether the whole text is spelled."""
        return self.is_cued and len(self.spelled) >= self.n_total

    @property
    def text(self) -> str:
        """The spelled text; ``?`` for letters of a word to copy that were given up."""
        if not self.is_cued:
            return text_of(self.spelled)
        symbols = [symbol or "?" for symbol in self.spelled]
        return (" " if any(len(symbol) > 1 for symbol in symbols) else "").join(symbols)

    @property
    def symbol(self) -> str:
        """The next letter; empty in free spelling."""
        return self._letters[len(self.spelled)] if self.is_cued else ""

    def enter(self, symbol: str, trial: int) -> None:
        """Add the decision of a trial; an empty one gives the letter up."""
        if not self.is_cued and symbol and symbol == self._rest:
            return
        if self.is_cued or (symbol and symbol != self._backspace):
            self._history.append(_Entry(trial, n_added=1))
            self.spelled += (symbol,)
            return
        removed = self.spelled[-1:] if symbol else ()
        self._history.append(_Entry(trial, removed=removed))
        self.spelled = self.spelled[: len(self.spelled) - len(removed)]

    @property
    def last(self) -> int | None:
        """Trial of the last entry; None if there is no entry."""
        return self._history[-1].trial if self._history else None

    def undo(self) -> int | None:
        """Remove the last entry; return its trial, or None if there is no entry."""
        if not self._history:
            return None
        last = self._history.pop()
        self.spelled = self.spelled[: len(self.spelled) - last.n_added] + last.removed
        return last.trial

    def takes(self, note: Corrected, symbols: Container[str]) -> bool:
        """Carry out a correction to one of `symbols`; return False if that is not possible."""
        return note.value in symbols and self.correct(note.trial, note.value)

    def correct(self, trial: int, symbol: str) -> bool:
        """Replace the symbol that a trial added; return False if it is no longer there.

        A backspace or a rest is no letter, so in free spelling it cannot stand in its place.
        """
        if not self.is_cued and symbol in (self._backspace, self._rest):
            return False
        n = least = len(self.spelled)
        for entry in reversed(self._history):
            n -= entry.n_added
            if entry.trial == trial:
                # A later backspace may have removed it: then the text was as short as before it.
                if not entry.n_added or least <= n:
                    return False
                self.spelled = (*self.spelled[:n], symbol, *self.spelled[n + 1 :])
                return True
            n += len(entry.removed)
            least = min(least, n)
        return False

    def line(self, place: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the word of the letter at `place`, and the symbols spelled of it."""
        for word, end in zip(self._words, self._ends, strict=True):
            if place < end:
                return word, self.spelled[end - len(word) : end]
        return (), self.spelled
