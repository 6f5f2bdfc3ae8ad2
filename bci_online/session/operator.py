"""The conductor's side of an operator's panel: which commands it obeys, and what it reports."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import msgspec

from bci_online.acquisition.lsl.control import ControlInlet, ControlOutlet
from bci_online.errors import BciError
from bci_online.messages import Command, CommandName, Status
from bci_online.notes import Corrected, Note, OperatorNote
from bci_online.session.processes import Processes
from bci_online.session_lines import SessionStatus
from bci_online.session_state import SessionState

__all__ = ["LONGEST_NOTE", "PASSED_ON", "Operator"]

PASSED_ON = frozenset({"pause", "resume", "finish", "abort", "undo", "go_back"})
"""What is passed on to the screen as it is; ``start``, ``note``, ``correct`` have own rules."""

LONGEST_NOTE = 200
# A click is answered within half a second, and without a panel there is almost no load.
CONNECT_EVERY_S = 0.3
REPORT_EVERY_S = 1.0


class Operator:
    """Receives the commands of one panel, passes on what it may ask for, and reports to panels.

    Only a start that is left to the panel waits for it. Apart from that, a panel that hangs, dies
    or is absent changes nothing.

    Parameters
    ----------
    session : str
        Whose panel.
    mode, paradigm : str
        Of the session, for the reports.
    control : ControlOutlet
        Where commands and reports go; it is recorded.
    log : Path
        Where a panel that is opened writes to.
    typed : callable
        Returns the commands that the program which started the session has typed since.

    Attributes
    ----------
    has_abort : bool
        Whether the session's end was asked for: it was passed on, but the screen may hang.

    See Also
    --------
    bci_online.session.onlooker.Onlooker : The panel's side.
    """

    def __init__(
        self,
        session: str,
        mode: str,
        paradigm: str,
        control: ControlOutlet,
        log: Path,
        typed: Callable[[], list[str]] = list,
    ) -> None:
        self._session, self._control = session, control
        self._mode, self._paradigm = mode, paradigm
        self._commands, self._typed = ControlInlet(session, "panel"), typed
        self._processes = Processes(log)
        self._reported: SessionStatus | None = None
        self._connect_at = self._report_at = 0.0
        self._awaits_start = self._has_start = self.has_abort = False
        self._n_unknown = 0

    def open_panel(self) -> None:
        """Start a panel on this computer."""
        self._processes.start("panel", self._session)

    def may_start(self) -> bool:
        """Whether ``start`` came; from the first call on, reports say that the session waits.

        It is never passed on: only the conductor starts the session.

        Raises
        ------
        BciError
            If the panel that was opened is gone.
        """
        self._awaits_start = True
        if not self._has_start and self._processes.ended():
            raise BciError("the operator's panel was closed before the session was started")
        return self._has_start

    @property
    def n_refused(self) -> int:
        """Lines that were not signed with the session's key, or came again."""
        return self._commands.n_refused

    @property
    def n_unread(self) -> int:
        """Signed lines that could not be read, and commands that no panel may send."""
        return self._n_unknown + self._commands.n_dropped

    def serve(
        self, state: SessionState, doing: str, n_bytes: int, alarm: str, refused: int = 0
    ) -> list[Status]:
        """Report how the session stands, and pass on what was asked, without waiting.

        Parameters
        ----------
        state : SessionState
            After all that was received; its clock is ``time.monotonic``.
        doing : str
            What the session does at the moment.
        n_bytes : int
            The size of the recording.
        alarm : str
            What went wrong; empty if nothing did.
        refused : int
            Lines of other streams than the panel's that were refused.

        Returns
        -------
        news : list of Status
            An alarm once another program sends as if it were a panel of this session.
        """
        status = SessionStatus(
            doing,
            self._mode,
            waits=self._awaits_start and not self._has_start,
            n_bytes=n_bytes,
            alarm=alarm,
            paradigm=self._paradigm,
            seconds=None if state.began is None else time.monotonic() - state.began,
            paused=state.is_paused,
            hidden=state.is_hidden,
            ended=state.reason,
            refused=refused + self.n_refused,
        )
        self._report(status)
        self._pass_on(state.decisions.offered)
        return self._commands.news()

    def _pass_on(self, offered: Corrected | None) -> None:
        for line in self._typed():
            name, _, text = line.partition(" ")
            self._obey(name, text, offered)
        now = time.monotonic()
        if not self._commands.is_connected and now < self._connect_at:
            return
        self._connect_at = now + CONNECT_EVERY_S
        for command in self._commands.read():
            if not isinstance(command, Command):
                self._n_unknown += 1
            else:
                note = command.note
                self._obey(command.name, note.what if isinstance(note, Note) else "", offered)

    def _obey(self, name: str, text: str, offered: Corrected | None) -> None:
        """Do what was asked, or pass it on; the `text` is that of a note."""
        if name == "start":
            self._has_start = True
        elif name == "note" and text:
            # It is marked as the operator's, because a replay acts on notes of the screen, such as
            # an undo.
            self._control.send("note", OperatorNote(text[:LONGEST_NOTE]))
        elif name == "correct":
            # Nothing else can be corrected than what the engine has offered, and a person has seen:
            # a newer offer may have come since.
            if offered is not None and text in ("", str(offered.trial)):
                self._control.send("note", offered)
        elif name in PASSED_ON:
            self.has_abort = self.has_abort or name == "abort"
            self._control.send(cast(CommandName, name))
        else:
            self._n_unknown += 1

    def _report(self, status: SessionStatus) -> None:
        """Report news at once, the rest once a second."""
        now, reported = time.monotonic(), self._reported
        is_news = reported is None or _news(reported) != _news(status)
        if is_news or now >= self._report_at:
            self._reported, self._report_at = status, now + REPORT_EVERY_S
            self._control.report(status)

    def close(self) -> None:
        """End the panel that was opened, and disconnect."""
        self._processes.stop()
        self._commands.close()


def _news(status: SessionStatus) -> SessionStatus:
    """Return what is reported at once: sizes and times change all the time."""
    seconds = None if status.seconds is None else 0.0
    return msgspec.structs.replace(status, n_bytes=0, seconds=seconds, refused=0)
