"""A loaded recording, and how far it was read."""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.channel_description import stream_spec
from bci_online.acquisition.eeg_triggers import EegTriggers, unread_triggers
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.stream_survey import surveyed, with_rate
from bci_online.acquisition.xdf.clocks import (
    FARTHEST,
    ClockReader,
    clock_of_runs,
    clocks_of,
    excursions,
    run_starts,
)
from bci_online.acquisition.xdf.markers import MarkerTape
from bci_online.config import EegStream, MarkerStream
from bci_online.input_findings import InputFinding
from bci_online.messages import EEG, Chunk, ClockOffset, Marker, Reading, read_only

__all__ = ["Tape"]

ANY_EEG = EegStream()
ANY_MARKERS = MarkerStream()
MOST_SURVEYED = 256


class Tape:
    """The loaded EEG stream and markers, and how far they were read.

    Parameters
    ----------
    header : StreamHeader
        Of the EEG stream.
    stream : dict
        The EEG stream, as `bci_online.acquisition.xdf.file.load_streams` loads it; an array of
        samples will do, too. Samples beyond the last stamp do not count.
    markers : MarkerTape
        The marker streams.
    chunk_s : float
        Seconds of EEG per reading.
    eeg : EegStream
        Which channels take part, and in which unit.
    chosen : MarkerStream
        Which of its channels holds triggers.

    Attributes
    ----------
    spec : StreamSpec
        Description of the EEG stream.
    n_samples : int
        Number of samples in the recording.
    findings : list of InputFinding
        What is wrong with the stream, and was not mended.
    notes : list of str
        What was wrong with the stream, and was mended.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : Plays it.

    Examples
    --------
    >>> from bci_online.acquisition.stream_header import parse_header
    >>> from bci_online.acquisition.xdf.chunks import Contents
    >>> xml = b"<info><name>amp</name><type>EEG</type><channel_count>1</channel_count>"
    >>> xml += b"<nominal_srate>100</nominal_srate><channel_format>float32</channel_format></info>"
    >>> stream = {"time_series": np.zeros((100, 1)), "time_stamps": np.arange(100) / 100}
    >>> stream |= {"clock_times": [], "clock_values": []}
    >>> tape = Tape(parse_header(xml, 1), stream, MarkerTape({}, {}, Contents()), chunk_s=0.25)
    >>> tape.n_samples, tape.spec.sfreq
    (100, 100.0)
    """

    def __init__(
        self,
        header: StreamHeader,
        stream: dict[str, Any],
        markers: MarkerTape,
        chunk_s: float,
        eeg: EegStream = ANY_EEG,
        chosen: MarkerStream = ANY_MARKERS,
    ) -> None:
        self.notes: list[str] = []
        is_measured, eeg = eeg.sfreq == "measured", with_rate(eeg, header, stream["time_stamps"])
        self.spec, self._factors, findings = stream_spec(header, eeg)
        self.spec = msgspec.structs.replace(self.spec, measured=is_measured)
        self._data = stream["time_series"]
        self._stamps = read_only(self._mended(stream["time_stamps"]))
        self.n_samples = len(self._stamps)
        self._n_chunk = max(1, round(min(chunk_s * self.spec.sfreq, self.n_samples)))
        self._triggers = EegTriggers(self.spec, chosen)
        self.spec, found = surveyed(self._triggers.spec, eeg, self._seconds(), self._stamps)
        self.findings = [*findings, *found]
        self._starts = run_starts(self._stamps)
        self._wild = excursions(self._stamps, self._starts, self.spec.sfreq)
        clocks = clocks_of(stream["clock_times"], stream["clock_values"], float(self._stamps[0]))
        self._clocks = clocks
        self._clock_of = clock_of_runs(self._stamps, self._starts, clocks)
        self._offsets = ClockReader(EEG, clocks)
        self._markers = markers
        self.findings += self._apart()
        self._next = 0
        self._horizon = -math.inf

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the delivered samples."""
        return self._data.dtype if self._factors is None else _scaled_dtype(self._data.dtype)

    @property
    def duration_s(self) -> float:
        """Seconds from the first sample to the end of the last one, in common time."""
        first, last = self._common(0), self._common(self.n_samples - 1)
        return max(0.0, last - first) + 1 / self.spec.sfreq

    def no_markers(self, names: Sequence[str]) -> None:
        """Add the finding that none of the streams `names` holds markers."""
        self.findings.append(unread_triggers(self.spec, self._data, names))

    def read(self) -> Reading | None:
        """Return the next reading; None once the recording is over."""
        chunks: tuple[Chunk, ...] = ()
        triggers: list[Marker] = []
        offsets: list[ClockOffset] = []
        if self._next < self.n_samples:
            chunk, stored, offsets = self._next_chunk()
            triggers = self._markers.as_live(self._triggers.of(stored, chunk.stamps))
            chunks = (chunk,)
        elif self._markers.is_over:
            return None
        over = self._next == self.n_samples
        markers, marker_offsets = self._markers.read(self._horizon, rest=over)
        return Reading(chunks, (*triggers, *markers), (*offsets, *marker_offsets))

    def _apart(self) -> list[InputFinding]:
        """Return a finding for each marker stream that does not overlap with the EEG in time."""
        first, last = self._common(0), self._common(self.n_samples - 1)
        return [
            InputFinding(
                "clocks apart",
                f"marker stream {stream!r}",
                f"its markers lie at {start:.0f} to {stop:.0f} s, the EEG at {first:.0f} to "
                f"{last:.0f} s, {max(first - stop, start - last):.0f} s apart: they are stamped by "
                "two clocks that were never compared",
                "let both programs stamp with LSL's clock, recorded by LabRecorder; if both began "
                'at the same moment, markers.clock = "match-start"',
            )
            for stream, (start, stop) in self._markers.outside(first, last).items()
        ]

    def _seconds(self) -> Iterator[NDArray[Any]]:
        """Yield seconds of samples, spread over the recording: a few hundred are enough."""
        length = max(3, round(self.spec.sfreq))
        starts = np.arange(0, max(1, self.n_samples - length + 1), length)
        for start in starts[:: math.ceil(len(starts) / MOST_SURVEYED)].tolist():
            block = self._data[start : start + length]
            yield block if self._factors is None else _scaled(block, self._factors)

    def _next_chunk(self) -> tuple[Chunk, NDArray[Any], list[ClockOffset]]:
        """Return the next chunk, its samples as they are stored, and the offsets due by its end."""
        start = self._next
        run = bisect_right(self._starts, start)
        run_end = self._starts[run] if run < len(self._starts) else self.n_samples
        stop = min(start + self._n_chunk, run_end)
        stored = read_only(self._data[start:stop])
        data = stored if self._factors is None else read_only(_scaled(stored, self._factors))
        stamps = self._stamps[start:stop]
        offsets = self._offsets.until(float(stamps[-1]), self._clock_of[run - 1])
        self._next = stop
        # Wild stamps must not call in the markers of the whole recording.
        off = self._wild.get(run - 1, 0.0)
        self._horizon = max(self._horizon, self._common(stop - 1) - off)
        return Chunk(data, stamps), stored, offsets

    def _common(self, sample: int) -> float:
        clock = self._clocks[self._clock_of[bisect_right(self._starts, sample) - 1]]
        return float(clock.common(self._stamps[sample]))

    def _mended(self, stamps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Set a damaged stamp one sample after the one before, as XDF does for one left out."""
        bad = np.flatnonzero(~((stamps > -FARTHEST) & (stamps < FARTHEST)))
        for sample in bad.tolist():
            stamps[sample] = stamps[sample - 1] + 1 / self.spec.sfreq if sample else 0.0
        if bad.size:
            self.notes.append(f"{bad.size} stamps of the EEG are damaged and were made up")
        return stamps


def _scaled(data: NDArray[Any], factors: NDArray[np.float64]) -> NDArray[Any]:
    return data * factors.astype(_scaled_dtype(data.dtype))


def _scaled_dtype(stored: np.dtype[Any]) -> np.dtype[Any]:
    return stored if stored.kind == "f" else np.dtype(np.float64)
