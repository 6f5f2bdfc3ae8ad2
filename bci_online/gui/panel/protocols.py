"""What an operator's panel receives."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from bci_online.gui.panel.signal_reader import SignalNews
from bci_online.messages import CommandName

__all__ = ["Session", "Signal"]


class Session(Protocol):
    """What is received of a session, and where the panel's commands go.

    See Also
    --------
    bci_online.session.onlooker.Onlooker : The session of LSL streams.
    """

    @property
    def session(self) -> str:
        """Its name."""
        ...

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of its streams are not there."""
        ...

    @property
    def has_consumers(self) -> bool:
        """Whether commands are taken."""
        ...

    def read(self) -> Iterator[object]:
        """Yield what was said since the last time."""
        ...

    def send(self, name: CommandName, argument: str = "") -> None:
        """Send a command; the argument of ``note`` is its text, of ``correct`` the trial."""
        ...

    def close(self) -> None:
        """Receive no more; twice is harmless."""
        ...


class Signal(Protocol):
    """The EEG, as far as it has come.

    See Also
    --------
    bci_online.gui.panel.signal_reader.SignalReader : The signal of a source.
    """

    def news(self) -> Sequence[SignalNews]:
        """Return what came since the last time."""
        ...

    def stop(self) -> None:
        """Read no more; twice is harmless."""
        ...
