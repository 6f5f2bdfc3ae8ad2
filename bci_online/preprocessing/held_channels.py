"""Samples of single channels that cannot be used: not finite, or the same value for too long."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["HeldChannels", "Piece"]

STILL_S = 0.25
"""A channel that has the same value for longer is flat or at its rail."""


class Piece(NamedTuple):
    """Consecutive samples in which the same channels are broken.

    Parameters
    ----------
    start, stop : int
        Columns of the block.
    broken : ndarray of bool, shape (n_channels,)
        Channels whose samples cannot be used.
    anew : ndarray of bool, shape (n_channels,)
        Channels that are good again from `start` on, after so long that a filter must forget.

    See Also
    --------
    HeldChannels : Makes them.
    """

    start: int
    stop: int
    broken: NDArray[np.bool_]
    anew: NDArray[np.bool_]


class HeldChannels:
    """Repeats a channel's last good sample while the channel is broken; the others go on.

    Parameters
    ----------
    n_channels : int
        Number of channels.
    sfreq : float
        Sampling frequency in Hz.
    max_bridge : float
        Seconds for which a filter may go on over repeated samples.
    still_is_broken : bool
        Also a channel that has never changed is broken. False where the channel may be no electrode
        at all, such as the reference of a recording.

    Attributes
    ----------
    last : ndarray, shape (n_channels,)
        The last sample, repeated ones included.

    See Also
    --------
    bci_online.preprocessing.continuous_signal.ContinuousSignal : Marks such samples as bad.
    bci_online.preprocessing.channel_watch.ChannelWatch : Says that a channel fails.

    Notes
    -----
    A single NaN would stay in a filter for ever. So a sample that is not finite repeats the last
    one. A channel that is flat or railing is broken from the moment when it had one value for a
    quarter of a second. So nothing depends on samples that are yet to come.

    Examples
    --------
    >>> held = HeldChannels(2, sfreq=100.0, max_bridge=0.1)
    >>> block = np.array([[1.0, 2.0, np.nan, 4.0], [5.0, 6.0, 7.0, 8.0]])
    >>> [(piece.start, piece.stop, piece.broken.tolist()) for piece in held.pieces(block)]
    [(0, 2, [False, False]), (2, 3, [True, False]), (3, 4, [False, False])]
    >>> block[0]
    array([1., 2., 2., 4.])
    """

    def __init__(
        self, n_channels: int, sfreq: float, max_bridge: float, still_is_broken: bool = False
    ) -> None:
        self.last = np.zeros(n_channels)
        self._most_held = round(max_bridge * sfreq)
        self._longest_run = max(2, round(STILL_S * sfreq))
        self._still_is_broken = still_is_broken
        self._before = np.full(n_channels, np.nan)
        self._run = np.zeros(n_channels, dtype=int)
        self._n_seen = 0
        # Before its first finite sample a channel has nothing to repeat.
        self._n_held = np.full(n_channels, np.inf)

    def pieces(self, block: NDArray[np.float64], is_finite: bool = False) -> Iterator[Piece]:
        """Yield the pieces of `block` (n_channels, n_times), and repair it piece by piece.

        `is_finite` says that all samples are known to be finite.
        """
        if not block.shape[1]:
            return
        still = self._still(block)
        finite = None if is_finite else np.isfinite(block)
        if still is None and (finite is None or finite.all()):
            anew = self._n_held > self._most_held
            self._n_held[:] = 0
            self.last = block[:, -1].copy()
            yield Piece(0, block.shape[1], np.zeros(len(block), dtype=bool), anew)
            return
        still = np.zeros(block.shape, dtype=bool) if still is None else still
        finite = np.ones(block.shape, dtype=bool) if finite is None else finite
        broken = ~finite | still
        edges = np.flatnonzero((broken[:, 1:] != broken[:, :-1]).any(axis=0)) + 1
        for start, stop in pairwise([0, *edges.tolist(), block.shape[1]]):
            now = broken[:, start]
            anew = ~now & (self._n_held > self._most_held)
            self._n_held[~now] = 0
            self._n_held[now] += stop - start
            self._n_held[still[:, start]] = np.inf
            part = block[:, start:stop]
            np.copyto(part, self.last[:, np.newaxis], where=~finite[:, start:stop])
            self.last = part[:, -1].copy()
            yield Piece(start, stop, now, anew)

    def restart(self) -> None:
        """Note that filters begin with the next sample: those of broken channels must do so again.

        They would begin with a repeated sample.
        """
        self._n_held[self._n_held > 0] = np.inf

    def _still(self, block: NDArray[np.float64]) -> NDArray[np.bool_] | None:
        """Return where a channel has had the same value for too long; None where none has."""
        n_times = block.shape[1]
        # A run of the block is shorter than its steps of this length and one more, and a run before
        # it may add to it: few channels, if any, need a closer look.
        step = max(1, self._longest_run // 8)
        first = block[:, 0] == self._before
        same = block[:, step::step] == block[:, step - 1 : -1 : step]
        most = step * (same.sum(axis=1) + first + 1) + self._run
        still = None
        if (suspect := np.flatnonzero(most > self._longest_run)).size:
            run = self._runs(suspect, block)
            is_still = run > self._longest_run
            if not self._still_is_broken:
                is_still &= run < self._n_seen + np.arange(1, n_times + 1)
            if is_still.any():
                still = np.zeros(block.shape, dtype=bool)
                still[suspect] = is_still
        now = np.ones_like(self._run)
        ends_so = block[:, -1] == block[:, -2] if n_times > 1 else first
        if (goes_on := np.flatnonzero(ends_so)).size:
            now[goes_on] = self._runs(goes_on, block)[:, -1]
        self._run = now
        self._before = block[:, -1].copy()
        self._n_seen += n_times
        return still

    def _runs(self, channels: NDArray[np.intp], block: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return for how many samples some channels have had their value (n_some, n_times)."""
        values = np.column_stack([self._before[channels], block[channels]])
        same = values[:, 1:] == values[:, :-1]
        n = np.arange(1, same.shape[1] + 1)
        since = np.maximum.accumulate(np.where(same, 0, n), axis=1)
        return np.where(since > 0, n - since + 1, self._run[channels, np.newaxis] + n)
