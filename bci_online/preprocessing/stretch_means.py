"""Means over stretches of a signal that comes in pieces."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["StretchMeans", "power"]

Array = NDArray[np.float64]


def power(piece: Array) -> Array:
    """Return the sum of the squares of each row.

    Parameters
    ----------
    piece : ndarray, shape (n_rows, n_times)
        Samples.

    Returns
    -------
    power : ndarray, shape (n_rows,)
        The square of the samples' unit; over n samples its root mean square is ``sqrt(power / n)``.

    See Also
    --------
    StretchMeans : Adds it up.

    Examples
    --------
    >>> power(np.array([[3.0, 4.0]]))
    array([25.])
    """
    found: Array = np.einsum("ct,ct->c", piece, piece)
    return found


class StretchMeans:
    """Mean of a figure over each stretch of so many samples.

    Parameters
    ----------
    of : callable
        Given a piece (n_rows, n_times), returns the sum of the figure over its samples.
    n_samples : int
        Length of a stretch. It may be changed after each mean.

    Attributes
    ----------
    n_samples : int
        Length of the stretch that is open.

    See Also
    --------
    bci_online.preprocessing.band_monitor.BandMonitor : Amplitudes, minute by minute.
    bci_online.preprocessing.montage_check.MontageCheck : Correlations, every 20 seconds.

    Notes
    -----
    A stretch is never stored. So an hour costs as much memory as a second, and a mean does not
    depend on how the signal is cut into pieces, but for the rounding of its sum.

    Examples
    --------
    >>> means = StretchMeans(power, n_samples=4)
    >>> [mean.tolist() for mean in means.push(np.full((1, 6), 2.0))]
    [[4.0]]
    >>> [mean.tolist() for mean in means.push(np.full((1, 2), 4.0))]
    [[10.0]]
    """

    def __init__(self, of: Callable[[Array], Array], n_samples: int) -> None:
        self.n_samples = n_samples
        self._of = of
        self._sum: Array | float = 0.0
        self._n = 0

    def push(self, samples: Array, total: Array | None = None) -> Iterator[Array]:
        """Take samples (n_rows, n_times); yield the mean of each stretch that they complete.

        `total` is the figure's sum over all of them, where it is known.
        """
        start = 0
        while start < samples.shape[1]:
            piece = samples[:, start : start + self.n_samples - self._n]
            known = total if piece.shape == samples.shape else None
            self._sum = self._sum + (self._of(piece) if known is None else known)
            self._n += piece.shape[1]
            start += piece.shape[1]
            if self._n == self.n_samples:
                mean = np.asarray(self._sum / self._n)
                self._sum, self._n = 0.0, 0
                yield mean
