"""The live engine: one thread reads, one decodes, and both report when something stops."""

import math
import queue
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from threadpoolctl import threadpool_limits

from bci_online.acquisition.source import Readings
from bci_online.channel_quality import Electrodes
from bci_online.config import Live
from bci_online.errors import BciError
from bci_online.messages import Decision, Message, SessionEnd, Status
from bci_online.runtime.chain import Chain
from bci_online.runtime.source_reader import READ_S, Read, SourceReader

__all__ = ["Engine", "Publish"]

Publish = Callable[[Message | Electrodes], None]
"""Receives each message of the chain and the source, in order, in the decoding thread."""

TICK_S = 0.1
FULL_S = 0.005


class Engine:
    """Run a source through a chain, live.

    Parameters
    ----------
    source : Readings
        Opened; from `start` on it belongs to the acquisition thread.
    chain : Chain
        Fresh; it belongs to the decoding thread.
    publish : callable
        Receives each message; called in the decoding thread only.
    clock : callable
        The clock of common time, in seconds.
    live : Live, optional
        How long silence may last, and how many readings may queue up.
    gather_s : float
        For how long samples may gather before they are read while no answer waits for them, in
        seconds; 0: each is read when it comes.

    Attributes
    ----------
    n_samples : int
        Number of samples decoded so far.
    ended : str or None
        Why the run ended, for instance ``eof`` or ``lost``; None before. ``error`` is the error.

    See Also
    --------
    bci_online.runtime.replay.replay : The same without threads.

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
        source: Readings,
        chain: Chain,
        publish: Publish,
        clock: Callable[[], float],
        live: Live | None = None,
        gather_s: float = 0.0,
    ) -> None:
        self._live = live or Live()
        self._reader = SourceReader(source, clock, self._live, gather_s)
        self._chain = chain
        self._publish = publish
        self._clock = clock
        # SimpleQueue has no bound, so `_hand_over` checks it; a bounded Queue takes twice as long.
        self._queue: queue.SimpleQueue[Read] = queue.SimpleQueue()
        self._acquired, self._decoded = threading.Event(), threading.Event()
        self._threads = (
            threading.Thread(target=self._acquire, name="acquisition", daemon=True),
            threading.Thread(target=self._decode, name="decoding", daemon=True),
        )
        # A backlog is reported well before decisions are late.
        self._most_waiting_s = 0.2 * self._live.max_data_age
        self._behind = False
        self._turns = [0, 0]
        # Written by the decoding thread, read by the other.
        self._due = math.inf
        self.n_samples = 0
        self.ended: str | None = None
        self.error: BaseException | None = None

    def start(self) -> None:
        """Start both threads."""
        for thread in reversed(self._threads):
            thread.start()

    def stop(self, reason: str = "stopped") -> None:
        """Ask both threads to end; readings so far are still decoded. Any thread may call this."""
        self._reader.stop(reason)

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
        self._reader.stop("stopped")
        self._threads[0].join(2 * READ_S + timeout)
        if self.error is not None:
            raise self.error
        return False

    @property
    def turns(self) -> tuple[int, int]:
        """How often the acquisition and the decoding thread came round; one that hangs does not."""
        acquisition, decoding = self._turns
        return acquisition, decoding

    def step(self) -> bool:
        """Read once and decode it, without threads; return whether the run continues."""
        read = self._reader.read(0.0)
        if read is not None:
            self._handle(read)
        return self.ended is None

    def _acquire(self) -> None:
        """Read until the source or the session ends; the last item handed over says why."""
        try:
            while True:
                self._turns[0] += 1
                self._reader.gather(self._due)
                read = self._reader.read(READ_S)
                if read is not None and not self._hand_over(read):
                    return
                if read is not None and read.end is not None:
                    return
        finally:
            self._acquired.set()

    def _hand_over(self, read: Read) -> bool:
        """Wait for room in the queue; return False if the decoding thread has ended."""
        while not self._decoded.is_set():
            self._turns[0] += 1
            if self._queue.qsize() < self._live.queue_readings:
                self._queue.put(read)
                return True
            time.sleep(FULL_S)
        return False

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
                self._turns[1] += 1
                try:
                    read = self._queue.get(timeout=TICK_S)
                except queue.Empty:
                    if self._acquired.is_set() and self._queue.empty():
                        self._handle(Read(end="failed"))
                    continue
                try:
                    self._report_backlog(read)
                    self._handle(read)
                # A decoder or an outlet may raise anything; the run then ends and reports it.
                except Exception as error:
                    self._fail(error)

    def _fail(self, error: Exception) -> None:
        """End the run because of an error in the decoding thread, and report it if possible."""
        self._reader.stop("stopped")
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

    def _report_backlog(self, read: Read) -> None:
        """Report once that readings wait too long, and once that they no longer do."""
        waited = self._clock() - read.at
        if waited > self._most_waiting_s and not self._behind:
            self._behind = True
            behind = f"decoding is behind by {waited:.1f} s: {self._queue.qsize()} readings wait"
            self._publish(self._alarm(behind))
        elif waited < 0.5 * self._most_waiting_s and self._behind:
            self._behind = False
            self._publish(Status("info", "decoding has caught up", self._clock()))

    def _handle(self, read: Read) -> None:
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
            self._due = self._chain.due
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
