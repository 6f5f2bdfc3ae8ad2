"""How much mains the channels of a stream hold, against the signal that a decoder reads."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.counted import some
from bci_online.input_findings import InputFinding

__all__ = ["MainsShare", "without_drift"]

MAINS_HZ = (50.0, 60.0)
BESIDE_HZ = 1.5
SIGNAL_HZ = (1.0, 40.0)
# A filter of second order from 0.5 to 8 Hz leaves a fortieth of 50 Hz. Ten times is usual where a
# cap hangs loose; of twenty times as much as the signal remains as is the signal.
MOST_TIMES = 20.0
# Mains changes little from one second to the next, and a spectrum takes time.
EVERY = 4


class MainsShare:
    """Compares mains with the signal below 40 Hz, second by second.

    Parameters
    ----------
    ch_names : sequence of str
        Of the channels.
    sfreq : float
        Sampling frequency in Hz.

    See Also
    --------
    bci_online.acquisition.stream_survey.StreamSurvey : Judges all else.
    bci_online.preprocessing.quality.assess : Judges channels while somebody sees to the electrodes.

    Examples
    --------
    >>> share = MainsShare(["Cz", "Pz"], sfreq=250.0)
    >>> second = np.random.default_rng(0).normal(size=(250, 2))
    >>> second[:, 1] += 500 * np.sin(2 * np.pi * 50 * np.arange(250) / 250)
    >>> share.push(second)
    >>> share.finding(["Cz", "Pz"]).what
    'channel Pz'
    """

    def __init__(self, ch_names: Sequence[str], sfreq: float) -> None:
        self._names, self._sfreq = ch_names, sfreq
        highest = 0.5 * sfreq - BESIDE_HZ
        self._lines = [hz for hz in MAINS_HZ if hz < highest]
        self._times: list[NDArray[np.float64]] = []
        self._n = 0

    def push(self, second: NDArray[np.float64]) -> None:
        """Take one second of samples (n_times, n_channels)."""
        n = len(second)
        self._n += 1
        if not self._lines or n < 0.9 * self._sfreq or self._n % EVERY != 1:
            return
        # Damaged numbers may be too large to be squared.
        with np.errstate(all="ignore"):
            times = self._in(second, n)
        self._times.append(np.where(np.isfinite(times), times, 0.0))

    def _in(self, second: NDArray[np.float64], n: int) -> NDArray[np.float64]:
        """Return how many times as large as the signal each mains is (n_lines, n_channels)."""
        # A drift would leak into all frequencies.
        flat = without_drift(second)
        power = np.abs(np.fft.rfft(flat * np.hanning(n)[:, np.newaxis], axis=0)) ** 2
        hz = np.fft.rfftfreq(n, 1 / self._sfreq)
        signal = power[(hz >= SIGNAL_HZ[0]) & (hz <= SIGNAL_HZ[1])].sum(axis=0)
        mains = [power[np.abs(hz - line) <= BESIDE_HZ].sum(axis=0) for line in self._lines]
        return np.asarray(np.sqrt(np.stack(mains) / np.maximum(signal, 1e-30)))

    def finding(self, sensors: Sequence[str]) -> InputFinding | None:
        """Return the finding that some of these channels hold mostly mains; None if none does."""
        if not self._times:
            return None
        is_sensor = np.isin(self._names, sensors)
        names = np.array(self._names)[is_sensor].tolist()
        times = np.median(self._times, axis=0)[:, is_sensor]
        line = int(times.max(axis=1, initial=0.0).argmax())
        loud = {
            name: value
            for name, value in zip(names, times[line].tolist(), strict=True)
            if value >= MOST_TIMES
        }
        if not loud:
            return None
        return InputFinding(
            "size",
            f"channel{'s' if len(loud) > 1 else ''} {some([*loud])}",
            f"mains of {self._lines[line]:.0f} Hz is up to {max(loud.values()):.0f} times as large "
            f"as the signal below {SIGNAL_HZ[1]:.0f} Hz, so a filter leaves much of it",
            "look at the ground and the reference, or leave channels out with eeg.exclude",
        )


def without_drift(second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return samples (n_times, n_channels) without their mean and their slope.

    Parameters
    ----------
    second : ndarray, shape (n_times, n_channels)
        Some samples, two or more.

    Returns
    -------
    flat : ndarray, shape (n_times, n_channels)
        Without the straight line that fits each channel best.

    See Also
    --------
    MainsShare : What is compared then.

    Examples
    --------
    >>> without_drift(np.array([[3.0], [4.0], [5.0]])).ravel().tolist()
    [0.0, 0.0, 0.0]
    """
    place = np.arange(len(second)) - (len(second) - 1) / 2
    level = second - second.mean(axis=0)
    return np.asarray(level - np.outer(place, place @ level / (place @ place)))
