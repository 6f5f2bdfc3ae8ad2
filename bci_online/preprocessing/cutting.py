"""What cuts a signal into what is scored: the interface of epochs and windows."""

from collections.abc import Iterator
from typing import Protocol

from bci_online.markers import Event
from bci_online.messages import Marker, Retracted
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.epoching import Served

__all__ = ["Cutting"]


class Cutting(Protocol):
    """Cuts the epochs or windows that are scored, and brings markers into order.

    See Also
    --------
    bci_online.preprocessing.epoching.Epoching : Cuts epochs.
    bci_online.preprocessing.windowing.Windowing : Cuts windows.
    """

    def add(self, marker: Marker, event: Event, time: float) -> bool:
        """Queue a marker with common time `time`; return False where too many wait already."""
        ...

    def cut(self, signal: ContinuousSignal) -> Iterator[Served]:
        """Serve everything that is complete, in an order that does not depend on arrival."""
        ...

    def finish(self) -> Iterator[Served]:
        """Serve the rest: no more samples will come."""
        ...

    @property
    def carried(self) -> str:
        """What the next run of the session may go on from, as text; empty for nothing."""
        ...

    def carry(self, carried: str) -> bool:
        """Go on from an earlier run; return False if that is not possible."""
        ...

    def retract(self, doubtful: tuple[int, int]) -> Iterator[Retracted]:
        """Take back what touches the sample range `doubtful`."""
        ...
