"""Letters in a row that nobody looked at, or whose flashes were rejected: then a rest."""

from bci_online.config import Presentation
from bci_online.messages import Decision

__all__ = ["MOST_DISTURBED", "UntriedLetters"]

MOST_DISTURBED = 2
"""So many letters in a row without a usable signal: the next ones would have none either."""


class UntriedLetters:
    """Counts letters that were not tried, since the last one that was.

    Parameters
    ----------
    presentation : Presentation
        How much longer the pause gets with each letter that nobody looked at, and after how many of
        them to rest.

    See Also
    --------
    bci_online.paradigms.p300.nobody.NobodyPrior : How likely it is that nobody looks.
    bci_online.paradigms.p300.flashed_letter.FlashedLetter : When a letter is disturbed.

    Examples
    --------
    >>> untried = UntriedLetters(Presentation(pause_s=2.0, waiting_s=5.0, rest_after=2))
    >>> untried.add(Decision(None, trial=1, confidence=0.1, time=9.0, nobody=0.9))
    >>> untried.pause_s, untried.should_rest
    (7.0, False)
    """

    def __init__(self, presentation: Presentation) -> None:
        self._presentation = presentation
        self._n_empty = self._n_disturbed = 0

    def add(self, decision: Decision | None) -> None:
        """Count a letter by its decision; a letter of another kind begins each count again."""
        is_empty = decision is not None and decision.is_empty
        is_disturbed = decision is not None and decision.disturbed
        self._n_empty = self._n_empty + 1 if is_empty else 0
        self._n_disturbed = self._n_disturbed + 1 if is_disturbed else 0

    @property
    def pause_s(self) -> float:
        """The pause until the next letter in seconds."""
        return self._presentation.pause_s + self._presentation.waiting_s * self._n_empty

    @property
    def should_rest(self) -> bool:
        """Whether the session pauses until somebody resumes it."""
        most = self._presentation.rest_after
        return 0 < most <= self._n_empty or self._n_disturbed >= MOST_DISTURBED

    def rested(self) -> None:
        """Begin the counts again, after a rest."""
        self._n_empty = self._n_disturbed = 0
