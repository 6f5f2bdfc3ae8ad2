"""How long samples may gather before they are read: as long as no answer waits for one of them."""

import math

__all__ = ["GATHER_S", "Gathering"]

GATHER_S = 0.2
"""The longest time that samples wait to be read, in seconds.

It must be far shorter than an epoch: a marker is read with them, before it is due.
"""

# A computer wakes a thread some milliseconds late.
EARLIER_S = 0.003
# A stream may become slower for good, by a millisecond in a few seconds.
SLOWER_S = 1e-5


class Gathering:
    """Says when samples are to be read next.

    Parameters
    ----------
    longest_s : float
        The longest time that samples may gather, in seconds; 0: each is read at once.

    See Also
    --------
    bci_online.runtime.chain.Chain : Knows the sample that an answer waits for.
    bci_online.runtime.engine.Engine : Waits so long.

    Notes
    -----
    A reading costs about as much with one sample as with a hundred. A sample arrives some time
    after its own time, as the amplifier and the network take it; the least of these ages is how
    early a sample can be there.

    Examples
    --------
    >>> gathering = Gathering(0.05)
    >>> gathering.read(newest=10.0, now=10.02)
    >>> round(gathering.seconds(due=10.04, now=10.02), 3)  # it is here at 10.06
    0.037
    >>> gathering.seconds(due=math.inf, now=10.02)  # nobody waits
    0.05
    """

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._age_s = math.inf
        self._newest = -math.inf

    def read(self, newest: float, now: float) -> None:
        """Take the common time of the newest sample, and of now, in seconds."""
        self._age_s = min(now - newest, self._age_s + SLOWER_S)
        self._newest = newest

    def seconds(self, due: float, now: float) -> float:
        """Return for how long samples may gather, if one is `due`; 0 or more."""
        if not self._longest_s or math.isinf(self._age_s):
            return 0.0
        # From the newest sample on: what was not read last time has waited already.
        longest = min(self._longest_s, self._newest + self._age_s + self._longest_s - now)
        return max(0.0, min(longest, due + self._age_s - EARLIER_S - now))
