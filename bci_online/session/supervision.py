"""Spelling without calibration becomes supervised: a worker fits a decoder on its letters."""

import sys
from collections.abc import Callable, Mapping

import msgspec

from bci_online.acquisition.lsl.control import ControlOutlet
from bci_online.markers import SessionStarted
from bci_online.messages import DecisionLine, Status
from bci_online.notes import Corrected, Supervised
from bci_online.notes.from_workers import FEWEST_LETTERS
from bci_online.session.plan import SessionPlan
from bci_online.session.worker import Worker
from bci_online.session_lines import SessionMessage
from bci_online.standing_letters import StandingLetters

__all__ = ["KnownLetters", "SupervisedLine", "Supervision"]

CONFIDENT = 0.95
"""A letter of this confidence counts at once; others once the next one did not take them back."""

MORE = 1.25
"""The worker is asked again once there are so many times the letters of its last answer."""


class SupervisedLine(msgspec.Struct, frozen=True):
    """What a worker answers to letters.

    Parameters
    ----------
    supervised : Supervised or None
        A decoder.
    reason : str
        Why there is none.

    See Also
    --------
    Supervision : Reads it.
    """

    supervised: Supervised | None
    reason: str = ""


class KnownLetters:
    """The letters of a session that count as known, by what was decided and taken back.

    See Also
    --------
    Supervision : Fits a decoder on them.
    bci_online.standing_letters.StandingLetters : What is taken back.

    Examples
    --------
    >>> known = KnownLetters()
    >>> known.observe(SessionStarted({"backspace": "<"}))
    >>> for trial, value in enumerate("HQ<I", start=1):
    ...     known.observe(DecisionLine(value=value, trial=trial, confidence=0.9))
    >>> known.letters()  # Q was taken back, and nothing confirms I
    {1: 'H', 3: '<'}
    """

    def __init__(self) -> None:
        self._text = StandingLetters()
        self._confidence: dict[int, float] = {}

    def observe(self, message: SessionMessage) -> None:
        """Take a message of the session."""
        self._text.observe(message)
        if isinstance(message, Corrected):
            self._confidence[message.trial] = 1.0
        elif isinstance(message, DecisionLine) and message.value and not message.late:
            self._text.enter(message.trial, message.value)
            self._confidence[message.trial] = message.confidence

    def letters(self) -> dict[int, str]:
        """Return the symbol of each trial that counts as known."""
        meant = self._text.meant
        newest = max(meant, default=0)
        if newest and self._confidence[newest] < CONFIDENT:
            del meant[newest]
        return meant

    def still_says(self, letters: Mapping[int, str]) -> bool:
        """Return whether none of these letters was taken back or corrected since."""
        return letters.items() <= self._text.meant.items()


class Supervision:
    """Passes a decoder that was fitted on the letters so far to the screen, which marks it.

    A worker, ``python -m calibration supervise``, reads the growing recording. Its decoder is a
    note: so the engine takes it in the order of the markers, the recording holds it, and a replay
    decides the same. A worker that fails is one warning; letters are decided as before.

    Parameters
    ----------
    plan : SessionPlan
        Nothing happens without `SessionPlan.no_calibration`.
    command : sequence of str, optional
        How to start the worker.

    See Also
    --------
    bci_online.paradigms.p300.uncalibrated.UncalibratedSpeller : Goes on with the decoder.
    """

    def __init__(self, plan: SessionPlan, command: tuple[str, ...] = ()) -> None:
        self._is_wanted = plan.no_calibration
        folder = plan.folder
        own = (sys.executable, "-m", "calibration", "supervise", str(folder.recording))
        more = ("--config", str(folder.whole_config), "--decoder", str(folder.decoder))
        self._worker = Worker("supervision", command or (*own, *more), folder.log)
        self._known = KnownLetters()
        self._asked: dict[int, str] = {}

    def observe(self, message: SessionMessage) -> None:
        """Start the worker with the session, and ask it once there are enough letters more."""
        if not self._is_wanted:
            return
        if isinstance(message, SessionStarted):
            self._worker.start()
        self._known.observe(message)
        if not isinstance(message, DecisionLine) or self._worker.n_open:
            return
        letters = self._known.letters()
        if len(letters) >= max(FEWEST_LETTERS, MORE * len(self._asked)):
            self._asked = letters
            self._worker.ask(msgspec.json.encode(letters).decode())

    def serve(self, control: ControlOutlet, observe: Callable[[SessionMessage], None]) -> None:
        """Pass on what was answered, without waiting."""
        for answer in self._worker.answers():
            try:
                line = msgspec.json.decode(answer, type=SupervisedLine)
            except msgspec.MsgspecError:
                continue
            if line.supervised is None:
                observe(Status("info", f"no decoder yet: {line.reason or 'few letters'}"))
                continue
            if not self._known.still_says(self._asked):
                # What was fitted on a wrong letter would decide all later ones.
                observe(Status("info", "no decoder yet: a letter was taken back meanwhile"))
                self._asked = {}
                continue
            control.send("note", line.supervised)
            observe(Status("info", line.supervised.words))
        if self._worker.is_dead:
            why = self._worker.last_words()
            text = "the worker that fits a decoder on the letters has ended"
            text = f"{text}{f': {why}' if why else ''}; letters are decided as before"
            observe(Status("warning", text))
            self.close()

    def close(self) -> None:
        """End the worker; nothing is asked any more."""
        self._is_wanted = False
        self._worker.close()
