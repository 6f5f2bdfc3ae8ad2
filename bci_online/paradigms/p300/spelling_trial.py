"""One letter that is asked for."""

from dataclasses import dataclass

from bci_online.messages import Decision

__all__ = ["SpellingTrial"]


@dataclass
class SpellingTrial:
    """The letter that is asked for now, or was last.

    Parameters
    ----------
    number : int
        Counts all that were asked for, from 1; a letter asked again is another trial.
    place : int
        How many letters stand before it.
    symbol : str
        What the subject attends to; empty where nobody knows.
    flashing, open : bool
        Whether flashes come still, and whether a decision counts.
    decision : Decision or None
        What was decided.
    broken_off : bool
        It came to nothing: the letter before was undone.
    """

    number: int
    place: int
    symbol: str
    flashing: bool = True
    open: bool = True
    decision: Decision | None = None
    broken_off: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether it needs no more flashes."""
        return self.decision is not None or self.broken_off

    @property
    def value(self) -> str:
        """The symbol decided; empty where there is none."""
        return "" if self.decision is None else self.decision.value or ""
