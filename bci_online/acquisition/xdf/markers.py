"""The markers of a recording: their texts, and when they are delivered."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.joined_markers import JoinedMarkers
from bci_online.acquisition.marker_columns import chosen_column, labels_of
from bci_online.acquisition.number_markers import NumberMarkers
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.stream_texts import LONGEST_MARKER, printable
from bci_online.acquisition.xdf.chunks import Contents
from bci_online.acquisition.xdf.clocks import (
    FARTHEST,
    Clock,
    ClockReader,
    clock_of_runs,
    clocks_of,
    run_starts,
)
from bci_online.acquisition.xdf.journal import RecordedJournal
from bci_online.config import MarkerStream
from bci_online.messages import ClockOffset, Marker

__all__ = ["MarkerTape"]

ANY_MARKERS = MarkerStream()
FEWEST_APART = 5
# A sampled line is as long as the EEG, and is read in blocks of so many samples.
BLOCK = 1 << 16


class Event(NamedTuple):
    """A marker that is due at common time ``due``; its stamp is of ``clock``."""

    due: float
    marker: Marker
    clock: int


class MarkerTape:
    """The markers of all streams in the order of common time, and how far they were read.

    Markers are sorted, because the times of a stream may run backwards. Markers without a valid
    time are left out, and a note reports them.

    Parameters
    ----------
    loaded : mapping of int to dict
        Streams by id, as pyxdf loads them.
    keys : mapping of str to int
        Id of each marker stream, by its key in messages.
    contents : Contents
        Of the file; notes are added.
    journal : RecordedJournal, optional
        Places markers as the live run did.
    chosen : MarkerStream
        Which channels hold markers, and whether their clock is set by their start.
    eeg_span : tuple of (float, float), optional
        Common times of the first and the last sample of the EEG.

    See Also
    --------
    bci_online.acquisition.xdf.tape.Tape : Reads markers with the samples.

    Examples
    --------
    >>> MarkerTape({}, {}, Contents()).is_over
    True
    """

    def __init__(
        self,
        loaded: Mapping[int, dict[str, Any]],
        keys: Mapping[str, int],
        contents: Contents,
        journal: RecordedJournal | None = None,
        chosen: MarkerStream = ANY_MARKERS,
        eeg_span: tuple[float, float] | None = None,
    ) -> None:
        events: list[Event] = []
        self._journal = journal
        self._readers: dict[str, ClockReader] = {}
        for key, id_ in keys.items():
            stream = loaded[id_]
            joined = JoinedMarkers(chosen.join)
            texts = joined.push(_texts(stream, contents.headers[id_], chosen)) + joined.flush()
            timed = [(stamp, text) for stamp, text in texts if abs(stamp) < FARTHEST]
            if len(timed) < len(texts):
                contents.notes.append(f"{len(texts) - len(timed)} markers of {key!r} have no time")
            if timed:
                times = np.array([stamp for stamp, _ in timed])
                clocks = clocks_of(stream["clock_times"], stream["clock_values"], float(times[0]))
                if chosen.clock == "match-start" and eeg_span is not None:
                    clocks, shift = _starting_with(eeg_span, times, clocks)
                    contents.notes += [_shifted(key, shift)] if shift else []
                self._readers[key] = ClockReader(key, clocks)
                markers = [Marker(text, stamp, key) for stamp, text in timed]
                events += [
                    event._replace(marker=placed)
                    for event in _events(markers, times, clocks)
                    for placed in self.as_live([event.marker])
                ]
        self._events = sorted(events, key=lambda event: event.due)
        self._next = 0
        # Each stream's first offset is delivered before anything else.
        self._first = {event.marker.stream: event.clock for event in reversed(self._events)}

    def as_live(self, markers: list[Marker]) -> list[Marker]:
        """Return the markers as the live run placed them, without those that it refused."""
        if self._journal is None:
            return markers
        placed = map(self._journal.placed, markers)
        return [marker for marker in placed if marker is not None]

    def outside(self, first: float, last: float) -> dict[str, tuple[float, float]]:
        """Return the span of each stream whose markers lie outside `first` to `last`, nearly all.

        Times are common ones, in seconds.
        """
        found = {}
        for stream in self._readers:
            due = [event.due for event in self._events if event.marker.stream == stream]
            n_within = sum(first - 1 <= time <= last + 1 for time in due)
            if len(due) >= FEWEST_APART and n_within < 0.1 * len(due):
                found[stream] = due[0], due[-1]
        return found

    @property
    def is_over(self) -> bool:
        """Whether all markers were read."""
        return self._next == len(self._events)

    def read(self, time: float, *, rest: bool) -> tuple[list[Marker], list[ClockOffset]]:
        """Return the markers due at common `time` (or all the `rest`), and the offsets by then.

        Notes
        -----
        A reading's offsets apply before its markers. So where a stream's markers change to another
        clock, the reading ends.
        """
        offsets: list[ClockOffset] = []
        for stream, clock in self._first.items():
            offsets += self._readers[stream].until(-math.inf, clock)
        self._first = {}
        markers: list[Marker] = []
        streams: set[str] = set()
        while self._next < len(self._events):
            due, marker, clock = self._events[self._next]
            reader = self._readers[marker.stream]
            other_clock = clock != reader.current and marker.stream in streams
            if (due > time and not rest) or other_clock:
                break
            offsets += reader.until(marker.time, clock)
            markers.append(marker)
            streams.add(marker.stream)
            self._next += 1
        for reader in self._readers.values():
            offsets += reader.until_common(time)
        return markers, offsets


def _events(markers: list[Marker], times: NDArray[np.float64], clocks: list[Clock]) -> list[Event]:
    starts = run_starts(times)
    lengths = np.diff([*starts, len(times)])
    clock_of = np.repeat(clock_of_runs(times, starts, clocks), lengths)
    due = np.empty_like(times)
    for clock in np.unique(clock_of):
        here = clock_of == clock
        due[here] = clocks[clock].common(times[here])
    return [Event(*event) for event in zip(due.tolist(), markers, clock_of.tolist(), strict=True)]


def _starting_with(
    span: tuple[float, float], times: NDArray[np.float64], clocks: list[Clock]
) -> tuple[list[Clock], float]:
    """Return clocks by which the first marker comes with the EEG's start, and their shift.

    Markers that overlap with the EEG keep their clocks: these were compared.
    """
    common = clocks[0].common(times)
    if common.max() >= span[0] and common.min() <= span[1]:
        return clocks, 0.0
    shift = span[0] - float(common[0])
    return [Clock(clock.times, clock.values + shift) for clock in clocks], shift


def _shifted(key: str, shift: float) -> str:
    return (
        f"markers of {key!r} are shifted by {shift:.3f} s, so that the first comes with the first "
        "sample (markers.clock): see that the response comes when it should"
    )


def _texts(
    stream: Mapping[str, Any], header: StreamHeader, markers: MarkerStream
) -> list[tuple[float, str]]:
    """Return (raw stamp, text) of each marker; each channel of texts may have one."""
    series, stamps = stream["time_series"], np.asarray(stream["time_stamps"], dtype=np.float64)
    labels = labels_of(header)
    if not isinstance(series, list):
        numbers = NumberMarkers(header.sfreq, labels, markers)
        return [*_of_numbers(numbers, series, stamps), *numbers.flush()]
    columns = (
        slice(None) if markers.channel == "" else slice(n := chosen_column(labels, markers), n + 1)
    )
    found = (
        (stamp, printable(text, LONGEST_MARKER))
        for stamp, row in zip(stamps.tolist(), series, strict=True)
        for text in row[columns]
    )
    return [(stamp, text) for stamp, text in found if text]


def _of_numbers(
    numbers: NumberMarkers, series: Any, stamps: NDArray[np.float64]
) -> Iterator[tuple[float, str]]:
    for start in range(0, len(stamps), BLOCK):
        block = slice(start, start + BLOCK)
        yield from numbers.push(series[block], stamps[block])
