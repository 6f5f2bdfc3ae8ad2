"""The continuous signal: channels picked, losses bridged or marked, filtered, timed, buffered."""

from collections import deque
from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.config.demand import SECONDS_KEPT
from bci_online.messages import Chunk, ClockOffset, Gap
from bci_online.preprocessing.clock import Loss, SampleClock
from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.preprocessing.filters import FilterBank, bridge
from bci_online.preprocessing.ring_buffer import RingBuffer

__all__ = ["ContinuousSignal", "Segment"]


class Segment(msgspec.Struct):
    """Consecutive samples that were filtered with one filter state.

    Parameters
    ----------
    first : int
        Its first sample.
    settled : int
        From this sample on, the transient of the first sample is below 1 %.
    first_time : float
        Common time of the first sample in seconds.
    stop : int, optional
        The sample after the last one; None while the segment continues.

    See Also
    --------
    ContinuousSignal : Makes the segments.
    """

    first: int
    settled: int
    first_time: float
    stop: int | None = None


class ContinuousSignal:
    """Turn chunks into filtered samples with numbers and common times.

    Parameters
    ----------
    preprocessing : Preprocessing
        Channels, filter and reference.
    picks : list of int
        Columns of the channels in a chunk.
    counter : int, optional
        Column of the amplifier's sample counter in a chunk.

    Attributes
    ----------
    samples : RingBuffer
        Filtered signal; one row per channel, or per band and channel of a filter bank.
    times : RingBuffer
        Two rows: the common time of each sample, which never falls within a segment, and its raw
        stamp.
    segments : deque of Segment
        Those that still have samples in the buffer, oldest first.
    bad : deque of (int, int)
        Sample ranges that are interpolated, or whose time is in doubt, as far as they still have
        samples in the buffer.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Gives the times.
    bci_online.preprocessing.filters.FilterBank : Filters.
    bci_online.preprocessing.epoching.Epoching : Cuts epochs from it; has an example of both.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from bci_online.messages import Chunk
    >>> signal = ContinuousSignal(Preprocessing(sfreq=100.0, ch_names=("Cz",)), picks=[0])
    >>> pieces = list(signal.push(Chunk(np.zeros((300, 1)), np.arange(300) / 100)))
    >>> signal.samples.stop, signal.segments[0].first
    (300, 0)
    """

    def __init__(
        self, preprocessing: Preprocessing, picks: list[int], counter: int | None = None
    ) -> None:
        self._filter = FilterBank(preprocessing.filter, preprocessing.sfreq)
        modulus = preprocessing.counter_modulus if counter is not None else None
        capacity = int(SECONDS_KEPT * preprocessing.sfreq) + 1
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
        """Add a measurement of the stream's clock; return a gap where the clock jumped."""
        if not self.offsets.add(offset.time, offset.value):
            return None
        # The filter restarts too: it is unknown how many samples lie between the two clocks.
        self._clock.restart()
        self._restarts = True
        time = offset.time + offset.value
        return Gap(self.samples.stop, 0, time, bridged=False, reason="clock")

    def push(self, chunk: Chunk) -> Iterator[Gap | None]:
        """Process a chunk piece by piece.

        Yields
        ------
        gap : Gap or None
            After each piece: the loss before it, if there was one.
        """
        data, stamps, numbers = chunk.data, chunk.stamps, None
        placed = np.isfinite(stamps)
        if self._counter is not None:
            placed &= np.isfinite(data[:, self._counter])
        if not placed.all():
            # A sample without a stamp or a number has no place in time: it is lost.
            self.n_not_finite += int(np.count_nonzero(~placed))
            data, stamps = data[placed], stamps[placed]
        if self._counter is not None:
            numbers = data[:, self._counter]
        data = data[:, self._picks]
        for run in self._clock.push(stamps, numbers):
            block = np.asarray(data[run.start : run.stop].T, dtype=float, order="C")
            when = np.stack([self.offsets.common(run.times), stamps[run.start : run.stop]])
            gap = None if run.loss is None else self._handle_loss(run.loss, block, when)
            for start, stop in self._finite_pieces(block):
                piece = block[:, start:stop]
                if self._average:
                    # After the picks: unused channels must not leak into the reference.
                    piece -= piece.mean(axis=0)
                self._append(piece, when[:, start:stop])
            yield gap

    def _finite_pieces(self, block: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
        """Yield parts of `block` (n_channels, n_times); the filter may restart between them.

        A single NaN would stay in the filter for ever. So samples that are not finite repeat the
        last finite one and are marked bad: time goes on, and epochs that touch them are rejected.
        After more of them than a bridged loss has, a new segment starts with the next finite one.
        """
        if block.size and np.isfinite(block).all():
            self._end_hold()
            yield 0, block.shape[1]
            return
        whole = np.all(np.isfinite(block), axis=0)
        edges = [0, *(np.flatnonzero(np.diff(whole)) + 1).tolist(), block.shape[1]]
        for start, stop in pairwise(edges):
            if start < stop and whole[start]:
                self._end_hold()
                yield start, stop
                continue
            self.n_not_finite += stop - start
            # Before the first finite sample there is nothing to repeat.
            if start < stop and self.segments:
                # A segment that begins with repeated samples ends with them, too.
                self._n_held += stop - start + (self._most_held if self._restarts else 0)
                block[:, start:stop] = self._last[:, np.newaxis]
                self._mark_bad(self.samples.stop, self.samples.stop + stop - start)
                yield start, stop

    def _end_hold(self) -> None:
        self._restarts |= self._n_held > self._most_held
        self._n_held = 0

    def _handle_loss(
        self, loss: Loss, block: NDArray[np.float64], when: NDArray[np.float64]
    ) -> Gap:
        sample = self.samples.stop
        # A late loss is found at the end of a block. Whether the next sample is in this chunk
        # depends on the cutting, so the time of the last sample is used.
        time = float((when[0, :1] if when.size and not loss.late else self._last_when[:1])[0])
        if loss.late:
            self._mark_bad(max(0, sample - loss.late), sample)
        if loss.bridged and block.shape[1] and not self._restarts:
            # Bridged, the filter keeps its state: over Bluetooth a few samples are lost often, and
            # a restart at each loss would mean permanent transients.
            self._mark_bad(sample, sample + loss.n_lost)
            between = bridge(self._last_when, when[:, 0], loss.n_lost)
            first = np.where(np.isfinite(block[:, 0]), block[:, 0], self._last)
            self._append(bridge(self._last, first, loss.n_lost), between)
        else:
            self._restarts = True
        return Gap(
            sample, loss.n_lost, time, loss.bridged, bool(loss.late), loss.reason, loss.step_s
        )

    def _mark_bad(self, start: int, stop: int) -> None:
        while self.bad and self.bad[0][1] <= self.samples.start:
            self.bad.popleft()
        self.bad.append((start, stop))

    def _append(self, block: NDArray[np.float64], when: NDArray[np.float64]) -> None:
        if self._restarts:
            self._start_segment(float(when[0, 0]))
        self._last, self._last_when = block[:, -1], when[:, -1].copy()
        # An update of the line may move times back by a fraction of a sample; a search for a time
        # needs them sorted.
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
