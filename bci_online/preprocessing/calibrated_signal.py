"""Whether the signal still is that of calibration: amplitudes and correlations of channels."""

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.counted import rounded
from bci_online.messages import Message, Status
from bci_online.preprocessing.band_monitor import BandMonitor
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.montage_check import MontageCheck
from bci_online.preprocessing.noisy_channels import NoisyChannels
from bci_online.preprocessing.stretch_means import StretchMeans, power

__all__ = ["CalibratedSignal"]

# A channel may be checked late; a complete epoch may not wait.
EVERY_S = 0.25

FOLLOWED_S = 10.0
"""The amplitude of each channel is measured over so many seconds, to find one that stands out."""

STANDS_OUT = 1.5
"""A channel stands out if it is so many times as loud or as quiet as in calibration.

In logarithms every other channel has then changed by at most half as much.
"""


class CalibratedSignal:
    """Follows the settled signal and alarms where it differs from calibration.

    Parameters
    ----------
    preprocessing : Preprocessing
        Of the decoder.
    band_rms : ndarray, shape (n_rows,), or None
        RMS of each row in calibration. None: nothing is checked.
    correlation : ndarray, shape (n_channels, n_channels), or None
        Of the channels in calibration. None: only the amplitudes are checked.

    Attributes
    ----------
    noisy : NoisyChannels
        Channels that stay too loud; windows of imagery need all of theirs, and know none.

    See Also
    --------
    bci_online.preprocessing.band_monitor.BandMonitor : The amplitudes.
    bci_online.preprocessing.montage_check.MontageCheck : The correlations.

    Examples
    --------
    >>> from bci_online.messages import Chunk
    >>> own = Preprocessing(sfreq=100.0, ch_names=("Cz",))
    >>> signal, check = ContinuousSignal(own, picks=[0]), CalibratedSignal(own, np.ones(1), None)
    >>> loud = 100 * np.sin(np.arange(2000) / 5)[:, np.newaxis]
    >>> pieces = list(signal.push(Chunk(loud, np.arange(2000) / 100)))
    >>> [status.text for status in check.take(signal)]
    ['Cz: signal is 70 times that of calibration']
    """

    def __init__(
        self,
        preprocessing: Preprocessing,
        band_rms: NDArray[np.float64] | None,
        correlation: NDArray[np.float64] | None,
    ) -> None:
        own = preprocessing
        self._step = round(EVERY_S * own.sfreq)
        self._checked = 0
        self._rms, self._n_channels = band_rms, len(own.ch_names)
        self._ch_names = own.ch_names
        self._powers = StretchMeans(power, round(FOLLOWED_S * own.sfreq))
        self._ratios = np.ones(len(own.ch_names))
        reference = band_rms if own.window is None else None
        self.noisy = NoisyChannels(own.ch_names, reference, own.sfreq)
        self._amplitudes: BandMonitor | None = None
        self._montage: MontageCheck | None = None
        if band_rms is not None:
            self._amplitudes = BandMonitor(own.row_names, band_rms, own.sfreq)
            if correlation is not None:
                self._montage = MontageCheck(own.ch_names, correlation, band_rms, own.sfreq)

    def take(self, signal: ContinuousSignal) -> Iterator[Status]:
        """Check the samples that are new since the last call."""
        yield from self.noisy.take(signal)
        start, stop = max(self._checked, signal.samples.start), signal.samples.stop
        if stop - self._checked < self._step or self._amplitudes is None:
            return
        if signal.segments:
            start = max(start, min(stop, signal.segments[-1].settled))
        self._checked = stop
        if start < stop:
            time = float(signal.times.window(stop - 1, stop)[0, 0])
            settled = signal.samples.window(start, stop)
            total = power(settled)
            self._follow(settled, total)
            lines = self._amplitudes.push(settled, self.noisy.names, total)
            lines += [] if self._montage is None else self._montage.push(settled)
            yield from (Status("alarm", text, time) for text in lines)

    def explained(self, message: Message) -> Message:
        """Name the electrode in an alarm that the decoder no longer fits, if it is one alone."""
        if not isinstance(message, Status) or message.kind != "misfit":
            return message
        odd = self.odd_channel()
        text = f"{message.text}; it may be electrode {odd}" if odd else message.text
        return msgspec.structs.replace(message, text=text)

    def odd_channel(self) -> str:
        """Return the one channel whose amplitude has changed, and how; empty if there is none."""
        change = np.log(self._ratios)
        order = np.argsort(-np.abs(change))
        most = float(abs(change[order[0]]))
        second = float(abs(change[order[1]])) if order.size > 1 else 0.0
        if most < np.log(STANDS_OUT) or second > most / 2:
            return ""
        name, times = self._ch_names[order[0]], rounded(self._ratios[order[0]])
        return f"{name}, whose signal is {times} times that of calibration"

    def _follow(self, settled: NDArray[np.float64], total: NDArray[np.float64]) -> None:
        """Keep how loud each channel was in the last stretch, as a multiple of calibration."""
        for mean in self._powers.push(settled, total):
            if self._rms is not None:
                ratios = np.sqrt(mean) / np.maximum(self._rms, 1e-12)
                banded = np.maximum(ratios, 1e-3).reshape(-1, self._n_channels)
                self._ratios = np.exp(np.log(banded).mean(axis=0))
