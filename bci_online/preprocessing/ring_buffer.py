"""The newest samples in fixed memory, addressed by absolute sample number."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["RingBuffer"]


class RingBuffer:
    """Keep the newest samples; any window of them is one contiguous view.

    Parameters
    ----------
    n_channels : int
        Number of rows.
    capacity : int
        Number of samples that are certainly kept.

    Raises
    ------
    ValueError
        If one of them is below 1.

    See Also
    --------
    bci_online.preprocessing.continuous_signal.ContinuousSignal :
        Keeps samples and times in two of them.

    Notes
    -----
    Memory holds twice the capacity. So a window never wraps around, and the newest half is moved to
    the front only once in `capacity` samples.

    Examples
    --------
    >>> import numpy as np
    >>> ring = RingBuffer(n_channels=1, capacity=4)
    >>> for block in np.split(np.arange(10.0)[np.newaxis], [3, 6], axis=1):
    ...     ring.append(block)
    >>> ring.start, ring.stop
    (6, 10)
    >>> ring.window(7, 9)
    array([[7., 8.]])
    """

    def __init__(self, n_channels: int, capacity: int) -> None:
        if n_channels < 1 or capacity < 1:
            raise ValueError(f"n_channels={n_channels} and capacity={capacity} must be at least 1")
        self.capacity = capacity
        self._data = np.zeros((n_channels, 2 * capacity))
        self._first = 0  # sample number of column 0
        self._filled = 0  # columns in use

    @property
    def stop(self) -> int:
        """The number that the next sample will get."""
        return self._first + self._filled

    @property
    def start(self) -> int:
        """The oldest sample that is certainly kept."""
        return max(0, self.stop - self.capacity)

    def append(self, block: NDArray[np.float64]) -> None:
        """Add samples, shape (n_channels, n_times), at most `capacity` at a time.

        Raises
        ------
        ValueError
            If there are more.
        """
        n_times = block.shape[1]
        if n_times > self.capacity:
            raise ValueError(f"block of {n_times} samples must be at most {self.capacity}")
        if self._filled + n_times > self._data.shape[1]:
            kept = self.capacity
            # The two parts overlap: of all rows at once numpy would make a copy first.
            for row in self._data:
                row[:kept] = row[self._filled - kept : self._filled]
            self._first += self._filled - kept
            self._filled = kept
        self._data[:, self._filled : self._filled + n_times] = block
        self._filled += n_times

    def window(self, start: int, stop: int) -> NDArray[np.float64]:
        """Return samples ``start:stop`` as a read-only view, shape (n_channels, stop - start).

        The view is valid until the next `append`.

        Raises
        ------
        ValueError
            If one of the samples has not arrived yet or is not kept any more.
        """
        newest = self._first + self._filled
        # Asked for some times in each epoch: properties would take longer than all else here.
        if not max(0, newest - self.capacity) <= start <= stop <= newest:
            raise ValueError(
                f"window {start}:{stop} must lie within samples {self.start}:{self.stop}"
            )
        view = self._data[:, start - self._first : stop - self._first]
        view.flags.writeable = False
        return view
