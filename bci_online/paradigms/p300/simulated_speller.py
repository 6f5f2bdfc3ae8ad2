"""What a simulated subject chooses who wants to write something."""

from collections.abc import Sequence

from bci_online.errors import ConfigError
from bci_online.paradigms.p300.language import SPACES, text_of

__all__ = ["Wish"]


class Wish:
    """A text that a simulated subject wants to write, in free spelling.

    Parameters
    ----------
    text : str
        Case does not matter; a space is any of the symbols that mean one. Empty: no wish.
    symbols : sequence of str
        Of the matrix.
    backspace : str
        The symbol that takes the last one away.

    Raises
    ------
    ConfigError
        If the text cannot be written with these symbols, or what went wrong not be taken back.
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

    def is_fulfilled(self, spelled: Sequence[str]) -> bool:
        """Tell whether the text stands there."""
        return bool(self) and text_of(spelled).casefold().strip() == self._text.strip()

    def next(self, spelled: Sequence[str], symbols: Sequence[str]) -> str:
        """Return which of `symbols` to attend to: what brings the text furthest.

        The backspace where what stands there is not how the text begins, or nothing goes on from
        there; empty without a wish.
        """
        whole = self._text + " "
        if not self or self.is_fulfilled(spelled):
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
