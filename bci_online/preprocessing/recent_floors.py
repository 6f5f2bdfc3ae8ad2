"""The least late stamps of the newest parts of a second: they show a loss soon."""

import copy
import math
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.block_statistics import median, window_minima

__all__ = ["RecentFloors", "SoonShift"]

# Windows of so many slots are compared; a slot is an eighth of a second.
WINDOWS = (6, 8, 12)
N_BEFORE = 160


class SoonShift(NamedTuple):
    """The newest stamps lie beside the line.

    Parameters
    ----------
    seconds : float
        By how much.
    n_samples : int
        How many samples have lain beside it.

    See Also
    --------
    RecentFloors : Finds it.
    """

    seconds: float
    n_samples: int


class _Window(NamedTuple):
    """So many slots, where their lowest floor usually lies, how much higher it is after a loss."""

    n: int
    usual_s: float
    least_s: float
    steady_s: float


class RecentFloors:
    """Find a loss within a second where the jitter lets samples be counted so soon.

    Parameters
    ----------
    slot_n : int
        Samples of a slot.

    Attributes
    ----------
    slot_n : int
        The same.

    See Also
    --------
    bci_online.preprocessing.block_floors.BlockFloors : Finds the others, by longer windows.

    Notes
    -----
    The rule is that of `BlockFloors`: after a loss the least late stamps lie higher, and stay
    there. The lowest of the stamps of m chunks that come up to J s late scatters by J / m. A count
    is exact where half a period is five times that, and a shift of 15 times that is no chance.
    With 5 ms of jitter and 32 chunks a second this holds after three quarters of a second.

    Examples
    --------
    >>> recent = RecentFloors(slot_n=2)
    >>> recent.add(np.tile([0.0, 0.001], 172))
    >>> recent.learn(period=0.01)
    >>> late = np.full(16, 0.01)  # a sample is missing
    >>> recent.until_shift(late)
    12
    >>> recent.add(late[:12])
    >>> recent.shift()
    SoonShift(seconds=0.01, n_samples=12)
    """

    # As for blocks.
    CHANCE, EXACT, FALLS = 15.0, 5.0, 0.25

    def __init__(self, slot_n: int) -> None:
        self.slot_n = slot_n
        self._floors: deque[float] = deque(maxlen=N_BEFORE + max(WINDOWS))
        self._lowest, self._count = math.inf, 0
        self._before: list[float] = []
        self._lowest_before, self._period = math.inf, 0.0
        self._windows: list[_Window] | None = []  # None until they are needed

    def copy(self) -> Self:
        """Return an independent copy."""
        other = copy.copy(self)
        other._floors = self._floors.copy()
        return other

    def add(self, late_s: NDArray[np.float64]) -> None:
        """Add how late the next stamps are (n,), in seconds; infinite for one without weight."""
        floors, self._lowest, self._count = self._slots(late_s)
        self._floors.extend(floors)

    def learn(self, period: float) -> None:
        """Learn how the floors scatter without a loss; `period` is that of the samples."""
        self._before, self._period = list(self._floors)[: -max(WINDOWS)], period
        self._lowest_before = min(self._before, default=math.inf)
        self._windows = None if len(self._before) == N_BEFORE else []

    def until_shift(self, late_s: NDArray[np.float64]) -> int:
        """Return after how many of the next stamps (n,) a shift shows; n where none does."""
        if self._windows == [] or self._count + late_s.size < self.slot_n:
            return late_s.size
        if not self._is_high(float(np.maximum.reduce(late_s))):
            return late_s.size
        floors = list(self._floors)[-max(WINDOWS) :]
        for n, floor in enumerate(self._slots(late_s)[0], start=1):
            floors.append(floor)
            if self._found(floors) is not None:
                return n * self.slot_n - self._count
        return late_s.size

    def shift(self) -> SoonShift | None:
        """Return the shift that the last stamp completed, and forget its slots."""
        if self._count or not self._floors or not self._is_high(self._floors[-1]):
            return None
        window = self._found(list(self._floors)[-max(WINDOWS) :])
        if window is None:
            return None
        seconds = min(list(self._floors)[-window.n :]) - window.usual_s
        # The loss may lie in the slot before.
        for _ in range(window.n + 1):
            self._floors.pop()
        return SoonShift(seconds, window.n * self.slot_n)

    def forget(self, n_samples: int) -> None:
        """Forget the slots that hold some of the newest samples: the line has gone on behind them.

        Else a loss that longer windows have found would be found here a second time.
        """
        n_slots = min(math.ceil(n_samples / self.slot_n), len(self._floors))
        for _ in range(n_slots):
            self._floors.pop()
        self._lowest, self._count = math.inf, 0

    def _is_high(self, floor: float) -> bool:
        """Return whether a shift may end with a floor: no window asks for less."""
        return floor - self._lowest_before > 0.5 * self._period

    def _found(self, floors: list[float]) -> _Window | None:
        # What windows ask for is seldom computed.
        if not self._is_high(floors[-1]):
            return None
        if self._windows is None:
            self._windows = list(self._exact_windows())
        for window in self._windows:
            after = floors[-window.n :]
            if min(after) - window.usual_s <= window.least_s or not math.isfinite(max(after)):
                continue
            half = window.n // 2
            if abs(min(after[:half]) - min(after[half:])) <= window.steady_s:
                return window
        return None

    def _exact_windows(self) -> Iterator[_Window]:
        """Yield the windows that show a loss exactly, as the floors scatter without one."""
        floors, period = np.array(self._before), self._period
        if not np.isfinite(floors).all():
            return
        scatter = _mean_above(floors)
        for n in WINDOWS:
            lowest = window_minima(floors, n)
            usual = median(lowest)
            scale = max(_mean_above(lowest), scatter / n)
            farthest = float(lowest.max()) - usual
            if max(self.EXACT * scale, farthest) <= 0.5 * period:
                least = max(0.5 * period, self.CHANCE * scale, 1.5 * farthest)
                steady = max(0.1 * period, 2 * self.CHANCE * scale)
                falls = 0.5 * self.FALLS * n * self.slot_n * period
                yield _Window(n, usual, least, min(steady, falls))

    def _slots(self, late_s: NDArray[np.float64]) -> tuple[list[float], float, int]:
        """Return the floors of the slots that end with these stamps, and what is left."""
        if not late_s.size:
            return [], self._lowest, self._count
        starts = [0, *range(self.slot_n - self._count, late_s.size, self.slot_n)]
        floors = np.minimum.reduceat(late_s, starts).tolist()
        floors[0] = min(self._lowest, floors[0])
        count = self._count + late_s.size - self.slot_n * (len(starts) - 1)
        if count == self.slot_n:
            return floors, math.inf, 0
        return floors[:-1], floors[-1], count


def _mean_above(values: NDArray[np.float64]) -> float:
    """Return how far values lie above the lowest one, on average."""
    return float((values - values.min()).sum() / values.size)
