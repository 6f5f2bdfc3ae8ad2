"""What a calibration promises so far; a worker process works it out after each letter."""

import sys
from collections.abc import Callable

import msgspec

from bci_online.acquisition.lsl.control import ControlOutlet
from bci_online.config import Promise
from bci_online.markers import SessionStarted, TrialEnd
from bci_online.messages import Status
from bci_online.notes import Promised
from bci_online.session.plan import SessionPlan
from bci_online.session.worker import Worker
from bci_online.session_lines import SessionMessage

__all__ = ["PromiseLine", "Promises"]


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
        command = command or (*own, "--config", str(config))
        self._worker = Worker("promises", command, plan.folder.log)
        self._n_letters = 0

    def observe(self, message: SessionMessage) -> None:
        """Start the worker with the session, and ask it at each letter's end."""
        if self._wanted is None:
            return
        if isinstance(message, SessionStarted):
            self._worker.start()
        elif isinstance(message, TrialEnd) and self._worker.is_started:
            self._n_letters += 1
            self._worker.ask(str(self._n_letters))

    def serve(self, control: ControlOutlet, observe: Callable[[SessionMessage], None]) -> None:
        """Pass on what was answered, without waiting."""
        for answer in self._worker.answers():
            try:
                line = msgspec.json.decode(answer, type=PromiseLine)
            except msgspec.MsgspecError:
                continue
            if line.promise is None:
                observe(Status("info", f"nothing is promised yet: {line.reason or 'few letters'}"))
                continue
            assert self._wanted is not None
            note = Promised(line.promise.letters, line.promise.right, self._wanted)
            control.send("note", note)
            observe(Status("info", note.words))
        if self._worker.is_dead:
            why = self._worker.last_words()
            text = "the worker that computes what the letters promise has ended"
            text = f"{text}: {why}" if why else text
            observe(Status("warning", f"{text}; all words will be shown"))
            self.close()

    def close(self) -> None:
        """End the worker; nothing is asked any more."""
        self._wanted = None
        self._worker.close()
