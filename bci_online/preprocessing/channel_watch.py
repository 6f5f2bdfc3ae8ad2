"""Says within two seconds when a channel fails, and when it is back."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["ChannelWatch"]

GOOD, NOT_FINITE, STUCK = "", "not finite", "flat or railing"


class ChannelWatch:
    """Watches the unfiltered channels that take part, second by second.

    Parameters
    ----------
    ch_names : sequence of str
        The channels.
    sfreq : float
        Sampling frequency in Hz.

    See Also
    --------
    bci_online.preprocessing.quality.BandMonitor : Loud and quiet channels, minute by minute.

    Notes
    -----
    A second is judged as a whole, so nothing depends on how the signal is cut, and a fault that
    stays is known after two seconds at most. A channel is not finite with one such sample, and flat
    or railing where half of the samples have the largest or the smallest value of that second.

    Examples
    --------
    >>> watch = ChannelWatch(["Cz", "Pz"], sfreq=100.0)
    >>> signal = np.random.default_rng(0).normal(size=(300, 2))
    >>> signal[100:200, 1] = 7.0
    >>> watch.push(signal)
    [('alarm', 'Pz: flat or railing; check electrode and cable'), ('info', 'Pz: good again')]
    """

    SECONDS = 1.0
    MOST_NAMED = 8

    def __init__(self, ch_names: Sequence[str], sfreq: float) -> None:
        self._ch_names = tuple(ch_names)
        self._block = np.empty((max(2, round(self.SECONDS * sfreq)), len(self._ch_names)))
        self._n = 0
        self._faults = [GOOD] * len(self._ch_names)

    def push(self, samples: NDArray[np.floating]) -> list[tuple[str, str]]:
        """Take samples (n_times, n_channels); return level and text of each change."""
        changes: list[tuple[str, str]] = []
        start = 0
        while start < len(samples):
            piece = samples[start : start + len(self._block) - self._n]
            self._block[self._n : self._n + len(piece)] = piece
            self._n += len(piece)
            start += len(piece)
            if self._n == len(self._block):
                changes += self._judged()
                self._n = 0
        return changes

    def _judged(self) -> list[tuple[str, str]]:
        faults = _faults(self._block)
        changed: dict[str, list[str]] = {}
        for name, before, now in zip(self._ch_names, self._faults, faults, strict=True):
            if now != before:
                changed.setdefault(now, []).append(name)
        self._faults = faults
        return [
            ("info", f"{self._named(names)}: good again")
            if fault == GOOD
            else ("alarm", f"{self._named(names)}: {fault}; check electrode and cable")
            for fault, names in sorted(changed.items())
        ][::-1]

    def _named(self, names: Sequence[str]) -> str:
        if len(names) == len(self._ch_names) > 1:
            return "all channels"
        more = len(names) - self.MOST_NAMED
        return ", ".join(names[: self.MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _faults(block: NDArray[np.float64]) -> list[str]:
    """Return the fault of each channel of a second (n_times, n_channels)."""
    extremes = block.min(axis=0), block.max(axis=0)
    is_stuck = np.max([(block == extreme).mean(axis=0) for extreme in extremes], axis=0) >= 0.5
    faults = np.where(is_stuck, STUCK, GOOD)
    return np.where(np.isfinite(block).all(axis=0), faults, NOT_FINITE).tolist()
