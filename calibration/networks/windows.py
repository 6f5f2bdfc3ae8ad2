"""Networks on windows as the online chain cuts them: every sample, rows band by band."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader, Preprocessing
from bci_online.decoding.network.epochs import at_rate
from calibration.networks.training import NetworkClassifier

__all__ = ["WindowClassifier"]


class WindowClassifier:
    """A `NetworkClassifier` of windows, each (n_rows, n_times), at the stream's rate.

    Parameters
    ----------
    preprocessing : Preprocessing
        What made the windows; FBMSNet takes its bank's bands where it has one.
    **parameters
        Of `NetworkClassifier`; ``sfreq`` is the network's rate, to which windows are brought.
    """

    def __init__(self, preprocessing: Preprocessing, **parameters: Any) -> None:
        self._sfreq = preprocessing.sfreq
        self._n_bands = len(preprocessing.filter.bands)
        self.classifier = NetworkClassifier(**parameters)

    def fit(self, X: Sequence[NDArray[np.float64]], y: NDArray[Any], groups: NDArray[Any]) -> Self:
        """Learn from windows; no group (trial) is on both sides of the validation split."""
        self.classifier.fit(self._epochs(X), y, groups)
        return self

    def decision_function(self, X: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return log-odds against the first class; see `NetworkClassifier.decision_function`."""
        return self.classifier.decision_function(self._epochs(X))

    def to_decoder(self, header: DecoderHeader) -> tuple[DecoderHeader, dict[str, NDArray[Any]]]:
        """Return header and arrays of the online form."""
        return self.classifier.to_decoder(header)

    def _epochs(self, X: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        epochs = np.stack([at_rate(window, self._sfreq, self.classifier.sfreq) for window in X])
        if self._n_bands == 1:
            return epochs
        return epochs.reshape(len(epochs), self._n_bands, -1, epochs.shape[-1])
