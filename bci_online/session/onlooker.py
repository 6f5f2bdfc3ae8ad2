"""The panel's side of a session: it receives everything, and sends nothing but commands."""

import math
import time
from collections.abc import Iterator

from bci_online.acquisition.lsl.control import ControlInlet, ControlOutlet
from bci_online.messages import Command, CommandName
from bci_online.notes import Note
from bci_online.session.streams import SessionStreams
from bci_online.session_lines import SessionMessage

__all__ = ["Onlooker"]

GREET_EVERY_S = 1.0


class Onlooker:
    """Receives the texts of a session, and sends a panel's commands.

    Parameters
    ----------
    session : str
        Whose.

    See Also
    --------
    bci_online.session.operator.Operator : Receives the panel's commands.
    bci_online.gui.panel.window.OperatorPanel : Shows what it receives.
    """

    def __init__(self, session: str) -> None:
        self.session = session
        self._streams = SessionStreams(session)
        self._control = ControlInlet(session)
        self._commands = ControlOutlet(session, "panel")
        self._greet_at = -math.inf

    def read(self) -> Iterator[SessionMessage]:
        """Yield what came since the last time, without waiting."""
        for content in self._control.read():
            # Commands are for the screen.
            if not isinstance(content, Command):
                yield content
        yield from self._streams.read()
        yield from self._control.news()
        if (now := time.monotonic()) >= self._greet_at:
            # The conductor knows the true panel before its first command. From then on it refuses
            # an older line that somebody held back.
            self._greet_at = now + GREET_EVERY_S
            self._commands.report()

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the session's streams are not there now."""
        return self._streams.missing

    @property
    def n_unread(self) -> int:
        """Lines that could not be read."""
        return self._streams.n_unread + self._control.n_dropped

    @property
    def has_consumers(self) -> bool:
        """Whether anybody receives the panel's commands."""
        return self._commands.has_consumers

    def send(self, name: CommandName, argument: str = "") -> None:
        """Send a command; the `argument` of ``note`` is its text, of ``correct`` the trial."""
        self._commands.send(name, Note(argument) if argument else None)

    def close(self) -> None:
        """Disconnect; a second call does nothing."""
        self._streams.close()
        self._control.close()
        self._commands.close()
