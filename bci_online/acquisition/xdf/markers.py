"""The markers of a recording: their texts, and when they are delivered."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_texts import number_text, printable
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
from bci_online.messages import ClockOffset, Marker

__all__ = ["MarkerTape"]

LONGEST_TEXT = 1 << 16


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
    ) -> None:
        events: list[Event] = []
        self._readers: dict[str, ClockReader] = {}
        for key, id_ in keys.items():
            stream = loaded[id_]
            stamps = np.asarray(stream["time_stamps"], dtype=np.float64)
            texts = _texts(stream["time_series"], contents.headers[id_].sfreq)
            timed = [(index, text) for index, text in texts if abs(stamps[index]) < FARTHEST]
            if len(timed) < len(texts):
                contents.notes.append(f"{len(texts) - len(timed)} markers of {key!r} have no time")
            if timed:
                times = stamps[[index for index, _ in timed]]
                clocks = clocks_of(stream["clock_times"], stream["clock_values"], float(times[0]))
                self._readers[key] = ClockReader(key, clocks)
                markers = [
                    Marker(t, raw, key) for raw, (_, t) in zip(times.tolist(), timed, strict=True)
                ]
                events += [
                    event if placed is event.marker else event._replace(marker=placed)
                    for event in _events(markers, times, clocks)
                    if (placed := _placed(event.marker, journal)) is not None
                ]
        self._events = sorted(events, key=lambda event: event.due)
        self._next = 0
        # Each stream's first offset is delivered before anything else.
        self._first = {event.marker.stream: event.clock for event in reversed(self._events)}

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


def _placed(marker: Marker, journal: RecordedJournal | None) -> Marker | None:
    return marker if journal is None else journal.placed(marker)


def _events(markers: list[Marker], times: NDArray[np.float64], clocks: list[Clock]) -> list[Event]:
    starts = run_starts(times)
    lengths = np.diff([*starts, len(times)])
    clock_of = np.repeat(clock_of_runs(times, starts, clocks), lengths)
    due = np.empty_like(times)
    for clock in np.unique(clock_of):
        here = clock_of == clock
        due[here] = clocks[clock].common(times[here])
    return [Event(*event) for event in zip(due.tolist(), markers, clock_of.tolist(), strict=True)]


def _texts(series: Any, sfreq: float) -> list[tuple[int, str]]:
    """Return (sample, text) of each marker; each channel of a sample may have one.

    Numbers are written as short as possible (``1111.0`` is ``1111``). On a trigger line with a
    regular rate that rests at 0, a marker is the start of a value other than 0.
    """
    if isinstance(series, list):
        found = (
            (index, printable(t, LONGEST_TEXT)) for index, row in enumerate(series) for t in row
        )
        return [(index, text) for index, text in found if text]
    taken = ~np.isnan(series)
    if sfreq > 0 and np.any(series == 0):
        before = np.vstack([np.zeros_like(series[:1]), series[:-1]])
        taken &= (series != 0) & (series != before)
    return [(int(row), number_text(series[row, column])) for row, column in np.argwhere(taken)]
