"""A covariance of channels and latencies that depends on the lag between two latencies alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.linalg import LinAlgError, cho_factor, cho_solve

__all__ = ["LaggedCovariance", "covariance_of_lags"]

Floats = NDArray[np.float64]
Spectrum = NDArray[np.complexfloating[Any, Any]]

CLOSE = 1e-8
"""A solution is close enough when so much of the right side is left. A file has no more digits."""

MOST_STEPS = 300
"""64 sensors at 31 latencies take about 60."""


def covariance_of_lags(lags: Floats) -> Floats:
    """Return the covariance whose blocks depend on the lag between two latencies.

    Parameters
    ----------
    lags : ndarray, shape (n_times, n_channels, n_channels)
        Entry (lag, i, j) is the covariance of channel i at one latency with channel j at the one
        `lag` steps later.

    Returns
    -------
    covariance : ndarray, shape (n_channels * n_times, n_channels * n_times)
        In the order of channels, then time.

    See Also
    --------
    LaggedCovariance : The same without all of its numbers.

    Examples
    --------
    >>> covariance_of_lags(np.array([[[2.0]], [[1.0]]])).tolist()
    [[2.0, 1.0], [1.0, 2.0]]
    """
    n_times, n_channels, _ = lags.shape
    both = np.concatenate([lags[:0:-1].transpose(0, 2, 1), lags])
    lag = np.subtract.outer(np.arange(n_times), np.arange(n_times)).T
    blocks = both[lag + n_times - 1].transpose(2, 0, 3, 1)
    return np.ascontiguousarray(blocks).reshape(n_channels * n_times, -1)


class LaggedCovariance:
    """Multiplies by such a covariance, and solves with it, in the frequencies of the latencies.

    Parameters
    ----------
    lags : ndarray, shape (n_times, n_channels, n_channels)
        As for `covariance_of_lags`.

    Raises
    ------
    ValueError
        If the nearest one that goes round in a circle has no inverse.

    See Also
    --------
    bci_online.decoding.resolved_weights.ResolvedWeights : Solves with it when a sensor fails.

    Notes
    -----
    Conjugate gradients, with the nearest covariance that goes round in a circle in the place of an
    inverse. With 64 sensors at 31 latencies this takes a quarter of what a Cholesky factor does.

    References
    ----------
    T. Chan (1988), SIAM J Sci Stat Comput 9:766: such a preconditioner of a Toeplitz matrix.

    Examples
    --------
    >>> own = LaggedCovariance(np.array([[[2.0]], [[1.0]]]))
    >>> own.times(np.array([[1.0, 0.0]])).round(9).tolist()
    [[2.0, 1.0]]
    >>> own.solve(np.array([[2.0, 1.0]]), np.array([[True, True]])).round(9).tolist()
    [[1.0, 0.0]]
    """

    def __init__(self, lags: Floats) -> None:
        self._lags = lags
        n_times = len(lags)
        back = lags[:0:-1].transpose(0, 2, 1)
        # Once around, twice as long as an epoch: no latency then meets its end.
        around = np.concatenate([lags, np.zeros_like(lags[:1]), back])
        self._spectrum = _spectrum(around)
        share = (np.arange(n_times) / n_times)[:, np.newaxis, np.newaxis]
        circle = (1 - share) * lags
        circle[1:] += share[1:] * back
        spectrum = _spectrum(circle)
        try:
            np.linalg.cholesky(spectrum)
            self._inverse = np.linalg.inv(spectrum)
        except LinAlgError:
            raise ValueError("the covariance of the epochs has no inverse") from None

    def times(self, values: Floats) -> Floats:
        """Return the product with values (n_channels, n_times), in their shape."""
        return _filtered(self._spectrum, values, 2 * len(self._lags))

    def solve(self, values: Floats, used: NDArray[np.bool_]) -> Floats:
        """Return what the product is `values` with, on the used features alone.

        Parameters
        ----------
        values : ndarray, shape (n_channels, n_times)
            Those of other features do not count.
        used : ndarray of bool, shape (n_channels, n_times)
            The features.

        Returns
        -------
        solution : ndarray, shape (n_channels, n_times)
            0 for other features.
        """
        found = np.zeros_like(values)
        left = np.where(used, values, 0.0)
        enough = CLOSE * np.linalg.norm(left)
        step, length = found, 1.0
        for _ in range(MOST_STEPS):
            if np.linalg.norm(left) <= enough:
                return found
            towards = np.where(used, _filtered(self._inverse, left, len(self._lags)), 0.0)
            before, length = length, float(np.vdot(left, towards))
            step = towards + length / before * step
            product = np.where(used, self.times(step), 0.0)
            size = length / float(np.vdot(step, product))
            found, left = found + size * step, left - size * product
        return self._solved_at_once(values, used)

    def _solved_at_once(self, values: Floats, used: NDArray[np.bool_]) -> Floats:
        places = np.flatnonzero(used)
        inside = covariance_of_lags(self._lags)[np.ix_(places, places)]
        found = np.zeros(values.size)
        found[places] = cho_solve(cho_factor(inside, overwrite_a=True), values.ravel()[places])
        return found.reshape(values.shape)


def _spectrum(around: Floats) -> Spectrum:
    """Return the block of each frequency, (n_frequencies, n_channels, n_channels)."""
    last = np.ascontiguousarray(around.transpose(1, 2, 0))
    # A product with lags ahead: the conjugate of that of a filter, which looks back.
    return np.ascontiguousarray(rfft(last, axis=2).conj().transpose(2, 0, 1))


def _filtered(spectrum: Spectrum, values: Floats, n_around: int) -> Floats:
    of_frequencies = rfft(values, n_around, axis=1).T[:, :, np.newaxis]
    product = (spectrum @ of_frequencies)[:, :, 0].T
    return np.asarray(irfft(product, n_around, axis=1)[:, : values.shape[1]])
