"""Live EEG and markers from the network as a Source."""

import math
import time
from collections.abc import Callable
from queue import Empty

from bci_online.acquisition.lsl.connection import BUFFER_S, Connection
from bci_online.acquisition.lsl.liblsl import local_clock
from bci_online.acquisition.lsl.readers import MarkerReader, SampleReader
from bci_online.acquisition.lsl.reconnection import Place, Reconnection, connected_place
from bci_online.acquisition.lsl.search import find_streams
from bci_online.acquisition.lsl.stream_news import Arrived, Failed, Measured, News
from bci_online.config import EegStream, MarkerStream
from bci_online.counted import counted
from bci_online.errors import SourceLostError
from bci_online.input_findings import InputFinding
from bci_online.messages import EEG, Chunk, ClockOffset, Marker, Reading, Status, StreamSpec

__all__ = ["LslSource"]

ANY_EEG = EegStream()
ANY_MARKERS = MarkerStream()
# Without samples, markers are checked at this interval.
MARKERS_EVERY = 0.05


class LslSource:
    """EEG and marker streams of the network, with raw stamps and measured clock offsets.

    Parameters
    ----------
    eeg : EegStream
        Chosen by ``name`` (its name, else its source_id), else by ``type``; with all channels.
    markers : MarkerStream
        Chooses the marker streams by ``names`` (all must be there when opened), else all that are
        text or of one of ``types``. If there are none yet, the first ones to appear are adopted.
    resolve_timeout : float
        Seconds that `open` waits for the streams.
    settle : float
        Seconds that `open` searches in any case, to make sure that no second stream could be meant:
        liblsl asks the network about once a second, and an answer may get lost.
    lost_after : float
        Seconds without an EEG sample after which the source is lost; ``inf``: never.
    buffer_s : int
        Seconds of EEG that liblsl keeps unread. Then it drops the oldest, which looks like a loss.
    offset_every : float
        Seconds between two clock offsets of a stream.
    meanwhile : callable
        Called again and again while `open` searches; an exception that it raises ends the search.

    Raises
    ------
    ValueError
        If a number of seconds is not positive.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : The same for a recording.

    Notes
    -----
    `read` waits in liblsl for one sample and then takes all samples that are there. A marker is in
    the reading in which it arrived, whenever it was sent. An offset gets the time at which it is
    delivered, in the stream's own clock. No later sample was delivered before it, so a replay that
    uses these times has the same offset for the same sample.

    A broken connection is reported in the reading's statuses. The stream is read again when it
    comes back with the same name, type and source_id. An EEG stream with other channels, rate or
    unit is refused. Samples that were received but not read when a source ends are lost: read
    often, and let a sender wait until its consumers have left. One thread reads, then closes. Any
    thread may ask for `seconds_since_sample`. An example would need a stream on the network.
    """

    n_refused = 0
    """Number of refused lines: none, because markers of other programs are not signed."""

    def __init__(
        self,
        eeg: EegStream = ANY_EEG,
        markers: MarkerStream = ANY_MARKERS,
        *,
        resolve_timeout: float = 10.0,
        settle: float = 1.0,
        lost_after: float = 30.0,
        buffer_s: int = BUFFER_S,
        offset_every: float = 5.0,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        times = {"resolve_timeout": resolve_timeout, "settle": settle, "buffer_s": buffer_s}
        times |= {"lost_after": lost_after, "offset_every": offset_every}
        for name, value in times.items():
            if not value > 0:
                raise ValueError(f"{name}={value} s must be positive")
        self._eeg, self._markers = eeg, markers
        self._resolve_timeout, self._settle = resolve_timeout, settle
        self._lost_after, self._meanwhile = lost_after, meanwhile
        self._buffer_s, self._offset_every = buffer_s, offset_every
        self._spec: StreamSpec | None = None
        self._helper: Reconnection | None = None
        self._samples: tuple[Connection, SampleReader] | None = None
        self._readers: dict[str, tuple[Connection, MarkerReader]] = {}
        self._offsets: list[Measured] = []
        self._statuses: list[Status] = []
        self._last_sample = math.inf
        self._over, self._closed = "", False
        self.findings: tuple[InputFinding, ...] = ()

    @property
    def spec(self) -> StreamSpec:
        """Description of the EEG stream."""
        if self._spec is None:
            raise RuntimeError("this source is not open: call open() first")
        return self._spec

    @property
    def seconds_since_sample(self) -> float:
        """Seconds since the last EEG sample, or since `open` before the first; 0 before `open`."""
        return max(0.0, time.monotonic() - self._last_sample)

    @property
    def marker_streams(self) -> tuple[str, ...]:
        """Keys of the connected marker streams."""
        return tuple(self._readers)

    def open(self) -> None:
        """Find the streams and connect to them.

        Raises
        ------
        BciError
            If a needed stream is not there within ``resolve_timeout`` or does not answer, or
            several could be the EEG; the message lists what is on the network.
        """
        if self._helper is not None:
            return
        places: list[Place] = []
        try:
            found = find_streams(
                self._eeg, self._markers, self._resolve_timeout, self._settle, self._meanwhile
            )
            for key, stream in found.items():
                places.append(connected_place(key, stream, self._buffer_s))
        # BaseException, because of Ctrl-C: connections without an owner would stay open.
        except BaseException:
            for place in places:
                if place.connection is not None:
                    place.connection.close()
            raise
        self._closed, self._over, self._spec = False, "", None
        self._last_sample = time.monotonic()
        for place in places:
            if place.connection is not None:
                self._take(place.key, place.connection, Measured(place.key, place.offset))
        self._helper = Reconnection(
            places,
            self.spec,
            self._eeg,
            self._markers,
            buffer_s=self._buffer_s,
            offset_every=self._offset_every,
            eeg_silence=lambda: self.seconds_since_sample,
        )
        self._helper.start()

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what has arrived, waiting at most `timeout` seconds for it; None after `close`.

        Raises
        ------
        SourceLostError
            If no EEG sample has come for ``lost_after`` seconds, or the EEG stream came back as
            another one. Every later call raises it again.
        """
        if self._closed:
            return None
        spec, until = self.spec, time.monotonic() + timeout
        while True:
            if self._over:
                raise SourceLostError(self._over)
            # Short, because the wait is for samples only, and markers come without them too.
            wait = min(max(until - time.monotonic(), 0.0), MARKERS_EVERY)
            reading = self._next(wait)
            if reading.chunks or reading.markers or reading.offsets or reading.statuses:
                return reading
            silence = self.seconds_since_sample
            if silence > self._lost_after:
                state = "it is connected but sends nothing" if self._samples else "it is gone"
                self._over = (
                    f"no sample of {spec.name!r} for {silence:.1f} s ({state}); check the "
                    "amplifier and its LSL program, then start again"
                )
            elif time.monotonic() >= until:
                return reading

    def close(self) -> None:
        """Close all connections and end the helper thread."""
        if self._helper is not None:
            self._helper.close()
        self._helper, self._samples = None, None
        self._readers.clear()
        self._offsets.clear()
        self._closed = True

    def _take(self, key: str, connection: Connection, offset: Measured) -> None:
        """Read stream `key` from `connection` from now on."""
        self._offsets.append(offset)
        if key == EEG:
            reader = SampleReader(connection, self._eeg, self._markers)
            self._samples = connection, reader
            # The first one stays: what comes back was compared with it.
            self._spec = self._spec or reader.spec
            self._eeg, self.findings = reader.eeg, self.findings or reader.findings
        else:
            self._readers[key] = connection, MarkerReader(connection, key, self._markers)

    def _next(self, wait: float) -> Reading:
        # Offsets are stamped before samples are pulled: see the notes of the class.
        self._take_news(0.0 if self._samples else wait)
        offsets = tuple(self._stamped())
        chunks, triggers = self._pull_samples(wait)
        markers = tuple(self._pull_markers())
        statuses, self._statuses = tuple(self._statuses), []
        return Reading(chunks, (*triggers, *markers), offsets, statuses=statuses)

    def _take_news(self, wait: float) -> None:
        """Process the news of the helper thread; wait at most `wait` seconds for the first."""
        helper = self._helper
        try:
            while helper is not None:
                self._process(helper.news.get(timeout=wait) if wait else helper.news.get_nowait())
                wait = 0.0
        except Empty:
            return

    def _process(self, news: News) -> None:
        if isinstance(news, Measured):
            self._offsets.append(news)
        elif isinstance(news, Arrived):
            self._take(news.key, news.connection, Measured(news.key, news.offset))
            text = f"{self._kind(news.key)} stream {news.connection.header.name!r} is connected"
            self._statuses.append(Status("info", text, local_clock(), "connected"))
        elif isinstance(news, Failed):
            self._over = f"the helper thread of the LSL streams ended: {news.error}"
        else:
            self._over = f"{news.text}; start again with the new stream"

    def _stamped(self) -> list[ClockOffset]:
        now = local_clock()
        taken, self._offsets = self._offsets, []
        return [
            ClockOffset(key, now - offset.value, offset.value, offset.uncertainty)
            for key, offset in taken
        ]

    def _pull_samples(self, wait: float) -> tuple[tuple[Chunk, ...], list[Marker]]:
        if self._samples is None:
            return (), []
        connection, reader = self._samples
        n_mended = reader.n_mended
        try:
            pulled = reader.pull(wait)
        except ConnectionError:
            self._samples = None
            self._report_lost(EEG, connection)
            return (), []
        if pulled is None:
            return (), []
        self._last_sample = time.monotonic()
        if reader.n_mended > n_mended:
            n = counted(reader.n_mended - n_mended, "stamp")
            self._report("warning", f"made up: {n} of {reader.spec.name!r}")
        return (pulled[0],), pulled[1]

    def _pull_markers(self) -> list[Marker]:
        markers: list[Marker] = []
        for key, (connection, reader) in list(self._readers.items()):
            n_dropped = reader.n_dropped
            try:
                markers += reader.pull()
            except ConnectionError:
                del self._readers[key]
                self._report_lost(key, connection)
            if reader.n_dropped > n_dropped:
                n = counted(reader.n_dropped - n_dropped, "marker")
                self._report("warning", f"no time in {n} of {reader.name!r}")
        return markers

    def _report_lost(self, key: str, connection: Connection) -> None:
        name = connection.header.name
        self._report("alarm", f"{self._kind(key)} stream {name!r} is lost: its source hung up")
        if self._helper is not None:
            self._helper.report_broken(connection)

    def _report(self, level: str, text: str) -> None:
        self._statuses.append(Status(level, text, local_clock()))

    @staticmethod
    def _kind(key: str) -> str:
        return "EEG" if key == EEG else "marker"
