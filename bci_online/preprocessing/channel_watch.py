"""Says within two seconds when a channel fails, and when it is back."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.channel_quality import LARGEST
from bci_online.counted import some
from bci_online.messages import Status

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

    Attributes
    ----------
    bad_seconds : dict of str to int
        In how many seconds a channel was bad; channels that never were are left out.

    See Also
    --------
    bci_online.preprocessing.band_monitor.BandMonitor : Loud and quiet channels, minute by minute.

    Notes
    -----
    A second is judged as a whole, so nothing depends on how the signal is cut, and a fault that
    stays is known after two seconds at most. A channel is not finite with one such sample, and flat
    or railing where half of the samples have the largest or the smallest value of that second. It
    is good again after as many good seconds as it has failed times without a good minute between,
    and a minute at most: a loose plug is a few lines, not one each second.

    Examples
    --------
    >>> watch = ChannelWatch(["Cz", "Pz"], sfreq=100.0)
    >>> signal = np.random.default_rng(0).normal(size=(300, 2))
    >>> signal[100:200, 1] = 7.0
    >>> [status.text for status in watch.push(signal, np.arange(300) / 100)]
    ['Pz: flat or railing; check electrode and cable', 'Pz: good again']
    >>> watch.bad_seconds
    {'Pz': 1}
    """

    SECONDS = 1.0
    MOST_GOOD = 60

    def __init__(self, ch_names: Sequence[str], sfreq: float) -> None:
        self._ch_names = tuple(ch_names)
        self._n_block = max(2, round(self.SECONDS * sfreq))
        self._block = np.zeros((self._n_block, len(self._ch_names)), dtype=bool)
        self._n = 0
        self._faults = [GOOD] * len(self._ch_names)
        self._n_faults = [0] * len(self._ch_names)
        self._n_good = [0] * len(self._ch_names)
        self.bad_seconds: dict[str, int] = {}

    def push(self, samples: NDArray[np.floating], stamps: NDArray[np.float64]) -> list[Status]:
        """Take samples (n_times, n_channels) with their times (n_times,); return what changed."""
        changes: list[Status] = []
        start = 0
        while start < len(samples):
            piece = samples[start : start + self._n_block - self._n]
            start += len(piece)
            if len(piece) == self._n_block:
                changes += self._judged(piece, float(stamps[start - 1]))
                continue
            # As they are stored: numbers of two bytes are compared four times as fast.
            dtype = np.promote_types(self._block.dtype, samples.dtype)
            self._block = self._block.astype(dtype, copy=False)
            self._block[self._n : self._n + len(piece)] = piece
            self._n += len(piece)
            if self._n == self._n_block:
                changes += self._judged(self._block, float(stamps[start - 1]))
                self._n = 0
        return changes

    def _judged(self, second: NDArray[np.number], time: float) -> list[Status]:
        changed: dict[str, list[str]] = {}
        faults = _faults(second)
        if not self.bad_seconds and not any(faults):
            # No channel has failed so far.
            return []
        for channel, now in enumerate(faults):
            name, before = self._ch_names[channel], self._faults[channel]
            if now != GOOD:
                self.bad_seconds[name] = self.bad_seconds.get(name, 0) + 1
                self._n_faults[channel] += before == GOOD
                self._n_good[channel] = 0
            else:
                self._n_good[channel] += 1
                least = min(self._n_faults[channel], self.MOST_GOOD)
                if before != GOOD and self._n_good[channel] < least:
                    continue
                if self._n_good[channel] >= self.MOST_GOOD:
                    self._n_faults[channel] = 0
            if now != before:
                self._faults[channel] = now
                changed.setdefault(now, []).append(name)
        return [self._status(*change, time) for change in sorted(changed.items(), reverse=True)]

    def _status(self, fault: str, names: Sequence[str], time: float) -> Status:
        who, channels = self._named(names), tuple(names)
        if fault == GOOD:
            return Status("info", f"{who}: good again", time, "good_channels", channels)
        text = f"{who}: {fault}; check electrode and cable"
        return Status("alarm", text, time, "bad_channels", channels)

    def _named(self, names: Sequence[str]) -> str:
        if len(names) == len(self._ch_names) > 1:
            return "all channels"
        return some(names)


def _faults(block: NDArray[np.number]) -> list[str]:
    """Return the fault of each channel of a second (n_times, n_channels)."""
    extremes = block.min(axis=0), block.max(axis=0)
    # In float32 the limit itself would be rounded.
    is_voltage = (np.abs(np.array(extremes, dtype=float)) < LARGEST).all(axis=0)
    at_ends = [block == extreme for extreme in extremes]
    # So few in all channels together are not half of a channel's.
    if is_voltage.all() and 2 * max(map(np.count_nonzero, at_ends)) < len(block):
        return [GOOD] * len(is_voltage)
    # A float32 counts exactly to 16 million.
    ones = np.ones(len(block), dtype=np.float32)
    n_stuck = np.maximum(*(ones @ at_end for at_end in at_ends))
    faults = np.where(2 * n_stuck >= len(block), STUCK, GOOD)
    return np.where(is_voltage, faults, NOT_FINITE).tolist()
