"""How far the stamps of a stream scatter around their line, and which blocks lie beside it."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.clock_offsets import ClockOffsets

__all__ = ["BlockJitter"]

N_BLOCKS = 10
# Enough for a robust spread; more samples would only cost time.
SAMPLES_PER_BLOCK = 64


class BlockJitter:
    """Statistics of the last blocks of stamps in one segment.

    Attributes
    ----------
    value : float
        Robust standard deviation of the stamps around the line, in seconds; infinite before the
        first block.
    n_blocks : int
        Blocks seen, at most 40.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Finds losses with it.

    Notes
    -----
    A stream that is sent in bursts has two scales: a sample's stamp scatters with its place in the
    burst, and a block's median scatters with where the block cuts the bursts. So residuals and
    medians of blocks are kept apart.

    Examples
    --------
    >>> jitter = BlockJitter()
    >>> for _ in range(N_BLOCKS):
    ...     jitter.learn(0.0, np.array([-0.001, 0.0, 0.001]))
    >>> jitter.is_known, round(jitter.value, 5)  # seconds
    (True, 0.00087)
    """

    def __init__(self) -> None:
        self.value = float("inf")
        self._residuals: deque[NDArray[np.float64]] = deque(maxlen=N_BLOCKS)
        self._medians: deque[float] = deque(maxlen=4 * N_BLOCKS)

    @property
    def n_blocks(self) -> int:
        """How many blocks are known."""
        return len(self._medians)

    @property
    def is_known(self) -> bool:
        """Whether there are enough blocks to trust `value`."""
        return len(self._residuals) == N_BLOCKS

    def learn(self, shift: float, residuals: NDArray[np.float64]) -> None:
        """Add a block whose residuals (n,) have the median `shift`, in seconds."""
        self._medians.append(shift)
        self._residuals.append(residuals[:: max(1, residuals.size // SAMPLES_PER_BLOCK)])
        self.value = _spread(np.concatenate(self._residuals))

    def is_odd(self, shift: float, period: float) -> bool:
        """Return whether a whole block lies beside the line although the block before it did not.

        A drift of the rate moves blocks little by little; a loss moves them at once. A block that
        is early by less than the jump of a clock shows only that the line was late.
        """
        near = abs(shift) <= 0.5 * period or -ClockOffsets.JUMP < shift < 0
        if near or self.n_blocks < 2:
            return False
        limit = max(0.5 * period, self._usual_shift())
        return abs(shift) > limit and abs(shift - self._medians[-1]) > limit

    def _usual_shift(self) -> float:
        """Return how far a block lies beside the line without a loss; large after few blocks."""
        if self.n_blocks <= N_BLOCKS:
            return max(0.03, 3 * self.value)
        medians = np.array(self._medians)
        # With few bursts in a block its median moves by a whole burst: the spread alone is too
        # small a limit.
        farthest = float(np.abs(medians - np.median(medians)).max())
        return max(3 * _spread(medians), 1.5 * farthest)


def _spread(values: NDArray[np.float64]) -> float:
    """Return the robust standard deviation of `values`.

    It is taken from three quarters of the values, not from half: with two bursts in a block one of
    them always lies in the middle, and half of the values would show no scatter at all.
    """
    away = np.abs(values - np.median(values))
    # np.quantile takes four times as long, and this runs twice in every block.
    return float(np.partition(away, nth := 3 * (away.size - 1) // 4)[nth] / 1.15)
