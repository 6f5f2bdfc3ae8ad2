"""What is asked of a session, as lines of JSON: by its conductor, and by a panel."""

import msgspec

from bci_online.acquisition.lsl.outlets import session_outlet
from bci_online.acquisition.lsl.text_inlet import TextInlet
from bci_online.messages import Command
from bci_online.session_names import session_source_id

__all__ = ["ControlInlet", "ControlOutlet"]


class _Line(msgspec.Struct, frozen=True):
    """A command of one session; ``number`` counts up from 1."""

    session: str
    number: int
    name: str
    argument: str = ""


class ControlOutlet:
    """Sends commands to whoever runs a session.

    Parameters
    ----------
    session : str
        Whose control stream this is.
    kind : str
        ``panel``: the stream of an operator's panel, whose wishes the session's conductor passes
        on.
    """

    def __init__(self, session: str, kind: str = "control") -> None:
        self._session = session
        self._outlet = session_outlet(session, kind)
        self._n = 0

    def send(self, name: str, argument: str = "") -> None:
        """Send a command; who listens later does not get it."""
        self._n += 1
        line = _Line(self._session, self._n, name, argument)
        self._outlet.push(msgspec.json.encode(line).decode())

    @property
    def is_heard(self) -> bool:
        """Whether anybody receives what is sent."""
        return self._outlet.has_consumers()

    def close(self) -> None:
        """End the stream."""
        self._outlet.close()


class ControlInlet:
    """Receives the commands of one session.

    Parameters
    ----------
    session : str
        Lines that name another, or whose number does not rise, are dropped and counted: that
        guards against mix-ups, not against attackers. One that connects anew counts anew.
    kind : str
        As `ControlOutlet` has it.
    """

    def __init__(self, session: str, kind: str = "control") -> None:
        self._session = session
        self._inlet = TextInlet(session_source_id(session, kind))
        self._n = self._connection = 0
        self.n_dropped = 0

    @property
    def is_connected(self) -> bool:
        """Whether somebody is there who could ask."""
        return self._inlet.is_connected

    def read(self) -> list[Command]:
        """Return the commands that have come, without waiting."""
        commands = []
        texts = self._inlet.read()
        if self._inlet.n_connections != self._connection:
            self._n, self._connection = 0, self._inlet.n_connections
        for text, _ in texts:
            try:
                line = msgspec.json.decode(text, type=_Line)
            except (msgspec.MsgspecError, RecursionError):
                line = None
            if line is None or line.session != self._session or line.number <= self._n:
                self.n_dropped += 1
                continue
            self._n = line.number
            commands.append(Command(line.name, line.argument))
        return commands

    def close(self) -> None:
        """Hang up."""
        self._inlet.close()
