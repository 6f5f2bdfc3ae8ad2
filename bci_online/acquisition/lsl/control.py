"""Commands to a session, as lines of JSON: from its conductor and from an operator's panel."""

import msgspec

from bci_online.acquisition.lsl.outlets import session_outlet
from bci_online.acquisition.lsl.text_inlet import TextInlet
from bci_online.messages import Command
from bci_online.session_names import session_source_id

__all__ = ["ControlInlet", "ControlOutlet"]


class _Line(msgspec.Struct, frozen=True):
    """A command for one session; ``number`` counts up from 1."""

    session: str
    number: int
    name: str
    argument: str = ""


class ControlOutlet:
    """Send commands to a session.

    Parameters
    ----------
    session : str
        Name of the session.
    kind : str
        ``control``: the conductor's stream. ``panel``: that of an operator's panel; the conductor
        passes its commands on.
    """

    def __init__(self, session: str, kind: str = "control") -> None:
        self._session = session
        self._outlet = session_outlet(session, kind)
        self._n = 0

    def send(self, name: str, argument: str = "") -> None:
        """Send a command; a receiver that connects later does not get it."""
        self._n += 1
        line = _Line(self._session, self._n, name, argument)
        self._outlet.push(msgspec.json.encode(line).decode())

    @property
    def is_heard(self) -> bool:
        """Whether anybody receives the commands."""
        return self._outlet.has_consumers()

    def close(self) -> None:
        """End the stream."""
        self._outlet.close()


class ControlInlet:
    """Receive the commands of one session.

    Parameters
    ----------
    session : str
        Name of the session. Lines for another session, and lines whose number does not rise, are
        dropped and counted. This guards against mix-ups, not against attackers. A sender that
        reconnects counts from 1 again.
    kind : str
        As for `ControlOutlet`.
    """

    def __init__(self, session: str, kind: str = "control") -> None:
        self._session = session
        self._inlet = TextInlet(session_source_id(session, kind))
        self._n = self._connection = 0
        self.n_dropped = 0

    @property
    def is_connected(self) -> bool:
        """Whether a sender is connected."""
        return self._inlet.is_connected

    def read(self) -> list[Command]:
        """Return the commands that have arrived, without waiting."""
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
        """Close the connection."""
        self._inlet.close()
