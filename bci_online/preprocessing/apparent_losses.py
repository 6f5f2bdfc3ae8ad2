"""Losses that were believed at once, until the stamps have confirmed them or fallen back."""

from collections import deque
from typing import NamedTuple

import msgspec

from bci_online.preprocessing.stamp_line import StampLine

__all__ = ["ApparentLosses", "Stall"]

# More of them within two seconds are no stalls.
MOST_KEPT = 8


class _ApparentLoss(msgspec.Struct):
    """A loss, the line from before, and the samples since: ``came``, or ``inserted`` to bridge."""

    n_lost: int
    seconds: float
    before: StampLine
    came: int = 0
    inserted: int = 0


class Stall(NamedTuple):
    """A stall that had counted as a loss.

    Parameters
    ----------
    line : StampLine
        Goes on.
    n_came : int
        Samples that had counted as lost.
    n_doubtful : int
        Samples that had the times of another line.
    seconds : float
        How late the stamps were.

    See Also
    --------
    ApparentLosses : Finds it.
    """

    line: StampLine
    n_came: int
    n_doubtful: int
    seconds: float


class ApparentLosses:
    """Keep the lines from before the newest losses, to return to them after a stall.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Believes losses at once.

    Examples
    --------
    >>> ApparentLosses().fall_back(1.0) is None  # there was no loss to take back
    True
    """

    def __init__(self) -> None:
        self._losses: deque[_ApparentLoss] = deque(maxlen=MOST_KEPT)

    def __bool__(self) -> bool:
        """Whether there is a loss that is not confirmed."""
        return bool(self._losses)

    @property
    def earliest(self) -> float:
        """Residual in seconds below which a stamp has fallen back; -inf if there is no loss."""
        return -self._limit(self._losses[-1]) if self._losses else float("-inf")

    def add(self, n_lost: int, seconds: float, before: StampLine, bridged: bool) -> None:
        """Add a loss of `n_lost` samples before a stamp that is `seconds` late."""
        for older in self._losses:
            older.inserted += n_lost * bridged
        self._losses.append(_ApparentLoss(n_lost, seconds, before))

    def go_on(self, n_samples: int) -> None:
        """Count samples that came, or that a counter says are lost."""
        for loss in self._losses:
            loss.came += n_samples

    def forget(self, n_samples: int) -> None:
        """Forget the losses that more than `n_samples` samples have confirmed."""
        while self._losses and self._losses[0].came > n_samples:
            self._losses.popleft()

    def fall_back(self, stamp: float) -> Stall | None:
        """Return to the newest line for which the next sample's `stamp` is not too early."""
        n_came = 0
        while self._losses:
            loss = self._losses.pop()
            n_came += loss.n_lost
            loss.before.skip(loss.came)
            if loss.before.residual(stamp) >= -self._limit(loss):
                return Stall(loss.before, n_came, loss.came + loss.inserted, loss.seconds)
        return None

    @staticmethod
    def _limit(loss: _ApparentLoss) -> float:
        return loss.before.jitter.limit(loss.before.time_line.period)
