"""How good the signal is: rate, spectrum and quality of the last seconds."""

from collections import deque

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bci_online.messages import Chunk, StreamSpec, read_only
from bci_online.preprocessing.quality import JUDGED_S, ChannelQuality, judge
from bci_online.preprocessing.ring_buffer import RingBuffer

__all__ = ["SignalFigures", "SignalMeter"]

SPECTRUM_S = 4.0
RATE_S = 10.0
HIGHEST_HZ = 80.0


class SignalFigures(msgspec.Struct, frozen=True, eq=False):
    """What the last seconds of a signal were like.

    Parameters
    ----------
    qualities : tuple of ChannelQuality
        Of all channels of the stream, also of those that do not take part.
    freqs : ndarray, shape (n_freqs,)
        In Hz.
    density : ndarray, shape (3, n_freqs)
        Amplitude density in unit/√Hz: 10th, 50th and 90th percentile over channels.
    measured_sfreq : float
        In Hz; 0 while it is unknown.
    n_samples : int
        How many samples came so far.

    See Also
    --------
    SignalMeter : Measures them.
    """

    qualities: tuple[ChannelQuality, ...]
    freqs: NDArray[np.float64]
    density: NDArray[np.float64]
    measured_sfreq: float
    n_samples: int


class SignalMeter:
    """Keeps the last seconds of a stream and judges them when asked.

    Parameters
    ----------
    spec : StreamSpec
        The stream.

    See Also
    --------
    bci_online.preprocessing.quality.assess : The judge.
    """

    def __init__(self, spec: StreamSpec) -> None:
        self._spec = spec
        self._n_kept = round(SPECTRUM_S * spec.sfreq)
        self._ring = RingBuffer(len(spec.ch_names), self._n_kept)
        self._ends: deque[tuple[float, int]] = deque()

    def push(self, chunk: Chunk) -> None:
        """Take samples as they came."""
        for start in range(0, len(chunk.data), self._n_kept):
            self._ring.append(chunk.data[start : start + self._n_kept].T)
        stamp = float(chunk.stamps[-1])
        if self._ends and not 0 <= stamp - self._ends[-1][0] < RATE_S:
            # The stream began again.
            self._ends.clear()
        self._ends.append((stamp, self._ring.stop))
        while self._ends[-1][0] - self._ends[0][0] > RATE_S:
            self._ends.popleft()

    def figures(self) -> SignalFigures | None:
        """Return the figures; None before there are two seconds of signal."""
        stop = self._ring.stop
        start = max(self._ring.start, stop - self._n_kept)
        if stop - start < JUDGED_S * self._spec.sfreq:
            return None
        block = self._ring.window(start, stop)
        n_welch = round(self._spec.sfreq)
        freqs, power = signal.welch(block, fs=self._spec.sfreq, nperseg=n_welch, axis=1)
        shown = (freqs >= 1.0) & (freqs <= HIGHEST_HZ)
        shares = np.quantile(np.sqrt(power[:, shown]), (0.1, 0.5, 0.9), axis=0)
        qualities = judge(block, self._spec, self._spec.ch_names)
        return SignalFigures(
            qualities, read_only(freqs[shown]), read_only(shares), self._rate(), stop
        )

    def _rate(self) -> float:
        (begin, first), (end, last) = self._ends[0], self._ends[-1]
        return (last - first) / (end - begin) if end - begin > 1.0 else 0.0
