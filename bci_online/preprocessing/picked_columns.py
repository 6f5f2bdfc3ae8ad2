"""The columns of the channels that take part, and a row for each of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["by_channel", "columns"]

# What is read in columns stays in the cache.
AT_ONCE = 128


def columns(picks: Sequence[int]) -> slice | NDArray[np.intp]:
    """Return an index of some columns: a slice where they follow each other, for it copies nothing.

    Parameters
    ----------
    picks : sequence of int
        Numbers of columns.

    Returns
    -------
    index : slice or ndarray
        Of the same columns in the same order.

    See Also
    --------
    bci_online.preprocessing.continuous_signal.ContinuousSignal : Picks the channels that take part.

    Examples
    --------
    >>> columns([2, 3, 4]), columns([0, 2])
    (slice(2, 5, None), array([0, 2]))
    """
    first = picks[0] if len(picks) else 0
    if first >= 0 and list(picks) == list(range(first, first + len(picks))):
        return slice(first, first + len(picks))
    return np.array(picks)


def by_channel(data: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return samples as doubles, a row for each channel.

    Parameters
    ----------
    data : ndarray, shape (n_times, n_channels)
        As they are stored.

    Returns
    -------
    rows : ndarray, shape (n_channels, n_times)
        A new array in C order.

    See Also
    --------
    columns : Picks the channels first.

    Examples
    --------
    >>> by_channel(np.array([[1, 2], [3, 4], [5, 6]], dtype=np.int16))
    array([[1., 3., 5.],
           [2., 4., 6.]])
    """
    rows = np.empty(data.shape[::-1])
    for start in range(0, len(data), AT_ONCE):
        rows[:, start : start + AT_ONCE] = data[start : start + AT_ONCE].T
    return rows
