"""How many samples of a stream did not arrive."""

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.clock import SampleClock

__all__ = ["n_lost"]


def n_lost(stamps: NDArray[np.float64], sfreq: float) -> int:
    """Return how many samples are missing between the first and the last stamp.

    Parameters
    ----------
    stamps : ndarray, shape (n,)
        Raw stamps of all samples that arrived, in seconds.
    sfreq : float
        Nominal sampling frequency in Hz.

    Returns
    -------
    n_lost : int
        Not negative; what came late after all is not missing.

    See Also
    --------
    bci_online.preprocessing.clock.SampleClock : Finds losses, live and in a replay alike.

    Examples
    --------
    >>> stamps = np.arange(1000) / 250
    >>> n_lost(np.delete(stamps, slice(400, 407)), 250.0)
    7
    """
    runs = SampleClock(sfreq).push(np.asarray(stamps, dtype=float), is_last=True)
    return max(0, sum(run.loss.n_lost for run in runs if run.loss is not None))
