"""Give every sample its time: a causal line through jittered stamps, and detection of losses.

The result depends on the stamps alone, not on how they were cut into chunks and not on when a
chunk arrived. So the same stamps give the same times live and in replay.
"""

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.apparent_losses import ApparentLosses
from bci_online.preprocessing.patience import FAR_S, Patience
from bci_online.preprocessing.sample_counter import SampleCounter
from bci_online.preprocessing.sample_runs import Loss, Run, Taken
from bci_online.preprocessing.stamp_line import StampLine
from bci_online.preprocessing.stray_stamps import Verdict, judged
from bci_online.preprocessing.time_line import TimeLine

__all__ = ["SampleClock"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


class SampleClock:
    """Map consecutive samples to times and detect missing ones.

    A line through the stamps (least squares with exponential forgetting over `MEMORY_S`) is
    updated once per `BLOCK_S` of samples and gives the times of the following block. Without
    jitter, stamps that are late by more than half a sample show a loss after `AGREES_S`. With
    jitter, a loss is found when the least late stamps have shown that it lasts.

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
    The number of samples is the truth where none are missing. A stamp beside the line may be stray,
    or a stall of the sender, or the first one behind a loss. So its sample waits until enough of
    the next stamps agree with it, or until one is on the line again. Then the sample gets its
    time once, and stray stamps cost nothing.

    In a stream with jitter late stamps have no weight in the line, and decide nothing as long as
    they become less late. If stamps that agreed for a while return, the line from before goes on,
    and the samples in between are in doubt: a ``stall`` where a sender can catch up so, else
    ``clock``.

    Examples
    --------
    >>> clock = SampleClock(sfreq=100.0)
    >>> [(run.start, run.stop) for run in clock.push(np.arange(100) / 100)]
    [(0, 50), (50, 100)]

    Five samples are missing after the first hundred:

    >>> run = clock.push(np.arange(105, 130) / 100)[0]
    >>> run.loss.n_lost, run.loss.bridged, round(float(run.times[0]), 3)
    (5, True, 1.05)
    """

    # Shorter blocks hold too few chunks.
    BLOCK_S, MEMORY_S = 0.5, 30.0
    # After a stall the stamps begin to fall back at once. Wild ones may last longer.
    FALLS_BACK_S, KEPT_S = 2.0, 60.0
    # So much of the signal agrees where something new begins.
    AGREES_S = 0.1
    # So long the number of samples is trusted although no stamp agrees with it or with others. What
    # a laptop sent after it had slept for half a minute has the stamps of one moment.
    COUNTED_S = 60.0
    _line: StampLine

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
        self._n_agree = max(8, round(self.AGREES_S * sfreq))
        self._patience = Patience()
        self._knows_rate, self._period = False, self._nominal  # as learnt so far
        self._start_segment()

    def restart(self) -> None:
        """Start a new segment with the next sample: the clock or the source has changed."""
        self._start_segment()

    def _start_segment(self, time: float | None = None) -> None:
        # The true rate may differ from the stated one by percents. Once learnt it stays: a new
        # segment may move it by 0.05 % only.
        period_sd = (5e-4 if self._knows_rate else 2e-2) * self._nominal
        self._patience.go_on(None if time is None else self._line)
        time_line = TimeLine(self._period, period_sd, self.MEMORY_S / self.BLOCK_S)
        self._line = StampLine(time_line, max(1, self._block // 4))
        if time is not None:
            self._line.anchor(time)
            return
        self._apparent, self._n_stray = ApparentLosses(), 0

    def push(
        self, stamps: Floats, counter: Floats | None = None, is_last: bool = False
    ) -> list[Run]:
        """Map the next samples to times.

        Parameters
        ----------
        stamps : ndarray, shape (n,)
            Raw stamps in seconds.
        counter : ndarray, shape (n,), optional
            The amplifier's sample counter.
        is_last : bool
            Whether no sample follows: then none waits.

        Returns
        -------
        runs : list of Run
            They cover all samples but the newest that wait for a verdict. Push those again, with
            the next ones behind them. A loss or an update of the line lies between two runs.
        """
        missing = np.zeros(stamps.size, dtype=np.int64)
        if self._counter is not None and counter is not None:
            missing = self._counter.missing(counter)
        taken = Taken()
        while (at := taken.n_samples) < stamps.size:
            some = stamps[at : at + self._block - self._line.count]
            times = self._line.times(some.size)
            late = some - times
            n_sound = self._n_sound(late, missing[at:])
            if n_sound:
                n = self._line.recent.until_shift(late[:n_sound])
                self._take(late[:n], times[:n], taken)
            elif not self._resolve(stamps[at:], missing[at:], taken, is_last):
                break
        if self._counter is not None and counter is not None:
            self._counter.advance(counter[: taken.n_samples])
        return taken.finish()

    def _take(self, late: Floats, times: Floats, taken: Taken, are_stray: bool = False) -> None:
        """Add the next samples of a block, with their times; their stamps are so late."""
        taken.add(times)
        if are_stray:
            self._line.pass_by(late.size)
            self._n_stray += late.size
            if self._n_stray * self._period > self.COUNTED_S:
                taken.tell(Loss(0, bridged=False, reason="clock", late=self._n_stray))
                self._start_segment()
                return
        else:
            self._line.accept(late)
            self._n_stray = 0
        self._apparent.go_on(late.size)
        taken.tell(self._soon())
        if self._line.count >= self._block:
            taken.tell(self._end_block())

    def _n_sound(self, late: Floats, missing: Counts) -> int:
        """Return before how many of the next samples nothing is broken."""
        if self._counter is None and self._line.is_anchored:
            earliest, latest = self._patience.span(self._line)
            earliest = max(earliest, self._apparent.earliest)
            # In nearly every block the extremes say that nothing is broken; NaN says nothing.
            if np.minimum.reduce(late) >= earliest and np.maximum.reduce(late) <= latest:
                return late.size
        broken = self._broken(late, missing)
        return int(np.argmax(broken)) if broken.any() else late.size

    def _broken(self, late: Floats, missing: Counts) -> NDArray[np.bool_]:
        """Return which stamps lie beside the line, or have samples missing before them (n,)."""
        if not self._line.is_anchored:
            return np.ones(late.size, dtype=bool)
        earliest, latest = self._patience.span(self._line)
        if self._counter is not None:
            period = self._line.time_line.period
            broken = self._counter.is_break(missing[: late.size], late, latest, period)
        else:
            broken = (late > latest) | (late < earliest)
        return np.asarray(broken | (late < self._apparent.earliest) | ~np.isfinite(late))

    def _resolve(self, stamps: Floats, missing: Counts, taken: Taken, is_last: bool) -> bool:
        """Take the next samples, of which the first is broken; return False if they must wait."""
        verdict = self._verdict(stamps, missing, is_last)
        if verdict is None:
            return False
        if not self._line.is_anchored:
            self._line.anchor_by(stamps, verdict.n_stray, agrees=verdict.begins)
        elif not verdict.n_stray:
            taken.tell(self._break(float(stamps[0]), int(missing[0])))
            # It was judged, however it fits the line now.
            self._take(self._line.late(stamps[:1]), self._line.times(1), taken)
        left = verdict.n_stray
        while left and self._line.is_anchored:
            n = min(left, self._block - self._line.count)
            self._take(np.zeros(n), self._line.times(n), taken, are_stray=True)
            left -= n
        return True

    def _verdict(self, stamps: Floats, missing: Counts, is_last: bool) -> Verdict | None:
        """Judge the next samples, of which the first is broken; None if they must wait."""
        stamps = stamps[: self._block]
        late, ends = self._line.late(stamps), stamps.size
        broken = self._broken(late, missing[:ends])
        if not self._line.is_anchored:
            late -= late[np.argmax(np.isfinite(late))]
        elif (missing[:ends] > 0).any():
            # Where the counter misses samples too, a single stamp is enough.
            ends = int(np.argmax(np.append(broken & (missing[:ends] > 0), True)))
        return judged(
            late[:ends],
            ~broken[:ends],
            self._apparent.returned(stamps, late)[:ends],
            min(FAR_S, self._line.jitter.limit(self._line.time_line.period)),
            FAR_S,
            self._n_agree,
            is_all=is_last or ends < stamps.size or ends == self._block,
        )

    def _break(self, stamp: float, missing: int) -> Loss:
        """Return the loss, the stall or the step back before the sample with this stamp."""
        late = float(self._line.late(np.array([stamp]))[0])
        n_lost = max(1, round(late / self._line.time_line.period))
        if not missing and (returned := self._apparent.fall_back(stamp, late)) is not None:
            # Go on with the line from before the loss or the step.
            self._line = returned.line
            self._patience.learn(returned.stall_s)
            return returned.loss(late)
        before = self._line.copy()
        if self._counter is not None and late > -SampleCounter.FARTHEST_S:
            n_lost = self._counter.n_lost(missing, n_lost)
        elif late < 0:
            self._start_segment(stamp)
            self._apparent.add(0, late, before, bridged=False)
            step_s = round(late, 3) if late < -self._nominal else 0.0
            return Loss(0, bridged=False, reason="clock", late=self._n_stray, step_s=step_s)
        bridged = bool(n_lost * self._period <= self._max_bridge)
        if bridged:
            self._line.skip(n_lost)
        else:
            self._start_segment(stamp)
        if n_lost == missing:
            self._apparent.go_on(n_lost)
        else:
            self._apparent.add(n_lost, late, before, bridged)
        return Loss(n_lost, bridged, late=self._n_stray)

    def _soon(self) -> Loss | None:
        """Return a loss that the newest stamp has shown within a block."""
        shift = None if self._counter is not None else self._line.recent.shift()
        if shift is None:
            return None
        n_lost, before = self._line.continue_soon(shift)
        # A network that is slow for a second looks alike, until the stamps fall back.
        self._apparent.add(n_lost, shift.seconds, before, bridged=False)
        return Loss(n_lost, bridged=False, late=shift.n_samples + self._line.recent.slot_n)

    def _end_block(self) -> Loss | None:
        """Update the line with the finished block; return a loss that the block reveals."""
        line = self._line
        line.end_block()
        self._period = line.time_line.period
        self._knows_rate |= line.jitter.is_known
        self._apparent.forget(
            round(self.FALLS_BACK_S / self._nominal), round(self.KEPT_S / self._nominal)
        )
        if self._counter is None:
            shift = line.floors.shift(self._period, line.jitter)
            if shift is not None:
                late = line.floors.n_doubtful(shift.n_blocks)
                n_lost = line.continue_from(shift)
                return Loss(n_lost, bridged=False, late=late)
        off_s = line.lasting_s(self._patience.seconds(line.jitter))
        if off_s is None:
            return None
        late = line.floors.n_doubtful(0)
        # The counter has already shown every loss.
        n_lost = 0 if self._counter is not None else max(0, round(off_s / self._period))
        self._start_segment()
        return Loss(n_lost, bridged=False, reason="loss" if n_lost else "clock", late=late)
