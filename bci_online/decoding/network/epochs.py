"""The input of networks: epochs resampled, filtered into bands and scaled; without PyTorch."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import signal

__all__ = ["at_rate", "filter_epochs", "resampled_times", "standardise"]


def _ratio(sfreq: float, wanted: float) -> Fraction:
    return Fraction(wanted / sfreq).limit_denominator(1000)


def resampled_times(n_times: int, sfreq: float, wanted: float) -> int:
    """Return how many samples `at_rate` makes of `n_times`."""
    return -(-n_times * _ratio(sfreq, wanted) // 1)


def at_rate(X: NDArray[np.float64], sfreq: float, wanted: float) -> NDArray[np.float64]:
    """Resample whole windows, each from its own samples alone.

    No later sample is used, so the result is the same live and offline.

    Parameters
    ----------
    X : ndarray, shape (..., n_times)
    sfreq, wanted : float
        Rates in Hz.
    """
    ratio = _ratio(sfreq, wanted)
    if ratio == 1:
        return X
    return signal.resample_poly(X, ratio.numerator, ratio.denominator, axis=-1)


def filter_epochs(sos: NDArray[np.float64], X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filter cut epochs into bands, causally; the state starts at the epoch's first sample.

    Parameters
    ----------
    sos : ndarray, shape (n_bands, n_sections, 6)
    X : ndarray, shape (..., n_channels, n_times)

    Returns
    -------
    bands : ndarray, shape (..., n_bands, n_channels, n_times)
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
    """Return ``(X - center) / scale`` per channel, in the networks' precision."""
    standard = (X - center[..., np.newaxis]) / scale[..., np.newaxis]
    return standard.astype(np.float32)
