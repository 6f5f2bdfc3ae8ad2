"""The live engine: the acquisition thread reads and decodes in turn, and reports what stops."""

import threading
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
"""Receives each message of the chain and the source, in the engine's thread."""


class Engine:
    """Run a source through a chain, live.

    Parameters
    ----------
    source : Readings
        Opened; from `start` on it belongs to the engine's thread, as `chain` does.
    chain : Chain
        Fresh.
    publish : callable
        Receives each message; called in the engine's thread only.
    clock : callable
        The clock of common time, in seconds.
    live : Live, optional
        How long silence may last, and how old data may be.
    gather_s : float
        For how long samples may gather before they are read while no answer waits for them, in
        seconds; 0: each is read when it comes.

    Attributes
    ----------
    n_samples : int
        Number of samples decoded so far.
    ended : str or None
        Why the run ended, for instance ``eof`` or ``lost``; None before. ``error`` is the error.
    turns : int
        How often the thread began to wait or to read; one that hangs does not.

    See Also
    --------
    bci_online.runtime.replay.replay : The same without a thread.

    Notes
    -----
    The acquisition thread acquires and decodes. Nothing is skipped: while it decodes, new samples
    stay in the stream's own buffer, which another thread of liblsl fills; a backlog of 60 s is
    decoded in a fraction of a second. To hand readings over to a second thread would cost each
    decision a tenth of a millisecond, and that thread could say nothing that this one cannot say
    afterwards. `step` does by hand what the thread does.
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
        live = live or Live()
        self._reader = SourceReader(source, clock, live, gather_s)
        self._chain = chain
        self._publish = publish
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="acquisition", daemon=True)
        # A backlog is reported well before decisions are late.
        self._most_waiting_s = 0.2 * live.max_data_age
        self._behind = False
        self.turns = 0
        self.n_samples = 0
        self.ended: str | None = None
        self.error: BaseException | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, reason: str = "stopped") -> None:
        """Ask the thread to end; what was read is still decoded. Any thread may call this."""
        self._reader.stop(reason)

    def wait(self, timeout: float = 0.2) -> bool:
        """Wait at most `timeout` seconds for the end; return whether the engine still runs.

        Raises
        ------
        BciError
            The error that ended the run. A BrokenPipeError is raised unchanged.
        """
        # Not join(): a Ctrl-C during join() marks a running thread as ended.
        if not self._over.wait(timeout):
            return True
        self._thread.join(timeout)
        if self.error is not None:
            raise self.error
        return False

    def step(self) -> bool:
        """Read once and decode it, without the thread; return whether the run continues."""
        read = self._reader.read(0.0)
        if read is not None:
            self._handle(read)
        return self.ended is None

    def _run(self) -> None:
        """Read and decode until the source or the session ends."""
        try:
            # BLAS threads spin while they wait: on two cores they slow down everything else.
            with threadpool_limits(1):
                while self.ended is None:
                    self.turns += 1
                    self._reader.gather(self._chain.due)
                    # A long decoding may follow: it alone must not last until it seems to hang.
                    self.turns += 1
                    read = self._reader.read(READ_S)
                    if read is not None:
                        self._handle(read)
                        self._report_backlog(self._clock() - read.at)
        # A decoder or an outlet may raise anything; the run then ends and reports it.
        except BaseException as error:
            self._fail(error)
        finally:
            self._over.set()

    def _fail(self, error: BaseException) -> None:
        """End the run because of an error in the thread, and report it if possible."""
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

    def _report_backlog(self, took_s: float) -> None:
        """Report once that a reading kept the next one waiting, and once that none does any more.

        Parameters
        ----------
        took_s : float
            For how long it was decoded.
        """
        if self.ended is not None:
            # Nothing follows a session's end.
            return
        if took_s > self._most_waiting_s and not self._behind:
            self._behind = True
            self._publish(self._alarm(f"decoding is behind by {took_s:.1f} s"))
        elif took_s < 0.5 * self._most_waiting_s and self._behind:
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
            later: list[Message] = []
            # Decisions at once: the screen waits for them, but not for what else follows.
            for message in self._chain.following(read.reading):
                if isinstance(message, Decision):
                    self._publish(message)
                else:
                    later.append(message)
            for message in later:
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
