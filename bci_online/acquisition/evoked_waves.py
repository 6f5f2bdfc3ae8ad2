"""The course of evoked potentials: their heights at times after what evokes them."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["ERROR_S", "bump", "error_potential", "visual_potential"]

Array = NDArray[np.float64]
# Latency s, spread s, height.
VISUAL = ((0.1, 0.02, 0.7), (0.17, 0.03, -1.0))  # P1 and N1
ERROR = ((0.25, 0.03, -0.7), (0.33, 0.04, 1.0), (0.48, 0.06, -0.6))
ERROR_S = 0.8
"""So long an error potential lasts."""


def bump(times: Array, peak: float, spread: float) -> Array:
    """Return a wave of height 1 at one latency.

    Parameters
    ----------
    times : ndarray, shape (n_times,)
        In seconds.
    peak, spread : float
        Latency and width, in seconds.

    Returns
    -------
    wave : ndarray, shape (n_times,)
        From 0 to 1.

    See Also
    --------
    visual_potential : A sum of such waves.

    Examples
    --------
    >>> bump(np.array([0.3]), peak=0.3, spread=0.07)
    array([1.])
    """
    return np.asarray(np.exp(-0.5 * ((times - peak) / spread) ** 2))


def visual_potential(times: Array) -> Array:
    """Return P1 and N1 of a flash.

    Parameters
    ----------
    times : ndarray, shape (n_times,)
        In seconds from the flash.

    Returns
    -------
    wave : ndarray, shape (n_times,)
        N1 has height -1.

    See Also
    --------
    error_potential : After a wrong answer.

    Examples
    --------
    >>> visual_potential(np.array([0.17])).round(1)
    array([-1.])
    """
    return _sum(times, VISUAL)


def error_potential(times: Array) -> Array:
    """Return an error potential: a negative wave, a positive one, and a late negative one.

    Parameters
    ----------
    times : ndarray, shape (n_times,)
        In seconds from the wrong answer.

    Returns
    -------
    wave : ndarray, shape (n_times,)
        The positive wave has height 1.

    See Also
    --------
    visual_potential : After a flash.

    References
    ----------
    Chavarriaga and Millán (2010), IEEE Trans. Neural Syst. Rehabil. Eng. 18(4):381.

    Examples
    --------
    >>> error_potential(np.array([0.25, 0.33, 0.48])).round(1)
    array([-0.6,  1. , -0.6])
    """
    return _sum(times, ERROR)


def _sum(times: Array, peaks: tuple[tuple[float, float, float], ...]) -> Array:
    waves = [height * bump(times, peak, spread) for peak, spread, height in peaks]
    return np.asarray(sum(waves))
