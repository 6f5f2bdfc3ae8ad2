"""What an engine reads: each reading with what its absence means, and the end of the session."""

import math
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from bci_online.acquisition.source import Readings
from bci_online.config import Live
from bci_online.errors import SourceLostError
from bci_online.markers import SessionEnded, SessionStarted, parse_marker
from bci_online.messages import EEG, Reading, Status
from bci_online.runtime.gathering import Gathering

__all__ = ["READ_S", "Read", "SourceReader"]

READ_S = 0.1
"""The longest wait of a reading, in seconds."""


class Read(NamedTuple):
    """A reading, a status, or why reading ended; read `at`.

    Parameters
    ----------
    reading : Reading, optional
        What the source gave.
    status : Status, optional
        What is to be said, such as an alarm.
    end : str, optional
        Why reading ended.
    error : BaseException, optional
        The error that ended it.
    at : float
        When it was read, in seconds.

    See Also
    --------
    SourceReader : Makes it.
    """

    reading: Reading | None = None
    status: Status | None = None
    end: str | None = None
    error: BaseException | None = None
    at: float = math.nan


class SourceReader:
    """Read a source, and say when it is silent, lost, or at the end of its session.

    Parameters
    ----------
    source : Readings
        Opened. Only one thread reads it.
    clock : callable
        The clock of common time, in seconds.
    live : Live
        How long silence may last.
    gather_s : float
        As in `Gathering`.

    See Also
    --------
    bci_online.runtime.engine.Engine : Decodes what is read.

    Examples
    --------
    >>> from bci_online.acquisition.simulator import SimulatedAmplifier
    >>> from bci_online.config import Simulation
    >>> reader = SourceReader(SimulatedAmplifier(Simulation()), lambda: 0.0, Live())
    >>> reader.stop("finished")
    >>> reader.read(0.0).end
    'finished'
    """

    def __init__(
        self, source: Readings, clock: Callable[[], float], live: Live, gather_s: float = 0.0
    ) -> None:
        self._source, self._clock, self._live = source, clock, live
        self._gathering = Gathering(gather_s)
        self._stop = threading.Event()
        self._last_sample: float | None = None
        self._last_stamp = -math.inf
        self._offsets: dict[str, float] = {}
        self._began = ""
        self._ends: tuple[str, float] | None = None
        self._silent = False
        self._stood_s = 0.0

    def stop(self, reason: str) -> None:
        """Let the next reading be the end; any thread may call this."""
        self._ends = self._ends or (reason, -math.inf)
        self._stop.set()

    def gather(self, due: float) -> None:
        """Let samples gather until one is `due`, as `Chain.due`, or the run is to end."""
        seconds = self._gathering.seconds(due, self._clock())
        if seconds:
            began = time.monotonic()
            self._stop.wait(seconds)
            self._stood_s = time.monotonic() - began - seconds

    def read(self, timeout: float) -> Read | None:
        """Read once; return what is new, None if there is nothing.

        Parameters
        ----------
        timeout : float
            Longest wait in seconds.

        Returns
        -------
        read : Read or None
            With ``end`` it is the last one; whatever the source raises is in it.
        """
        if self._stop.is_set():
            return Read(end=self._reason("stopped"))
        began = time.monotonic()
        try:
            reading = self._source.read(timeout)
        except SourceLostError as error:
            return Read(end="lost", error=error, status=self._alarm(str(error)))
        # Whatever fails must end the session with a message; a thread must not die in silence.
        except Exception as error:
            return Read(end="failed", error=error, status=self._alarm(f"reading failed: {error}"))
        if reading is None:
            return Read(end=self._reason("eof"))
        stood_s, self._stood_s = self._stood_s, 0.0
        return self._with_silence(reading, stood_s + time.monotonic() - began - timeout)

    def _reason(self, otherwise: str) -> str:
        return otherwise if self._ends is None else self._ends[0]

    def _with_silence(self, reading: Reading, stood_s: float) -> Read | None:
        """Add a report of silence, of its end, or of the end of the session.

        `stood_s` is by how much waiting took longer than it may. A source never does: this
        program was stopped or the computer asleep, and the amplifier is not to blame.
        """
        now = self._clock()
        if self._last_sample is None:
            self._last_sample = now
        status = None
        if stood_s > self._live.silent_after:
            self._last_sample += stood_s
            status = Status("warning", f"this program stood still for {stood_s:.1f} s", now)
        silent_s = now - self._last_sample
        self._offsets |= {offset.stream: offset.value for offset in reading.offsets}
        if reading.chunks:
            self._last_sample = now
            last = float(reading.chunks[-1].stamps[-1])
            self._last_stamp = last + self._offsets.get(EEG, 0.0)
            self._gathering.read(self._last_stamp, now)
            if self._silent:
                back = f"samples are back after {silent_s:.1f} s"
                status = Status("info", back, now, kind="back")
            self._silent = False
        elif silent_s > self._live.lost_after and self._live.on_lost == "end":
            error = SourceLostError(
                f"no sample for {silent_s:.1f} s: check amplifier and network "
                f"(live.lost_after = {self._live.lost_after:g} s)"
            )
            return Read(reading, self._alarm(str(error)), "lost", error, now)
        elif silent_s > self._live.silent_after and not self._silent:
            self._silent = True
            status = Status("alarm", f"no sample for {silent_s:.1f} s", now, kind="silent")
        # While a reading was decoded none was read: that is not a silence of the source.
        silent_s = 0.0 if reading.chunks else silent_s
        return self._with_session_end(Read(reading, status, at=now), silent_s)

    def _with_session_end(self, read: Read, silent_s: float) -> Read | None:
        """Add the end of the run after ``session/end``, once the samples before it are in."""
        reading = read.reading or Reading()
        for marker in reading.markers:
            event = parse_marker(marker.text)
            if isinstance(event, SessionStarted):
                self._began = marker.stream
            # Another program on the network does not end what it did not begin.
            if isinstance(event, SessionEnded) and marker.stream == (self._began or marker.stream):
                self._ends = (event.reason, marker.time + self._offsets.get(marker.stream, 0.0))
        if self._ends is not None:
            reason, time_ended = self._ends
            # The offsets are rough here, within some milliseconds; no flash is so near to the end.
            if self._last_stamp >= time_ended - 5e-3 or silent_s > 1.0:
                return read._replace(end=reason)
        parts = reading.chunks, reading.markers, reading.offsets, reading.commands, reading.statuses
        return read if any(parts) or read.status is not None else None

    def _alarm(self, text: str) -> Status:
        return Status("alarm", text, self._clock())
