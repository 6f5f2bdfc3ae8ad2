"""Which letters of a session were answered, for whoever listens to it."""

__all__ = ["Answered"]


class Answered:
    """Goes along with the screen from one letter to the next.

    Parameters
    ----------
    attempts : int
        How often a letter is asked for before it is given up.
    cued : bool
        Whether letters are asked for: then one that is undone breaks off what is open.

    Attributes
    ----------
    trials : list of int
        Those that answered a letter, or gave it up, and were not undone.
    place : int
        Of the letter that was asked for last, from 1; 0 before any.
    """

    def __init__(self, attempts: int, *, cued: bool) -> None:
        self._attempts, self._cued = attempts, cued
        self._n_asked = 0
        self._open: int | None = None
        self.trials: list[int] = []
        self.place = 0

    def ask(self, trial: int | None) -> None:
        """Begin a trial; where those before it came to nothing, their letter may be given up."""
        if self._open is not None and self._n_asked >= self._attempts:
            self._settle(self._open)
        self._open = len(self.trials) + 1 if trial is None else trial
        self._n_asked += 1
        self.place = len(self.trials) + 1

    def answer(self, trial: int | None) -> None:
        """Take what answers a trial, if it is the open one."""
        if self._open is not None and trial in {None, self._open}:
            self._settle(self._open)

    def undo(self, trial: str) -> None:
        """Take an answer back; of a trial that came to nothing there is none."""
        left = [answered for answered in self.trials if str(answered) != trial]
        if left != self.trials:
            self.trials, self._n_asked = left, 0
            self._open = None if self._cued else self._open

    def _settle(self, trial: int) -> None:
        self.trials.append(trial)
        self._open, self._n_asked = None, 0
