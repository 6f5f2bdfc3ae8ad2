"""The decoder of a session without calibration: a header, and nothing that was learnt."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.decoding.arrays import ArrayDecoder, checked_arrays
from bci_online.errors import DecoderMismatchError

__all__ = ["LAGS", "UncalibratedDecoder"]

LAGS = 3
"""So many latencies before and after the epoch the response of earlier sessions has."""


class UncalibratedDecoder(ArrayDecoder):
    """Says what an epoch is; the epochs themselves go to the paradigm, which decides by them.

    Parameters
    ----------
    header : DecoderHeader
        The decoder's header.
    arrays : mapping of str to ndarray
        None is needed. ``response``, (n_channels, n_times + 2 `LAGS`), is the difference of mean
        epochs that earlier sessions show, in median deviations of each channel.

    See Also
    --------
    bci_online.runtime.no_calibration.uncalibrated_decoder : Make it for a stream.
    bci_online.paradigms.p300.uncalibrated.UncalibratedSpeller : Decides.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> header = DecoderHeader(method="none", kind="uncalibrated", preprocessing=own)
    >>> UncalibratedDecoder(header, {}).limits is None
    True
    """

    def __init__(self, header: DecoderHeader, arrays: Mapping[str, NDArray[np.float64]]) -> None:
        own = header.preprocessing
        shape = len(own.ch_names), own.n_epoch + 2 * LAGS
        super().__init__(header, checked_arrays(arrays, {}, {"response": shape}))

    def spares(self, channels: Sequence[int]) -> bool:
        """Return whether epochs are used without these sensors.

        At least half of them must be left. With an average reference none can be spared: a lost
        sensor is a part of every average.
        """
        own = self.header.preprocessing
        return own.reference != "average" and 2 * len(channels) <= len(own.ch_names)

    def score(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Refuse: without calibration a single epoch has no score.

        Raises
        ------
        DecoderMismatchError
            Always.
        """
        raise DecoderMismatchError(
            "a decoder without calibration decides whole letters and scores no single flash"
        )
