"""What the operator asks of a session, as lines of JSON on its control stream."""

import msgspec

from bci_online.acquisition.lsl.outlets import session_outlet, session_source_id
from bci_online.acquisition.lsl.texts import TextInlet
from bci_online.messages import Command

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
    """

    def __init__(self, session: str) -> None:
        self._session = session
        self._outlet = session_outlet(session, "control")
        self._n = 0

    def send(self, name: str, argument: str = "") -> None:
        """Send a command; who listens later does not get it."""
        self._n += 1
        line = _Line(self._session, self._n, name, argument)
        self._outlet.push(msgspec.json.encode(line).decode())

    def close(self) -> None:
        """End the stream."""
        self._outlet.close()


class ControlInlet:
    """Receives the commands of one session.

    Parameters
    ----------
    session : str
        Lines that name another, or whose number does not rise, are dropped and counted: that
        guards against mix-ups, not against attackers.
    """

    def __init__(self, session: str) -> None:
        self._session = session
        self._inlet = TextInlet(session_source_id(session, "control"))
        self._n = 0
        self.n_dropped = 0

    def read(self) -> list[Command]:
        """Return the commands that have come, without waiting."""
        commands = []
        for text, _ in self._inlet.read():
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
