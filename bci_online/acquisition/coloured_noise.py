"""Coloured noise: white noise through a filter whose output has unit variance."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import iirpeak, sosfilt, tf2sos, zpk2sos

__all__ = ["ColouredNoise", "pink", "resonator"]

Array = NDArray[np.float64]


class ColouredNoise:
    """Turn white noise into coloured noise of unit variance, block by block.

    Parameters
    ----------
    sos : ndarray, shape (n_sections, 6)
        The filter that gives the noise its colour.
    n_sources : int
        Number of independent signals.
    settling : int
        Samples of the impulse response that the variance is computed from.

    See Also
    --------
    pink : A filter of pink noise.
    resonator : A filter of a rhythm.

    Examples
    --------
    >>> noise = ColouredNoise(resonator(10.0, 2.0, 250.0), n_sources=3, settling=5000)
    >>> white = np.random.default_rng(0).standard_normal((50_000, 3))
    >>> bool(np.allclose(noise(white).std(axis=0), 1.0, atol=0.1))
    True
    """

    def __init__(self, sos: Array, n_sources: int, settling: int) -> None:
        impulse = np.zeros(settling)
        impulse[0] = 1
        self._sos = sos
        self._gain = 1 / math.sqrt(np.sum(sosfilt(sos, impulse) ** 2))
        self._state = np.zeros((len(sos), 2, n_sources))

    def __call__(self, white: Array) -> Array:
        """Return the coloured block for a white one, both (n_times, n_sources)."""
        coloured, self._state = sosfilt(self._sos, white, axis=0, zi=self._state)
        return coloured * self._gain


def pink(sfreq: float, lowest: float) -> Array:
    """Return a filter that falls by 10 dB per decade above `lowest` Hz, shape (n_sections, 6).

    Poles and zeros alternate, 5 dB apart.

    Parameters
    ----------
    sfreq : float
        Sampling frequency in Hz.
    lowest : float
        Below it noise is white, in Hz.

    Returns
    -------
    sos : ndarray, shape (n_sections, 6)
        Second-order sections.

    See Also
    --------
    ColouredNoise : Filters with it.

    Examples
    --------
    >>> from scipy.signal import sosfreqz
    >>> _, gain = sosfreqz(pink(250.0, 0.5), worN=[1.0, 10.0], fs=250.0)
    >>> round(20 * np.log10(abs(gain[0] / gain[1])))  # dB per decade
    10
    """
    corners = lowest * math.sqrt(10) ** np.arange(20)
    corners = corners[corners < sfreq / 4]
    at = -2 * math.pi / sfreq
    return zpk2sos(np.exp(at * corners * 10**0.25), np.exp(at * corners), 1.0)


def resonator(freq: float, band: float, sfreq: float) -> Array:
    """Return a resonance at `freq` Hz that is `band` Hz wide, shape (n_sections, 6).

    Parameters
    ----------
    freq : float
        Of the peak, in Hz.
    band : float
        Its width, in Hz.
    sfreq : float
        Sampling frequency in Hz.

    Returns
    -------
    sos : ndarray, shape (n_sections, 6)
        Second-order sections.

    See Also
    --------
    ColouredNoise : Filters with it.

    Examples
    --------
    >>> from scipy.signal import sosfreqz
    >>> _, gain = sosfreqz(resonator(10.0, 2.0, 250.0), worN=[9.0, 10.0], fs=250.0)
    >>> [round(abs(one), 2).item() for one in gain]  # about half the power, 1 Hz beside the peak
    [0.69, 1.0]
    """
    return tf2sos(*iirpeak(freq, freq / band, fs=sfreq))
