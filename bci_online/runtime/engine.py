"""The live engine: one thread reads, one decodes, a watchdog sees that both do."""

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
from bci_online.config import Live
from bci_online.errors import BciError, SourceLostError
from bci_online.markers import SessionEnded, parse_marker
from bci_online.messages import EEG, Decision, Electrodes, Message, Reading, SessionEnd, Status
from bci_online.runtime.chain import Chain

__all__ = ["Engine", "Publish"]

Publish = Callable[[Message | Electrodes], None]
"""Takes each message of the chain and the source, in order, in the decoding thread."""

READ_S = 0.1
TICK_S = 0.1
FULL_S = 0.005


class _Read(NamedTuple):
    """What the acquisition thread hands over: a reading, a status, or why it ended; read `at`."""

    reading: Reading | None = None
    status: Status | None = None
    end: str | None = None
    error: BaseException | None = None
    at: float = math.nan


class Engine:
    """Runs a source through a chain, live.

    Parameters
    ----------
    source : Source
        Opened; from `start` on it belongs to the acquisition thread.
    chain : Chain
        Fresh; it belongs to the decoding thread.
    publish : callable
        Takes each message; called in the decoding thread only.
    clock : callable
        The clock that common times are in.
    live : Live
        How long silence may last, and how much may queue up.

    Notes
    -----
    Each mutable thing has one owner, and only frozen messages cross the queue: there is no lock.
    Nothing is skipped: while the queue is full the acquisition thread waits, and what comes
    meanwhile lies in the stream's own buffer. That decoding is behind is said by the decoding
    thread: whatever the acquisition thread says waits in the queue like the rest. ``step`` does by
    hand what the threads do.
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
        # Its bound is held by hand: it hands over in half the time of a Queue, which has one.
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
        # Well before its decisions would be late.
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
        """Ask both threads to end; what was read is still decoded. Any thread may call this."""
        self._ends = self._ends or (reason, -float("inf"))
        self._stop.set()

    def wait(self, timeout: float = 0.2) -> bool:
        """Wait at most `timeout` seconds for the end; return whether the engine still runs.

        Raises
        ------
        BciError
            What ended the run, where it was not its time to end; a BrokenPipeError as it is.
        """
        # Not join(): a Ctrl-C in the middle of it leaves a running thread marked as ended.
        if not self._decoded.wait(timeout):
            return True
        self._stop.set()
        self._threads[0].join(2 * READ_S + timeout)
        if self.error is not None:
            raise self.error
        return False

    def step(self) -> bool:
        """Read once and decode it, without threads; return whether there is more to come."""
        read = self._read(0.0)
        if read is not None:
            self._handle(read)
        return self.ended is None

    def _acquire(self) -> None:
        """Read until the source or the session ends; the last thing handed over says why."""
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
        """Wait for room in the queue; return False where nobody takes anything any more."""
        while not self._decoded.is_set():
            if self._queue.qsize() < self._live.queue_readings:
                self._queue.put(read)
                return True
            time.sleep(FULL_S)
        return False

    def _read(self, timeout: float) -> _Read | None:
        """Read once; return what there is to hand over, None where it is nothing."""
        if self._stop.is_set():
            return _Read(end=self._reason("stopped"))
        try:
            reading = self._source.read(timeout)
        except SourceLostError as error:
            return _Read(end="lost", error=error, status=self._alarm(str(error)))
        # Whatever broke must end the session with a message, not a thread in silence.
        except Exception as error:
            return _Read(end="failed", error=error, status=self._alarm(f"reading failed: {error}"))
        if reading is None:
            return _Read(end=self._reason("eof"))
        return self._watched(reading)

    def _reason(self, otherwise: str) -> str:
        return otherwise if self._ends is None else self._ends[0]

    def _watched(self, reading: Reading) -> _Read | None:
        """Notice silence, its end, and the end of the session."""
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
        # While the queue was full nobody read: what then comes had not been silent.
        silent_s = 0.0 if reading.chunks else silent_s
        return self._until_its_end(_Read(reading, status, at=now), silent_s)

    def _until_its_end(self, read: _Read, silent_s: float) -> _Read | None:
        """End the run behind a ``session/end`` marker, once the samples before it are in."""
        reading = read.reading or Reading()
        for marker in reading.markers:
            event = parse_marker(marker.text)
            if isinstance(event, SessionEnded):
                self._ends = (event.reason, marker.time + self._offsets.get(marker.stream, 0.0))
        if self._ends is not None:
            reason, time = self._ends
            # The clocks are known to a few milliseconds here; no flash is that near to the end.
            if self._last_stamp >= time - 5e-3 or silent_s > 1.0:
                return read._replace(end=reason)
        has_news = (
            reading.chunks
            or reading.markers
            or reading.offsets
            or reading.commands
            or reading.statuses
        )
        return read if has_news or read.status is not None else None

    def _decode(self) -> None:
        """Take what the acquisition thread hands over until it says that it ended."""
        try:
            self._decode_all()
        finally:
            self._decoded.set()

    def _decode_all(self) -> None:
        # On two cores BLAS threads that spin beside the others make everything slower.
        with threadpool_limits(1):
            while self.ended is None:
                try:
                    read = self._queue.get(timeout=TICK_S)
                except queue.Empty:
                    if self._acquired.is_set() and self._queue.empty():
                        self._handle(_Read(end="failed"))
                    continue
                try:
                    self._mind_waiting(read)
                    self._handle(read)
                # A decoder or an outlet may raise anything; the run then ends and says so.
                except Exception as error:
                    self._fail(error)

    def _fail(self, error: Exception) -> None:
        """End the run because of what broke in the decoding thread, and say so where it can."""
        self._stop.set()
        place = traceback.extract_tb(error.__traceback__)[-1]
        why = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        failed = BciError(f"decoding failed: {why}")
        failed.__cause__ = error
        for message in (self._alarm(str(failed)), SessionEnd("failed")):
            # What broke may be what they are published with.
            with suppress(Exception):
                self._publish(message)
        # Whoever reads our output may go away: that is no failure of ours.
        is_plain = isinstance(error, BciError | BrokenPipeError)
        self.error, self.ended = error if is_plain else failed, "failed"

    def _mind_waiting(self, read: _Read) -> None:
        """Say once that readings wait too long, and once that they no longer do."""
        waited = self._clock() - read.at
        if waited > self._most_waiting_s and not self._behind:
            self._behind = True
            n_waiting = self._queue.qsize()
            behind = f"decoding is behind by {waited:.1f} s: {n_waiting} readings wait"
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
            # Behind the source's own: a stream is connected before its samples are back.
            self._publish(read.status)
        if read.reading is not None:
            self.n_samples += sum(chunk.stamps.size for chunk in read.reading.chunks)
            messages = self._chain.push(read.reading)
            # Someone waits for a decision; whoever reads what it rests on has time.
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
