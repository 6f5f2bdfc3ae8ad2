"""What an operator's panel listens to."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from bci_online.gui.panel.signal_reader import SignalNews

__all__ = ["Session", "Signal"]


class Session(Protocol):
    """What is heard of a session, and who does what the panel asks."""

    @property
    def session(self) -> str:
        """Its name."""
        ...

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of its streams are not there."""
        ...

    @property
    def is_heard(self) -> bool:
        """Whether commands are taken."""
        ...

    def read(self) -> Iterator[object]:
        """Yield what was said since the last time."""
        ...

    def send(self, name: str, argument: str = "") -> None:
        """Send a command."""
        ...


class Signal(Protocol):
    """What comes of the EEG."""

    def news(self) -> Sequence[SignalNews]:
        """Return what came since the last time."""
        ...

    def stop(self) -> None:
        """Read no more; twice is harmless."""
        ...
