"""A straight line through time stamps, updated block by block."""

import math
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.block_statistics import variance

__all__ = ["TimeLine"]


class TimeLine:
    """Map positions to times: recursive least squares that slowly forgets the past.

    Parameters
    ----------
    period : float
        Expected seconds from one position to the next.
    period_sd : float
        Standard deviation of that expectation, in seconds.
    n_blocks : float
        How many blocks it remembers: with each new one the weight of earlier ones shrinks by a
        factor of exp(-1 / n_blocks).

    Attributes
    ----------
    reference : float
        Time of position 0 in seconds.
    period, n_blocks : float
        Seconds from one position to the next, as learnt so far; blocks remembered.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Keeps one for each segment.

    Notes
    -----
    This replaces liblsl's own smoothing, which hides losses: after a loss of 1 s its stamps are
    wrong by 995 ms, and still by 129 ms 20 s later.

    Examples
    --------
    >>> line = TimeLine(period=0.01, period_sd=1e-4, n_blocks=60)
    >>> line.reference = 5.0
    >>> line.at(np.array([0.0, 100.0])).tolist()
    [5.0, 6.0]
    >>> positions = np.arange(100.0)
    >>> line.learn(positions, 0.002 + 0.0 * positions)  # every stamp came 2 ms later
    >>> round(line.at(np.array([50.0]))[0].item(), 3)
    5.502
    """

    def __init__(self, period: float, period_sd: float, n_blocks: float) -> None:
        self.reference = 0.0
        self.period = period
        self._expected = period
        self._period_sd = period_sd
        self.n_blocks = n_blocks
        self._sums = [0.0] * 5  # of 1, k, k², r, k r with k a position, r its residual

    def copy(self) -> Self:
        """Return an independent copy."""
        # copy.copy takes four times as long, and each block keeps a line.
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._sums = self._sums.copy()
        return other

    def at(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the times of `positions`."""
        return self.reference + self.period * positions

    def learn(
        self,
        positions: NDArray[np.float64],
        residuals: NDArray[np.float64],
        period: float | None = None,
        reference: float | None = None,
        apart_s: float = math.inf,
    ) -> None:
        """Fit the line to a block.

        Parameters
        ----------
        positions : ndarray, shape (n,)
        residuals : ndarray, shape (n,)
            Stamp minus the line's time at each position, in seconds.
        period : float, optional
            Seconds from one position to the next where they are known better than from these
            residuals: then they give the line its place alone.
        reference : float, optional
            Time of position 0 in seconds, where it is known better, too.
        apart_s : float
            No two residuals lie farther apart, in seconds.
        """
        forgetting = math.exp(-1 / self.n_blocks)
        total = float(residuals.sum())
        of_block = (
            residuals.size,
            float(positions.sum()),
            float(positions @ positions),
            total,
            float(positions @ residuals),
        )
        self._sums = [
            forgetting * past + new for past, new in zip(self._sums, of_block, strict=True)
        ]
        s0, s1, s2, r0, r1 = self._sums
        if period is not None:
            slope = period - self.period
            place = (r0 - slope * s1) / s0 if reference is None else reference - self.reference
            self._move(place, slope)
            if reference is not None:
                # A fit that goes on from here begins where the line is.
                self._sums[3:] = 0.0, 0.0
            return
        least_sd = 1e-3 * self._expected
        noise = least_sd**2
        if apart_s > least_sd:
            noise = max(variance(residuals - total / residuals.size), noise)
        prior = noise / self._period_sd**2
        r1 -= prior * (self.period - self._expected)
        determinant = s0 * (s2 + prior) - s1 * s1
        intercept = ((s2 + prior) * r0 - s1 * r1) / determinant
        self._move(intercept, (s0 * r1 - s1 * r0) / determinant)

    def _move(self, intercept: float, slope: float) -> None:
        """Add a line to this one."""
        s0, s1, s2 = self._sums[:3]
        self.reference += intercept
        self.period += slope
        self._sums[3] -= intercept * s0 + slope * s1
        self._sums[4] -= intercept * s1 + slope * s2

    def forget(self) -> None:
        """Keep the line, and let the next block count as the first one."""
        self._sums = [0.0] * 5

    def advance(self, by: float) -> None:
        """Move position 0 to position `by`.

        Positions stay small, so that the sums of their squares keep their precision for hours.
        """
        self.reference += self.period * by
        s0, s1, s2, r0, r1 = self._sums
        self._sums = [s0, s1 - by * s0, s2 - 2 * by * s1 + by * by * s0, r0, r1 - by * r0]
