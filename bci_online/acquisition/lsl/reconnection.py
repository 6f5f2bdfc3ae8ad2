"""The helper thread of a live source: it measures clock offsets and replaces broken connections."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from bci_online.acquisition.channel_description import difference, stream_spec
from bci_online.acquisition.lsl.connection import Connection, Offset
from bci_online.acquisition.lsl.network import NetworkStream, Resolver, returned
from bci_online.acquisition.lsl.stream_news import Arrived, Failed, Measured, News, Refused
from bci_online.acquisition.stream_choice import choose_markers, keys_of
from bci_online.config import MarkerStream
from bci_online.errors import BciError
from bci_online.messages import EEG, StreamSpec

__all__ = ["Place", "Reconnection", "connected_place"]

logger = logging.getLogger(__name__)

TICK = 0.05
PATIENCE = 5.0
# A computer that loses power closes no connection: its samples stop, and its clock no longer
# answers (liblsl asks it every 2 s).
SUSPICIOUS_SILENCE = 2.0
SUSPICIOUS_CLOCK = 15.0
# The streams of one program appear one after the other; adopting at once would miss the later ones.
ADOPT_AFTER = 0.5


@dataclass
class Place:
    """A stream that is read: its last place on the network, and its connection if there is one.

    Parameters
    ----------
    key : str
        Key of the stream in messages.
    stream : NetworkStream
        Where it was last.
    connection : Connection or None
        None while it is lost.
    offset : Offset
        The last one.
    measure_at, answered_at : float
        When its clock is measured next, and when it answered last.

    See Also
    --------
    connected_place : Connects to a stream.
    """

    key: str
    stream: NetworkStream
    connection: Connection | None
    offset: Offset
    measure_at: float = 0.0
    answered_at: float = field(default_factory=time.monotonic)


def connected_place(key: str, stream: NetworkStream, buffer_s: int) -> Place:
    """Connect to a stream and return its place.

    Parameters
    ----------
    key : str
        Key of the stream in messages.
    stream : NetworkStream
        To connect with.
    buffer_s : int
        Seconds of unread data.

    Returns
    -------
    place : Place
        With its first clock offset.

    Raises
    ------
    BciError
        If it does not answer.

    See Also
    --------
    Reconnection : Keeps places connected.
    """
    connection = Connection(stream, buffer_s)
    try:
        return Place(key, stream, connection, connection.establish(PATIENCE, lambda: False))
    except ConnectionError as error:
        raise BciError(
            f"cannot connect to {stream.describe()}: {error}; restart what sends it, or check "
            "the firewall"
        ) from None


class Reconnection:
    """Keep the connections of a live source alive; what happens is put into `news`.

    Parameters
    ----------
    places : list of Place
        The streams that were there when the source opened, the EEG among them.
    spec : StreamSpec
        What the EEG stream must be when it comes back.
    markers : MarkerStream
        If it names no stream, marker streams that appear later are adopted while there is none.
    buffer_s : int
        Seconds of unread data in new connections.
    offset_every : float
        Seconds between two offsets of a stream.
    eeg_silence : callable
        Returns the seconds since the last EEG sample.

    See Also
    --------
    bci_online.acquisition.lsl.source.LslSource : Takes the news.

    Notes
    -----
    It has a separate thread, because measuring a clock and finding a stream can block for seconds,
    and the reading thread must not wait. The thread owns the places; the reading thread owns the
    connections that it was given, and reports a broken one with `report_broken`.
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
        self._broken: SimpleQueue[Connection] = SimpleQueue()
        self._resolver: Resolver | None = None
        self._first_seen_at: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lsl reconnection", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def report_broken(self, connection: Connection) -> None:
        """Take a broken connection from the reading thread."""
        self._broken.put(connection)

    def close(self) -> None:
        """End the thread, then close all connections."""
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
                self._drop_broken()
                for place in self._places:
                    self._measure(place)
                self._search_missing()
        # Without offsets times become wrong, so the reading thread must get the error.
        except Exception as error:
            logger.exception("the helper thread of the LSL connections ended")
            self.news.put(Failed(error))

    def _drop_broken(self) -> None:
        while True:
            try:
                broken = self._broken.get_nowait()
            except Empty:
                return
            broken.close()
            for place in self._places:
                if place.connection is broken:
                    place.connection = None

    def _measure(self, place: Place) -> None:
        now = time.monotonic()
        if place.connection is None or now < place.measure_at or self._stop.is_set():
            return
        place.measure_at = now + self._offset_every
        try:
            # This does not wait: `establish` made the first measurement, and liblsl repeats it by
            # itself.
            offset = place.connection.offset(0.0)
        except ConnectionError:
            return
        if offset is not None and offset.measured != place.offset.measured:
            place.offset = offset
            place.answered_at = now
            self.news.put(Measured(place.key, offset))

    def _search_missing(self) -> None:
        """Search the network for missing streams, as long as there are any."""
        may_adopt = bool(self._markers.types) and not self._markers.names
        adopting = may_adopt and all(place.key == EEG for place in self._places)
        wanted = [place for place in self._places if self._is_missing(place)]
        if not wanted and not adopting:
            self._close_resolver()
            return
        if self._resolver is None:
            self._resolver = Resolver()
        streams = self._resolver.streams()
        for place in wanted:
            found = returned(streams, place.stream)
            # The same uid is the old stream, still announced: it is silent, but not another one.
            if found is not None and not (place.connection and found.uid == place.stream.uid):
                self._reconnect(place, found)
        if adopting:
            self._adopt(streams)

    def _is_missing(self, place: Place) -> bool:
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
                # It takes the place, so that it is refused once; the reader ends with it.
                place.stream, place.connection = found, connection
                return
        silent, place.connection = place.connection, connection
        place.stream, place.offset = found, offset
        place.answered_at = time.monotonic()
        place.measure_at = place.answered_at + self._offset_every
        self.news.put(Arrived(place.key, connection, offset))
        # Closed after the news of its successor: the reader would report it as lost otherwise.
        if silent is not None:
            silent.close()

    def _adopt(self, streams: list[NetworkStream]) -> None:
        """Adopt marker streams that appeared after the start; several are adopted together."""
        eeg = next(place.stream for place in self._places if place.key == EEG)
        chosen, _ = choose_markers(streams, self._markers, eeg)
        now = time.monotonic()
        if not chosen or self._first_seen_at is None:
            self._first_seen_at = now if chosen else None
            return
        if now - self._first_seen_at < ADOPT_AFTER:
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
