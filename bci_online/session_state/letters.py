"""Which letters of a session were answered, and which one is open."""

from bci_online.messages import DecisionLine
from bci_online.notes import Promised

__all__ = ["Letters"]


class Letters:
    """Follows a session from one letter to the next.

    Parameters
    ----------
    attempts : int
        How often a letter is asked for before it is given up.
    cued : bool
        Whether letters are asked for: then an undo breaks off the letter that is open.

    Attributes
    ----------
    answered : list of int
        Trials that answered a letter, or gave it up, and were not undone.
    place : int
        Of the letter that was asked for last, from 1; 0 before any.
    promised : Promised or None
        What the letters of a calibration promise, where it ends by that.

    See Also
    --------
    bci_online.session_state.state.SessionState : Keeps one.

    Examples
    --------
    >>> letters = Letters(attempts=2, cued=True)
    >>> for trial in (1, 2, 3):  # the first letter is given up when the third trial begins
    ...     letters.ask(trial)
    >>> letters.answered, letters.place
    ([2], 2)
    """

    def __init__(self, attempts: int, *, cued: bool) -> None:
        self._attempts, self._cued = attempts, cued
        self._n_asked = 0
        self._open: int | None = None
        self.answered: list[int] = []
        self.place = 0
        self.promised: Promised | None = None

    def ask(self, trial: int | None) -> None:
        """Begin a trial; a letter that was asked for too often is given up before."""
        if self._open is not None and self._n_asked >= self._attempts:
            self._settle(self._open)
        self._open = len(self.answered) + 1 if trial is None else trial
        self._n_asked += 1
        self.place = len(self.answered) + 1

    def decide(self, line: DecisionLine) -> None:
        """Take a decision; a letter that was not tried is asked for once more."""
        if line.is_untried:
            self._n_asked -= 1
        if line.value and not line.late:
            self.answer(line.trial)

    def answer(self, trial: int | None) -> None:
        """Take the answer of a trial; only that of the open trial counts."""
        if self._open is not None and trial in {None, self._open}:
            self._settle(self._open)

    def undo(self, trial: int) -> None:
        """Take an answer back; a trial without a decision has none."""
        left = [answered for answered in self.answered if answered != trial]
        if left != self.answered:
            self.answered, self._n_asked = left, 0
            self._open = None if self._cued else self._open

    def _settle(self, trial: int) -> None:
        self.answered.append(trial)
        self._open, self._n_asked = None, 0
