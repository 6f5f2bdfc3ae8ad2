"""The input of networks: epochs resampled, filtered into bands and scaled; without PyTorch."""

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal

__all__ = ["at_rate", "filter_epochs", "resampled_times", "standardise"]

BLOCK = 16
"""Samples that are resampled in one product: with more, most of its factors are zero."""


def _ratio(sfreq: float, wanted: float) -> Fraction:
    return Fraction(wanted / sfreq).limit_denominator(1000)


def resampled_times(n_times: int, sfreq: float, wanted: float) -> int:
    """Return how many samples `at_rate` makes of `n_times`.

    Parameters
    ----------
    n_times : int
        Samples of a window.
    sfreq, wanted : float
        Rates in Hz.

    Returns
    -------
    n_resampled : int
        Rounded up.

    See Also
    --------
    at_rate : Makes them.

    Examples
    --------
    >>> resampled_times(251, 250.0, 100.0)
    101
    """
    return -(-n_times * _ratio(sfreq, wanted) // 1)


def at_rate(X: NDArray[np.float64], sfreq: float, wanted: float) -> NDArray[np.float64]:
    """Resample whole windows, each from its own samples alone.

    No later sample is used, so the result is the same live and offline.

    Parameters
    ----------
    X : ndarray, shape (..., n_times)
        Windows in any unit.
    sfreq, wanted : float
        Rates in Hz.

    Returns
    -------
    X : ndarray, shape (..., n_resampled)
        As many samples as `resampled_times` says.

    See Also
    --------
    resampled_times : How many samples there will be.

    Examples
    --------
    >>> at_rate(np.ones((2, 250)), 250.0, 100.0).shape
    (2, 100)
    """
    ratio = _ratio(sfreq, wanted)
    if ratio == 1:
        return X
    n_times = X.shape[-1]
    resampled = np.empty((*X.shape[:-1], resampled_times(n_times, sfreq, wanted)))
    for block in _blocks(n_times, ratio.numerator, ratio.denominator):
        resampled[..., block.to] = X[..., block.of] @ block.weights
    return resampled


class _Block(NamedTuple):
    """Some samples after resampling, and what they are made of."""

    to: slice
    of: slice
    weights: NDArray[np.float64]


@lru_cache(maxsize=8)
def _blocks(n_times: int, up: int, down: int) -> tuple[_Block, ...]:
    """Return the low-pass of scipy.signal.resample_poly as matrices, (n_of, n_to) each.

    As products of matrices the same sums take a tenth of the time, and need no filter designed
    for each window.
    """
    half = 10 * max(up, down)
    taps = up * signal.firwin(2 * half + 1, 1 / max(up, down), window=("kaiser", 5.0))
    blocks = []
    for first in range(0, -(-n_times * up // down), BLOCK):
        last = min(first + BLOCK, -(-n_times * up // down))
        low = max(0, -((half - first * down) // up))
        high = min(n_times, ((last - 1) * down + half) // up + 1)
        place = half + np.arange(first, last) * down - np.arange(low, high)[:, np.newaxis] * up
        inside = (place >= 0) & (place <= 2 * half)
        weights = np.where(inside, taps[np.clip(place, 0, 2 * half)], 0.0)
        blocks.append(_Block(slice(first, last), slice(low, high), weights))
    return tuple(blocks)


def filter_epochs(sos: NDArray[np.float64], X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filter cut epochs into bands, causally; the state starts at the epoch's first sample.

    Parameters
    ----------
    sos : ndarray, shape (n_bands, n_sections, 6)
        Second-order sections of each band.
    X : ndarray, shape (..., n_channels, n_times)
        Epochs in any unit.

    Returns
    -------
    bands : ndarray, shape (..., n_bands, n_channels, n_times)
        In the same unit.

    See Also
    --------
    bci_online.preprocessing.filters.FilterBank : Filters the running signal instead.

    Examples
    --------
    >>> sos = np.stack([signal.butter(2, 0.1, "highpass", output="sos")])
    >>> bands = filter_epochs(sos, np.full((1, 1, 20), 5000.0))  # an electrode's offset
    >>> bands.shape, bool(np.abs(bands).max() < 1e-6)
    ((1, 1, 1, 20), True)
    """
    bands = []
    for sections in np.array(sos):  # scipy refuses read-only arrays
        unit = signal.sosfilt_zi(sections)
        state = unit.reshape(len(unit), *[1] * (X.ndim - 1), 2) * X[np.newaxis, ..., :1]
        bands.append(signal.sosfilt(sections, X, axis=-1, zi=state)[0])
    return np.stack(bands, axis=-3)


def standardise(
    X: NDArray[np.float64], center: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return ``(X - center) / scale`` per channel, in the networks' precision.

    Parameters
    ----------
    X : ndarray, shape (..., n_channels, n_times)
        Epochs.
    center, scale : ndarray, shape (n_channels,) or (n_bands, n_channels)
        Of each channel, in the unit of X.

    Returns
    -------
    X : ndarray of float32, shape (..., n_channels, n_times)
        Without a unit.

    See Also
    --------
    bci_online.decoding.network.decoder.NetworkDecoder : Scores what is standardised.

    Examples
    --------
    >>> standardise(np.array([[5.0, 7.0]]), np.array([5.0]), np.array([2.0])).tolist()
    [[0.0, 1.0]]
    """
    standard = (X - center[..., np.newaxis]) / scale[..., np.newaxis]
    return standard.astype(np.float32)
