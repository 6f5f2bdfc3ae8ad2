"""Channels that are much louder or quieter than in calibration."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from bci_online.counted import rounded, some
from bci_online.preprocessing.stretch_means import StretchMeans, power

__all__ = ["BandMonitor"]


class BandMonitor:
    """Says once a minute which channels are much louder or quieter than in calibration.

    Parameters
    ----------
    ch_names : tuple of str
        Names for the message.
    reference : ndarray, shape (n_channels,)
        RMS of the filtered signal in calibration.
    sfreq : float
        Sampling frequency in Hz.

    See Also
    --------
    bci_online.preprocessing.quality.judge : The channels of the unfiltered signal.

    Examples
    --------
    >>> monitor = BandMonitor(("Cz",), reference=np.array([1.0]), sfreq=100.0)
    >>> monitor.push(np.full((1, 500), 8.0))
    ['Cz: signal is 8 times that of calibration']
    """

    FACTOR = 4.0
    FIRST_S = 5.0
    EVERY_S = 60.0

    def __init__(
        self, ch_names: tuple[str, ...], reference: NDArray[np.float64], sfreq: float
    ) -> None:
        self._names = ch_names
        self._reference = reference
        self._powers = StretchMeans(power, round(self.FIRST_S * sfreq))
        self._every = round(self.EVERY_S * sfreq)

    def push(
        self,
        filtered: NDArray[np.float64],
        told: Collection[str] = (),
        total: NDArray[np.float64] | None = None,
    ) -> list[str]:
        """Take filtered, settled samples (n_channels, n_times); return one line for each side.

        ``total`` is the `power` of all of them, where it is known.
        Channels that are ``told`` of already, or silent because they are missing, are left out.
        """
        complaints: list[str] = []
        for mean in self._powers.push(filtered, total):
            ratio = np.sqrt(mean) / np.maximum(self._reference, 1e-12)
            ratio[[name in told for name in self._names] | (mean == 0)] = 1.0
            for wrong in (ratio > self.FACTOR, ratio < 1 / self.FACTOR):
                complaints += self._complaint(ratio, np.flatnonzero(wrong))
            self._powers.n_samples = self._every
        return complaints

    def _complaint(self, ratio: NDArray[np.float64], rows: NDArray[np.intp]) -> list[str]:
        if not rows.size:
            return []
        names = [self._names[row] for row in rows]
        who = "all channels" if len(names) == len(self._names) > 1 else some(names)
        least, most = rounded(ratio[rows].min()), rounded(ratio[rows].max())
        times = least if least == most else f"{least} to {most}"
        return [f"{who}: signal is {times} times that of calibration"]
