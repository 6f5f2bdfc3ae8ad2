"""What an operator's panel hears of a session, and how it asks for something."""

from collections.abc import Iterator

import msgspec

from bci_online.acquisition.lsl.control import ControlInlet, ControlOutlet
from bci_online.messages import Conducted
from bci_online.session.streams import Heard, SessionStreams

__all__ = ["Onlooker"]


class Onlooker:
    """Reads the texts of a session whole; sends nothing but commands.

    Parameters
    ----------
    session : str
        Whose.
    """

    def __init__(self, session: str) -> None:
        self.session = session
        self._streams = SessionStreams(session)
        self._said = ControlInlet(session)
        self._wishes = ControlOutlet(session, "panel")

    def read(self) -> Iterator[Heard | Conducted]:
        """Yield what came since the last time, without waiting."""
        for command in self._said.read():
            if command.name == "status":
                try:
                    yield msgspec.json.decode(command.argument, type=Conducted)
                except (msgspec.MsgspecError, RecursionError):
                    self._streams.n_unread += 1
        yield from self._streams.read()

    @property
    def eeg(self) -> dict[str, str]:
        """Name, type and source_id of the session's EEG; empty while nobody receives it."""
        return self._streams.eeg

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the session's streams are not there now."""
        return self._streams.missing

    @property
    def n_unread(self) -> int:
        """Lines that no one understands."""
        return self._streams.n_unread

    @property
    def is_heard(self) -> bool:
        """Whether somebody does what the panel asks."""
        return self._wishes.is_heard

    def send(self, name: str, argument: str = "") -> None:
        """Ask for something."""
        self._wishes.send(name, argument)

    def close(self) -> None:
        """Hang up."""
        self._streams.close()
        self._said.close()
        self._wishes.close()
