"""What a calibration promises so far; a worker process works it out after each letter."""

import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO

import msgspec

from bci_online.acquisition.lsl.control import ControlOutlet
from bci_online.config import Promise
from bci_online.markers import SessionStarted, TrialEnd
from bci_online.messages import Status
from bci_online.notes import Promised
from bci_online.session.plan import SessionPlan
from bci_online.session.processes import last_error
from bci_online.session_lines import SessionMessage

__all__ = ["PromiseLine", "Promises"]

PATIENCE_S = 1.5


class PromiseLine(msgspec.Struct, frozen=True):
    """What a worker answers to a number of letters.

    Parameters
    ----------
    promise : Promise or None
        Of the letters that the file holds.
    reason : str
        Why nothing is promised.

    See Also
    --------
    Promises : Reads it.
    """

    promise: Promise | None
    reason: str = ""


class Promises:
    """Passes promises on to the screen, which ends the calibration when one is good enough.

    A worker, ``python -m calibration promises``, reads the growing recording: training takes
    seconds, and nothing of a session may wait for it. A worker that fails is one warning; the
    calibration then shows all of its words.

    Parameters
    ----------
    plan : SessionPlan
        Without `Presentation.until`, or if it is no calibration of letters, nothing happens.
    command : sequence of str, optional
        How to start the worker.

    See Also
    --------
    bci_online.session.conductor.conduct : Runs the session.
    """

    def __init__(self, plan: SessionPlan, command: tuple[str, ...] = ()) -> None:
        is_asked = plan.mode == "calibration" and plan.config.paradigm == "p300"
        self._wanted = plan.config.presentation.wanted if is_asked else None
        recording, config = plan.folder.recording, plan.folder.whole_config
        own = (sys.executable, "-m", "calibration", "promises", str(recording))
        self._command = command or (*own, "--config", str(config))
        self._log = plan.folder.log
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._worker: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._n_letters = 0

    def observe(self, message: SessionMessage) -> None:
        """Start the worker with the session, and ask it at each letter's end."""
        if self._wanted is None:
            return
        if isinstance(message, SessionStarted):
            self._start()
        elif isinstance(message, TrialEnd) and self._worker is not None:
            self._n_letters += 1
            assert self._worker.stdin is not None
            # A worker that is gone is noticed by `serve`.
            with suppress(OSError):
                self._worker.stdin.write(f"{self._n_letters}\n".encode())
                self._worker.stdin.flush()

    def serve(self, control: ControlOutlet, observe: Callable[[SessionMessage], None]) -> None:
        """Pass on what was answered, without waiting."""
        while not self._answers.empty():
            try:
                line = msgspec.json.decode(self._answers.get(), type=PromiseLine)
            except msgspec.MsgspecError:
                continue
            if line.promise is None:
                observe(Status("info", f"nothing is promised yet: {line.reason or 'few letters'}"))
                continue
            assert self._wanted is not None
            note = Promised(line.promise.letters, line.promise.right, self._wanted)
            control.send("note", note)
            observe(Status("info", note.words))
        if self._worker is not None and self._worker.poll() is not None:
            observe(Status("warning", f"{self._last_words()}; all words will be shown"))
            self.close()

    def close(self) -> None:
        """End the worker; nothing is asked any more."""
        worker, self._worker, self._wanted = self._worker, None, None
        if worker is None or self._reader is None:
            return
        assert worker.stdin is not None
        with suppress(OSError):
            worker.stdin.close()
        try:
            worker.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            # It is in the middle of a training, which nobody needs any more.
            worker.kill()
            worker.wait()
        self._reader.join()

    def _start(self) -> None:
        if self._worker is not None:
            return
        with self._log.open("ab") as log:
            self._worker = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self._worker.stdout is not None
        self._reader = threading.Thread(
            target=self._read, args=(self._worker.stdout,), name="promises", daemon=True
        )
        self._reader.start()

    def _read(self, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self._answers.put(line)

    def _last_words(self) -> str:
        why = last_error(self._log)
        text = "the worker that computes what the letters promise has ended"
        return f"{text}: {why}" if why else text
