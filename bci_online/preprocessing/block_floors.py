"""The least late stamp of each block of samples, and what a lasting shift of them says."""

import copy
import math
from collections import deque
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.block_jitter import N_BLOCKS, BlockJitter
from bci_online.preprocessing.block_statistics import window_minima
from bci_online.preprocessing.time_line import TimeLine

__all__ = ["Block", "BlockFloors", "Shift"]

# Windows of so many blocks are compared. Longer ones see smaller shifts.
WINDOWS = (3, 4, 6, 10, 15)
# A shift that is still uncertain by a sample after so many blocks is accepted anyway.
ENOUGH_BLOCKS = 4
N_BEFORE = 40
# The line forgets blocks that are older.
MOST_LEARNT = 60


class Block(NamedTuple):
    """A finished block of stamps.

    Parameters
    ----------
    position : float
        Of its least late stamp, in samples since the segment began, lost ones included.
    stamp : float
        The least late stamp, in seconds.
    start : float
        Position of the block's first sample.
    n_samples : int
        Samples of the block.
    line : TimeLine
        The line that was known when it began.
    on_line : bool
        Whether not all its stamps lie beside the line.

    See Also
    --------
    BlockFloors : Takes blocks.
    """

    position: float
    stamp: float
    start: float
    n_samples: int
    line: TimeLine
    on_line: bool


class Shift(NamedTuple):
    """The stamps lie beside the line.

    Parameters
    ----------
    seconds : float
        By how much.
    n_blocks : int
        Since how many blocks.
    line : TimeLine
        The line from before.
    start : float
        The position of that line.
    is_exact : bool
        Whether samples can be counted from it.

    See Also
    --------
    BlockFloors : Finds it.
    """

    seconds: float
    n_blocks: int
    line: TimeLine
    start: float
    is_exact: bool


class BlockFloors:
    """Distinguish a loss from a stall by the least late stamps of blocks.

    See Also
    --------
    bci_online.preprocessing.stamp_line.StampLine : Keeps one.

    Notes
    -----
    A stamp on arrival can be late, but never early. So the least late stamp of a block, its
    floor, is close to the truth. After a loss the floors lie higher and stay there. After a stall
    they fall until the sender has caught up; then they are where they were before.

    The lowest of `m` floors scatters by about 1/m as much as one floor. So a window of blocks
    after a shift is compared with all windows of the same length before it, and a longer window
    finds a smaller shift: under 20 ms of jitter a single lost sample of 4 ms takes about 3 s.

    Examples
    --------
    >>> BlockFloors().shift(period=0.004, jitter=BlockJitter()) is None  # before the first block
    True
    """

    # Floors scatter like exponential variates: by chance one in 1e7 lies so many scales away.
    CHANCE = 15.0
    # Bursts give floors of two heights: so seldom may all of a window be high by chance.
    SELDOM = 1e-6
    # The count is right in 99 % where half a period is more than so many scales.
    EXACT = 5.0
    # A sender that catches up sends faster than the samples are taken, by at least this share.
    FALLS = 0.25

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque(maxlen=N_BEFORE + max(WINDOWS))
        self._n_on_line = 0
        # For each window how far the last ones lay beside those before them, without a loss.
        self._usual = {n: deque[float](maxlen=N_BEFORE) for n in WINDOWS}

    def copy(self) -> Self:
        """Return an independent copy."""
        other = copy.copy(self)
        other._blocks = self._blocks.copy()
        other._usual = {n: usual.copy() for n, usual in self._usual.items()}
        return other

    def add(self, block: Block) -> None:
        """Add the newest block."""
        self._blocks.append(block)
        self._n_on_line = min(MOST_LEARNT, self._n_on_line + block.on_line)

    def drop(self, n_blocks: int) -> int:
        """Forget the newest blocks and the late ones before them; return how many samples."""
        dropped = [self._blocks.pop() for _ in range(n_blocks)]
        while self._blocks and not self._blocks[-1].on_line:
            dropped.append(self._blocks.pop())
        return sum(block.n_samples for block in dropped)

    def since(self, position: float) -> list[Block]:
        """Return the newest blocks that hold samples behind `position`."""
        return [block for block in self._blocks if block.start + block.n_samples > position]

    def off_line(self) -> list[Block]:
        """Return the blocks since the last one that was on the line."""
        off = []
        for block in reversed(self._blocks):
            if block.on_line:
                break
            off.append(block)
        return off[::-1]

    def n_doubtful(self, n_blocks: int) -> int:
        """Return how many samples may follow a loss.

        It happened before the last `n_blocks`, or before those that are off the line.
        """
        blocks = list(self._blocks)[-max(n_blocks, len(self.off_line())) - 1 :]
        return sum(block.n_samples for block in blocks)

    def last_on_line(self) -> Block | None:
        """Return the newest block that was on the line."""
        return next((block for block in reversed(self._blocks) if block.on_line), None)

    def shift(self, period: float, jitter: BlockJitter) -> Shift | None:
        """Return the lasting shift to later stamps, if there is one.

        Parameters
        ----------
        period : float
            Seconds from one sample to the next.
        jitter : BlockJitter
            Scatter of single stamps; counts only while few blocks are known.
        """
        blocks = list(self._blocks)
        windows = [n for n in WINDOWS if 2 * n <= len(blocks)]
        if not windows:
            return None
        positions, stamps, _, _, _, on_line = zip(*blocks, strict=True)
        firsts = [blocks[-n] for n in windows]
        # Beside the line that was known when each window began: a row for each of them.
        floors = np.array(stamps) - _times(firsts, np.array(positions))
        known = None if all(on_line) else np.array(on_line)
        shifts = _shifts(floors, windows) if known is None else [math.inf] * len(windows)
        for n, first, seconds, row in zip(windows, firsts, shifts, floors, strict=True):
            if seconds <= 0.5 * period:
                self._usual[n].append(abs(seconds))
                continue
            before, after = row[:-n], row[-n:]
            before = before if known is None else before[known[:-n]]
            found = self._compared(before, after, period, jitter)
            if found is None:
                continue
            span_s = period * (positions[-1] - positions[-n])
            if not self._falls(after, span_s):
                return Shift(found[0], n, first.line, first.start, found[1])
        return None

    def _falls(self, after: NDArray[np.float64], span_s: float) -> bool:
        """Return whether the floors (n,) of `span_s` seconds come nearer, as after a stall."""
        half = after.size // 2
        return bool(after[:half].min() - after[-half:].min() > 0.5 * self.FALLS * span_s)

    def _compared(
        self,
        before: NDArray[np.float64],
        after: NDArray[np.float64],
        period: float,
        jitter: BlockJitter,
    ) -> tuple[float, bool] | None:
        """Return the shift and whether it is exact; None where there is none."""
        n = after.size
        if before.size < n:
            return None
        lowest = window_minima(before, n)
        middle = (lowest.size - 1) // 2
        seconds = float(after.min() - np.partition(lowest, middle)[middle])
        usual = self._usual[n]
        if seconds <= 0.5 * period:
            usual.append(abs(seconds))
            return None
        scatter = float((before - before.min()).mean())
        scale = max(float((lowest - lowest.min()).mean()), scatter / n)
        # The slope of a line through N points is uncertain by √(12 / N³) of their scatter.
        learnt = self._n_on_line
        line_sd = scatter * (0.5 * learnt + n) * math.sqrt(12 / learnt**3)
        farthest = max(usual, default=0.0)
        few = max(0.03, 3 * jitter.value) if len(usual) < N_BLOCKS else 0.0
        half = n // 2
        change = abs(float(after[:half].min() - after[-half:].min()))
        n_as_high = int(np.count_nonzero(before >= after.min() - 0.25 * seconds))
        chance = 0.0 if not n_as_high else ((n_as_high + 1) / (before.size + 2)) ** n
        least = max(self.CHANCE * scale, 5 * line_sd, 1.5 * farthest, few)
        if seconds <= least or chance > self.SELDOM:
            usual.append(abs(seconds))
        elif after[1:].min() - after[0] > 0.5 * period:
            # The shift began within the first block of the window.
            return None
        elif np.ptp(after) > max(0.5 * period, self.CHANCE * scatter):
            # A stall begins and ends in blocks that are partly in time.
            return None
        elif change <= max(0.1 * period, 2 * self.CHANCE * scale):
            is_exact = bool(max(self.EXACT * scale, 2 * line_sd, farthest) <= 0.5 * period)
            if is_exact or n >= ENOUGH_BLOCKS:
                return seconds, is_exact
        return None


def _times(blocks: list[Block], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the times of positions (n,) on the lines of some blocks (n_blocks, n)."""
    begun = [(block.line.reference, block.line.period, block.start) for block in blocks]
    reference, period, start = np.array(begun).T[:, :, np.newaxis]
    return np.asarray(reference + period * (positions - start))


def _shifts(floors: NDArray[np.float64], windows: list[int]) -> list[float]:
    """Return by how much the last `n` of floors, a row for each window, lie above those before.

    It is what `BlockFloors` compares, for all windows at once: this runs in every block.
    """
    n_blocks = floors.shape[1]
    after = np.minimum.accumulate(floors[:, : -windows[-1] - 1 : -1], axis=1)
    lowest = np.full_like(floors, np.inf)
    minima, length = floors, 1
    for row, n in enumerate(windows):
        while 2 * length <= n:
            minima = np.minimum(minima[:, :-length], minima[:, length:])
            length *= 2
        stop = n_blocks - 2 * n + 1
        np.minimum(minima[row, :stop], minima[row, n - length :][:stop], out=lowest[row, :stop])
    lowest.sort(axis=1)
    return [
        float(after[row, n - 1] - lowest[row, (n_blocks - 2 * n) // 2])
        for row, n in enumerate(windows)
    ]
