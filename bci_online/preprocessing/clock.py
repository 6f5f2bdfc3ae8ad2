"""Give every sample its time: a causal line through jittered stamps, and detection of losses.

The result depends on the stamps alone, not on how they were cut into chunks and not on when a
chunk arrived. So the same stamps give the same times live and in replay.
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.apparent_losses import ApparentLosses
from bci_online.preprocessing.sample_counter import SampleCounter
from bci_online.preprocessing.stamp_line import StampLine
from bci_online.preprocessing.time_line import TimeLine

__all__ = ["Loss", "Run", "SampleClock"]


class Loss(msgspec.Struct, frozen=True):
    """Samples that are missing before a run.

    Parameters
    ----------
    n_lost, late : int
        How many (negative for a ``stall``), and samples before the run whose times are in doubt.
    bridged : bool
        Whether the segment continues.
    reason : {"loss", "clock", "stall"}
        ``clock``: stamps stepped back, and nothing needs to be missing. ``stall``: samples that
        counted as lost came after all.

    See Also
    --------
    Run : Follows it.
    """

    n_lost: int
    bridged: bool
    reason: str = "loss"
    late: int = 0


class Run(msgspec.Struct, frozen=True, eq=False):
    """Samples of a chunk without a loss between them.

    Parameters
    ----------
    start, stop : int
        Which samples of the chunk.
    times, loss : ndarray of shape (stop - start,), Loss or None
        Raw times in seconds, and what is missing before them.

    See Also
    --------
    SampleClock : Divides chunks into runs.
    """

    start: int
    stop: int
    times: NDArray[np.float64]
    loss: Loss | None = None


class SampleClock:
    """Map consecutive samples to times and detect missing ones.

    A line through the stamps (least squares with exponential forgetting over `MEMORY_S`) is
    updated once per `BLOCK_S` of samples and gives the times of the following block. Where the
    stream has no jitter, a stamp that is late by more than half a sample is a loss at once. Where
    it has jitter, a loss is reported late, when blocks of stamps have shown that it lasts.

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
    A stall of the sender looks like a loss until the stamps come back. The number of samples is the
    truth where none are missing: so late stamps have no weight in the line, and blocks that are
    late decide nothing as long as they become less late.

    Some late stamps are a loss at once: in a stream that had no jitter before, after more than
    `PATIENCE_S`, and before the jitter is known. If the stamps fall back, the line from before
    goes on (``stall``). From then on such a stamp is no loss at once in this stream.

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

    # Longer blocks would find a loss later; shorter ones hold too few chunks.
    BLOCK_S = 0.5
    MEMORY_S = 30.0
    # Stamps that are computed from a rate scatter by less than this share of a sample period.
    JITTER_FREE = 0.02
    # A stall cannot be told from a loss by its first stamp. Trusting such stamps after 0.6 s moved
    # epochs by 26 ms to 3.7 s. Stalls of up to 5 s are common.
    PATIENCE_S = 5.5
    # A stamp that is so early belongs to another clock. One that is so late before the jitter is
    # known is a loss: a stream that goes on losing samples would pass for a slow one.
    FAR_S = 0.6
    # After a stall the stamps begin to fall back at once.
    FALLS_BACK_S = 2.0

    def __init__(
        self,
        sfreq: float,
        max_bridge: float = 0.1,
        counter_modulus: int | None = None,
        counter_step: int = 1,
    ) -> None:
        self._nominal = 1.0 / sfreq
        self._max_bridge = max_bridge
        self._counter = (
            None if counter_modulus is None else SampleCounter(counter_modulus, counter_step)
        )
        self._block = max(8, round(self.BLOCK_S * sfreq))
        self._knows_rate = False
        self._longest_stall = 0.0
        self._stalls = False
        self._period = self._nominal  # as learnt so far
        self._start_segment()

    def restart(self) -> None:
        """Start a new segment with the next sample: the clock or the source has changed."""
        self._start_segment()

    def _start_segment(self) -> None:
        # The true rate may differ from the stated one by percents. Once learnt it stays: a new
        # segment may move it by 0.05 % only.
        period_sd = (5e-4 if self._knows_rate else 2e-2) * self._nominal
        forget = math.exp(-self.BLOCK_S / self.MEMORY_S)
        self._line = StampLine(TimeLine(self._period, period_sd, forget))
        self._apparent = ApparentLosses()

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
        missing = None
        if self._counter is not None and counter is not None and counter.size:
            missing = self._counter.missing(counter)
        start, loss = 0, None
        while start < stamps.size:
            stop = min(stamps.size, start + self._block - self._line.count)
            times = self._line.times(stop - start, float(stamps[start]))
            residuals = stamps[start:stop] - times
            # The first sample after a loss was checked already; a second check would find the
            # same loss again.
            first = self._first_break(residuals, missing, start, skip=loss is not None)
            if first is not None:
                stop = start + first
                times, residuals = times[:first], residuals[:first]
            if stop > start:
                runs.append(Run(start, stop, times, loss))
                loss = None
                self._accept(residuals)
            if first is not None:
                n_missing = None if missing is None else int(missing[stop])
                loss = self._break(float(stamps[stop]), n_missing)
            elif self._line.count >= self._block:
                loss = self._end_block()
            start = stop
        if loss is not None:
            runs.append(Run(stamps.size, stamps.size, stamps[:0], loss))
        return runs

    def _first_break(
        self,
        residuals: NDArray[np.float64],
        missing: NDArray[np.int64] | None,
        start: int,
        skip: bool,
    ) -> int | None:
        limit = self._limit()
        if self._counter is not None and missing is not None:
            period = self._line.time_line.period
            part = missing[start : start + residuals.size]
            broken = self._counter.is_break(part, residuals, limit, period)
        else:
            earliest = -min(limit, max(self.FAR_S, 6 * self._line.jitter.known))
            broken = (residuals > limit) | (residuals < earliest)
        broken |= residuals < self._apparent.earliest
        if skip:
            broken[0] = False
        first = int(np.argmax(broken))
        return first if broken[first] else None

    def _limit(self) -> float:
        """Return the residual in seconds above which a single stamp is a loss."""
        period, jitter = self._line.time_line.period, self._line.jitter
        is_free = jitter.value < self.JITTER_FREE * period and not self._stalls
        return max(0.5 * period, 6 * jitter.known, 0.0 if is_free else self._patience())

    def _patience(self) -> float:
        """Return how many seconds a stamp may be late although the jitter does not explain it."""
        least = self.PATIENCE_S if self._line.jitter.is_known else self.FAR_S
        return max(least, 1.2 * self._longest_stall)

    def _break(self, stamp: float, missing: int | None) -> Loss:
        """Return the loss, the stall or the step back before the sample with this stamp."""
        late = self._line.residual(stamp)
        n_lost = max(1, round(late / self._line.time_line.period))
        if late < 0 and not missing and self._apparent:
            return self._fall_back(stamp)
        if self._counter is not None and missing is not None and late > -SampleCounter.FARTHEST_S:
            n_lost = self._counter.n_lost(missing, n_lost)
        elif late < 0:
            return self._start_clock()
        before, apparent = self._line.copy(), self._apparent
        bridged = bool(n_lost * self._period <= self._max_bridge)
        if bridged:
            self._line.skip(n_lost)
        else:
            self._start_segment()
        if n_lost == missing:
            apparent.go_on(n_lost)
        else:
            apparent.add(n_lost, late, before, bridged)
        self._apparent = apparent
        return Loss(n_lost, bridged)

    def _fall_back(self, stamp: float) -> Loss:
        """Return to the line from before an apparent loss that was a stall."""
        stall = self._apparent.fall_back(stamp)
        if stall is None:
            return self._start_clock()
        self._line = stall.line
        # A stream that stalls once stalls again.
        self._stalls = True
        self._longest_stall = max(self._longest_stall, stall.seconds)
        return Loss(-stall.n_came, bridged=False, reason="stall", late=stall.n_doubtful)

    def _start_clock(self) -> Loss:
        """Start a segment because the stamps belong to another clock."""
        self._start_segment()
        return Loss(0, bridged=False, reason="clock")

    def _accept(self, residuals: NDArray[np.float64]) -> None:
        self._line.accept(residuals)
        self._apparent.go_on(residuals.size)

    def _end_block(self) -> Loss | None:
        """Update the line with the finished block; return a loss that the block reveals."""
        line = self._line
        line.end_block()
        self._period = line.time_line.period
        self._knows_rate |= line.jitter.is_known
        self._apparent.forget(round(self.FALLS_BACK_S / self._nominal))
        if self._counter is None:
            shift = line.floors.shift(self._period, line.jitter.value)
            if shift is not None:
                late = line.floors.n_doubtful(shift.n_blocks)
                n_lost = line.continue_from(shift)
                return Loss(n_lost, bridged=False, late=late)
        off_s = line.lasting_s(self._patience())
        if off_s is None:
            return None
        late = line.floors.n_doubtful(0)
        # The counter has already shown every loss.
        n_lost = 0 if self._counter is not None else max(0, round(off_s / self._period))
        self._start_segment()
        return Loss(n_lost, bridged=False, reason="loss" if n_lost else "clock", late=late)
