"""The smallest and largest value of each channel in each column of time, kept incrementally."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["ColumnExtremes"]

# Rounding of times may leave a column of regular samples empty, but not several.
HELD = 2


class ColumnExtremes:
    """What a trace needs of a signal; each sample is read once, when it comes.

    Columns are numbered from time 0 on; the newest `n_columns` are kept.

    Parameters
    ----------
    n_channels, n_columns : int
        How many rows and columns.
    columns_per_s : float
        Not more than the sampling frequency, else columns stay empty.

    Attributes
    ----------
    newest : int
        The number of the newest column; -1 while there is none.

    See Also
    --------
    bci_online.gui.panel.trace_image.TraceImage : Draws them.
    """

    def __init__(self, n_channels: int, n_columns: int, columns_per_s: float) -> None:
        self.n_channels, self.n_columns = n_channels, n_columns
        self.columns_per_s = columns_per_s
        self.newest = -1
        self._low = np.full((n_columns, n_channels), np.nan, np.float32)
        self._high = self._low.copy()

    def column(self, time: float) -> int:
        """Return the number of the column that holds `time`."""
        return math.floor(time * self.columns_per_s)

    def push(
        self, data: NDArray[np.floating], times: NDArray[np.float64], *, new_piece: bool = False
    ) -> tuple[int, int]:
        """Take samples; return the first column that changed, and the one after the last.

        Parameters
        ----------
        data : ndarray, shape (n_times, n_channels)
            The samples.
        times : ndarray, shape (n_times,)
            Their times in seconds, rising.
        new_piece : bool
            Something is missing before the first of them: columns in between stay empty.
        """
        columns = np.floor(times * self.columns_per_s).astype(np.int64)
        kept = columns > max(self.newest, int(columns[-1]) if columns.size else 0) - self.n_columns
        if not kept.all():
            data, columns = data[kept], columns[kept]
        if not columns.size:
            return 0, 0
        starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
        low = np.minimum.reduceat(data, starts, axis=0)
        high = np.maximum.reduceat(data, starts, axis=0)
        filled = columns[starts]
        first, stop = self._make_room(int(filled[0]), int(filled[-1]), hold=not new_piece)
        places = filled % self.n_columns
        # fmin ignores the NaN of an empty column.
        self._low[places] = np.fmin(self._low[places], low)
        self._high[places] = np.fmax(self._high[places], high)
        return first, stop

    def _make_room(self, first: int, last: int, *, hold: bool) -> tuple[int, int]:
        """Empty the columns up to `last`; return the columns that will have changed."""
        before = self.newest
        if last <= before:
            return first, last + 1
        new = np.arange(max(before + 1, last - self.n_columns + 1), last + 1) % self.n_columns
        self._low[new] = self._high[new] = np.nan
        if before >= 0 and first > before:
            if hold and 1 < first - before <= HELD:
                place = (before + 1) % self.n_columns
                self._low[place] = self._low[before % self.n_columns]
                self._high[place] = self._high[before % self.n_columns]
            first = max(before + 1, last - self.n_columns + 1)
        self.newest = last
        return first, last + 1

    def between(self, first: int, stop: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return smallest and largest values, each (stop - first, n_channels); NaN is nothing."""
        numbers = np.arange(first, stop)
        places = numbers % self.n_columns
        gone = (numbers <= self.newest - self.n_columns) | (numbers > self.newest)
        low, high = self._low[places], self._high[places]
        low[gone] = high[gone] = np.nan
        return low, high
