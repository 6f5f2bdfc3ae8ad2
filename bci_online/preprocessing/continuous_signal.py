"""The continuous signal: channels picked, losses bridged or marked, filtered, timed, buffered."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.channel_quality import LARGEST
from bci_online.config import Preprocessing
from bci_online.config.demand import SECONDS_KEPT
from bci_online.messages import Chunk, ClockOffset, Gap
from bci_online.preprocessing.clock import SampleClock
from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.preprocessing.filters import FilterBank, bridge
from bci_online.preprocessing.held_channels import HeldChannels, Piece
from bci_online.preprocessing.picked_columns import by_channel, columns
from bci_online.preprocessing.ring_buffer import RingBuffer
from bci_online.preprocessing.sample_runs import Loss, joined
from bci_online.preprocessing.segments import BadSamples, Segment
from bci_online.preprocessing.waiting_samples import WaitingSamples

__all__ = ["ContinuousSignal"]


class ContinuousSignal:
    """Turn chunks into filtered samples with numbers and common times.

    Parameters
    ----------
    preprocessing : Preprocessing
        Channels, filter and reference.
    picks : list of int
        Columns of the channels in a chunk; negative for one that is not there: it is bad always.
    counter : int, optional
        Column of the amplifier's sample counter in a chunk.
    used : ndarray of bool, shape (n_channels,), optional
        The picked channels whose faults matter; by default all.
    still_is_broken : bool
        As in `HeldChannels`.

    Attributes
    ----------
    samples : RingBuffer
        Filtered signal; one row per channel, or per band and channel of a filter bank.
    times : RingBuffer
        Three rows: the common time of each sample, which never falls within a segment, its raw
        stamp, and how many samples were delivered before it.
    segments : deque of Segment
        Those that still have samples in the buffer, oldest first.
    bad : deque of BadSamples
        Those that still are in the buffer.
    in_doubt : (int, int)
        The range of samples whose time the last loss that was found late put in doubt.

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
        self,
        preprocessing: Preprocessing,
        picks: list[int],
        counter: int | None = None,
        used: NDArray[np.bool_] | None = None,
        still_is_broken: bool = False,
    ) -> None:
        sfreq, max_bridge = preprocessing.sfreq, preprocessing.max_bridge
        self._filter = FilterBank(preprocessing.filter, sfreq)
        modulus = preprocessing.counter_modulus if counter is not None else None
        capacity = int(SECONDS_KEPT * sfreq) + 1
        self.settling = self._filter.settling
        self.offsets = ClockOffsets()
        self.samples = RingBuffer(self._filter.n_bands * len(picks), capacity)
        self.times = RingBuffer(3, capacity)
        self.segments: deque[Segment] = deque()
        self.bad: deque[BadSamples] = deque()
        self.in_doubt = (0, 0)
        self.n_not_finite = 0
        self._columns = columns(picks)
        self._there = np.array(picks) >= 0
        self._counter = counter
        self._average = preprocessing.reference == "average"
        # Every channel is a part of the average.
        self._used = np.ones(len(picks), bool) if used is None or self._average else used
        self._clock = SampleClock(sfreq, max_bridge, modulus, preprocessing.counter_step)
        self._held = HeldChannels(len(picks), sfreq, max_bridge, still_is_broken)
        self._waiting = WaitingSamples(counter)
        self._last_when = np.full(3, -np.inf)
        self._latest = -np.inf
        self._restarts = True

    def add_offset(self, offset: ClockOffset) -> Gap | None:
        """Add a measurement of the stream's clock; return a gap where the clock jumped."""
        if not self.offsets.add(offset.time, offset.value):
            return None
        # Samples that wait are of the clock before.
        for _ in self.finish():
            pass
        # The filter restarts too: it is unknown how many samples lie between the two clocks.
        self._clock.restart()
        self._restarts = True
        time = offset.time + offset.value
        return Gap(self.samples.stop, 0, time, bridged=False, reason="clock")

    def push(self, chunk: Chunk) -> Iterator[Gap | None]:
        """Process a chunk piece by piece; its newest samples may wait for the next chunk.

        Yields
        ------
        gap : Gap or None
            After each piece: the loss before it, if there was one.
        """
        self.n_not_finite += self._waiting.add(chunk)
        yield from self._process(is_last=False)

    def finish(self) -> Iterator[Gap | None]:
        """Process the samples that wait, as `push`: no more will come."""
        if self._waiting.numbers.size:
            yield from self._process(is_last=True)

    @property
    def n_delivered(self) -> int:
        """Number of samples that were pushed."""
        return self._waiting.n_delivered

    def time_of(self, number: int) -> float | None:
        """Return the common time of the sample before which `number` were delivered, in seconds.

        None while it waits for its time. A sample that has no place has the time of the next one.
        """
        when = self.times.window(self.times.start, self.times.stop)
        at = int(np.searchsorted(when[2], number))
        return float(when[0, at]) if at < when.shape[1] else None

    def _process(self, is_last: bool) -> Iterator[Gap | None]:
        chunk, numbers = self._waiting.samples, self._waiting.numbers
        stamps = chunk.stamps
        counter = None if self._counter is None else chunk.data[:, self._counter]
        # Two seconds at most: what is complete is cut before its samples leave the buffer.
        runs = joined(self._clock.push(stamps, counter, is_last), self.samples.capacity // 15)
        self._waiting.take(runs[-1].stop if runs else 0)
        data = chunk.data[:, self._columns]
        for run in runs:
            block = by_channel(data[run.start : run.stop])
            is_whole = self._blank(block, data.dtype)
            raw = stamps[run.start : run.stop]
            raw = np.where(np.isfinite(raw), raw, run.times)
            when = np.stack([self.offsets.common(run.times), raw, numbers[run.start : run.stop]])
            gap = None if run.loss is None else self._handle_loss(run.loss, block, when)
            for piece in self._held.pieces(block, is_whole):
                self._append_piece(piece, block, when)
            yield gap

    def _blank(self, block: NDArray[np.float64], stored: np.dtype[Any]) -> bool:
        """Set to NaN what is no voltage, and count such samples; return whether there are none."""
        if not self._there.all():
            block[~self._there] = np.nan
        elif stored.kind in "iu" and stored.itemsize <= 4:
            return True
        # In nearly every block the extremes say that there is nothing to look for.
        if not block.size or (block.min() > -LARGEST and block.max() < LARGEST):
            return True
        block[np.abs(block) >= LARGEST] = np.nan
        self.n_not_finite += int((~np.isfinite(block[self._there])).any(axis=0).sum())
        return False

    def _append_piece(
        self, piece: Piece, block: NDArray[np.float64], when: NDArray[np.float64]
    ) -> None:
        """Append a piece of `block`; filters of channels that are good again begin anew."""
        start = self.samples.stop
        if piece.broken.any():
            self._mark_bad(start, start + piece.stop - piece.start, piece.broken)
        if piece.anew.any() and not self._restarts:
            if self._average:
                self._restarts = True
            else:
                self._filter.restart(piece.anew)
                self._mark_bad(start, start + self.settling, piece.anew)
        self._append(block[:, piece.start : piece.stop], when[:, piece.start : piece.stop])

    def _handle_loss(
        self, loss: Loss, block: NDArray[np.float64], when: NDArray[np.float64]
    ) -> Gap:
        sample = self.samples.stop
        # A late loss is found at the end of a block. Whether the next sample is in this chunk
        # depends on the cutting, so the time of the last sample is used.
        time = float((when[0, :1] if when.size and not loss.late else self._last_when[:1])[0])
        if loss.late:
            self.in_doubt = max(0, sample - loss.late), sample
            self.bad.append(BadSamples(*self.in_doubt))
        if loss.bridged and block.shape[1] and not self._restarts:
            # Bridged, the filter keeps its state: over Bluetooth a few samples are lost often, and
            # a restart at each loss would mean permanent transients.
            self.bad.append(BadSamples(sample, sample + loss.n_lost))
            between = bridge(self._last_when, when[:, 0], loss.n_lost)
            last = self._held.last
            first = np.where(np.isfinite(block[:, 0]), block[:, 0], last)
            self._append(bridge(last, first, loss.n_lost), between)
        else:
            self._restarts = True
        is_late = bool(loss.late)
        return Gap(sample, loss.n_lost, time, loss.bridged, is_late, loss.reason, loss.step_s)

    def _mark_bad(self, start: int, stop: int, channels: NDArray[np.bool_]) -> None:
        """Mark samples in which some channels are bad, if one of them is used."""
        wrong = tuple(np.flatnonzero(channels & self._used).tolist())
        if not wrong:
            return
        last = self.bad[-1] if self.bad else None
        if last is not None and (last.stop, last.channels) == (start, wrong):
            self.bad[-1] = last._replace(stop=stop)
        else:
            self.bad.append(BadSamples(start, stop, wrong))

    def _append(self, block: NDArray[np.float64], when: NDArray[np.float64]) -> None:
        while self.bad and self.bad[0].stop <= self.samples.start:
            self.bad.popleft()
        if self._restarts:
            self._start_segment(float(when[0, 0]))
        self._last_when = when[:, -1].copy()
        # An update of the line may move times back by a fraction of a sample; a search for a time
        # needs them sorted.
        when[0] = np.maximum.accumulate(np.maximum(when[0], self._latest))
        self._latest = float(when[0, -1])
        if self._average:
            # After the picks: unused channels must not leak into the reference.
            block = block - block.mean(axis=0)
        self.samples.append(self._filter.process(block, in_place=True))
        self.times.append(when)

    def _start_segment(self, time: float) -> None:
        first = self.samples.stop
        if self.segments:
            self.segments[-1].stop = first
        while len(self.segments) > 1 and self.segments[1].first <= self.samples.start:
            self.segments.popleft()
        self.segments.append(Segment(first, first + self.settling, time))
        self._filter.restart()
        self._held.restart()
        self._latest = -np.inf
        self._restarts = False
