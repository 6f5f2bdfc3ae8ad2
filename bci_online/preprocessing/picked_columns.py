"""The columns of the channels that take part."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["columns"]


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
