"""A straight line through time stamps, brought up to date block by block."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["TimeLine"]


class TimeLine:
    """The time of each position: least squares over the past, forgetting it slowly.

    Parameters
    ----------
    period : float
        Seconds from one position to the next, as far as is known.
    period_sd : float
        How far from that the period may be.
    forget : float
        What remains of a block's weight when the next one is learned.

    Attributes
    ----------
    reference : float
        Time of position 0.
    period : float
        Seconds from one position to the next, as learned so far.
    """

    def __init__(self, period: float, period_sd: float, forget: float) -> None:
        self.reference = 0.0
        self.period = period
        self._expected = period
        self._period_sd = period_sd
        self._forget = forget
        self._sums = np.zeros(5)  # of 1, k, k², r, k r with k a position, r its residual

    def at(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the times of `positions`."""
        return self.reference + self.period * positions

    def learn(self, positions: NDArray[np.float64], residuals: NDArray[np.float64]) -> None:
        """Move the line by what stamps at `positions` lie beside it, in seconds."""
        self._sums *= self._forget
        self._sums += np.array(
            [
                residuals.size,
                positions.sum(),
                positions @ positions,
                residuals.sum(),
                positions @ residuals,
            ]
        )
        s0, s1, s2, r0, r1 = self._sums
        noise = max(float(np.var(residuals - residuals.mean())), (1e-3 * self._expected) ** 2)
        prior = noise / self._period_sd**2
        r1 -= prior * (self.period - self._expected)
        determinant = s0 * (s2 + prior) - s1 * s1
        intercept = ((s2 + prior) * r0 - s1 * r1) / determinant
        slope = (s0 * r1 - s1 * r0) / determinant
        self.reference += intercept
        self.period += slope
        self._sums[3] -= intercept * s0 + slope * s1
        self._sums[4] -= intercept * s1 + slope * s2

    def forget(self) -> None:
        """Stay where the line is, and learn the next block as if it were the first."""
        self._sums[:] = 0

    def advance(self, by: float) -> None:
        """Count positions from `by` positions later on."""
        self.reference += self.period * by
        s0, s1, s2, r0, r1 = self._sums
        self._sums[:] = (s0, s1 - by * s0, s2 - 2 * by * s1 + by * by * s0, r0, r1 - by * r0)
