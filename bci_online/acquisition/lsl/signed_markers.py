"""The signed markers of a session, beside an EEG stream that cannot be signed."""

import time
from collections.abc import Callable

import msgspec

from bci_online.acquisition.lsl.connection import Offset
from bci_online.acquisition.lsl.liblsl import local_clock
from bci_online.acquisition.lsl.session_inlet import StrangerWatch
from bci_online.acquisition.lsl.text_inlet import Text, TextInlet
from bci_online.acquisition.source import DescribedSource
from bci_online.acquisition.xdf.clocks import FARTHEST
from bci_online.errors import BciError
from bci_online.input_findings import InputFinding
from bci_online.messages import MARKERS, ClockOffset, Marker, Reading, Status, StreamSpec

__all__ = ["SignedMarkers"]

POLL = 0.02


class SignedMarkers:
    """A source with the markers of one session, each of them proven.

    Parameters
    ----------
    source : DescribedSource
        The EEG; its own markers are left out.
    inlet : TextInlet
        As `session_inlet` returns it.
    wait_s : float
        Seconds that `open` waits for the markers' stream.
    must_wait : bool
        Whether the markers' stream must be there then; else a warning says that it is not.
    offset_every : float
        Seconds between two clock offsets of that stream.
    meanwhile : callable
        Called again and again while `open` waits; an exception that it raises ends the wait.

    See Also
    --------
    bci_online.acquisition.lsl.source.LslSource : The EEG.
    bci_online.acquisition.source.Source : What it is itself.

    Notes
    -----
    Several streams may have the markers' source_id, of which one is the session's. So no clock
    counts before its stream has sent a line that was accepted, and no marker comes before an offset
    of that clock.
    """

    def __init__(
        self,
        source: DescribedSource,
        inlet: TextInlet,
        *,
        wait_s: float,
        must_wait: bool,
        offset_every: float = 5.0,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        self._source, self._inlet = source, inlet
        self._wait_s, self._must_wait, self._offset_every = wait_s, must_wait, offset_every
        self._meanwhile = meanwhile
        self._waiting: list[Text] = []
        self._clock = ""
        self._measured = self._measure_at = 0.0
        self._is_connected = False
        self._stranger = StrangerWatch(inlet)
        self._statuses: list[Status] = []

    @property
    def spec(self) -> StreamSpec:
        """The description of the EEG stream."""
        return self._source.spec

    @property
    def findings(self) -> tuple[InputFinding, ...]:
        """What is wrong with the EEG stream's description."""
        return self._source.findings

    @property
    def n_refused(self) -> int:
        """Number of lines that were not the session's."""
        return self._inlet.n_refused

    def open(self) -> None:
        """Connect to the EEG and to the markers.

        Raises
        ------
        BciError
            If one of them must be there and is not.
        """
        self._source.open()
        until = time.monotonic() + self._wait_s
        # Measuring a clock takes a second; the first marker should not wait for it.
        while not (self._inlet.wait(0.0) and self._inlet.offsets()):
            if time.monotonic() > until:
                line = (
                    f"no signed markers, stream {self._inlet.source_id!r}, within {self._wait_s:g} "
                    "s: start what shows this session; a program that does not sign its markers "
                    'needs security.markers = "open" in the configuration'
                )
                if self._must_wait:
                    raise BciError(line)
                self._statuses.append(Status("warning", line, local_clock()))
                return
            self._meanwhile()
            time.sleep(POLL)
        self._is_connected = True

    def read(self, timeout: float = 0.0) -> Reading | None:
        """Return what the EEG's source gives, with the markers that have arrived before.

        What comes while it waits is in the next reading, so no decision waits for a signature.
        """
        self._waiting += self._inlet.read()
        offset = self._offset()
        markers: list[Marker] = []
        if self._clock and self._waiting:
            taken, self._waiting = self._waiting, []
            markers = [
                Marker(text, stamp, MARKERS)
                for text, stamp in taken
                if text and abs(stamp) < FARTHEST
            ]
        news = self._news()
        reading = self._source.read(timeout)
        if reading is None or not (reading.markers or markers or offset or news):
            return reading
        return msgspec.structs.replace(
            reading,
            markers=tuple(markers),
            offsets=(*reading.offsets, *offset),
            statuses=(*reading.statuses, *news),
        )

    def close(self) -> None:
        """Close all connections."""
        self._inlet.close()
        self._source.close()

    def _offset(self) -> list[ClockOffset]:
        """Return the offset of the markers' clock, if it is due or the clock is another one."""
        now, proven = time.monotonic(), self._inlet.proven
        if not proven or (proven == self._clock and now < self._measure_at):
            return []
        found: Offset | None = self._inlet.offsets().get(proven)
        if found is None:
            return []
        is_new = proven != self._clock or found.measured != self._measured
        self._clock, self._measured = proven, found.measured
        self._measure_at = now + self._offset_every
        time_there = local_clock() - found.value
        return [ClockOffset(MARKERS, time_there, found.value, found.uncertainty)] if is_new else []

    def _news(self) -> list[Status]:
        """Return that the stream is lost or back, or that somebody else sends under its name."""
        news, self._statuses = self._statuses, []
        if self._inlet.is_connected != self._is_connected:
            self._is_connected = not self._is_connected
            name = self._inlet.source_id
            if self._is_connected:
                text = f"marker stream {name!r} is connected"
                news.append(Status("info", text, local_clock(), "connected"))
            else:
                text = f"marker stream {name!r} is lost: its source hung up"
                news.append(Status("alarm", text, local_clock()))
        return news + self._stranger.news()
