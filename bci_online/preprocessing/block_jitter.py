"""How far the stamps of a stream scatter around their line."""

import copy
import math
from collections import deque
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.block_statistics import median, variance

__all__ = ["N_BLOCKS", "BlockJitter"]

N_BLOCKS = 10
# In ten blocks of bursts all chunks may be in time by chance.
N_MEANS = 60
# Enough for a robust spread; more samples would only cost time.
SAMPLES_PER_BLOCK = 64


class BlockJitter:
    """Scatter of the last ten blocks of stamps.

    Attributes
    ----------
    value : float
        Robust standard deviation of the stamps around the line, in seconds; infinite before the
        first block.
    n_blocks : int
        Blocks seen, at most 10.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Finds losses with it.

    Notes
    -----
    A stream that is sent in bursts has two scales: a sample's stamp scatters with its place in the
    burst, and a block's least late stamp with where the block cuts the bursts. So residuals and
    least late stamps of blocks are kept apart.

    Examples
    --------
    >>> jitter = BlockJitter()
    >>> for _ in range(N_BLOCKS):
    ...     jitter.learn(np.array([-0.001, 0.0, 0.001]), floor=-0.001)
    >>> jitter.is_known, round(jitter.value, 5)  # seconds
    (True, 0.00087)
    """

    # A shift that is smaller than this may be the line that is not settled yet.
    UNSETTLED_S = 0.2
    # Of exponential variates one in 3,000 lies farther off.
    SCATTERS = 8.0

    def __init__(self) -> None:
        self.value = float("inf")
        self._residuals: deque[NDArray[np.float64]] = deque(maxlen=N_BLOCKS)
        self._floors: deque[float] = deque(maxlen=N_BLOCKS)
        self._means: deque[float] = deque(maxlen=N_MEANS)
        self._usual_floors: deque[float] = deque(maxlen=N_MEANS)

    @property
    def n_blocks(self) -> int:
        """How many blocks are known."""
        return len(self._residuals)

    @property
    def is_known(self) -> bool:
        """Whether there are enough blocks to trust `value`."""
        return len(self._residuals) == N_BLOCKS

    @property
    def known(self) -> float:
        """As `value`; 0 before the first block."""
        return self.value if self._residuals else 0.0

    def copy(self) -> Self:
        """Return an independent copy."""
        other = copy.copy(self)
        other._residuals = self._residuals.copy()
        other._floors = self._floors.copy()
        other._means = self._means.copy()
        other._usual_floors = self._usual_floors.copy()
        return other

    def learn(self, residuals: NDArray[np.float64], floor: float, has_weight: bool = True) -> None:
        """Add the residuals (n,) of a block, and that of its least late stamp, in seconds.

        `has_weight` says whether the line learns from the block.
        """
        self._floors.append(floor)
        if has_weight:
            self._means.append(float(residuals.mean()))
        self._usual_floors.append(floor)
        self._residuals.append(residuals[:: max(1, residuals.size // SAMPLES_PER_BLOCK)])
        self.value = _spread(np.concatenate(self._residuals))

    @property
    def between_blocks(self) -> float:
        """Standard deviation of the means of blocks that the line learns from, in seconds.

        0 before it is known.
        """
        return math.sqrt(variance(np.array(self._means))) if self.is_known else 0.0

    def has_weight(self, residuals: NDArray[np.float64], floor: float, period: float) -> bool:
        """Return whether the line may learn from a block; arguments as in `learn`.

        Many stamps of a burst are late, and its last one is not. So where all stamps of a block
        are late, a stall made them late, although single stamps may be as late without one. Where
        they are late on average, the block holds the beginning or the end of a stall.
        """
        if not self.is_known:
            return True
        if floor > self._latest(self._usual_floors, period):
            return False
        mean = float(residuals.mean())
        return mean <= max(self._means) or mean <= self._latest(self._means, period)

    def _latest(self, usual: deque[float], period: float) -> float:
        values = np.array(usual)
        middle = median(values)
        return middle + max(0.5 * period, self.SCATTERS * float(np.abs(values - middle).mean()))

    def limit(self, period: float) -> float:
        """Return how far beside the line a stamp may lie, in seconds; infinite at first."""
        if not self._residuals:
            return float("inf")
        # Blocks of a clock whose rate wanders lie above the line at times, and below it at others.
        farthest = max(abs(floor) for floor in self._floors)
        limit = max(0.5 * period, 6 * self.value, 1.5 * farthest)
        return limit if self.is_known else max(limit, self.UNSETTLED_S / self.n_blocks)


def _spread(values: NDArray[np.float64]) -> float:
    """Return the robust standard deviation of `values`.

    It is taken from three quarters of the values, not from half: with two bursts in a block one of
    them always lies in the middle, and half of the values would show no scatter at all.
    """
    away = np.abs(values - median(values))
    # np.quantile takes four times as long, and this runs in every block.
    return float(np.partition(away, nth := 3 * (away.size - 1) // 4)[nth] / 1.15)
