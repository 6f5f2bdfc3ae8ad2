"""The helper thread of a live source: it measures clock offsets and mends broken connections."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import NamedTuple

from bci_online.acquisition.lsl.connection import Connection, Offset
from bci_online.acquisition.lsl.network import NetworkStream, Resolver, returned
from bci_online.acquisition.stream_choice import choose_markers, keys_of
from bci_online.acquisition.stream_header import stream_spec
from bci_online.config import MarkerStream
from bci_online.messages import EEG, StreamSpec

__all__ = ["Arrived", "Failed", "Measured", "News", "Place", "Refused", "Upkeep", "difference"]

logger = logging.getLogger(__name__)

TICK = 0.05
PATIENCE = 5.0
# A source whose computer lost its power says no goodbye: its samples stop, and its clock no
# longer answers (liblsl asks it every 2 s).
SUSPICIOUS_SILENCE = 2.0
SUSPICIOUS_CLOCK = 15.0
# Streams of one program appear one after the other.
ADOPT_AFTER = 0.5


class Measured(NamedTuple):
    """A clock offset of the stream `key`."""

    key: str
    offset: Offset


class Arrived(NamedTuple):
    """A stream came back, or a marker stream came late; it is read from this connection now."""

    key: str
    connection: Connection
    offset: Offset


class Refused(NamedTuple):
    """The EEG stream came back as another one."""

    text: str


class Failed(NamedTuple):
    """The helper thread ended of itself."""

    error: Exception


News = Measured | Arrived | Refused | Failed


@dataclass
class Place:
    """A stream that is read: where it was last, and its connection while there is one."""

    key: str
    stream: NetworkStream
    connection: Connection | None
    offset: Offset
    measure_at: float = 0.0
    answered_at: float = field(default_factory=time.monotonic)


class Upkeep:
    """Owns the places; what it finds goes to `news`, what the reader misses comes by `miss`.

    Parameters
    ----------
    places : list of Place
        The streams that were there at first; the EEG among them.
    spec : StreamSpec
        What the EEG stream has to be when it comes back.
    markers : MarkerStream
        Marker streams that come later are adopted while there is none, if none is named.
    buffer_s : int
        Of new connections.
    offset_every : float
        Seconds between two offsets of a stream.
    eeg_silence : callable
        How long no EEG sample has come, in seconds.
    """

    def __init__(
        self,
        places: list[Place],
        spec: StreamSpec,
        markers: MarkerStream,
        *,
        buffer_s: int,
        offset_every: float,
        eeg_silence: Callable[[], float],
    ) -> None:
        self.news: SimpleQueue[News] = SimpleQueue()
        self._places = places
        self._spec = spec
        self._markers = markers
        self._buffer_s, self._offset_every = buffer_s, offset_every
        self._eeg_silence = eeg_silence
        self._missed: SimpleQueue[Connection] = SimpleQueue()
        self._resolver: Resolver | None = None
        self._sighted_at: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lsl upkeep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def miss(self, connection: Connection) -> None:
        """Be told by the reader that `connection` is broken."""
        self._missed.put(connection)

    def close(self) -> None:
        """End the thread, then all connections."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        while not self.news.empty():
            news = self.news.get()
            if isinstance(news, Arrived):
                news.connection.close()
        for place in self._places:
            if place.connection is not None:
                place.connection.close()
        self._close_resolver()

    def _run(self) -> None:
        try:
            while not self._stop.wait(TICK):
                self._drop_missed()
                for place in self._places:
                    self._measure(place)
                self._look_around()
        # Whatever it is, the reader has to hear of it: without offsets no time is true for long.
        except Exception as error:
            logger.exception("the upkeep of the LSL connections ended")
            self.news.put(Failed(error))

    def _drop_missed(self) -> None:
        while True:
            try:
                missed = self._missed.get_nowait()
            except Empty:
                return
            missed.close()
            for place in self._places:
                if place.connection is missed:
                    place.connection = None

    def _measure(self, place: Place) -> None:
        now = time.monotonic()
        if place.connection is None or now < place.measure_at or self._stop.is_set():
            return
        place.measure_at = now + self._offset_every
        try:
            # It never waits: the first measurement was made when the connection was, and liblsl
            # makes the next ones by itself.
            offset = place.connection.offset(0.0)
        except ConnectionError:
            return
        if offset is not None and offset.measured != place.offset.measured:
            place.offset = offset
            place.answered_at = now
            self.news.put(Measured(place.key, offset))

    def _look_around(self) -> None:
        """Ask the network for what is missing, for as long as something is."""
        adopting = not self._markers.names and all(place.key == EEG for place in self._places)
        wanted = [place for place in self._places if self._is_wanted(place)]
        if not wanted and not adopting:
            self._close_resolver()
            return
        if self._resolver is None:
            self._resolver = Resolver()
        streams = self._resolver.streams()
        for place in wanted:
            found = returned(streams, place.stream)
            if found is not None and not (place.connection and found.uid == place.stream.uid):
                self._reconnect(place, found)
        if adopting:
            self._adopt(streams)

    def _is_wanted(self, place: Place) -> bool:
        if place.connection is None:
            return True
        if place.key == EEG and self._eeg_silence() > SUSPICIOUS_SILENCE:
            return True
        return time.monotonic() - place.answered_at > SUSPICIOUS_CLOCK

    def _reconnect(self, place: Place, found: NetworkStream) -> None:
        connection = Connection(found, self._buffer_s)
        try:
            offset = connection.establish(PATIENCE, self._stop.is_set)
        except ConnectionError as error:
            logger.warning("%s does not take a connection: %s", found.describe(), error)
            return
        if place.key == EEG:
            changed = difference(self._spec, stream_spec(connection.header)[0])
            if changed:
                self.news.put(Refused(f"{found.header.name!r} came back as another: {changed}"))
                # It is refused once; the reader ends on it.
                place.stream, place.connection = found, connection
                return
        silent, place.connection = place.connection, connection
        place.stream, place.offset = found, offset
        place.answered_at = time.monotonic()
        place.measure_at = place.answered_at + self._offset_every
        self.news.put(Arrived(place.key, connection, offset))
        if silent is not None:
            silent.close()

    def _adopt(self, streams: list[NetworkStream]) -> None:
        """Take marker streams that came after the start, all at once if several come."""
        eeg = next(place.stream for place in self._places if place.key == EEG)
        chosen, _ = choose_markers(streams, self._markers, eeg)
        now = time.monotonic()
        if not chosen or self._sighted_at is None:
            self._sighted_at = now if chosen else None
            return
        if now - self._sighted_at < ADOPT_AFTER:
            return
        for key, stream in zip(keys_of(chosen), chosen, strict=True):
            connection = Connection(stream, self._buffer_s)
            try:
                offset = connection.establish(PATIENCE, self._stop.is_set)
            except ConnectionError as error:
                logger.warning("%s does not take a connection: %s", stream.describe(), error)
                continue
            self._places.append(Place(key, stream, connection, offset))
            self.news.put(Arrived(key, connection, offset))

    def _close_resolver(self) -> None:
        if self._resolver is not None:
            self._resolver.close()
            self._resolver = None


def difference(expected: StreamSpec, found: StreamSpec) -> str:
    """Return how `found` is another stream than `expected`; empty if it is the same."""
    changed = []
    if found.sfreq != expected.sfreq:
        changed.append(f"{found.sfreq:g} Hz instead of {expected.sfreq:g} Hz")
    if found.ch_names != expected.ch_names:
        missing = [name for name in expected.ch_names if name not in found.ch_names]
        new = [name for name in found.ch_names if name not in expected.ch_names]
        changed += [f"channels {_some(missing)} are missing"] if missing else []
        changed += [f"channels {_some(new)} are new"] if new else []
        changed += [] if missing or new else ["the channels are in another order"]
    if found.unit != expected.unit:
        changed.append(f"the unit is {found.unit} instead of {expected.unit}")
    return "; ".join(changed)


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
