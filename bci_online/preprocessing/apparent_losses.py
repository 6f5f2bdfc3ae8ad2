"""Losses and steps that were believed, until the stamps have confirmed them or fallen back."""

import math
from collections import deque
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.preprocessing.patience import FAR_S
from bci_online.preprocessing.sample_runs import Loss
from bci_online.preprocessing.stamp_line import StampLine

__all__ = ["ApparentLosses", "Return"]

# More of them within two seconds are no stalls.
MOST_KEPT = 8


class _ApparentLoss(msgspec.Struct, eq=False):
    """A loss, the line from before, and the samples since: ``came``, or ``inserted`` to bridge."""

    n_lost: int
    seconds: float
    before: StampLine
    came: int = 0
    inserted: int = 0
    may_be_stall: bool = True

    @property
    def limit(self) -> float:
        """How far beside the line from before a stamp may lie, in seconds."""
        limit = self.before.jitter.limit(self.before.time_line.period)
        return limit if math.isfinite(limit) else FAR_S

    def fits(self, stamps: NDArray[np.float64], late_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether the next stamps, so late now, are of the line from before (n,)."""
        before = self.late(stamps)
        # While a sender catches up, its stamps are late, but less than the first one.
        latest = max(0.0, self.seconds) if self.may_be_stall else 0.0
        is_near = (before >= -self.limit) & (before <= latest + self.limit)
        return np.asarray(is_near & (late_s * self.seconds < 0))

    def late(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how late the next stamps are for the line from before (n,)."""
        positions = np.arange(stamps.size, dtype=np.float64) + self.before.position + self.came
        return stamps - self.before.time_line.at(positions)


class Return(NamedTuple):
    """The stamps are those of a line from before.

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
    is_stall : bool
        Whether a sender that stalled explains it.

    See Also
    --------
    ApparentLosses : Finds it.

    Examples
    --------
    >>> from bci_online.preprocessing.time_line import TimeLine
    >>> line = StampLine(TimeLine(period=0.01, period_sd=1e-4, n_blocks=60), slot_n=12)
    >>> loss = Return(line, 20, 30, seconds=0.2, is_stall=True).loss(late_s=-0.2)
    >>> loss.n_lost, loss.late, loss.reason
    (-20, 30, 'stall')
    """

    line: StampLine
    n_came: int
    n_doubtful: int
    seconds: float
    is_stall: bool

    @property
    def stall_s(self) -> float:
        """How long a sender stalled, in seconds; 0 where none did."""
        return self.seconds if self.is_stall else 0.0

    def loss(self, late_s: float) -> Loss:
        """Return what is told of it; the stamp is so late for the line that is given up."""
        if self.is_stall and self.n_came:
            return Loss(-self.n_came, bridged=False, reason="stall", late=self.n_doubtful)
        # No stall ends so: the stamps were wild for a while.
        step_s = round(late_s, 3) if abs(late_s) > ClockOffsets.JUMP else 0.0
        return Loss(
            -self.n_came, bridged=False, reason="clock", late=self.n_doubtful, step_s=step_s
        )


class ApparentLosses:
    """Keep the lines from before the newest losses, to return to them after a stall.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Believes losses at once.

    Examples
    --------
    >>> ApparentLosses().fall_back(1.0, late_s=-0.5) is None  # there was no loss to take back
    True
    """

    def __init__(self) -> None:
        self._losses: deque[_ApparentLoss] = deque(maxlen=MOST_KEPT)

    @property
    def earliest(self) -> float:
        """Residual in seconds below which a stamp has fallen back; -inf if there is no loss."""
        newest = self._losses[-1] if self._losses else None
        return -newest.limit if newest is not None and newest.may_be_stall else float("-inf")

    def add(self, n_lost: int, seconds: float, before: StampLine, bridged: bool) -> None:
        """Add a loss of `n_lost` samples, or a step, before a stamp that is `seconds` late."""
        for older in self._losses:
            older.inserted += n_lost * bridged
        self._losses.append(_ApparentLoss(n_lost, seconds, before))

    def go_on(self, n_samples: int) -> None:
        """Count samples that came, or that a counter says are lost."""
        for loss in self._losses:
            loss.came += n_samples

    def forget(self, n_stall: int, n_kept: int) -> None:
        """Take losses for no stalls after `n_stall` samples; forget far ones after `n_kept`."""
        for loss in self._losses.copy():
            loss.may_be_stall = loss.came <= n_stall
            if loss.came > (n_kept if abs(loss.seconds) > FAR_S else n_stall):
                self._losses.remove(loss)

    def returned(
        self, stamps: NDArray[np.float64], late_s: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Return which of the next stamps, which are so late now, fit a line from before (n,)."""
        fit = np.zeros(stamps.size, dtype=bool)
        for loss in self._losses:
            fit |= loss.fits(stamps, late_s)
        return fit

    def fall_back(self, stamp: float, late_s: float) -> Return | None:
        """Return to the newest line that the next stamp fits, which is so late now."""
        n_came = 0
        for n_newer, loss in enumerate(reversed(self._losses), start=1):
            n_came += loss.n_lost
            if loss.fits(np.array([stamp]), np.array([late_s]))[0]:
                for _ in range(n_newer):
                    self._losses.pop()
                fell_s = loss.seconds - float(loss.late(np.array([stamp]))[0])
                loss.before.skip(loss.came)
                # After a stall what was held back comes at once: with each sample the stamps come
                # nearer by one period at most.
                most_s = loss.came * loss.before.time_line.period + FAR_S
                is_stall = 0 < fell_s <= most_s
                n_doubtful = loss.came + loss.inserted
                return Return(loss.before, n_came, n_doubtful, loss.seconds, is_stall)
        return None
