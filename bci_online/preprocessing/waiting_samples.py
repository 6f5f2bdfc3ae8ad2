"""Samples that have no time yet, and how many came before each of them."""

import numpy as np
from numpy.typing import NDArray

from bci_online.messages import Chunk

__all__ = ["WaitingSamples"]


class WaitingSamples:
    """Samples that were delivered and wait for their time.

    Parameters
    ----------
    counter : int, optional
        Column of the amplifier's sample counter.

    Attributes
    ----------
    samples : Chunk
        Those that wait.
    numbers : ndarray, shape (n_waiting,)
        How many samples were delivered before each.
    n_delivered : int
        Number of samples that were delivered.

    See Also
    --------
    bci_online.preprocessing.continuous_signal.ContinuousSignal : Gives them their times.

    Notes
    -----
    A sample that can have no place in time does not wait; it is lost. A counter says how many are
    lost. Without one a sample has its place by being counted, as soon as one stamp is known.

    Examples
    --------
    >>> waiting = WaitingSamples()
    >>> waiting.add(Chunk(np.zeros((3, 2)), np.array([np.nan, 0.01, 0.02])))
    1
    >>> waiting.take(1)
    >>> waiting.samples.stamps, waiting.numbers
    (array([0.02]), array([2]))
    """

    def __init__(self, counter: int | None = None) -> None:
        self.samples = Chunk(np.empty((0, 0)), np.empty(0))
        self.numbers: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.n_delivered = 0
        self._counter = counter
        self._has_begun = False

    def add(self, chunk: Chunk) -> int:
        """Take the next samples; return how many of them lack a stamp or a counter."""
        numbers = self.n_delivered + np.arange(chunk.stamps.size)
        self.n_delivered += chunk.stamps.size
        known = np.isfinite(chunk.stamps)
        if self._counter is not None:
            known &= np.isfinite(chunk.data[:, self._counter])
        n_unknown = known.size - int(np.count_nonzero(known))
        if n_unknown and (self._counter is not None or not self._has_begun):
            placed = known if self._counter is not None else np.logical_or.accumulate(known)
            numbers = numbers[placed]
            chunk = Chunk(chunk.data[placed], chunk.stamps[placed])
        self._has_begun |= bool(numbers.size)
        if self.numbers.size:
            numbers = np.concatenate([self.numbers, numbers])
            data = np.concatenate([self.samples.data, chunk.data])
            chunk = Chunk(data, np.concatenate([self.samples.stamps, chunk.stamps]))
        self.samples, self.numbers = chunk, numbers
        return n_unknown

    def take(self, n: int) -> None:
        """Let the first `n` samples go."""
        self.samples = Chunk(self.samples.data[n:], self.samples.stamps[n:])
        self.numbers = self.numbers[n:]
