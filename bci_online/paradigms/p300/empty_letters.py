"""Letters that nobody looked at, one after the other: slower and slower, then a rest."""

from bci_online.config import Presentation

__all__ = ["EmptyLetters"]


class EmptyLetters:
    """Counts letters that nobody looked at, since the last one that somebody did.

    Parameters
    ----------
    presentation : Presentation
        How much longer the pause gets with each of them, and after how many of them to rest.

    See Also
    --------
    bci_online.paradigms.p300.nobody.NobodyPrior : How likely it is that nobody looks.

    Examples
    --------
    >>> empty = EmptyLetters(Presentation(pause_s=2.0, waiting_s=5.0, rest_after=2))
    >>> empty.add(True)
    >>> empty.pause_s, empty.should_rest
    (7.0, False)
    """

    def __init__(self, presentation: Presentation) -> None:
        self._presentation = presentation
        self._n = 0

    def add(self, is_empty: bool) -> None:
        """Count a letter; one that somebody looked at begins the count again."""
        self._n = self._n + 1 if is_empty else 0

    @property
    def pause_s(self) -> float:
        """The pause until the next letter in seconds."""
        return self._presentation.pause_s + self._presentation.waiting_s * self._n

    @property
    def should_rest(self) -> bool:
        """Whether the session pauses until somebody resumes it."""
        most = self._presentation.rest_after
        return 0 < most <= self._n

    def rested(self) -> None:
        """Begin the count again, after a rest."""
        self._n = 0
