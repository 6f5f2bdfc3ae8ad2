"""Markers on their way in: translated, placed in common time, and each event taken once."""

import math
from collections import deque
from collections.abc import Sequence

from bci_online.markers import Cue, Event, Flash
from bci_online.messages import EEG, ClockOffset, Marker, Message, Status
from bci_online.preprocessing.clock_offsets import ClockOffsets
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.cutting import Cutting
from bci_online.runtime.steering import Steering
from bci_online.translation import TranslationRule, Translator

__all__ = ["IncomingMarkers", "SameEvents"]

# Two streams of one program stamp an event within this time; no program repeats a flash so soon.
SAME_EVENT_S = 0.02
REMEMBERED = 64
# Markers that belong to the samples arrive within seconds of them. Clocks that were never compared,
# such as Unix time and the time since a computer started, lie days apart.
APART_S = 600.0
FEWEST_APART = 5


class SameEvents:
    """Remembers the newest events, and knows one that another stream has reported already.

    See Also
    --------
    IncomingMarkers : Takes such an event once.

    Examples
    --------
    >>> events = SameEvents()
    >>> events.twin(Marker("flash/1", 8.0, stream="screen"), time=8.0) is None
    True
    >>> events.twin(Marker("flash/1", 8.0, stream="copy"), time=8.001)
    'screen'
    """

    def __init__(self) -> None:
        self._recent: deque[tuple[str, float, str]] = deque(maxlen=REMEMBERED)
        self._streams: set[str] = set()

    def twin(self, marker: Marker, time: float) -> str | None:
        """Return the other stream that reported the event of common `time`; None if none did."""
        self._streams.add(marker.stream)
        for text, when, stream in self._recent if len(self._streams) > 1 else ():
            if stream != marker.stream and text == marker.text and abs(when - time) <= SAME_EVENT_S:
                return stream
        self._recent.append((marker.text, time, marker.stream))
        return None


class IncomingMarkers:
    """Reads markers, puts those that mean something into a queue, and reports what is wrong.

    Parameters
    ----------
    translate : sequence of TranslationRule
        How to read foreign markers.
    eeg_offsets : ClockOffsets
        Of the EEG stream, for markers that come with its samples.
    cutting : Cutting
        Takes the events.
    steering : Steering, optional
        Refuses markers that may not act.

    Attributes
    ----------
    translator : Translator
        Counts the markers that it cannot read.

    See Also
    --------
    bci_online.runtime.chain.Chain : Pushes its markers here.

    Notes
    -----
    An event that two streams report at the same time is taken once.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from bci_online.preprocessing.epoching import Epoching
    >>> cutting = Epoching(Preprocessing(sfreq=100.0, ch_names=("Cz",)))
    >>> incoming = IncomingMarkers((), ClockOffsets(), cutting)
    >>> incoming.add(Marker("flash/1/target", 8.0, stream="screen"))
    []
    >>> incoming.add(Marker("flash/1/target", 8.0, stream="copy"))[0].kind
    'told_twice'
    """

    def __init__(
        self,
        translate: Sequence[TranslationRule],
        eeg_offsets: ClockOffsets,
        cutting: Cutting,
        steering: Steering | None = None,
    ) -> None:
        self.translator = Translator(translate)
        self._cutting = cutting
        self._offsets: dict[str, ClockOffsets] = {EEG: eeg_offsets}
        self._steering = Steering() if steering is None else steering
        self._has_named_clock = False
        self._events = SameEvents()
        self._twins: set[frozenset[str]] = set()
        self._unplaced: deque[float] | None = deque(maxlen=FEWEST_APART)
        self._with_sample: deque[tuple[int, Marker]] = deque()

    @property
    def due(self) -> float:
        """As `Cutting.due`; minus infinity while a marker waits for the time of its sample."""
        return -math.inf if self._with_sample else self._cutting.due

    def add_offset(self, offset: ClockOffset) -> None:
        """Add a measurement of a marker stream's clock."""
        self._offsets.setdefault(offset.stream, ClockOffsets()).add(offset.time, offset.value)

    def add(self, marker: Marker, n_delivered: int = 0) -> list[Message]:
        """Read a marker and queue its event; return what a person should know.

        A marker that came with a sample waits until that has its time.

        Parameters
        ----------
        marker : Marker
            The next one of its stream.
        n_delivered : int
            Number of samples that came before its reading.
        """
        if marker.row is not None:
            self._with_sample.append((n_delivered + marker.row, marker))
            return []
        offsets = self._offsets.get(marker.stream)
        offset = 0.0 if offsets is None else offsets.at(marker.time)
        return self._add(marker, marker.time + offset)

    def add_timed(self, signal: ContinuousSignal) -> list[Message]:
        """Add the markers whose samples have their times by now."""
        messages: list[Message] = []
        while self._with_sample:
            number, marker = self._with_sample[0]
            time = signal.time_of(number)
            if time is None:
                break
            self._with_sample.popleft()
            messages += self._add(marker, time)
        return messages

    def _add(self, marker: Marker, time: float) -> list[Message]:
        event = self.translator.read(marker.text)
        if event is None:
            return []
        refused = self._steering.refused(event, marker, time)
        if refused is not None:
            self.translator.leave_out(marker.text)
            return refused
        # A marker at NaN or infinity would sort before or after all others and block the queue.
        if not math.isfinite(time):
            self.translator.leave_out(marker.text)
            return []
        twin = self._events.twin(marker, time)
        if twin is not None:
            self.translator.leave_out(marker.text)
            return [*self._told_twice(twin, marker.stream, time)]
        if isinstance(event, Flash | Cue) and self._unplaced is not None:
            self._unplaced.append(time)
        return [*self._queued(marker, event, time)]

    def compare(self, stamp: float) -> list[Status]:
        """Return an alarm if the first flashes or cues lie far from the samples.

        Parameters
        ----------
        stamp : float
            Raw stamp of the newest sample, in seconds.
        """
        if not self._unplaced or self._has_named_clock:
            # Where the queue is full of markers, their clock was named already.
            return []
        newest = stamp + self._offsets[EEG].at(stamp)
        if any(abs(time - newest) < APART_S for time in self._unplaced):
            self._unplaced = None
            return []
        if len(self._unplaced) < FEWEST_APART:
            return []
        last, self._unplaced, self._has_named_clock = self._unplaced[-1], None, True
        text = (
            f"markers come at {last:.0f} s, samples at {newest:.0f} s, {abs(last - newest):.0f} s "
            "apart: they are stamped by two clocks that were never compared; let both programs "
            "stamp with LSL's clock"
        )
        return [Status("alarm", text, newest, "clocks_apart")]

    def _queued(self, marker: Marker, event: Event, time: float) -> list[Status]:
        if self._cutting.add(marker, event, time):
            return []
        self.translator.leave_out(marker.text)
        if self._has_named_clock:
            return []
        self._has_named_clock = True
        text = (
            "no more markers are kept: those that wait are stamped later than all samples; "
            "do they come from another clock?"
        )
        return [Status("alarm", text, time)]

    def _told_twice(self, used: str, unused: str, time: float) -> list[Status]:
        pair = frozenset((used, unused))
        if pair in self._twins:
            return []
        self._twins.add(pair)
        text = (
            f"streams {used!r} and {unused!r} report the same events: each is taken once; choose "
            "one with markers.names"
        )
        return [Status("warning", text, time, "told_twice")]
