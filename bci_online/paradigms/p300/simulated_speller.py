"""The choices of a simulated subject who wants to write a text."""

from collections.abc import Sequence

from bci_online.errors import ConfigError
from bci_online.paradigms.p300.spelled_text import SPACES, text_of

__all__ = ["SimulatedSpeller"]


class SimulatedSpeller:
    """A simulated subject who writes a text in free spelling.

    Parameters
    ----------
    text : str
        Case does not matter; a space is any of the symbols that mean one. Empty: no such subject.
    symbols : sequence of str
        Symbols of the matrix.
    backspace : str
        The symbol that removes the last one.

    Raises
    ------
    ConfigError
        If the text cannot be written with these symbols, or errors cannot be removed.

    See Also
    --------
    bci_online.paradigms.p300.presentation.P300Presentation : Asks it for the next symbol.

    Examples
    --------
    >>> speller = SimulatedSpeller("hi", symbols=("H", "I", "X", "⌫"), backspace="⌫")
    >>> speller.next(("H",), ("H", "I", "X", "⌫")), speller.next(("X",), ("H", "I", "X", "⌫"))
    ('I', '⌫')
    """

    def __init__(self, text: str, symbols: Sequence[str] = (), backspace: str = "") -> None:
        self._text = "".join(" " if letter in SPACES else letter for letter in text).casefold()
        self._backspace = backspace
        at_hand = text_of([symbol for symbol in symbols if len(symbol) == 1]).casefold()
        missing = sorted(set(self._text) - set(at_hand))
        if missing:
            raise ConfigError(f"wish {text!r}: the layout has no symbol {', '.join(missing)}")
        if text and not backspace:
            raise ConfigError(f"wish {text!r} needs presentation.backspace: letters go wrong")

    def __bool__(self) -> bool:
        return bool(self._text)

    def is_done(self, spelled: Sequence[str]) -> bool:
        """Return whether the text is complete."""
        return bool(self) and text_of(spelled).casefold().strip() == self._text.strip()

    def next(self, spelled: Sequence[str], symbols: Sequence[str]) -> str:
        """Return the one of `symbols` that brings the text furthest; empty without a text.

        It is the backspace if the text so far is wrong, or if no symbol continues it.
        """
        whole = self._text + " "
        if not self or self.is_done(spelled):
            return ""
        written = {
            symbol: text_of((*spelled, symbol)).casefold()
            for symbol in symbols
            if symbol != self._backspace
        }
        now = len(text_of(spelled).casefold())
        onward = {
            symbol: len(text)
            for symbol, text in written.items()
            if whole.startswith(text) and len(text) > now
        }
        return max(onward, key=lambda symbol: onward[symbol], default=self._backspace)
