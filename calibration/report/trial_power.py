"""Power of imagery, trial by trial."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from calibration.motor_imagery.window_set import NO_CLASS, WindowSet

__all__ = ["TrialPower", "trial_power"]

Floats = NDArray[np.float64]


class TrialPower:
    """Power of each trial's windows, in dB.

    Parameters
    ----------
    spectra : ndarray, shape (n_trials, n_channels, n_freqs)
        In dB.
    band : ndarray, shape (n_trials, n_channels)
        In the pass band, in dB.
    y : ndarray of int, shape (n_trials,)
        Which of the classes.
    freqs : ndarray, shape (n_freqs,)
        In Hz.

    See Also
    --------
    trial_power : Computes it from windows.

    Examples
    --------
    >>> band = np.array([[1.0, 5.0], [1.0, 9.0]])  # the second channel differs between the classes
    >>> power = TrialPower(np.zeros((2, 2, 1)), band, np.array([0, 1]), np.array([10.0]))
    >>> power.difference(1).tolist(), power.telling(2).tolist()
    ([0.0, 4.0], [1, 0])
    """

    def __init__(self, spectra: Floats, band: Floats, y: NDArray[np.int64], freqs: Floats) -> None:
        self.spectra, self.band, self.y, self.freqs = spectra, band, y, freqs

    def difference(self, label: int) -> Floats:
        """Return how many dB more power a class has than the others, shape (n_channels,)."""
        return np.asarray(
            self.band[self.y == label].mean(axis=0) - self.band[self.y != label].mean(axis=0)
        )

    def telling(self, n_classes: int) -> NDArray[np.int64]:
        """Return the channels, first those where classes differ most relative to their spread."""
        spread = np.sqrt(np.mean([self.band[self.y == c].var(axis=0) for c in range(n_classes)], 0))
        means = np.array([self.band[self.y == c].mean(axis=0) for c in range(n_classes)])
        return np.argsort(-np.ptp(means, axis=0) / np.maximum(spread, 1e-12), kind="stable")


def trial_power(windows: WindowSet) -> TrialPower:
    """Return the power of each trial of known class: the mean periodogram of its windows.

    Parameters
    ----------
    windows : WindowSet
        As the chain cut them.

    Returns
    -------
    power : TrialPower
        Trials without a window are left out.

    See Also
    --------
    calibration.report.imagery.draw_band_power : Draws it.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from calibration.motor_imagery.windows import ImageryTrial, WindowSet
    >>> wave = np.sin(2 * np.pi * 12 * np.arange(250) / 250)  # 12 Hz in the first channel
    >>> windows = WindowSet(
    ...     X=(np.stack([wave, 0.1 * wave]),), y=np.array([0]), trial=np.array([0]),
    ...     run=np.array([0]), time=np.array([1.0]), peak_to_peak=np.ones((1, 2)), rejected={},
    ...     classes=("left",), trials=(ImageryTrial(0, "left", 0.0),),
    ...     preprocessing=Preprocessing(ch_names=("C3", "C4"), sfreq=250.0),
    ... )
    >>> power = trial_power(windows)
    >>> power.freqs[power.spectra[0, 0].argmax()].item()
    12.0
    >>> round((power.spectra[0, 0] - power.spectra[0, 1])[power.freqs == 12.0].item())  # 20 log 10
    20
    """
    own = windows.preprocessing
    n_bands = len(own.filter.bands)
    known = np.flatnonzero(windows.y != NO_CLASS)
    numbers, first = np.unique(windows.trial[known], return_index=True)
    spectra = []
    for number in numbers:
        rows = np.flatnonzero(windows.trial == number)
        total: Floats | float = 0.0
        for row in rows:
            freqs, power = signal.periodogram(windows.X[row], own.sfreq, "hann")
            # The bands of a filter bank lie side by side: their sum is the signal.
            total = total + power.reshape(n_bands, -1, freqs.size).sum(axis=0)
        spectra.append(total / rows.size)
    linear = np.maximum(np.array(spectra), np.finfo(float).tiny)
    inside = (freqs >= own.filter.l_freq) & (freqs <= own.filter.h_freq)
    shown = (freqs >= own.filter.l_freq - 2) & (freqs <= own.filter.h_freq + 5)
    return TrialPower(
        10 * np.log10(linear[:, :, shown]),
        10 * np.log10(linear[:, :, inside].mean(axis=2)),
        windows.y[known][first],
        freqs[shown],
    )
