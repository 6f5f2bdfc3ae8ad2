"""The continuous signal: chosen channels, losses bridged or marked, filtered, timed, kept."""

from collections import deque
from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.messages import Chunk, ClockOffset, Gap
from bci_online.preprocessing.clock import Loss, SampleClock
from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.preprocessing.filters import FilterBank, bridge
from bci_online.preprocessing.ring_buffer import RingBuffer

__all__ = ["ContinuousSignal", "Segment"]


class Segment(msgspec.Struct):
    """Samples ``first:stop`` that one filter state went through; ``stop`` None while it goes on.

    From ``settled`` on, what the first sample left in the filter is below 1 %.
    """

    first: int
    settled: int
    first_time: float
    stop: int | None = None


class ContinuousSignal:
    """Turns chunks into filtered samples with numbers and common times.

    Parameters
    ----------
    preprocessing : Preprocessing
        Channels, filter and reference.
    picks : sequence of int
        Where these channels stand in a chunk.
    counter : int, optional
        Where the amplifier's sample counter stands in a chunk.

    Attributes
    ----------
    samples : RingBuffer
        Filtered signal, one row per channel, or per band and channel of a filter bank.
    times : RingBuffer
        Common time of each sample, never falling within a segment, and the raw stamp it came with.
    segments : deque of Segment
        Those that still have samples in the buffer, oldest first.
    bad : deque of (int, int)
        Sample ranges that are made up or whose time is in doubt.
    """

    SECONDS_KEPT = 30.0

    def __init__(
        self, preprocessing: Preprocessing, picks: list[int], counter: int | None = None
    ) -> None:
        self._filter = FilterBank(preprocessing.filter, preprocessing.sfreq)
        modulus = preprocessing.counter_modulus if counter is not None else None
        capacity = int(self.SECONDS_KEPT * preprocessing.sfreq) + 1
        self.settling = self._filter.settling
        self.offsets = ClockOffsets()
        self.samples = RingBuffer(self._filter.n_bands * len(picks), capacity)
        self.times = RingBuffer(2, capacity)
        self.segments: deque[Segment] = deque()
        self.bad: deque[tuple[int, int]] = deque()
        self.n_not_finite = 0
        self._picks = np.array(picks)
        self._counter = counter
        self._average = preprocessing.reference == "average"
        self._clock = SampleClock(
            preprocessing.sfreq, preprocessing.max_bridge, modulus, preprocessing.counter_step
        )
        self._last = np.zeros(len(picks))
        self._last_when = np.full(2, -np.inf)
        self._latest = -np.inf
        self._restarts = True
        self._most_held = round(preprocessing.max_bridge * preprocessing.sfreq)
        self._n_held = 0

    def add_offset(self, offset: ClockOffset) -> Gap | None:
        """Take a measurement of the stream's clock; a jump starts a segment, and is told."""
        if not self.offsets.add(offset.time, offset.value):
            return None
        self._clock.restart()
        self._restarts = True
        time = offset.time + offset.value
        return Gap(self.samples.stop, 0, time, bridged=False, reason="clock")

    def push(self, chunk: Chunk) -> Iterator[Gap | None]:
        """Take a chunk piece by piece.

        Yields
        ------
        gap : Gap or None
            After each piece: the loss that lay before it, if one did.
        """
        data, stamps, numbers = chunk.data, chunk.stamps, None
        placed = np.isfinite(stamps)
        if self._counter is not None:
            placed &= np.isfinite(data[:, self._counter])
        if not placed.all():
            # Without a stamp or a number a sample has no place: it is lost.
            self.n_not_finite += int(np.count_nonzero(~placed))
            data, stamps = data[placed], stamps[placed]
        if self._counter is not None:
            numbers = data[:, self._counter]
        data = data[:, self._picks]
        for run in self._clock.push(stamps, numbers):
            block = np.asarray(data[run.start : run.stop].T, dtype=float, order="C")
            when = np.stack([self.offsets.common(run.times), stamps[run.start : run.stop]])
            gap = None if run.loss is None else self._mind_loss(run.loss, block, when)
            for start, stop in self._stretches(block):
                piece = block[:, start:stop]
                if self._average:
                    piece -= piece.mean(axis=0)
                self._append(piece, when[:, start:stop])
            yield gap

    def _stretches(self, block: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
        """Yield parts of `block` (n_channels, n_times) between which the filter may start anew.

        One NaN would stay in the filter for ever. Samples that are no numbers hold the last value
        that was one and are marked bad, as many as may be bridged; behind more of them, or before
        the first number, a segment starts.
        """
        if block.size and np.isfinite(block).all():
            self._n_held = 0
            yield 0, block.shape[1]
            return
        whole = np.all(np.isfinite(block), axis=0)
        edges = [0, *(np.flatnonzero(np.diff(whole)) + 1).tolist(), block.shape[1]]
        for start, stop in pairwise(edges):
            if start < stop and whole[start]:
                self._n_held = 0
                yield start, stop
                continue
            self.n_not_finite += stop - start
            n_held = 0 if self._restarts else min(stop - start, self._most_held - self._n_held)
            if n_held:
                block[:, start : start + n_held] = self._last[:, np.newaxis]
                self.bad.append((self.samples.stop, self.samples.stop + n_held))
                yield start, start + n_held
            self._n_held += n_held
            self._restarts |= n_held < stop - start

    def _mind_loss(self, loss: Loss, block: NDArray[np.float64], when: NDArray[np.float64]) -> Gap:
        sample = self.samples.stop
        # Late losses are told when a block ends: the next sample may be in this chunk or not.
        time = float((when[0, :1] if when.size and not loss.late else self._last_when[:1])[0])
        while self.bad and self.bad[0][1] <= self.samples.start:
            self.bad.popleft()
        if loss.late:
            self.bad.append((max(0, sample - loss.late), sample))
        if loss.bridged and block.shape[1] and not self._restarts:
            self.bad.append((sample, sample + loss.n_lost))
            between = bridge(self._last_when, when[:, 0], loss.n_lost)
            self._append(bridge(self._last, block[:, 0], loss.n_lost), between)
        else:
            self._restarts = True
        return Gap(sample, loss.n_lost, time, loss.bridged, bool(loss.late), loss.reason)

    def _append(self, block: NDArray[np.float64], when: NDArray[np.float64]) -> None:
        if self._restarts:
            self._start_segment(float(when[0, 0]))
        self._last, self._last_when = block[:, -1], when[:, -1].copy()
        # The line moves by fractions of a sample between blocks; lookups want order.
        when[0] = np.maximum.accumulate(np.maximum(when[0], self._latest))
        self._latest = float(when[0, -1])
        self.samples.append(self._filter.process(block))
        self.times.append(when)

    def _start_segment(self, time: float) -> None:
        first = self.samples.stop
        if self.segments:
            self.segments[-1].stop = first
        while len(self.segments) > 1 and self.segments[1].first <= self.samples.start:
            self.segments.popleft()
        self.segments.append(Segment(first, first + self.settling, time))
        self._filter.restart()
        self._latest = -np.inf
        self._restarts = False
