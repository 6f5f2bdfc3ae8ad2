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
# Three quarters of a Gaussian lie within so many standard deviations.
SHARE = 1.15


class BlockJitter:
    """Scatter of the last ten blocks of stamps.

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
    ...     jitter.learn(np.array([-0.001, 0.0, 0.001]), -0.001, (-0.001, 0.001), mean=0.0)
    >>> jitter.is_known, round(jitter.value, 5)  # seconds
    (True, 0.00087)
    """

    # A shift that is smaller than this may be the line that is not settled yet.
    UNSETTLED_S = 0.2
    # Of exponential variates one in 3,000 lies farther off.
    SCATTERS = 8.0

    def __init__(self) -> None:
        self._value: float | None = float("inf")  # None until it is asked for
        self._residuals: deque[NDArray[np.float64]] = deque(maxlen=N_BLOCKS)
        self._extremes: deque[tuple[float, float]] = deque(maxlen=N_BLOCKS)
        self._floors: deque[float] = deque(maxlen=N_BLOCKS)
        self._means: deque[float] = deque(maxlen=N_MEANS)
        self._usual_floors: deque[float] = deque(maxlen=N_MEANS)

    @property
    def value(self) -> float:
        """Robust standard deviation of stamps around the line, in seconds; infinite at first."""
        if self._value is None:
            self._value = _spread(np.concatenate(self._residuals))
        return self._value

    def is_below(self, seconds: float) -> bool:
        """Return whether `value` is below so many seconds."""
        # Where all stamps lie close together, nothing needs to be computed.
        return self._most < seconds or self.value < seconds

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
        other._extremes = self._extremes.copy()
        other._floors = self._floors.copy()
        other._means = self._means.copy()
        other._usual_floors = self._usual_floors.copy()
        return other

    def learn(
        self,
        residuals: NDArray[np.float64],
        floor: float,
        extremes: tuple[float, float],
        mean: float,
        has_weight: bool = True,
    ) -> None:
        """Add the residuals (n,) of a block, and that of its least late stamp, in seconds.

        `extremes` and `mean` are those of the residuals. `has_weight` says whether the line learns
        from the block.
        """
        self._floors.append(floor)
        self._extremes.append(extremes)
        if has_weight:
            self._means.append(mean)
        self._usual_floors.append(floor)
        self._residuals.append(residuals[:: max(1, residuals.size // SAMPLES_PER_BLOCK)])
        self._value = None

    @property
    def between_blocks(self) -> float:
        """Standard deviation of the means of blocks that the line learns from, in seconds.

        0 before it is known.
        """
        return math.sqrt(variance(np.array(self._means))) if self.is_known else 0.0

    @property
    def means_apart(self) -> float:
        """How far these means lie apart, in seconds; 0 before they are known."""
        return max(self._means) - min(self._means) if self.is_known else 0.0

    def has_weight(self, floor: float, mean: float, period: float) -> bool:
        """Return whether the line may learn from a block; arguments as in `learn`.

        Many stamps of a burst are late, and its last one is not. So where all stamps of a block
        are late, a stall made them late, although single stamps may be as late without one. Where
        they are late on average, the block holds the beginning or the end of a stall.
        """
        if not self.is_known:
            return True
        if self._is_late(floor, self._usual_floors, period):
            return False
        return mean <= max(self._means) or not self._is_late(mean, self._means, period)

    def _is_late(self, value: float, usual: deque[float], period: float) -> bool:
        ordered = sorted(usual)
        middle = ordered[(len(ordered) - 1) // 2]
        if not len(ordered) % 2:
            middle = (middle + ordered[len(ordered) // 2]) / 2
        if value <= middle + 0.5 * period:
            return False
        scatter = float(np.abs(np.array(usual) - middle).mean())
        return value > middle + max(0.5 * period, self.SCATTERS * scatter)

    def limit(self, period: float) -> float:
        """Return how far beside the line a stamp may lie, in seconds; infinite at first."""
        if not self._residuals:
            return float("inf")
        # Blocks of a clock whose rate wanders lie above the line at times, and below it at others.
        farthest = max(max(self._floors), -min(self._floors))
        limit = max(0.5 * period, 1.5 * farthest)
        if 6 * self._most > limit:
            limit = max(limit, 6 * self.value)
        return limit if self.is_known else max(limit, self.UNSETTLED_S / self.n_blocks)

    @property
    def _most(self) -> float:
        """What `value` is at most."""
        if not self._extremes:
            return float("inf")
        least, most = zip(*self._extremes, strict=True)
        return (max(most) - min(least)) / SHARE


def _spread(values: NDArray[np.float64]) -> float:
    """Return the robust standard deviation of `values`.

    It is taken from three quarters of the values, not from half: with two bursts in a block one of
    them always lies in the middle, and half of the values would show no scatter at all.
    """
    away = np.abs(values - median(values))
    # np.quantile takes four times as long, and this runs in every block.
    return float(np.partition(away, nth := 3 * (away.size - 1) // 4)[nth] / SHARE)
