"""From a photodiode's signal to the delay between a flash's marker and its light."""

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["DisplayDelay", "display_delay", "edges"]

# A step smaller than so many standard deviations of the noise does not count.
LEAST_STEP = 8.0
EARLIEST_S = -0.05
TOLERANCE_S = 0.05


class DisplayDelay(msgspec.Struct, frozen=True, kw_only=True):
    """Delays from the markers of flashes to the edges of light.

    Parameters
    ----------
    flashes, matched, missed : int
        How many flashes there are, with an edge, and without one.
    extra : int
        Edges without a flash.
    mean_s, sd_s, earliest_s, latest_s : float
        Of the matched flashes, in seconds; NaN where nothing matched.

    See Also
    --------
    display_delay : Computes it; has an example.
    """

    flashes: int
    matched: int
    missed: int
    extra: int
    mean_s: float
    sd_s: float
    earliest_s: float
    latest_s: float


def edges(signal: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return when a two-level signal changes from one level to the other.

    Parameters
    ----------
    signal : ndarray, shape (n_times,)
        From a photodiode; the amplifier must pass slow changes.
    times : ndarray, shape (n_times,)
        Common time of each sample in seconds.

    Returns
    -------
    changes : ndarray, shape (n_edges,)
        Times at which the signal passes half of the step, interpolated between samples. Empty where
        the signal does not have two levels.

    See Also
    --------
    display_delay : Compare the edges with the flashes.

    Notes
    -----
    The levels are the medians above and below the middle of the range. A change counts when the
    signal crosses the middle third of the step. So noise below a third of the step makes no edges.

    Examples
    --------
    >>> import numpy as np
    >>> times = np.arange(10) / 100
    >>> edges(np.where(times < 0.045, 0.0, 1.0), times).round(3)
    array([0.045])
    """
    finite = np.isfinite(signal)
    signal, times = signal[finite], times[finite]
    if signal.size < 2:
        return np.zeros(0)
    middle = float(np.percentile(signal, [1, 99]).mean())
    above = signal > middle
    if above.all() or not above.any():
        return np.zeros(0)
    low, high = np.median(signal[~above]), np.median(signal[above])
    around = np.abs(signal - np.where(above, high, low))
    if high - low <= LEAST_STEP * 1.4826 * np.median(around):
        return np.zeros(0)
    middle, band = (high + low) / 2, (high - low) / 6
    level = np.where(signal > middle + band, 1, np.where(signal < middle - band, -1, 0))
    clear = np.flatnonzero(level)
    changed = np.flatnonzero(np.diff(level[clear]))
    found = []
    for before, after in zip(clear[changed], clear[changed + 1], strict=True):
        # Noise may cross the middle several times; the last sample before the change counts.
        side = signal[before : after + 1] > middle
        last = before + int(np.flatnonzero(side == side[0])[-1])
        share = (middle - signal[last]) / (signal[last + 1] - signal[last])
        found.append(times[last] + share * (times[last + 1] - times[last]))
    return np.array(found)


def display_delay(flashes: NDArray[np.float64], changes: NDArray[np.float64]) -> DisplayDelay:
    """Compare the times of flashes' markers with the times at which a patch of light changes.

    Parameters
    ----------
    flashes : ndarray, shape (n_flashes,)
        Common times of the markers in seconds, in rising order.
    changes : ndarray, shape (n_edges,)
        Times of the patch's changes in seconds, as `edges` returns them. The patch changes with
        each flash.

    Returns
    -------
    delay : DisplayDelay
        The delays in seconds and how many flashes they rest on.

    See Also
    --------
    edges : Find the changes in the signal of a photodiode.

    Notes
    -----
    The usual delay is the median delay from a flash to the first change after it (or at most 50 ms
    before it). A flash and a change match if their delay differs from the usual one by at most
    50 ms and by less than half of the shortest time between flashes. A change matches one flash.

    Examples
    --------
    >>> import numpy as np
    >>> flashes = np.array([1.0, 1.2, 1.4, 1.6])
    >>> delay = display_delay(flashes, flashes[:3] + [0.031, 0.029, 0.030])
    >>> delay.matched, delay.missed, round(delay.mean_s, 3)
    (3, 1, 0.03)
    """
    delays: list[float] = []
    # Changes outside the flashes come from the screen being opened or closed.
    first, last = (flashes[0] - 0.5, flashes[-1] + 0.5) if flashes.size else (0.0, 0.0)
    changes = changes[(changes >= first) & (changes <= last)]
    if flashes.size and changes.size:
        behind = np.searchsorted(changes, flashes + EARLIEST_S)
        seen = behind < changes.size
        usual = float(np.median(changes[behind[seen]] - flashes[seen])) if seen.any() else 0.0
        shortest = float(np.diff(flashes).min()) if flashes.size > 1 else np.inf
        tolerance = min(TOLERANCE_S, 0.49 * shortest)
        free = np.ones(changes.size, dtype=bool)
        for flash in flashes:
            away = np.where(free, np.abs(changes - flash - usual), np.inf)
            nearest = int(away.argmin())
            if away[nearest] <= tolerance:
                free[nearest] = False
                delays.append(float(changes[nearest] - flash))
    found = np.array(delays)
    known = found.size > 0
    return DisplayDelay(
        flashes=flashes.size,
        matched=found.size,
        missed=flashes.size - found.size,
        extra=changes.size - found.size,
        mean_s=float(found.mean()) if known else np.nan,
        sd_s=float(found.std(ddof=1)) if found.size > 1 else np.nan,
        earliest_s=float(found.min()) if known else np.nan,
        latest_s=float(found.max()) if known else np.nan,
    )
