"""One letter that the subject is asked for."""

from dataclasses import dataclass

from bci_online.messages import Decision
from bci_online.paradigms.picture import SpellerState

__all__ = ["SpellingTrial"]


@dataclass
class SpellingTrial:
    """The letter that is asked for now, or was asked for last.

    Parameters
    ----------
    number : int
        Number of the trial, from 1; a letter that is asked again is another trial.
    place : int
        Number of letters before it.
    symbol : str
        The symbol that the subject attends to; empty where it is not known.
    flashing, open : bool
        Whether flashes continue, and whether a decision counts.
    decision : Decision or None
        The decision, once there is one.
    broken_off : bool
        It was cancelled, because the letter before it was undone.

    See Also
    --------
    bci_online.paradigms.p300.spelling.Spelling : The letters before it.

    Examples
    --------
    >>> trial = SpellingTrial(number=1, place=0, symbol="A")
    >>> trial.is_settled, trial.value
    (False, '')
    >>> trial.decision = Decision(value="B", trial=1, confidence=0.98, time=7.5)
    >>> trial.is_settled, trial.value
    (True, 'B')
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
    def is_empty(self) -> bool:
        """Whether it is more likely that nobody looked than that any symbol was meant."""
        return self.decision is not None and self.decision.is_empty

    @property
    def is_untried(self) -> bool:
        """Whether it is asked again however often."""
        return self.decision is not None and self.decision.is_untried

    @property
    def value(self) -> str:
        """The decided symbol; empty if there is none."""
        return "" if self.decision is None else self.decision.value or ""

    @property
    def answer(self) -> SpellerState:
        """What the screen shows of it once it is over."""
        return "decided" if self.value else "waiting" if self.is_empty else "undecided"

    @property
    def outcome(self) -> str:
        """What its feedback shows: ``hit``, ``miss``, or ``start`` where that is not known."""
        return "start" if not self.symbol else "hit" if self.value == self.symbol else "miss"
