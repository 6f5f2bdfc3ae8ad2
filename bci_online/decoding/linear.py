"""A linear decoder: one weight per sensor and latency."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.decoding.arrays import ArrayDecoder, checked_arrays

__all__ = ["LinearDecoder"]


class LinearDecoder(ArrayDecoder):
    """Scores an epoch by ``sum(coef * (data - center) / scale) + intercept``.

    Parameters
    ----------
    header : DecoderHeader
        All that is no array.
    arrays : mapping of str to ndarray
        ``coef`` and ``center`` (n_channels, n_times), ``scale`` (n_channels,), ``intercept`` (1,),
        and optionally ``limits`` and ``band_rms`` (n_channels,).

    Raises
    ------
    DecoderMismatchError
        If an array is missing, has another shape than the header says, or is not finite.
    """

    def __init__(self, header: DecoderHeader, arrays: Mapping[str, NDArray[np.float64]]) -> None:
        n_channels = len(header.preprocessing.ch_names)
        n_times = header.preprocessing.epoch.latencies.size
        shapes: dict[str, tuple[int, ...]] = {
            "coef": (n_channels, n_times),
            "center": (n_channels, n_times),
            "scale": (n_channels,),
            "intercept": (1,),
        }
        optional = {"limits": (n_channels,), "band_rms": (n_channels,)}
        super().__init__(header, checked_arrays(arrays, shapes, optional))
        self._weights = self.arrays["coef"] / self.arrays["scale"][:, np.newaxis]
        offset = np.sum(self._weights * self.arrays["center"])
        self._intercept = float(self.arrays["intercept"][0] - offset)

    def score(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (0, score): the score speaks for the second class against the first."""
        return np.array([0.0, np.vdot(self._weights, data) + self._intercept])
