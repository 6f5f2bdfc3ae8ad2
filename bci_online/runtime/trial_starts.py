"""When trials began, and how long chosen ones lasted."""

import math

__all__ = ["TrialStarts"]


class TrialStarts:
    """Counts trials, and adds up the seconds of chosen ones; it keeps no list of them.

    Parameters
    ----------
    chosen : frozenset of int
        Trials by their order in the run from 1.

    Attributes
    ----------
    n : int
        Trials that have begun.

    See Also
    --------
    bci_online.runtime.tally.Tally : Asks it.

    Examples
    --------
    The second trial lasts 4 s; the third, the last one, counts as the longest before it:

    >>> starts = TrialStarts(frozenset({2, 3}))
    >>> for time in (10.0, 20.0, 24.0):
    ...     starts.add(time)
    >>> starts.seconds(60.0)
    14.0
    """

    def __init__(self, chosen: frozenset[int]) -> None:
        self._chosen = chosen
        self._last = math.nan
        self._longest = -math.inf
        self._seconds = 0.0
        self.n = 0

    def add(self, time: float) -> None:
        """Begin a trial at common `time`, which ends the one before."""
        if self.n:
            length = time - self._last
            self._longest = max(self._longest, length)
            self._seconds += length if self.n in self._chosen else 0.0
        self._last = time
        self.n += 1

    def seconds(self, duration_s: float) -> float:
        """Return the seconds of the chosen trials, each up to the next start.

        The end of the last trial is not marked by a next start: it counts as the longest before it,
        or as `duration_s` where it is the only one.
        """
        if self.n not in self._chosen:
            return self._seconds
        return self._seconds + (self._longest if self.n > 1 else duration_s)
