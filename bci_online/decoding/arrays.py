"""The arrays of a decoder file, held against what its header says."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.errors import DecoderMismatchError
from bci_online.messages import read_only

__all__ = ["ArrayDecoder", "checked_arrays"]


class ArrayDecoder:
    """What every decoder of a file has: a header, arrays, and what is known of its signal.

    Parameters
    ----------
    header : DecoderHeader
        All that is no array.
    arrays : mapping of str to ndarray
        As `checked_arrays` returns them.
    """

    def __init__(self, header: DecoderHeader, arrays: dict[str, NDArray[np.float64]]) -> None:
        self.header = header
        self.arrays = arrays

    @property
    def limits(self) -> NDArray[np.float64] | None:
        """Peak-to-peak limits, one for each row of an epoch or window."""
        return self.arrays.get("limits")

    @property
    def band_rms(self) -> NDArray[np.float64] | None:
        """RMS of each row of the filtered signal in calibration."""
        return self.arrays.get("band_rms")


def checked_arrays(
    arrays: Mapping[str, NDArray[np.float64]],
    shapes: Mapping[str, tuple[int, ...]],
    optional: Mapping[str, tuple[int, ...]],
) -> dict[str, NDArray[np.float64]]:
    """Return the arrays of these names, read-only; what else there is is left out.

    Raises
    ------
    DecoderMismatchError
        If one of `shapes` is missing, or any has another shape or is not finite, or a scale is not
        positive.
    """
    asked = dict(shapes) | {name: shape for name, shape in optional.items() if name in arrays}
    return {name: _checked(name, arrays.get(name), shape) for name, shape in asked.items()}


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
    if name == "scale" and (array <= 0).any():
        raise DecoderMismatchError("decoder array 'scale' must be positive; train it anew")
    return read_only(np.array(array, dtype=float))
