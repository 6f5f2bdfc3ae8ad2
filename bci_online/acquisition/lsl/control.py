"""The control stream: lines of JSON from a session's conductor, or from a panel to it."""

import msgspec

from bci_online.acquisition.lsl.outlets import session_outlet
from bci_online.acquisition.lsl.session_inlet import StrangerWatch, session_inlet
from bci_online.messages import Command, CommandName, Status
from bci_online.notes import AnyNote, Note
from bci_online.session_lines import SessionStatus, line_text

__all__ = ["ControlInlet", "ControlOutlet"]


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command, or with the name ``status`` the session's state.

    A note is typed in ``note``, or free text in ``argument``.
    """

    name: CommandName
    argument: str = ""
    note: AnyNote | None = None
    status: SessionStatus | None = None

    def content(self) -> Command | SessionStatus | None:
        """Return what the line says; None for a status that only says that its sender is there."""
        if self.name == "status":
            return self.status
        if self.name == "note":
            return Command("note", self.note or Note(self.argument))
        return Command(self.name, self.note)


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
        self._outlet = session_outlet(session, kind)

    def send(self, name: CommandName, note: AnyNote | None = None) -> None:
        """Send a command; a consumer that connects later does not get it."""
        self._outlet.push(line_text(_Line(name, note=note)))

    def report(self, status: SessionStatus | None = None) -> None:
        """Send the session's state; without one only that this sender is there."""
        self._outlet.push(line_text(_Line("status", status=status)))

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
        Name of the session. Lines that are not signed with its key are refused.
    kind : str
        As for `ControlOutlet`.

    Attributes
    ----------
    n_dropped : int
        Signed lines that could not be read: of a part of another version.

    See Also
    --------
    ControlOutlet : The other end.
    """

    def __init__(self, session: str, kind: str = "control") -> None:
        self._inlet = session_inlet(session, kind)
        self._stranger = StrangerWatch(self._inlet)
        self.n_dropped = 0

    @property
    def is_connected(self) -> bool:
        """Whether a sender is connected."""
        return self._inlet.is_connected

    @property
    def n_refused(self) -> int:
        """Number of lines that were not signed with the session's key, or came again."""
        return self._inlet.n_refused

    def news(self) -> list[Status]:
        """Return an alarm once another program sends under the session's name."""
        return self._stranger.news()

    def read(self) -> list[Command | SessionStatus]:
        """Return what has arrived, without waiting."""
        contents: list[Command | SessionStatus] = []
        for text, _ in self._inlet.read():
            try:
                line = msgspec.json.decode(text, type=_Line)
            except (msgspec.MsgspecError, RecursionError):
                self.n_dropped += 1
                continue
            content = line.content()
            contents += [] if content is None else [content]
        return contents

    def close(self) -> None:
        """Close the connection."""
        self._inlet.close()
