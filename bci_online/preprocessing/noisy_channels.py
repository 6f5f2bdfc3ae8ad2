"""Channels that stay much louder than in calibration, or silent: when they must not be used."""

from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.counted import rounded
from bci_online.messages import Status
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.segments import BadSamples
from bci_online.preprocessing.stretch_means import power

__all__ = ["NoisyChannels"]


class NoisyChannels:
    """Judges the filtered signal second by second: a channel is noisy or silent, and is good again.

    Parameters
    ----------
    ch_names : sequence of str
        The channels.
    reference : ndarray, shape (n_channels,), or None
        RMS of the filtered signal in calibration. None: nothing is judged.
    sfreq : float
        Sampling frequency in Hz.

    See Also
    --------
    bci_online.preprocessing.band_monitor.BandMonitor : Says once a minute what has changed.
    bci_online.preprocessing.held_channels.HeldChannels : Channels that are flat or railing.
    bci_online.preprocessing.epoching.Epoching : Goes on without them where the decoder can.

    Notes
    -----
    A channel is noisy after `NOISY_S` seconds in a row in each of which its RMS is more than twice
    that of calibration, and has also grown more than twice as much as that of the middle channel:
    when all channels are loud, the person moves, or the amplifier has another gain. Then three
    quarters of its power are noise. It is good again after `GOOD_S` seconds in a row without. A
    single loud second is an artefact, and artefact limits are for that. In 32 minutes of four
    public sets, with decoders of the first recording of each, three channels of a 64-channel cap
    were judged noisy, and none of the other sets.

    A channel is silent after as many seconds in each of which its RMS is below `SILENT` times that
    of calibration, and has fallen so much more than that of the middle channel: the amplifier's own
    noise, or mains that the filter removes, come from an electrode without contact. In all pairs of
    recordings of these sets the quietest channel kept 0.12; it was loud in its calibration. A
    channel with a constant value is known sooner, by `HeldChannels`.

    A second counts from its last sample on, never backwards. So an epoch that ends before is not
    changed by it, and nothing depends on how the signal is cut. Seconds in which a filter settles
    are not judged.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from bci_online.messages import Chunk
    >>> own = Preprocessing(sfreq=100.0, ch_names=("Cz", "Pz"))
    >>> signal = ContinuousSignal(own, picks=[0, 1])
    >>> noisy = NoisyChannels(own.ch_names, np.ones(2), own.sfreq)
    >>> waves = np.sin(np.arange(2000) / 5)[:, np.newaxis] * [1.4, 40.0]
    >>> pieces = list(signal.push(Chunk(waves, np.arange(2000) / 100)))
    >>> [status.text for status in noisy.take(signal)]
    ['Pz: signal is 29 times that of calibration; check electrode and cable']
    >>> noisy.within(1800, 1860)
    (1,)
    """

    NOISY_S = 5
    GOOD_S = 10
    FACTOR = 2.0
    SILENT = 0.05

    def __init__(
        self, ch_names: Sequence[str], reference: NDArray[np.float64] | None, sfreq: float
    ) -> None:
        self._ch_names = tuple(ch_names)
        self._reference = None if reference is None else np.maximum(reference, 1e-12)
        self._n_block = max(2, round(sfreq))
        self._judged = 0
        self._is_noisy = np.zeros(len(self._ch_names), dtype=bool)
        # Seconds in a row that say the opposite of what the channel is held for.
        self._n_against = np.zeros(len(self._ch_names), dtype=int)
        self._found: deque[BadSamples] = deque()

    @property
    def names(self) -> tuple[str, ...]:
        """The channels that are noisy now."""
        return tuple(self._ch_names[channel] for channel in np.flatnonzero(self._is_noisy))

    def take(self, signal: ContinuousSignal) -> Iterator[Status]:
        """Judge every second that is complete; yield what changes."""
        if self._reference is None:
            return
        while self._judged + self._n_block <= signal.samples.stop:
            start, self._judged = self._judged, self._judged + self._n_block
            if _is_settled(start, self._judged, signal):
                yield from self._judge(start, signal)
            self._keep(signal.samples.start)

    def within(self, start: int, stop: int) -> tuple[int, ...]:
        """Return the channels that are noisy within samples ``start:stop``."""
        found = (one for one in self._found if start < one.stop and stop > one.start)
        return tuple(sorted({channel for one in found for channel in one.channels}))

    def _judge(self, start: int, signal: ContinuousSignal) -> Iterator[Status]:
        second = signal.samples.window(start, self._judged)
        ratio = np.sqrt(power(second) / self._n_block) / self._reference
        # The quieter and the louder of two in the middle: of two channels one may be noisy.
        quieter, louder = np.sort(ratio)[[(len(ratio) - 1) // 2, len(ratio) // 2]].tolist()
        is_off = ratio > self.FACTOR * max(1.0, quieter)
        is_off |= ratio < self.SILENT * min(1.0, louder)
        if not is_off.any() and not self._is_noisy.any():
            self._n_against[:] = 0
            return
        # Samples that are held, or missing, say nothing.
        held = _held(start, self._judged, signal)
        is_off[held] = self._is_noisy[held]
        self._n_against = np.where(is_off == self._is_noisy, 0, self._n_against + 1)
        longest = np.where(self._is_noisy, self.GOOD_S, self.NOISY_S)
        changes = np.flatnonzero(self._n_against >= longest)
        self._is_noisy[changes] ^= True
        self._n_against[changes] = 0
        time = float(signal.times.window(self._judged - 1, self._judged)[0, 0])
        for channel in changes.tolist():
            text = f"{self._ch_names[channel]}: signal is"
            if self._is_noisy[channel]:
                times = f"{rounded(ratio[channel])} times that of calibration"
                yield Status("alarm", f"{text} {times}; check electrode and cable", time)
            else:
                yield Status("info", f"{text} again as loud as in calibration", time)

    def _keep(self, oldest: int) -> None:
        """Mark the second that comes, and forget those that are no longer in the buffer."""
        if self._is_noisy.any():
            channels = tuple(np.flatnonzero(self._is_noisy).tolist())
            self._found.append(BadSamples(self._judged, self._judged + self._n_block, channels))
        while self._found and self._found[0].stop <= oldest:
            self._found.popleft()


def _held(start: int, stop: int, signal: ContinuousSignal) -> list[int]:
    """Return the channels that are known to be bad within these samples."""
    return [
        channel
        for one in signal.bad
        if start < one.stop and stop > one.start
        for channel in one.channels
    ]


def _is_settled(start: int, stop: int, signal: ContinuousSignal) -> bool:
    """Return whether samples lie in one segment whose filter has settled."""
    if start < signal.samples.start:
        return False
    return any(
        one.settled <= start and (one.stop is None or stop <= one.stop) for one in signal.segments
    )
