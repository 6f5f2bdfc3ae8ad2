"""A line through stamps, with what is known about how the stamps scatter around it."""

import copy
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.block_floors import Block, BlockFloors, Shift
from bci_online.preprocessing.block_jitter import BlockJitter
from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.preprocessing.recent_floors import RecentFloors, SoonShift
from bci_online.preprocessing.stamp_envelope import StampEnvelope
from bci_online.preprocessing.time_line import TimeLine

__all__ = ["StampLine"]


class StampLine:
    """Learn a time line from blocks of stamps; stamps that a stall made late have no weight.

    Parameters
    ----------
    time_line : TimeLine
        The line to begin with, at position 0.
    slot_n : int
        Samples of a slot of `recent`.

    Attributes
    ----------
    time_line : TimeLine
        As learnt so far; its position 0 is the block's first sample.
    jitter : BlockJitter
        Scatter of the stamps.
    floors : BlockFloors
        The least late stamps of the last blocks.
    recent : RecentFloors
        Those of the newest parts of a second.
    position : float
        Samples, lost ones included, since the block began.
    count : int
        Samples that came since the block began.
    n_early : int
        Blocks in a row that are earlier than any delay explains.
    is_anchored : bool
        Whether the line has a place.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Decides what a shift means.

    Examples
    --------
    >>> line = StampLine(TimeLine(period=0.01, period_sd=1e-4, n_blocks=60), slot_n=12)
    >>> line.anchor(5.0)
    >>> line.times(3).round(3).tolist()
    [5.0, 5.01, 5.02]
    """

    # Where bursts scatter the blocks, a line through the last 30 s wanders by some ms. No clock
    # changes its rate within five minutes by so much.
    UNCERTAIN_S, MOST_BLOCKS = 0.0015, 600

    def __init__(self, time_line: TimeLine, slot_n: int) -> None:
        self.time_line, self._least_blocks = time_line, time_line.n_blocks
        self.jitter = BlockJitter()
        self.floors = BlockFloors()
        self.recent = RecentFloors(slot_n)
        self._envelope = StampEnvelope()
        # How far the line lies above the envelope's: it keeps that distance for good.
        self._above_s: float | None = None
        self.position = 0.0
        self.count = 0
        self.n_early = 0
        self.is_anchored = False
        self._start = 0.0  # samples, lost ones included, before the block
        self._counted = np.arange(4.0 * slot_n)
        self._positions: list[NDArray[np.float64]] = []
        self._residuals: list[NDArray[np.float64]] = []

    def copy(self) -> Self:
        """Return an independent copy."""
        other = copy.copy(self)
        other.time_line = self.time_line.copy()
        other.jitter = self.jitter.copy()
        other.floors = self.floors.copy()
        other.recent = self.recent.copy()
        other._envelope = self._envelope.copy()
        other._positions = self._positions.copy()
        other._residuals = self._residuals.copy()
        return other

    def anchor(self, time: float) -> None:
        """Give the next sample its time, and so the line its place."""
        self.time_line.reference = time - self.time_line.period * self.position
        self.is_anchored = True

    def anchor_by(self, stamps: NDArray[np.float64], n_stray: int, agrees: bool) -> None:
        """Give the line its place by the first stamp behind stray ones, if it `agrees` with others.

        Else the last finite one of them gives it.
        """
        first = n_stray
        if not agrees:
            finite = np.flatnonzero(np.isfinite(stamps[:n_stray]))
            first = int(finite[-1]) if finite.size else 0
        self.anchor(float(np.nan_to_num(stamps[first])) - first * self.time_line.period)

    def times(self, n: int) -> NDArray[np.float64]:
        """Return the times of the next `n` samples."""
        return self.time_line.at(self._next_positions(n))

    def late(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how late the stamps of the next samples are (n,), in seconds."""
        return stamps - self.times(stamps.size)

    def accept(self, residuals: NDArray[np.float64]) -> None:
        """Add the next samples; `residuals` (n,) is how late their stamps are."""
        self._positions.append(self._next_positions(residuals.size))
        self._residuals.append(residuals)
        self._go_on(residuals)

    def pass_by(self, n_samples: int) -> None:
        """Count the next samples; their stamps have no weight."""
        self._go_on(np.full(n_samples, np.inf))

    def _go_on(self, residuals: NDArray[np.float64]) -> None:
        self.recent.add(residuals)
        self.position += residuals.size
        self.count += residuals.size

    def _next_positions(self, n: int) -> NDArray[np.float64]:
        if n > self._counted.size:
            self._counted = np.arange(float(n))
        return self._counted[:n] + self.position if self.position else self._counted[:n]

    def skip(self, n_lost: int) -> None:
        """Go `n_lost` positions on."""
        self.position += n_lost

    def end_block(self) -> None:
        """Learn from the samples since the last block, and begin the next one."""
        if not self._residuals:
            self._begin_block()
            return
        positions, residuals = _joined(self._positions), _joined(self._residuals)
        self._positions, self._residuals = [], []
        line = self.time_line
        self.recent.learn(line.period)
        limit = self.jitter.limit(line.period)
        # A drift of the rate moves blocks little by little: the line follows it.
        last = self.floors.last_on_line()
        drift = 0.0 if last is None else max(0.0, self.beside(last))
        latest = limit + drift
        # A block that is early by less shows only that the line was late.
        earliest = -max(limit, ClockOffsets.JUMP if self.jitter.n_blocks > 1 else np.inf)
        lowest, is_early = int(residuals.argmin()), False
        extremes = float(residuals[lowest]), float(np.maximum.reduce(residuals))
        if extremes[0] < earliest:
            lowest, is_early = _lowest_in_time(residuals, earliest)
        floor = float(residuals[lowest])
        is_late = floor > latest
        position = float(positions[lowest])
        stamp = line.reference + line.period * position + floor
        self.floors.add(
            Block(
                self._start + position,
                stamp,
                self._start,
                residuals.size,
                line.copy(),
                on_line=not (is_late or is_early),
            )
        )
        self.n_early = self.n_early + 1 if is_early else 0
        if not is_late and not is_early:
            # One that is late lies above the envelope, and changes nothing.
            self._envelope.add(self._start + position, stamp)
            self._learn(positions, residuals, floor, extremes, (earliest, latest))
        self._begin_block()

    def _learn(
        self,
        positions: NDArray[np.float64],
        residuals: NDArray[np.float64],
        floor: float,
        extremes: tuple[float, float],
        span: tuple[float, float],
    ) -> None:
        """Learn from a block: its scatter, and where it has weight the line.

        The least late stamp of the block is `floor`, and those outside of `span` are off the line.
        """
        line, mean = self.time_line, float(residuals.sum() / residuals.size)
        has_weight = self.jitter.has_weight(floor, mean, line.period)
        if floor < -ClockOffsets.JUMP and not self.jitter.is_known:
            # No delay makes stamps early: those before were late.
            line.forget()
        self.jitter.learn(residuals, floor, extremes, mean, has_weight)
        if not has_weight:
            return
        if extremes[0] < span[0] or extremes[1] > span[1]:
            on_line = (residuals >= span[0]) & (residuals <= span[1])
            positions, residuals = positions[on_line], residuals[on_line]
        is_followed = self._above_s is not None
        # A standard deviation is at most half of the range.
        is_quiet = (self.jitter.means_apart / self.UNCERTAIN_S) ** 2 < 0.5 * self._least_blocks
        between_s = 0.0 if is_quiet and not is_followed else self.jitter.between_blocks
        # The end of a line through N blocks is uncertain by twice their scatter over √N.
        needed = (2 * between_s / self.UNCERTAIN_S) ** 2
        line.n_blocks = max(self._least_blocks, min(needed, self.MOST_BLOCKS))
        below = None
        if is_followed or needed > self._least_blocks:  # it comes in bursts
            below = self._envelope.line(between_s, is_followed)
        if below is None:
            line.learn(positions, residuals, apart_s=extremes[1] - extremes[0])
        elif self._above_s is None:
            line.learn(positions, residuals, below.period)
            self._above_s = line.reference - below.at(self._start)
        else:
            # How late the stamps are on average changes with each chunk that misses its burst.
            reference = below.at(self._start) + self._above_s
            line.learn(positions, residuals, below.period, reference)
        if self.jitter.n_blocks == 1:
            # A loss before the jitter was known may lie in the first block. It gives the line its
            # place, but no weight in the fits that follow.
            line.forget()

    def _begin_block(self) -> None:
        self.time_line.advance(self.position)
        self._start += self.position
        self.position, self.count = 0.0, 0

    def beside(self, block: Block) -> float:
        """Return how far the floor of a block lies above the line, in seconds."""
        time = self.time_line.reference + self.time_line.period * (block.position - self._start)
        return block.stamp - time

    def continue_soon(self, shift: SoonShift) -> tuple[int, Self]:
        """Go on with the line from before a shift within a block.

        Return how many samples were lost, and the line as if none were.
        """
        self._positions, self._residuals = [], []
        self._begin_block()
        blocks = self.floors.since(self._start - shift.n_samples)
        line, start = (blocks[0].line, blocks[0].start) if blocks else (self.time_line, self._start)
        self.floors.drop(len(blocks))
        self._continue(line, start)
        before, n_lost = self.copy(), round(shift.seconds / line.period)
        self._start += n_lost
        self.time_line.advance(n_lost)
        return n_lost, before

    def continue_from(self, shift: Shift) -> int:
        """Go on with the line from before a shift; return how many samples were lost."""
        n_lost = round(shift.seconds / shift.line.period)
        # Where the count is uncertain by a sample, the stamps are still right.
        positions = n_lost if shift.is_exact else shift.seconds / shift.line.period
        self.recent.forget(self.floors.drop(shift.n_blocks))
        self._start += positions
        self._continue(shift.line, shift.start)
        return n_lost

    def _continue(self, line: TimeLine, start: float) -> None:
        """Go on with a line from before, which began at `start`."""
        self.time_line = line.copy()
        self.time_line.advance(self._start - start)

    def lasting_s(self, patience: float) -> float | None:
        """Return how far off the line the blocks are that neither return nor come nearer.

        None if there are no such blocks. Early ones must be two. Late ones must last `patience`
        seconds; as long as they become less late, a sender catches up.
        """
        off = self.floors.off_line()
        if not off:
            return None
        beside = [self.beside(block) for block in off]
        if self.n_early >= 2:
            return min(beside[-2:])
        n_samples = sum(block.n_samples for block in off)
        is_short = n_samples * self.time_line.period <= patience
        if is_short or len(off) < 8 or min(beside[-4:]) < min(beside[-8:-4]):
            return None
        return min(beside[-2:])


def _joined(parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _lowest_in_time(residuals: NDArray[np.float64], earliest: float) -> tuple[int, bool]:
    """Return the least late stamp, without wild ones, and whether the block is early."""
    in_time = residuals >= earliest
    # A few wild stamps do not make a block early.
    if 2 * np.count_nonzero(in_time) < residuals.size:
        return int(np.argmin(residuals)), True
    return int(np.argmin(np.where(in_time, residuals, np.inf))), False
