"""How long a filter settles, without the library that filters."""

import numpy as np

from bci_online.config import FilterSpec

__all__ = ["settling_seconds"]

STEP_S = 1 / 256


def settling_seconds(spec: FilterSpec, share: float = 0.01) -> float:
    """Return how long a step takes to decay to `share` of its peak, in the slowest band.

    Parameters
    ----------
    spec : FilterSpec
        Bands in Hz, order, ripple in dB.
    share : float
        Of the peak, between 0 and 1.

    Returns
    -------
    seconds : float
        Of the analogue filter. At any sampling rate it is the same within some samples.

    See Also
    --------
    bci_online.preprocessing.filters.settling_samples : The same, of a filter at its sampling rate.

    Notes
    -----
    With the poles p_i of a band-pass of order n the step's response is the sum of
    ``p_i^(n - 1) / prod_(j != i)(p_i - p_j) * exp(p_i t)``. The subject's screen waits so long; it
    never filters, and scipy.signal would take a third of its memory.

    Examples
    --------
    >>> round(settling_seconds(FilterSpec(l_freq=1.0, h_freq=12.0, order=2)), 2)
    1.18
    """
    return max(_band_s(spec, low, high, share) for low, high in spec.bands)


def _band_s(spec: FilterSpec, low: float, high: float, share: float) -> float:
    angles = np.pi * (2 * np.arange(1, spec.order + 1) - 1) / (2 * spec.order)
    flat = 1.0, 1.0
    if spec.ripple_db:
        bend = np.arcsinh(1 / np.sqrt(10 ** (spec.ripple_db / 10) - 1)) / spec.order
        flat = np.sinh(bend), np.cosh(bend)
    low_pass = -flat[0] * np.sin(angles) + 1j * flat[1] * np.cos(angles)
    # In units of the band's centre, so that no product of poles is too large for a number.
    centre = 2 * np.pi * np.sqrt(low * high)
    half = low_pass * (2 * np.pi * (high - low) / centre) / 2
    root = np.sqrt(half**2 - 1)
    poles = np.concatenate([half + root, half - root])
    apart = poles[:, np.newaxis] - poles
    np.fill_diagonal(apart, 1.0)
    weights = poles ** (spec.order - 1) / apart.prod(axis=1)
    seconds = 4.0
    while True:
        times = np.arange(0.0, seconds, STEP_S)
        response = np.abs((weights @ np.exp(np.outer(poles, centre * times))).real)
        above = np.flatnonzero(response > share * response.max())
        if above[-1] < times.size // 2:
            return float(times[above[-1]]) + STEP_S
        seconds *= 2
