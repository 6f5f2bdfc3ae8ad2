"""How far beside the line a single stamp may lie before it counts as a loss or as another clock."""

import math

from bci_online.preprocessing.block_jitter import BlockJitter
from bci_online.preprocessing.stamp_line import StampLine

__all__ = ["FAR_S", "Patience"]

# A stamp that is so early belongs to another clock. One that is so late before the jitter is known
# is a loss: a stream that goes on losing samples would pass for a slow one.
FAR_S = 0.6


class Patience:
    """The limits of single stamps; a stream that stalled once gets more.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Judges stamps beyond them.

    Examples
    --------
    >>> from bci_online.preprocessing.time_line import TimeLine
    >>> line = StampLine(TimeLine(period=0.01, period_sd=1e-4, n_blocks=60), slot_n=12)
    >>> patience = Patience()
    >>> patience.span(line)  # seconds; nothing is known of the jitter
    (-0.6, 0.6)
    """

    # Stamps that are computed from a rate scatter by less than this share of a sample period.
    JITTER_FREE = 0.02
    # A stall cannot be told from a loss by its first stamp. Trusting such stamps after 0.6 s moved
    # epochs by 26 ms to 3.7 s. Stalls of up to 5 s are common.
    LEAST_S = 5.5
    # One stamp under jitter does not give the exact count of a long loss, those of two seconds do.
    # A laptop may sleep for half a minute.
    FARTHEST_S = 60.0
    # A few samples that seemed lost and came are no stall: a stream without jitter stays one.
    SHORTEST_STALL_S = 0.05

    def __init__(self) -> None:
        self._longest_stall_s = 0.0
        self._limit_before = math.inf

    def go_on(self, line: StampLine | None) -> None:
        """Expect the scatter of `line` until that of the next one is known; any scatter for None.

        Else a loss soon after another one would pass for jitter, and hide all that follow. Only
        another clock, or another sender, may scatter in any way.
        """
        if line is None:
            self._limit_before = math.inf
            return
        limit = line.jitter.limit(line.time_line.period)
        self._limit_before = limit if line.jitter.is_known else min(limit, self._limit_before)

    def learn(self, stall_s: float) -> None:
        """Expect more stalls: a stream that stalls once stalls again."""
        if stall_s >= self.SHORTEST_STALL_S:
            self._longest_stall_s = max(self._longest_stall_s, stall_s)

    def seconds(self, jitter: BlockJitter) -> float:
        """Return how long stamps may be late although the jitter does not explain it."""
        least = self.LEAST_S if jitter.is_known else FAR_S
        return max(least, 1.2 * self._longest_stall_s)

    def span(self, line: StampLine) -> tuple[float, float]:
        """Return how late a stamp is at least, which is negative, and at most, in seconds."""
        period, jitter = line.time_line.period, line.jitter
        if not self._longest_stall_s and jitter.is_below(self.JITTER_FREE * period):
            latest, explained = 0.5 * period, 0.0
        else:
            unexplained, explained = self.seconds(jitter), 6 * jitter.known
            if jitter.is_known:
                unexplained = max(self.FARTHEST_S, unexplained)
            elif not self._longest_stall_s:
                # Twice: the first stamp of the line may itself be late.
                unexplained = min(unexplained, 2 * self._limit_before)
            latest = max(0.5 * period, explained, unexplained)
        return -min(latest, max(FAR_S, explained)), latest
