"""Which sample belongs to which time: a causal line through jittered stamps, and losses.

Everything here depends on the stamps alone, never on how they were cut into chunks or when a
chunk arrived: the same stamps give the same times, live and in replay.
"""

import math
from collections import deque
from statistics import median

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.preprocessing.time_line import TimeLine

__all__ = ["Loss", "Run", "SampleClock"]


class Loss(msgspec.Struct, frozen=True):
    """Samples that are missing before a run.

    ``reason`` is ``loss`` or ``clock`` (stamps stepped back: nothing may be missing). A ``late``
    loss happened up to ``late`` samples before the run.
    """

    n_lost: int
    bridged: bool
    reason: str = "loss"
    late: int = 0


class Run(msgspec.Struct, frozen=True, eq=False):
    """Samples ``start:stop`` of a chunk without a loss between them; raw ``times`` (n,)."""

    start: int
    stop: int
    times: NDArray[np.float64]
    loss: Loss | None = None


class SampleClock:
    """Maps consecutive samples to times and notices the missing ones.

    A line through the stamps (least squares, forgetting over `MEMORY_S`) is brought up to date
    once per `BLOCK_S` of samples and holds for the block that follows. A stamp that is late by
    more than half a sample tells a loss at once where the stream has no jitter of its own;
    where it has, a loss is believed when the medians of two blocks agree, and is reported late.

    Parameters
    ----------
    sfreq : float
        Nominal sampling frequency in Hz.
    max_bridge : float
        Losses up to so many seconds leave the line as it is; longer ones start a new segment.
    counter_modulus : int, optional
        Given where the amplifier numbers its samples from 0 to this: losses then follow from the
        numbers. Numbers that run backwards a little are samples out of order, not losses.
    counter_step : int
        What the amplifier's counter adds from sample to sample.

    Notes
    -----
    A chunk of a jittered stream that comes late is not a loss; one that comes 0.6 s late, or the
    first late one of a stream that had no jitter before, is taken for one until the stamps fall
    back, which starts a new segment (``clock``) and makes the clock more patient for the rest of
    the session.
    """

    BLOCK_S = 0.5
    MEMORY_S = 30.0
    JITTER_BLOCKS = 10
    # Below this share of a sample period, stamps count as free of jitter (made from a rate).
    JITTER_FREE = 0.02
    PATIENCE_S = 0.6
    # So far from the line a sample cannot be, whatever its number.
    FARTHEST_S = 5.0

    def __init__(
        self,
        sfreq: float,
        max_bridge: float = 0.1,
        counter_modulus: int | None = None,
        counter_step: int = 1,
    ) -> None:
        self._nominal = 1.0 / sfreq
        self._max_bridge = max_bridge
        self._modulus = counter_modulus
        self._step = counter_step
        self._round = 1 if counter_modulus is None else counter_modulus // counter_step
        self._block = max(8, round(self.BLOCK_S * sfreq))
        self._forget = math.exp(-self.BLOCK_S / self.MEMORY_S)
        self._line = TimeLine(self._nominal, self._nominal, self._forget)
        self._knows_rate = False
        self._patience = self.PATIENCE_S
        self._last_stall = (-math.inf, 0.0)
        self._stalls = False
        self._counter: int | None = None
        self._start_segment()

    def restart(self) -> None:
        """Begin a new segment with the next sample: its clock or its source is another."""
        self._start_segment()

    def _start_segment(self) -> None:
        self._anchored = False
        self._position = 0.0  # samples, lost ones included, since the block began
        self._count = 0  # samples that came, since the block began
        # The rate may be off by percents from what the stream says, but not from what it was.
        period_sd = (5e-4 if self._knows_rate else 2e-2) * self._nominal
        self._line = TimeLine(self._line.period, period_sd, self._forget)
        self._fresh_residuals: list[NDArray[np.float64]] = []
        self._fresh_positions: list[NDArray[np.float64]] = []
        self._residuals: deque[NDArray[np.float64]] = deque(maxlen=self.JITTER_BLOCKS)
        self._medians: deque[float] = deque(maxlen=4 * self.JITTER_BLOCKS)
        self._doubt: list[tuple[float, int]] = []  # shift and number of samples of odd blocks
        self._jitter = math.inf

    def push(
        self, stamps: NDArray[np.float64], counter: NDArray[np.float64] | None = None
    ) -> list[Run]:
        """Take the raw stamps (n,) of the next samples, and their counter where there is one.

        Returns
        -------
        runs : list of Run
            Together they cover the samples; between two runs lies a loss or a new line.
        """
        runs: list[Run] = []
        lost = self._counted_losses(stamps, counter)
        start, loss = 0, None
        while start < stamps.size:
            stop = min(stamps.size, start + self._block - self._count)
            if not self._anchored:
                self._line.reference, self._anchored = float(stamps[start]), True
            positions = np.arange(stop - start, dtype=np.float64) + self._position
            times = self._line.at(positions)
            residuals = stamps[start:stop] - times
            # The sample behind a loss was already looked at.
            first = self._first_break(residuals, lost, start, skip=loss is not None)
            if first is not None:
                stop = start + first
                positions, times, residuals = positions[:first], times[:first], residuals[:first]
            if stop > start:
                runs.append(Run(start, stop, times, loss))
                loss = None
                self._accept(positions, residuals)
            if first is not None:
                n_lost = None if lost is None else int(lost[stop])
                loss = self._break(float(stamps[stop]), n_lost)
            elif self._count >= self._block:
                loss = self._end_block()
            start = stop
        if loss is not None:
            runs.append(Run(stamps.size, stamps.size, stamps[:0], loss))
        return runs

    def _counted_losses(
        self, stamps: NDArray[np.float64], counter: NDArray[np.float64] | None
    ) -> NDArray[np.int64] | None:
        """Return how far the amplifier's numbers go on before each sample, up to whole rounds."""
        if self._modulus is None or counter is None or not counter.size:
            return None
        numbers = np.asarray(counter, dtype=np.int64)
        before = numbers[0] - self._step if self._counter is None else self._counter
        lost = (np.diff(numbers, prepend=before) - self._step) % self._modulus // self._step
        self._counter = int(numbers[-1])
        return np.asarray(lost)

    def _first_break(
        self,
        residuals: NDArray[np.float64],
        lost: NDArray[np.int64] | None,
        start: int,
        skip: bool,
    ) -> int | None:
        if lost is not None:
            broken = self._counted_breaks(residuals, lost[start : start + residuals.size])
        else:
            broken = np.abs(residuals) > self._limit()
        if skip:
            broken[0] = False
        first = int(np.argmax(broken))
        return first if broken[first] else None

    def _counted_breaks(
        self, residuals: NDArray[np.float64], lost: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Tell before which samples the amplifier's numbers, or whole rounds of them, are missing.

        Numbers that go on by more than half a round are a loss where the stamps go on likewise;
        else they went back: samples out of order.
        """
        half = self._round / 2
        least = np.where(lost < half, -math.inf, lost - half)
        least[lost == 0] = max(half, self._limit() / self._line.period)
        return (residuals / self._line.period > least) | (np.abs(residuals) > self.FARTHEST_S)

    def _limit(self) -> float:
        """Return the residual, in seconds, that is a loss at once."""
        if self._jitter < self.JITTER_FREE * self._line.period and not self._stalls:
            return max(0.5 * self._line.period, 6 * self._jitter)
        jitter = self._jitter if math.isfinite(self._jitter) else 0.0
        return max(0.5 * self._line.period, 6 * jitter, self._patience)

    def _break(self, stamp: float, counted: int | None) -> Loss:
        """Take note of a loss, or of a step back, before the sample with this stamp."""
        residual = stamp - (self._line.reference + self._line.period * self._position)
        n_lost = max(1, round(residual / self._line.period))
        if counted is not None and residual > -self.FARTHEST_S:
            # The counter wraps: it tells the loss up to whole rounds, the stamps tell those.
            rounds = round((n_lost - counted) / self._round)
            n_lost = counted + self._round * max(0, rounds) or n_lost
        elif residual < 0:
            stalled_at, stall = self._last_stall
            if stamp - stalled_at < 2.0:
                self._stalls = True
                self._patience = max(self._patience, 1.2 * stall)
            self._start_segment()
            return Loss(0, bridged=False, reason="clock")
        self._last_stall = (stamp, residual)
        if n_lost * self._line.period <= self._max_bridge:
            self._position += n_lost
            return Loss(n_lost, bridged=True)
        self._start_segment()
        return Loss(n_lost, bridged=False)

    def _accept(self, positions: NDArray[np.float64], residuals: NDArray[np.float64]) -> None:
        self._fresh_positions.append(positions)
        self._fresh_residuals.append(residuals)
        self._position = float(positions[-1]) + 1
        self._count += residuals.size

    def _end_block(self) -> Loss | None:
        """Bring the line up to date with the finished block; return a loss that it reveals."""
        positions = np.concatenate(self._fresh_positions)
        residuals = np.concatenate(self._fresh_residuals)
        self._fresh_positions, self._fresh_residuals = [], []
        shift = float(np.median(residuals))
        if self._is_odd(shift):
            self._doubt.append((shift, residuals.size))
            loss = self._believed_loss()
            if loss is not None:
                return loss
        else:
            self._doubt = []
            self._medians.append(shift)
            self._residuals.append(residuals[:: max(1, residuals.size // 64)])
            self._jitter = self._spread(np.concatenate(self._residuals))
            self._line.learn(positions, residuals)
            self._knows_rate |= len(self._residuals) == self.JITTER_BLOCKS
            if len(self._medians) == 1:
                # A loss may have passed before the jitter was known: the first block gives the
                # line a place, and is not remembered.
                self._line.forget()
        self._line.advance(self._position)
        self._position, self._count = 0.0, 0
        return None

    @staticmethod
    def _spread(values: NDArray[np.float64]) -> float:
        """Return the robust standard deviation of `values`.

        Three quarters must lie close, not half: of two chunks one always lies in the middle.
        """
        away = np.abs(values - np.median(values))
        # Not np.quantile: it takes four times as long, twice in every block.
        return float(np.partition(away, nth := 3 * (away.size - 1) // 4)[nth] / 1.15)

    def _is_odd(self, shift: float) -> bool:
        """Tell whether a block as a whole lies beside the line, and the one before it did not.

        A drifting rate moves blocks little by little, a loss at once. Blocks that come early by
        less than a clock's jump only say that the line was late.
        """
        near = abs(shift) <= 0.5 * self._line.period or -ClockOffsets.JUMP < shift < 0
        if near or len(self._medians) < 2 or self._modulus is not None:
            return False
        limit = max(0.5 * self._line.period, self._usual_shift())
        return abs(shift) > limit and abs(shift - self._medians[-1]) > limit

    def _usual_shift(self) -> float:
        """Return how far blocks lie beside the line without a loss; large while few are known."""
        if len(self._medians) <= self.JITTER_BLOCKS:
            return max(0.03, 3 * self._jitter)
        medians = np.array(self._medians)
        # Of few chunks a block's median goes as far as a chunk does: their spread is too little.
        farthest = float(np.abs(medians - np.median(medians)).max())
        return max(3 * self._spread(medians), 1.5 * farthest)

    def _believed_loss(self) -> Loss | None:
        """Return a loss once two odd blocks in a row lie on the same side."""
        shifts = [shift for shift, _ in self._doubt[-2:]]
        if len(shifts) < 2 or shifts[0] * shifts[1] < 0:
            return None
        late = sum(n for _, n in self._doubt) + self._block
        n_lost = max(0, round(median(shifts) / self._line.period))
        self._start_segment()
        return Loss(n_lost, bridged=False, reason="loss" if n_lost else "clock", late=late)
