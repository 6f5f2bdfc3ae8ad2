"""Give every sample its time: a causal line through jittered stamps, and detection of losses.

The result depends on the stamps alone, not on how they were cut into chunks and not on when a
chunk arrived. So the same stamps give the same times live and in replay.
"""

import math
from statistics import median

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.block_jitter import BlockJitter
from bci_online.preprocessing.time_line import TimeLine

__all__ = ["Loss", "Run", "SampleClock"]


class Loss(msgspec.Struct, frozen=True):
    """Samples that are missing before a run.

    ``n_lost`` is how many. ``bridged``: the segment continues. ``reason`` is ``loss``, or
    ``clock`` where stamps stepped back and nothing needs to be missing. ``late`` is the number of
    samples before the run that the loss may have happened in; 0 where it lies right before it.
    """

    n_lost: int
    bridged: bool
    reason: str = "loss"
    late: int = 0


class Run(msgspec.Struct, frozen=True, eq=False):
    """Samples ``start:stop`` of a chunk without a loss between them; raw ``times`` (n,) in s."""

    start: int
    stop: int
    times: NDArray[np.float64]
    loss: Loss | None = None


class SampleClock:
    """Map consecutive samples to times and detect missing ones.

    A line through the stamps (least squares with exponential forgetting over `MEMORY_S`) is
    updated once per `BLOCK_S` of samples and gives the times of the following block. Where the
    stream has no jitter, a stamp that is late by more than half a sample is a loss at once. Where
    it has jitter, a loss is accepted when the medians of two blocks agree, and is reported late.

    Parameters
    ----------
    sfreq : float
        Nominal sampling frequency in Hz.
    max_bridge : float
        Seconds. A shorter loss keeps the line; a longer one starts a new segment.
    counter_modulus : int, optional
        Number of values of the amplifier's sample counter. If given, losses follow from the
        counter. A counter that steps back a little means samples out of order, not a loss.
    counter_step : int
        How much the counter grows from one sample to the next.

    See Also
    --------
    bci_online.preprocessing.clock_offsets.ClockOffsets : From raw to common time.

    Notes
    -----
    A late chunk of a jittered stream is not a loss. There are two exceptions: a chunk that is 0.6 s
    late, and the first late chunk of a stream that had no jitter before. They count as a loss
    until the stamps fall back. Falling back starts a new segment (``clock``), and from then on the
    clock waits longer before it accepts a loss.

    Examples
    --------
    >>> import numpy as np
    >>> clock = SampleClock(sfreq=100.0)
    >>> [(run.start, run.stop) for run in clock.push(np.arange(100) / 100)]
    [(0, 50), (50, 100)]

    Five samples are missing after the first hundred:

    >>> run = clock.push(np.arange(105, 130) / 100)[0]
    >>> run.loss.n_lost, run.loss.bridged, round(float(run.times[0]), 3)
    (5, True, 1.05)
    """

    # Longer blocks would find a loss later; shorter ones hold too few chunks for a median.
    BLOCK_S = 0.5
    MEMORY_S = 30.0
    # Stamps that are computed from a rate scatter by less than this share of a sample period.
    JITTER_FREE = 0.02
    # A stall of 0.6 s or more cannot be told from a loss by its first stamp. Trusting such stamps
    # moved epochs by 26 ms to 3.7 s.
    PATIENCE_S = 0.6
    # A sample cannot be this far from the line, whatever its number: the counter is wrong.
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
        """Start a new segment with the next sample: the clock or the source has changed."""
        self._start_segment()

    def _start_segment(self) -> None:
        self._anchored = False
        self._position = 0.0  # samples, lost ones included, since the block began
        self._count = 0  # samples that came, since the block began
        # The true rate may differ from the stated one by percents. Once learnt it stays: a new
        # segment may move it by 0.05 % only.
        period_sd = (5e-4 if self._knows_rate else 2e-2) * self._nominal
        self._line = TimeLine(self._line.period, period_sd, self._forget)
        self._fresh_residuals: list[NDArray[np.float64]] = []
        self._fresh_positions: list[NDArray[np.float64]] = []
        self._jitter = BlockJitter()
        self._odd: list[tuple[float, int]] = []  # shift and number of samples of odd blocks

    def push(
        self, stamps: NDArray[np.float64], counter: NDArray[np.float64] | None = None
    ) -> list[Run]:
        """Map the next samples to times.

        Parameters
        ----------
        stamps : ndarray, shape (n,)
            Raw stamps in seconds.
        counter : ndarray, shape (n,), optional
            The amplifier's sample counter.

        Returns
        -------
        runs : list of Run
            They cover all samples. A loss or an update of the line lies between two runs.
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
            # The first sample after a loss was checked already; a second check would find the
            # same loss again.
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
        """Return how many samples the counter misses before each sample, modulo one round (n,)."""
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
        """Return before which samples there is a loss, from counter and stamps together (n,).

        A counter that grows by more than half a round is a loss only if the stamps grow likewise.
        Otherwise it stepped back: samples are out of order.
        """
        half = self._round / 2
        least = np.where(lost < half, -math.inf, lost - half)
        least[lost == 0] = max(half, self._limit() / self._line.period)
        return (residuals / self._line.period > least) | (np.abs(residuals) > self.FARTHEST_S)

    def _limit(self) -> float:
        """Return the residual in seconds above which a single stamp is a loss."""
        jitter = self._jitter.value
        if jitter < self.JITTER_FREE * self._line.period and not self._stalls:
            return max(0.5 * self._line.period, 6 * jitter)
        jitter = jitter if math.isfinite(jitter) else 0.0
        return max(0.5 * self._line.period, 6 * jitter, self._patience)

    def _break(self, stamp: float, counted: int | None) -> Loss:
        """Return the loss, or the step back of the clock, before the sample with this stamp."""
        residual = stamp - (self._line.reference + self._line.period * self._position)
        n_lost = max(1, round(residual / self._line.period))
        if counted is not None and residual > -self.FARTHEST_S:
            # The counter wraps: it gives the loss modulo a round, the stamps give the rounds.
            rounds = round((n_lost - counted) / self._round)
            n_lost = counted + self._round * max(0, rounds) or n_lost
        elif residual < 0:
            # Stamps fell back soon after an apparent loss: it was a stall. A stream that stalls
            # once stalls again, so from now on one stamp is believed only after a longer wait.
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
        """Update the line with the finished block; return a loss that the block reveals."""
        positions = np.concatenate(self._fresh_positions)
        residuals = np.concatenate(self._fresh_residuals)
        self._fresh_positions, self._fresh_residuals = [], []
        shift = float(np.median(residuals))
        # With a counter losses are known at once, and the stamps only give whole rounds.
        if self._modulus is None and self._jitter.is_odd(shift, self._line.period):
            self._odd.append((shift, residuals.size))
            loss = self._loss_of_odd_blocks()
            if loss is not None:
                return loss
        else:
            self._odd = []
            self._jitter.learn(shift, residuals)
            self._line.learn(positions, residuals)
            self._knows_rate |= self._jitter.is_known
            if self._jitter.n_blocks == 1:
                # A loss before the jitter was known may lie in the first block. It gives the line
                # its place, but no weight in the fits that follow.
                self._line.forget()
        self._line.advance(self._position)
        self._position, self._count = 0.0, 0
        return None

    def _loss_of_odd_blocks(self) -> Loss | None:
        """Return a loss once two odd blocks in a row lie on the same side of the line."""
        # One odd block may be a late chunk; two in a row are a loss.
        shifts = [shift for shift, _ in self._odd[-2:]]
        if len(shifts) < 2 or shifts[0] * shifts[1] < 0:
            return None
        # The loss may have happened anywhere in these blocks, or in the one before them.
        late = sum(n for _, n in self._odd) + self._block
        n_lost = max(0, round(median(shifts) / self._line.period))
        self._start_segment()
        return Loss(n_lost, bridged=False, reason="loss" if n_lost else "clock", late=late)
