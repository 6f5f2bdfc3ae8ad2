"""The conductor's side of an operator's panel: what it may ask for, and what it is told."""

import time
from pathlib import Path

import msgspec

from bci_online.acquisition.lsl.control import ControlInlet, ControlOutlet
from bci_online.errors import BciError
from bci_online.markers import Note, SessionEnded, SessionStarted
from bci_online.messages import Conducted
from bci_online.session.processes import Processes

__all__ = ["LONGEST_NOTE", "PASSED_ON", "Operator"]

PASSED_ON = frozenset({"pause", "resume", "finish", "abort", "undo"})
"""What is passed on to the screen as it is; ``start`` and ``note`` have rules of their own."""

LONGEST_NOTE = 200
# An answer within half a second of a click, and next to no load while no panel is there.
LOOK_EVERY_S = 0.3
TELL_EVERY_S = 1.0


class Operator:
    """Hears one panel, passes on what it may ask for, and tells panels how the session is.

    Nothing waits for a panel but a start that is left to it: one that hangs, dies, or was never
    there changes nothing.

    Parameters
    ----------
    session : str
        Whose panel.
    mode, paradigm : str
        Of the session, to be told.
    control : ControlOutlet
        Where to pass it on; that is recorded.
    log : Path
        Where a panel that is opened writes to.

    Attributes
    ----------
    has_abort : bool
        Whether the session's end was asked for: it was passed on, but nobody may be left to hear.
    n_refused : int
        Lines that were not understood, and commands that no panel may send.
    """

    def __init__(
        self, session: str, mode: str, paradigm: str, control: ControlOutlet, log: Path
    ) -> None:
        self._session, self._control = session, control
        self._mode, self._paradigm = mode, paradigm
        self._asked = ControlInlet(session, "panel")
        self._processes = Processes(log)
        self._told: Conducted | None = None
        self._look_at = self._tell_at = 0.0
        self._awaits_start = self._has_start = self.has_abort = False
        self._began: float | None = None
        self._paused = self._hidden = False
        self._ended = ""
        self._n_unknown = 0

    def open_panel(self) -> None:
        """Start a panel on this computer."""
        self._processes.start("panel", self._session)

    def lets_start(self) -> bool:
        """Whether ``start`` came; from the first call on panels are told that it is waited for.

        It is never passed on: nothing begins before the conductor says so.

        Raises
        ------
        BciError
            If the panel that was opened is gone.
        """
        self._awaits_start = True
        if not self._has_start and self._processes.ended():
            raise BciError("the operator's panel was closed before the session was started")
        return self._has_start

    def hear(self, heard: object) -> None:
        """Take what is said in the session: a panel that is opened later is told of it."""
        match heard:
            case SessionStarted():
                self._began = time.monotonic()
            case Note(("pause" | "resume") as what):
                self._paused = what == "pause"
            case Note(("screen hidden" | "screen seen") as what):
                self._hidden = what == "screen hidden"
            case SessionEnded(reason):
                self._ended = self._ended or reason or "end"

    @property
    def n_refused(self) -> int:
        """How much of what panels sent was not obeyed."""
        return self._n_unknown + self._asked.n_dropped

    def attend(self, doing: str, n_bytes: int, alarm: str) -> None:
        """Pass on what was asked, and tell panels how the session is, without waiting.

        Parameters
        ----------
        doing : str
            What the session does just now.
        n_bytes : int
            The size of the recording.
        alarm : str
            What went wrong; empty if nothing did.
        """
        conducted = Conducted(
            doing,
            self._mode,
            waits=self._awaits_start and not self._has_start,
            n_bytes=n_bytes,
            alarm=alarm,
            paradigm=self._paradigm,
            seconds=None if self._began is None else time.monotonic() - self._began,
            paused=self._paused,
            hidden=self._hidden,
            ended=self._ended,
        )
        self._tell(conducted)
        self._relay()

    def _relay(self) -> None:
        """Pass on what was asked since the last time, without waiting."""
        now = time.monotonic()
        if not self._asked.is_connected and now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_S
        for command in self._asked.read():
            if command.name == "start":
                self._has_start = True
            elif command.name == "note":
                # Marked as the operator's: a replay takes some notes of the screen at their word.
                note = f"operator: {command.argument[:LONGEST_NOTE]}"
                self._control.send("note", note)
            elif command.name in PASSED_ON:
                self.has_abort = self.has_abort or command.name == "abort"
                self._control.send(command.name)
            else:
                self._n_unknown += 1

    def _tell(self, conducted: Conducted) -> None:
        """Tell panels how the session is: news at once, the rest once a second."""
        now, told = time.monotonic(), self._told
        if told is not None and _news(told) == _news(conducted) and now < self._tell_at:
            return
        self._told, self._tell_at = conducted, now + TELL_EVERY_S
        self._control.send("status", msgspec.json.encode(conducted).decode())

    def close(self) -> None:
        """End the panel that was opened, and hang up."""
        self._processes.stop()
        self._asked.close()


def _news(conducted: Conducted) -> tuple[object, ...]:
    """Return what is told at once; sizes and times change all along."""
    said = conducted
    state = said.seconds is None, said.paused, said.hidden, said.ended
    return said.doing, said.waits, said.alarm, *state
