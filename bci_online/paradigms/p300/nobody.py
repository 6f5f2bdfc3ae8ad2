"""The prior probability that nobody looks, from what the last letters said."""

from collections import deque

__all__ = ["LEAST", "MOST", "NobodyPrior"]

LAST = 10
"""Letters that the prior remembers."""

LEAST, MOST = 0.2, 0.9
"""Bounds of the prior: neither habit may outweigh what the flashes of a letter say."""


class NobodyPrior:
    """A running prior, bounded, from the posteriors of the last letters.

    Parameters
    ----------
    initial : float
        Before the first letter. 0: a symbol is always meant, and nothing changes that.

    See Also
    --------
    bci_online.paradigms.p300.letter_evidence.nobody_of : The posterior of one letter.
    bci_online.paradigms.p300.untried_letters.UntriedLetters : What the screen does about it.

    Notes
    -----
    The prior is the mean posterior of the last ten letters and of two more that had the initial
    prior. So a replay of the whole session has the same priors as the session.

    Examples
    --------
    >>> prior = NobodyPrior(0.5)
    >>> for _ in range(6):
    ...     prior.observe(1.0)
    >>> prior.value
    0.875
    """

    def __init__(self, initial: float) -> None:
        self._initial = initial
        self._last: deque[float] = deque(maxlen=LAST)

    @property
    def value(self) -> float:
        """The prior of the next letter."""
        if not self._initial or not self._last:
            return self._initial
        mean = (2 * self._initial + sum(self._last)) / (2 + len(self._last))
        return min(max(mean, LEAST), MOST)

    def observe(self, posterior: float) -> None:
        """Count a letter that ended with this probability that nobody looked."""
        self._last.append(posterior)
