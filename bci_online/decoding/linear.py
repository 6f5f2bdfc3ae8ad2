"""A linear decoder: one weight per sensor and latency."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.errors import DecoderMismatchError
from bci_online.messages import read_only

__all__ = ["LinearDecoder"]


class LinearDecoder:
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
        shapes |= {name: shape for name, shape in optional.items() if name in arrays}
        self.header = header
        self.arrays: dict[str, NDArray[np.float64]] = {}
        for name, shape in shapes.items():
            self.arrays[name] = _checked(name, arrays.get(name), shape)
        if (self.arrays["scale"] <= 0).any():
            raise DecoderMismatchError("decoder array 'scale' must be positive; train it anew")
        self._weights = self.arrays["coef"] / self.arrays["scale"][:, np.newaxis]
        offset = np.sum(self._weights * self.arrays["center"])
        self._intercept = float(self.arrays["intercept"][0] - offset)

    @property
    def limits(self) -> NDArray[np.float64] | None:
        """Peak-to-peak limits (n_channels,)."""
        return self.arrays.get("limits")

    @property
    def band_rms(self) -> NDArray[np.float64] | None:
        """RMS (n_channels,) of the filtered signal in calibration."""
        return self.arrays.get("band_rms")

    def score(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (0, score): the score speaks for the second class against the first."""
        return np.array([0.0, np.vdot(self._weights, data) + self._intercept])


def _checked(
    name: str, array: NDArray[np.float64] | None, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    if array is None:
        raise DecoderMismatchError(f"decoder array {name!r} is missing; train it anew")
    if array.shape != shape or array.dtype.kind != "f":
        raise DecoderMismatchError(
            f"decoder array {name!r} must be float of shape {shape}, "
            f"is {array.dtype} of shape {array.shape}; train it anew"
        )
    # A limit may be infinite: that sensor rejects nothing.
    if np.isnan(array).any() or (name != "limits" and np.isinf(array).any()):
        raise DecoderMismatchError(f"decoder array {name!r} must be finite; train it anew")
    return read_only(np.array(array, dtype=float))
