"""Markers that wait for their samples, in the order of their common times."""

import heapq
from itertools import count
from typing import NamedTuple

from bci_online.markers import Event, rank
from bci_online.messages import Marker

__all__ = ["MarkerQueue", "Waiting"]

# What the fields of a marker take beside its text, counted in characters.
ENTRY = 100


class Waiting(NamedTuple):
    """A marker in the queue; of equal times the rank decides, then the order of arrival.

    Parameters
    ----------
    time : float
        Common time in seconds.
    rank : int
        Place among events of the same time.
    arrival : int
        Place among markers of the same time and rank.
    event : Event
        The marker's meaning.
    marker : Marker
        The marker itself.

    See Also
    --------
    bci_online.markers.events.rank : The rank.
    """

    time: float
    rank: int
    arrival: int
    event: Event
    marker: Marker


class MarkerQueue:
    """A queue of bounded length, the earliest marker first.

    A marker waits until the samples after it are in. Stamps on a clock that was never compared with
    the amplifier's may lie years ahead: such markers would wait for ever, and more would come.

    See Also
    --------
    bci_online.preprocessing.epoching.Epoching : Serves flashes from one.
    bci_online.preprocessing.windowing.Windowing : Serves cues from one.

    Examples
    --------
    >>> from bci_online.markers import Flash
    >>> queue = MarkerQueue()
    >>> [queue.push(Marker(f"flash/{code}", 9.0 - code), Flash(code), 9.0 - code)
    ...  for code in (1, 2)]
    [True, True]
    >>> queue.pop().event, len(queue)
    (Flash(code=2), 1)
    """

    MOST = 2_000_000
    """Characters of all texts. As flashes these are the markers of an hour."""

    def __init__(self) -> None:
        self._heap: list[Waiting] = []
        self._arrivals = count()
        self._size = 0

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def first(self) -> Waiting:
        """The earliest marker."""
        return self._heap[0]

    def push(self, marker: Marker, event: Event, time: float) -> bool:
        """Queue a marker with common time `time`; return False where there is no room."""
        size = self._size + len(marker.text) + ENTRY
        if size > self.MOST:
            return False
        self._size = size
        heapq.heappush(self._heap, Waiting(time, rank(event), next(self._arrivals), event, marker))
        return True

    def pop(self) -> Waiting:
        """Take the earliest marker."""
        waiting = heapq.heappop(self._heap)
        self._size -= len(waiting.marker.text) + ENTRY
        return waiting
