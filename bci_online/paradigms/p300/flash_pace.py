"""Where the mean response to all flashes lies within their pace."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

__all__ = ["FlashPace", "FlashPattern"]

SHRINKAGE = 0.1

ALIKE = 0.45
"""Least likeness of a letter's mean epoch; at random onsets 99 of 100 have less than 0.4."""

AGREE_S = 0.03
"""Two letters must show the same shift to so much."""

LEAST_S = 0.05
"""A shorter shift is not named; shifts of 60 ms are to be."""


class FlashPattern:
    """How much the mean epoch of a letter is like that of calibration.

    Parameters
    ----------
    center : ndarray, shape (n_channels, n_times)
        The mean epoch of calibration, targets and others.
    correlation : ndarray, shape (n_channels, n_channels)
        Of the channels in calibration, 0 on the diagonal.
    band_rms : ndarray, shape (n_channels,)
        RMS of each channel in calibration.

    See Also
    --------
    FlashPace : Follows it.

    Notes
    -----
    Likeness is the cosine between two mean epochs whose channels are whitened. Every flash evokes a
    response, whether or not the symbol is attended to. So the mean over a letter's hundred flashes
    shows the time of the markers far more surely than the few targets do, but only up to whole
    intervals between flashes: the responses repeat with them.

    Examples
    --------
    >>> center = np.array([[0.0, 1.0, 0.0, -1.0], [0.0, 2.0, 0.0, -2.0]])
    >>> pattern = FlashPattern(center, np.zeros((2, 2)), np.ones(2))
    >>> pattern.likeness(np.stack([3 * center, -center])).round(6).tolist()
    [1.0, -1.0]
    """

    def __init__(
        self,
        center: NDArray[np.float64],
        correlation: NDArray[np.float64],
        band_rms: NDArray[np.float64],
    ) -> None:
        shrunk = (1 - SHRINKAGE) * correlation + np.eye(band_rms.size)
        loud = np.maximum(band_rms, 1e-12)
        self._precision = np.linalg.pinv(shrunk * np.outer(loud, loud))
        self._center = center - center.mean(axis=1, keepdims=True)

    def likeness(self, means: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the likeness (...,) of mean epochs (..., n_channels, n_times)."""
        centred = means - means.mean(axis=-1, keepdims=True)
        weighted = self._precision @ centred
        both = (weighted * self._center).sum(axis=(-2, -1))
        own = (weighted * centred).sum(axis=(-2, -1))
        calibrated = float((self._precision @ self._center * self._center).sum())
        found: NDArray[np.float64] = both / np.sqrt(np.maximum(own * calibrated, 1e-30))
        return found


class FlashPace:
    """Follows the likeness at shifted onsets, and says by how much flashes are shifted.

    See Also
    --------
    FlashPattern : The likeness.
    bci_online.paradigms.p300.alignment.Alignment : Finds out by how many whole intervals.

    Examples
    --------
    Flashes every 0.2 s whose responses come 0.06 s late:

    >>> lags, pace = np.arange(-5, 6) * 0.02, FlashPace()
    >>> likeness = np.cos(2 * np.pi * (lags - 0.06) / 0.2)
    >>> shifts = [pace.observe(lags, likeness, interval_s=0.2) for letter in range(2)]
    >>> round(shifts[-1], 3)
    0.06
    """

    def __init__(self) -> None:
        self._shifts: deque[float | None] = deque(maxlen=2)

    def observe(
        self, away: NDArray[np.float64], likeness: NDArray[np.float64], interval_s: float
    ) -> float | None:
        """Take a letter; return the shift that it and the letter before agree on.

        Parameters
        ----------
        away : ndarray, shape (n_lags,)
            Shifts from the usual time in seconds, evenly spaced.
        likeness : ndarray, shape (n_lags,)
            At each of them.
        interval_s : float
            From one flash to the next; 0 where flashes have equal times, which have no pace.
        """
        self._shifts.append(self._shift(away, likeness, interval_s))
        if len(self._shifts) < 2 or None in self._shifts:
            return None
        first, second = (shift for shift in self._shifts if shift is not None)
        # A shift of about half an interval may be found on either side.
        apart = first - second
        apart -= interval_s * round(apart / interval_s)
        shift = second + apart / 2
        return shift if abs(apart) <= AGREE_S and abs(shift) >= LEAST_S else None

    @property
    def newest(self) -> float | None:
        """The shift that the newest letter shows; None where it shows none."""
        return self._shifts[-1] if self._shifts else None

    def restart(self) -> None:
        """Forget the letters: the usual time has changed."""
        self._shifts.clear()

    @staticmethod
    def _shift(
        away: NDArray[np.float64], likeness: NDArray[np.float64], interval_s: float
    ) -> float | None:
        """Return where the likeness is largest within an interval; None where none is like it."""
        within = np.flatnonzero(np.abs(away) <= interval_s / 2 + 1e-9)
        if interval_s <= 0 or not within.size:
            return None
        best = int(within[np.argmax(likeness[within])])
        if likeness[best] < ALIKE:
            return None
        if not 0 < best < away.size - 1:
            return float(away[best])
        # The top of the parabola through three points.
        left, top, right = likeness[best - 1 : best + 2]
        bend = left - 2 * top + right
        part = 0.0 if bend >= 0 else float(np.clip((left - right) / (2 * bend), -0.5, 0.5))
        return float(away[best] + part * (away[1] - away[0]))
