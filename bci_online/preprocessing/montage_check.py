"""Which electrodes look swapped or inverted, by how channels correlate."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

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
"""The usual one: a blink must not decide."""

AT_ONCE = 16
"""So many pieces are multiplied together."""


def correlations(
    blocks: Iterable[NDArray[np.float64]],
    rms: NDArray[np.float64],
    n_channels: int,
    clip: float = CLIP,
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
    clip : float
        Samples count as no larger than so many times the RMS.

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
        products += _products(block, rms, n_channels, clip)
    return _normed(products)


def rms_and_correlations(
    pieces: Sequence[NDArray[np.float64]] | NDArray[np.float64],
    n_channels: int,
    are_samples: bool = True,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a decoder keeps of the signal that it was trained on.

    Parameters
    ----------
    pieces : sequence of ndarray, shape (n_rows, n_times)
        Epochs or windows, all of the same size; a filter bank has a row per band and channel.
    n_channels : int
        Number of channels.
    are_samples : bool
        False for windows that are `compressed`: in these a large value is no blink.

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
    # Some at once: the squares of all pieces would need as much memory as they do.
    squares = sum(np.vecdot(block, block) for block in _together(pieces))
    rms = np.sqrt(squares / sum(piece.shape[1] for piece in pieces))
    clip = CLIP if are_samples else np.inf
    return rms, correlations(_together(pieces), rms, n_channels, clip)


def _together(
    pieces: Sequence[NDArray[np.float64]] | NDArray[np.float64],
) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(pieces), AT_ONCE):
        yield np.concatenate(pieces[start : start + AT_ONCE], axis=1)


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
    explains half of the squared distance in two long stretches, one after the other, or in the
    last three short ones together, where each of them by itself shows the same one best. Short ones
    show a large change soon; in long ones there is less noise beside a small one. All channels
    inverted together correlate as before: the responses show it, see
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
        self._short = deque[tuple[NDArray[np.float64], _Exchange]](maxlen=self.N_SHORT)
        self._open: list[NDArray[np.float64]] = []  # of the long stretch
        self._long = deque[_Exchange](maxlen=self.N_LONG)
        self._said = ""

    def push(self, filtered: NDArray[np.float64]) -> list[str]:
        """Take filtered, settled samples (n_rows, n_times); return one line for what is new."""
        if len(self._ch_names) < 3:
            return []
        found: list[str] = []
        for products in self._products.push(filtered):
            found += self._new(self._after_short(products)) + self._new(self._after_long(products))
        return found

    def _after_short(self, products: NDArray[np.float64]) -> str:
        """Return the line that the last short stretches make sure; empty if they make none."""
        self._short.append((products, self._best(products)))
        together = self._best(np.mean([of for of, _ in self._short], axis=0))
        agree = len(self._short) == self.N_SHORT and all(
            best[:2] == together[:2] for _, best in self._short
        )
        return self._line(together) if agree and together.is_large else ""

    def _after_long(self, products: NDArray[np.float64]) -> str:
        """As `_after_short`, for the long ones."""
        self._open.append(products)
        if len(self._open) < self.PER_LONG:
            return ""
        self._long.append(self._best(np.mean(self._open, axis=0)))
        self._open.clear()
        is_sure = len(self._long) == self.N_LONG and len(set(self._long)) == 1
        return self._line(self._long[-1]) if is_sure and self._long[-1].is_large else ""

    def _new(self, line: str) -> list[str]:
        if not line or line == self._said:
            return []
        self._said = line
        return [line]

    def _best(self, products: NDArray[np.float64]) -> "_Exchange":
        """Return the exchange that explains the products of a stretch best."""
        now, n = _normed(products), len(self._ch_names)
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
        if inverts:
            first = second = row
        return _Exchange(first, second, bool(gain >= max(SHARE * distance, least)))

    def _line(self, exchange: "_Exchange") -> str:
        first, second = self._ch_names[exchange.first], self._ch_names[exchange.second]
        if first == second:
            return (
                f"{first} looks inverted: it correlates with the other channels with the opposite "
                "sign of that in calibration; turn its plug, or recalibrate"
            )
        return (
            f"{first} and {second} look swapped: each correlates with the other channels as the "
            "other one did in calibration; exchange their plugs, or recalibrate"
        )


class _Exchange(NamedTuple):
    """Two channels that are swapped, or twice the same where it is inverted."""

    first: int
    second: int
    is_large: bool


def _products(
    block: NDArray[np.float64], rms: NDArray[np.float64], n_channels: int, clip: float = CLIP
) -> NDArray[np.float64]:
    """Return the sums of products of channels in each band, shape (n_bands, n_ch, n_ch)."""
    limits = clip * rms[:, np.newaxis]
    banded = np.clip(block, -limits, limits).reshape(-1, n_channels, block.shape[1])
    return banded @ banded.transpose(0, 2, 1)


def _normed(products: NDArray[np.float64]) -> NDArray[np.float64]:
    power = np.sqrt(np.maximum(np.einsum("bii->bi", products), 1e-30))
    found = np.mean(products / (power[:, :, np.newaxis] * power[:, np.newaxis]), axis=0)
    np.fill_diagonal(found, 0.0)
    return np.asarray(found)
