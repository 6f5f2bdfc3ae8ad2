"""The arrays of a decoder file, checked against the header."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.errors import DecoderMismatchError
from bci_online.messages import read_only

__all__ = ["ArrayDecoder", "checked_arrays"]

# Scores are finite as long as weights and samples are within these.
LARGEST = 1e15


class ArrayDecoder:
    """The part that every decoder of a file shares: header, arrays, and limits of the signal.

    Parameters
    ----------
    header : DecoderHeader
        Everything about the decoder that is not an array.
    arrays : dict of str to ndarray
        As `checked_arrays` returns them.

    See Also
    --------
    checked_arrays : Checks the arrays.
    bci_online.decoding.linear.LinearDecoder : A decoder of a file.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> header = DecoderHeader(method="lda", preprocessing=own)
    >>> decoder = ArrayDecoder(header, {"limits": np.array([200.0, 150.0])})
    >>> decoder.limits.tolist(), decoder.band_rms
    ([200.0, 150.0], None)
    """

    def __init__(self, header: DecoderHeader, arrays: dict[str, NDArray[np.float64]]) -> None:
        self.header = header
        self.arrays = arrays

    @property
    def limits(self) -> NDArray[np.float64] | None:
        """Peak-to-peak limit (n_rows,) of each row of an epoch or window; None rejects nothing."""
        return self.arrays.get("limits")

    @property
    def band_rms(self) -> NDArray[np.float64] | None:
        """RMS (n_rows,) of each row of the filtered signal in calibration."""
        return self.arrays.get("band_rms")


def checked_arrays(
    arrays: Mapping[str, NDArray[np.float64]],
    shapes: Mapping[str, tuple[int, ...]],
    optional: Mapping[str, tuple[int, ...]],
) -> dict[str, NDArray[np.float64]]:
    """Return the arrays of these names, read-only; other arrays are left out.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        As they are in the file.
    shapes, optional : mapping of str to tuple of int
        Shapes of the arrays that must be there, and of those that may be there.

    Returns
    -------
    arrays : dict of str to ndarray
        Those that are named, and no other.

    Raises
    ------
    DecoderMismatchError
        If one of `shapes` is missing, an array has another shape, is not float or not finite, or a
        scale is not positive.

    See Also
    --------
    bci_online.decoding.decoder_file.read_decoder : Reads the arrays from a file.

    Examples
    --------
    >>> found = checked_arrays({"coef": np.ones((2, 3)), "more": np.ones(1)}, {"coef": (2, 3)}, {})
    >>> list(found), found["coef"].flags.writeable
    (['coef'], False)
    """
    expected = dict(shapes) | {name: shape for name, shape in optional.items() if name in arrays}
    return {name: _checked(name, arrays.get(name), shape) for name, shape in expected.items()}


def _checked(
    name: str, array: NDArray[np.float64] | None, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    if array is None:
        raise DecoderMismatchError(f"decoder array {name!r} is missing; train it again")
    if array.shape != shape or array.dtype.kind != "f":
        raise DecoderMismatchError(
            f"decoder array {name!r} must be float of shape {shape}, "
            f"is {array.dtype} of shape {array.shape}; train it again"
        )
    # A limit may be infinite: that sensor never rejects an epoch.
    if np.isnan(array).any() or (name != "limits" and (abs(array) > LARGEST).any()):
        raise DecoderMismatchError(
            f"decoder array {name!r} must be finite, at most {LARGEST:g}; train it again"
        )
    if name == "scale" and (array < 1 / LARGEST).any():
        raise DecoderMismatchError(
            f"decoder array 'scale' must be positive, at least {1 / LARGEST:g}; train it again"
        )
    return read_only(np.array(array, dtype=float))
