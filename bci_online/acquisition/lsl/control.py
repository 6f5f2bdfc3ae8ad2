"""The control stream: lines of JSON from a session's conductor, or from a panel to it."""

import msgspec

from bci_online.acquisition.lsl.outlets import session_outlet
from bci_online.acquisition.lsl.text_inlet import TextInlet
from bci_online.messages import Command, CommandName
from bci_online.notes import AnyNote, Note
from bci_online.session_lines import SessionStatus, line_text
from bci_online.session_names import session_source_id

__all__ = ["ControlInlet", "ControlOutlet"]


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command of one session, or with the name ``status`` its state.

    ``number`` counts up from 1. A note is typed in ``note``, or free text in ``argument``.
    """

    session: str
    number: int
    name: CommandName
    argument: str = ""
    note: AnyNote | None = None
    status: SessionStatus | None = None

    def content(self) -> Command | SessionStatus | None:
        """Return what the line says; None for a status that says nothing."""
        if self.name == "status":
            return self.status
        if self.name == "note":
            return Command("note", self.note or Note(self.argument))
        return Command(self.name)


class ControlOutlet:
    """Send commands to a session.

    Parameters
    ----------
    session : str
        Name of the session.
    kind : str
        ``control``: the conductor's stream. ``panel``: that of an operator's panel; the conductor
        passes its commands on.

    See Also
    --------
    ControlInlet : The other end.
    """

    def __init__(self, session: str, kind: str = "control") -> None:
        self._session = session
        self._outlet = session_outlet(session, kind)
        self._n = 0

    def send(self, name: CommandName, note: AnyNote | None = None) -> None:
        """Send a command; a consumer that connects later does not get it."""
        self._push(name, note=note)

    def report(self, status: SessionStatus) -> None:
        """Send the session's state."""
        self._push("status", status=status)

    def _push(
        self,
        name: CommandName,
        note: AnyNote | None = None,
        status: SessionStatus | None = None,
    ) -> None:
        self._n += 1
        self._outlet.push(line_text(_Line(self._session, self._n, name, "", note, status)))

    @property
    def has_consumers(self) -> bool:
        """Whether a program receives the commands."""
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

    See Also
    --------
    ControlOutlet : The other end.
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

    def read(self) -> list[Command | SessionStatus]:
        """Return what has arrived, without waiting."""
        contents: list[Command | SessionStatus] = []
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
            content = line.content()
            if content is None:
                self.n_dropped += 1
            else:
                contents.append(content)
        return contents

    def close(self) -> None:
        """Close the connection."""
        self._inlet.close()
