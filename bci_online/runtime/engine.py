"""The live engine: one thread reads, one decodes, and both report when something stops."""

import math
import queue
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from bci_online.acquisition.source import Source
from bci_online.channel_quality import Electrodes
from bci_online.config import Live
from bci_online.errors import BciError, SourceLostError
from bci_online.markers import SessionEnded, parse_marker
from bci_online.messages import EEG, Decision, Message, Reading, SessionEnd, Status
from bci_online.runtime.chain import Chain

__all__ = ["Engine", "Publish"]

Publish = Callable[[Message | Electrodes], None]
"""Receives each message of the chain and the source, in order, in the decoding thread."""

READ_S = TICK_S = 0.1
FULL_S = 0.005


class _Read(NamedTuple):
    """What the acquisition thread hands over: a reading, a status, or why it ended; read `at`."""

    reading: Reading | None = None
    status: Status | None = None
    end: str | None = None
    error: BaseException | None = None
    at: float = math.nan


class Engine:
    """Run a source through a chain, live.

    Parameters
    ----------
    source : Source
        Opened; from `start` on it belongs to the acquisition thread.
    chain : Chain
        Fresh; it belongs to the decoding thread.
    publish : callable
        Receives each message; called in the decoding thread only.
    clock : callable
        The clock of common time, in seconds.
    live : Live, optional
        How long silence may last, and how many readings may queue up.

    Attributes
    ----------
    n_samples : int
        Number of samples decoded so far.
    ended : str or None
        Why the run ended, for instance ``eof`` or ``lost``; None before. ``error`` is the error.

    Notes
    -----
    Each mutable object has one owner, and only frozen messages cross the queue: there is no lock.
    Nothing is skipped. While the queue is full the acquisition thread waits, and new samples stay
    in the stream's own buffer; a backlog of 60 s is decoded in a fraction of a second. The decoding
    thread reports that it is behind, since a report of the acquisition thread would itself wait in
    the queue. `step` does by hand what the threads do.
    """

    def __init__(
        self,
        source: Source,
        chain: Chain,
        publish: Publish,
        clock: Callable[[], float],
        live: Live | None = None,
    ) -> None:
        self._source = source
        self._chain = chain
        self._publish = publish
        self._clock = clock
        self._live = live or Live()
        # SimpleQueue has no bound, so `_hand_over` checks it; a bounded Queue takes twice as long.
        self._queue: queue.SimpleQueue[_Read] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._acquired, self._decoded = threading.Event(), threading.Event()
        self._threads = (
            threading.Thread(target=self._acquire, name="acquisition", daemon=True),
            threading.Thread(target=self._decode, name="decoding", daemon=True),
        )
        self._last_sample: float | None = None
        self._last_stamp = -float("inf")
        self._offsets: dict[str, float] = {}
        self._ends: tuple[str, float] | None = None
        self._silent = False
        # A backlog is reported well before decisions are late.
        self._most_waiting_s = 0.2 * self._live.max_data_age
        self._behind = False
        self.n_samples = 0
        self.ended: str | None = None
        self.error: BaseException | None = None

    def start(self) -> None:
        """Start both threads."""
        for thread in reversed(self._threads):
            thread.start()

    def stop(self, reason: str = "stopped") -> None:
        """Ask both threads to end; readings so far are still decoded. Any thread may call this."""
        self._ends = self._ends or (reason, -float("inf"))
        self._stop.set()

    def wait(self, timeout: float = 0.2) -> bool:
        """Wait at most `timeout` seconds for the end; return whether the engine still runs.

        Raises
        ------
        BciError
            The error that ended the run. A BrokenPipeError is raised unchanged.
        """
        # Not join(): a Ctrl-C during join() marks a running thread as ended.
        if not self._decoded.wait(timeout):
            return True
        self._stop.set()
        self._threads[0].join(2 * READ_S + timeout)
        if self.error is not None:
            raise self.error
        return False

    def step(self) -> bool:
        """Read once and decode it, without threads; return whether the run continues."""
        read = self._read(0.0)
        if read is not None:
            self._handle(read)
        return self.ended is None

    def _acquire(self) -> None:
        """Read until the source or the session ends; the last item handed over says why."""
        try:
            while True:
                read = self._read(READ_S)
                if read is not None and not self._hand_over(read):
                    return
                if read is not None and read.end is not None:
                    return
        finally:
            self._acquired.set()

    def _hand_over(self, read: _Read) -> bool:
        """Wait for room in the queue; return False if the decoding thread has ended."""
        while not self._decoded.is_set():
            if self._queue.qsize() < self._live.queue_readings:
                self._queue.put(read)
                return True
            time.sleep(FULL_S)
        return False

    def _read(self, timeout: float) -> _Read | None:
        """Read once; return what to hand over, None if there is nothing."""
        if self._stop.is_set():
            return _Read(end=self._reason("stopped"))
        try:
            reading = self._source.read(timeout)
        except SourceLostError as error:
            return _Read(end="lost", error=error, status=self._alarm(str(error)))
        # Whatever fails must end the session with a message; a thread must not die in silence.
        except Exception as error:
            return _Read(end="failed", error=error, status=self._alarm(f"reading failed: {error}"))
        if reading is None:
            return _Read(end=self._reason("eof"))
        return self._with_silence(reading)

    def _reason(self, otherwise: str) -> str:
        return otherwise if self._ends is None else self._ends[0]

    def _with_silence(self, reading: Reading) -> _Read | None:
        """Add a report of silence, of its end, or of the end of the session."""
        now = self._clock()
        if self._last_sample is None:
            self._last_sample = now
        status = None
        silent_s = now - self._last_sample
        self._offsets |= {offset.stream: offset.value for offset in reading.offsets}
        if reading.chunks:
            self._last_sample = now
            last = float(reading.chunks[-1].stamps[-1])
            self._last_stamp = last + self._offsets.get(EEG, 0.0)
            if self._silent:
                status = Status("info", f"samples are back after {silent_s:.1f} s", now)
            self._silent = False
        elif silent_s > self._live.lost_after and self._live.on_lost == "end":
            error = SourceLostError(
                f"no sample for {silent_s:.1f} s: check amplifier and network "
                f"(live.lost_after = {self._live.lost_after:g} s)"
            )
            return _Read(reading, self._alarm(str(error)), "lost", error, now)
        elif silent_s > self._live.silent_after and not self._silent:
            self._silent = True
            status = self._alarm(f"no sample for {silent_s:.1f} s")
        # While the queue was full nothing was read: that is not a silence of the source.
        silent_s = 0.0 if reading.chunks else silent_s
        return self._with_session_end(_Read(reading, status, at=now), silent_s)

    def _with_session_end(self, read: _Read, silent_s: float) -> _Read | None:
        """Add the end of the run after ``session/end``, once the samples before it are in."""
        reading = read.reading or Reading()
        for marker in reading.markers:
            event = parse_marker(marker.text)
            if isinstance(event, SessionEnded):
                self._ends = (event.reason, marker.time + self._offsets.get(marker.stream, 0.0))
        if self._ends is not None:
            reason, time = self._ends
            # The offsets are rough here, within some milliseconds; no flash is so near to the end.
            if self._last_stamp >= time - 5e-3 or silent_s > 1.0:
                return read._replace(end=reason)
        parts = reading.chunks, reading.markers, reading.offsets, reading.commands, reading.statuses
        return read if any(parts) or read.status is not None else None

    def _decode(self) -> None:
        """Decode what the acquisition thread hands over until it reports its end."""
        try:
            self._decode_all()
        finally:
            self._decoded.set()

    def _decode_all(self) -> None:
        # BLAS threads spin while they wait: on two cores they slow down everything else.
        with threadpool_limits(1):
            while self.ended is None:
                try:
                    read = self._queue.get(timeout=TICK_S)
                except queue.Empty:
                    if self._acquired.is_set() and self._queue.empty():
                        self._handle(_Read(end="failed"))
                    continue
                try:
                    self._report_backlog(read)
                    self._handle(read)
                # A decoder or an outlet may raise anything; the run then ends and reports it.
                except Exception as error:
                    self._fail(error)

    def _fail(self, error: Exception) -> None:
        """End the run because of an error in the decoding thread, and report it if possible."""
        self._stop.set()
        place = traceback.extract_tb(error.__traceback__)[-1]
        why = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        failed = BciError(f"decoding failed: {why}")
        failed.__cause__ = error
        for message in (self._alarm(str(failed)), SessionEnd("failed")):
            # The outlets that should publish this may be what failed.
            with suppress(Exception):
                self._publish(message)
        # It is not an error of this program that the reader of its output ends.
        is_plain = isinstance(error, BciError | BrokenPipeError)
        self.error, self.ended = error if is_plain else failed, "failed"

    def _report_backlog(self, read: _Read) -> None:
        """Report once that readings wait too long, and once that they no longer do."""
        waited = self._clock() - read.at
        if waited > self._most_waiting_s and not self._behind:
            self._behind = True
            behind = f"decoding is behind by {waited:.1f} s: {self._queue.qsize()} readings wait"
            self._publish(self._alarm(behind))
        elif waited < 0.5 * self._most_waiting_s and self._behind:
            self._behind = False
            self._publish(Status("info", "decoding has caught up", self._clock()))

    def _handle(self, read: _Read) -> None:
        if read.reading is not None:
            for status in read.reading.statuses:
                self._publish(status)
            for line in read.reading.journal:
                self._publish(line)
        if read.status is not None:
            # After the source's own statuses: a stream is connected before its samples are back.
            self._publish(read.status)
        if read.reading is not None:
            self.n_samples += sum(chunk.stamps.size for chunk in read.reading.chunks)
            messages = self._chain.push(read.reading)
            # Decisions first: the screen waits for them, but not for their evidence.
            for message in sorted(messages, key=lambda message: not isinstance(message, Decision)):
                self._publish(message)
        if read.end is None:
            return
        for message in self._chain.finish():
            self._publish(message)
        self._publish(SessionEnd(read.end))
        error = read.error
        if error is not None and not isinstance(error, BciError):
            error = BciError(f"the source failed: {error}")
        self.error, self.ended = error, read.end

    def _alarm(self, text: str) -> Status:
        return Status("alarm", text, self._clock())
