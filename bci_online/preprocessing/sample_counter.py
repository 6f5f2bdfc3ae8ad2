"""The sample counter of an amplifier: how many samples it misses."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["SampleCounter"]


class SampleCounter:
    """Find losses in a counter that wraps.

    Parameters
    ----------
    modulus : int
        Number of values of the counter.
    step : int
        How much it grows from one sample to the next.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Uses it where a channel counts samples.

    Examples
    --------
    >>> counter = SampleCounter(modulus=256, step=1)
    >>> counter.missing(np.array([254.0, 255.0, 0.0, 3.0])).tolist()  # then two are missing
    [0, 0, 0, 2]
    """

    # A sample cannot be this far from the line, whatever its number: the counter is wrong.
    FARTHEST_S = 5.0

    def __init__(self, modulus: int, step: int) -> None:
        self._modulus = modulus
        self._step = step
        self._round = modulus // step
        self._last: int | None = None

    def missing(self, counter: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return how many samples are missing before each next one, modulo one round (n,)."""
        numbers = np.asarray(counter, dtype=np.int64)
        before = numbers[:1] - self._step if self._last is None else self._last
        missing = (np.diff(numbers, prepend=before) - self._step) % self._modulus // self._step
        return np.asarray(missing)

    def advance(self, counter: NDArray[np.float64]) -> None:
        """Go on behind these samples (n,)."""
        if counter.size:
            self._last = int(counter[-1])

    def is_break(
        self,
        missing: NDArray[np.int64],
        late_s: NDArray[np.float64],
        limit_s: float,
        period: float,
    ) -> NDArray[np.bool_]:
        """Return before which samples there is a loss, from counter and stamps together (n,).

        Parameters
        ----------
        missing : ndarray, shape (n,)
            As `missing` returns it.
        late_s : ndarray, shape (n,)
            How late the stamps are, in seconds.
        limit_s : float
            How late a stamp may be without a loss, in seconds.
        period : float
            Seconds from one sample to the next.

        Notes
        -----
        A counter that grows by more than half a round is a loss only if the stamps grow as much.
        Otherwise it stepped back: samples are out of order.
        """
        half = self._round / 2
        least = np.where(missing < half, -math.inf, missing - half)
        least[missing == 0] = max(half, limit_s / period)
        return np.asarray((late_s / period > least) | (np.abs(late_s) > self.FARTHEST_S))

    def n_lost(self, missing: int, by_stamps: int) -> int:
        """Return the loss: the counter gives it modulo a round, the stamps give the rounds."""
        rounds = round((by_stamps - missing) / self._round)
        return missing + self._round * max(0, rounds) or by_stamps
