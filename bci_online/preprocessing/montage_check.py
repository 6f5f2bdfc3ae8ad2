"""Which electrodes look swapped or inverted, by how channels correlate."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.stretch_means import StretchMeans

__all__ = ["MontageCheck", "correlations", "rms_and_correlations"]

SHARE = 0.5
"""An exchange must explain this share of the squared distance between the correlations."""

LEAST = 0.015
"""Mean squared difference of the correlations that an exchange must mend, for each of its pairs.

Neighbours that are swapped correlate almost alike; they also decode almost alike.
"""

CLIP = 3.0
"""Samples count as no larger than so many times the RMS: a blink must not decide."""


def correlations(
    blocks: Iterable[NDArray[np.float64]], rms: NDArray[np.float64], n_channels: int
) -> NDArray[np.float64]:
    """Return how channels correlate; 0 on the diagonal.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (n_rows, n_times)
        Filtered samples; a filter bank has a row per band and channel.
    rms : ndarray, shape (n_rows,)
        The usual RMS of each row.
    n_channels : int
        Number of channels.

    Returns
    -------
    correlations : ndarray, shape (n_channels, n_channels)
        The mean over bands.

    See Also
    --------
    MontageCheck : Compares with them.

    Examples
    --------
    >>> signal = np.random.default_rng(0).normal(size=500)
    >>> correlations([np.stack([signal, -signal])], np.ones(2), 2).round(1).tolist()
    [[0.0, -1.0], [-1.0, 0.0]]
    """
    products = np.zeros((rms.size // n_channels, n_channels, n_channels))
    for block in blocks:
        products += _products(block, rms, n_channels)
    return _normed(products)


def rms_and_correlations(
    pieces: Sequence[NDArray[np.float64]] | NDArray[np.float64], n_channels: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a decoder keeps of the signal that it was trained on.

    Parameters
    ----------
    pieces : sequence of ndarray, shape (n_rows, n_times)
        Epochs or windows, all of the same size; a filter bank has a row per band and channel.
    n_channels : int
        Number of channels.

    Returns
    -------
    rms : ndarray, shape (n_rows,)
        Root mean square over all pieces.
    correlations : ndarray, shape (n_channels, n_channels)
        As `correlations` returns them.

    See Also
    --------
    bci_online.preprocessing.calibrated_signal.CalibratedSignal : Compares a live signal with them.

    Examples
    --------
    >>> signal = np.random.default_rng(0).normal(size=500)
    >>> rms, found = rms_and_correlations([np.stack([signal, -3 * signal])], 2)
    >>> rms.round(1).tolist(), found.round(1).tolist()
    ([1.0, 3.0], [[0.0, -1.0], [-1.0, 0.0]])
    """
    # Piece by piece: the square of all pieces at once would need as much memory as they do.
    rms = np.sqrt(np.mean([np.mean(piece**2, axis=1) for piece in pieces], axis=0))
    return rms, correlations(pieces, rms, n_channels)


class MontageCheck:
    """Says which channel looks inverted, or which two look swapped.

    Parameters
    ----------
    ch_names : sequence of str
        The channels.
    calibrated : ndarray, shape (n_channels, n_channels)
        As `correlations` returned them in calibration.
    rms : ndarray, shape (n_rows,)
        RMS of each row in calibration.
    sfreq : float
        Sampling frequency in Hz.

    See Also
    --------
    bci_online.preprocessing.band_monitor.BandMonitor : Channels that are too loud or too quiet.

    Notes
    -----
    Each 5 s and each 20 s the correlations are compared with those of calibration, as they are and
    with each channel's sign turned and each two channels exchanged. An exchange is named if it
    explains half of the squared distance in three short stretches or two long ones, one after the
    other. Short ones show a large change soon; in long ones there is less noise beside a small one.
    All channels inverted together correlate as before: the responses show it, see
    `bci_online.paradigms.p300.alignment`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> signal = rng.normal(size=(4, 4000)) + 2 * rng.normal(size=4000)
    >>> calibrated = correlations([signal], np.full(4, 2.2), 4)
    >>> check = MontageCheck(("Fz", "Cz", "Pz", "Oz"), calibrated, np.full(4, 2.2), sfreq=100.0)
    >>> signal[2] *= -1
    >>> check.push(signal)[0].partition(":")[0]
    'Pz looks inverted'
    """

    SHORT_S, N_SHORT = 5.0, 3
    PER_LONG, N_LONG = 4, 2

    def __init__(
        self,
        ch_names: Sequence[str],
        calibrated: NDArray[np.float64],
        rms: NDArray[np.float64],
        sfreq: float,
    ) -> None:
        self._ch_names = tuple(ch_names)
        self._calibrated = calibrated
        self._products = StretchMeans(
            lambda piece: _products(piece, rms, len(ch_names)), round(self.SHORT_S * sfreq)
        )
        self._open: list[NDArray[np.float64]] = []  # of the long stretch
        self._short, self._long = _InARow(self.N_SHORT), _InARow(self.N_LONG)
        self._said = ""

    def push(self, filtered: NDArray[np.float64]) -> list[str]:
        """Take filtered, settled samples (n_rows, n_times); return one line for what is new."""
        found: list[str] = []
        for products in self._products.push(filtered):
            found += self._new(self._short.last(self._exchange(_normed(products))))
            self._open.append(products)
            if len(self._open) == self.PER_LONG:
                now = _normed(np.mean(self._open, axis=0))
                found += self._new(self._long.last(self._exchange(now)))
                self._open.clear()
        return found

    def _new(self, line: str) -> list[str]:
        if not line or line == self._said:
            return []
        self._said = line
        return [line]

    def _exchange(self, now: NDArray[np.float64]) -> str:
        """Return the line of the exchange that explains `now`; empty if none does."""
        n = len(self._ch_names)
        if n < 3:
            return ""
        distance = float(((now - self._calibrated) ** 2).sum()) / 2
        alike = now @ self._calibrated.T
        own = np.diag(alike)
        # Both are what the squared distance loses, divided by the pairs of channels that change.
        turned = -4 * own
        swapped = alike + alike.T - np.add.outer(own, own) + 2 * now * self._calibrated
        swapped = np.triu(2 * swapped, k=1)
        row = int(np.argmax(turned))
        first, second = (int(at) for at in np.unravel_index(np.argmax(swapped), swapped.shape))
        inverts = turned[row] > swapped[first, second]
        gain = turned[row] if inverts else swapped[first, second]
        least = LEAST * (4 * (n - 1) if inverts else 4 * (n - 2))
        if gain < max(SHARE * distance, least):
            return ""
        if inverts:
            return (
                f"{self._ch_names[row]} looks inverted: it correlates with the other channels with "
                "the opposite sign of that in calibration; turn its plug, or recalibrate"
            )
        return (
            f"{self._ch_names[first]} and {self._ch_names[second]} look swapped: each correlates "
            "with the other channels as the other one did in calibration; exchange their plugs, or "
            "recalibrate"
        )


class _InARow:
    """Believes a line that came so many times, one after the other."""

    def __init__(self, n_times: int) -> None:
        self._n_times = n_times
        self._line, self._n = "", 0

    def last(self, line: str) -> str:
        """Return the newest line if it is believed, else an empty text."""
        self._n = self._n + 1 if line == self._line else 1
        self._line = line
        return line if self._n >= self._n_times else ""


def _products(
    block: NDArray[np.float64], rms: NDArray[np.float64], n_channels: int
) -> NDArray[np.float64]:
    """Return the sums of products of channels in each band, shape (n_bands, n_ch, n_ch)."""
    limits = CLIP * rms[:, np.newaxis]
    banded = np.clip(block, -limits, limits).reshape(-1, n_channels, block.shape[1])
    return np.einsum("bit,bjt->bij", banded, banded)


def _normed(products: NDArray[np.float64]) -> NDArray[np.float64]:
    power = np.sqrt(np.maximum(np.einsum("bii->bi", products), 1e-30))
    found = np.mean(products / (power[:, :, np.newaxis] * power[:, np.newaxis]), axis=0)
    np.fill_diagonal(found, 0.0)
    return np.asarray(found)
