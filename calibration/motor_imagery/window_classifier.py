"""A network on windows as the online chain cuts them: every sample, rows band by band."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader, Preprocessing
from bci_online.decoding.network.epochs import at_rate
from bci_online.errors import BciError
from calibration.networks.history import History
from calibration.networks.judged_training import SEEDS, fit_judged
from calibration.networks.network_classifier import NetworkClassifier

__all__ = ["WindowClassifier"]

FRESH = 0.25
FEWEST_VALIDATED = 10


class WindowClassifier:
    """A `NetworkClassifier` of windows, each (n_rows, n_times), at the stream's rate.

    Parameters
    ----------
    preprocessing : Preprocessing
        What made the windows. FBMSNet takes the bands of its filter bank, if it has one.
    trained : callable, optional
        Called with the history of each training.
    seeds : int
        Trainings at most: a network at chance is trained again with the next seed.
    **parameters : object
        Of `NetworkClassifier`; windows are resampled to its ``sfreq``.

    See Also
    --------
    calibration.networks.network_classifier.NetworkClassifier : Learns the windows.
    calibration.motor_imagery.fitting.ClassifierMethod : Fits it.

    Notes
    -----
    If windows follow each other closely, only those train that begin a quarter of a window after
    the last one: the others add almost nothing, and training would take five times as long.

    If fewer than ten trials would be held out for validation, none is, and every pass is made:
    which pass is best would be chance with three trials of fifteen, and they are needed for
    training (EEGNet on hands and feet, 15 trials: 8 of 15 right with them held out, 15 without).

    Attributes
    ----------
    classifier : NetworkClassifier
        The fitted network; one at chance was trained again with another seed.
    spread_ : float
        Standard deviation of its values on the windows that trained it.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("C3", "C4"), sfreq=100.0)
    >>> classifier = WindowClassifier(own, network="eegnet", sfreq=100.0, max_epochs=1)
    >>> rng, y = np.random.default_rng(0), np.tile([0, 1], 4)
    >>> fitted = classifier.fit(list(rng.normal(size=(8, 2, 64))), y, groups=np.arange(8))
    >>> fitted.classifier.classes_.tolist()
    [0, 1]
    """

    def __init__(
        self,
        preprocessing: Preprocessing,
        trained: Callable[[History], None] | None = None,
        seeds: int = SEEDS,
        **parameters: Any,
    ) -> None:
        window = preprocessing.window
        self._every = 1 if window is None else math.ceil(FRESH * window.length / window.step - 1e-6)
        self._sfreq = preprocessing.sfreq
        self._n_bands = len(preprocessing.filter.bands)
        self._trained = trained
        self._seeds = seeds
        self.classifier = NetworkClassifier(**parameters)

    def fit(self, X: Sequence[NDArray[np.float64]], y: NDArray[Any], groups: NDArray[Any]) -> Self:
        """Learn from windows; no group (trial) is on both sides of the validation split.

        Raises
        ------
        BciError
            If they are too few or too short for the network.
        """
        model = self.classifier
        n_validated = np.unique(groups).size * model.validation_fraction
        if n_validated < FEWEST_VALIDATED and model.loss_weighting != "gradapprox":
            model.set_params(validation_fraction=0.0, patience=model.max_epochs)
        try:
            epochs, kept = self.fresh(X, groups)
            self.classifier = model = fit_judged(model, epochs, y[kept], groups[kept], self._seeds)
            self.spread_ = float(np.std(model.decision_function(epochs)))
        # torch raises RuntimeError where a GPU has no memory left.
        except (ValueError, RuntimeError) as error:
            raise BciError(f"{model.network}: {error}") from None
        if self._trained is not None:
            self._trained(model.history_)
        return self

    def fresh(
        self, X: Sequence[NDArray[np.float64]], groups: NDArray[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the epochs that train, of windows that share little, and their rows."""
        order = np.zeros(len(groups), dtype=int)
        for group in np.unique(groups):
            own = np.flatnonzero(groups == group)
            order[own] = np.arange(own.size)
        kept = np.flatnonzero(order % max(1, self._every) == 0)
        return self._epochs([X[row] for row in kept.tolist()]), kept

    @property
    def history_(self) -> History:
        """Of its training."""
        return self.classifier.history_

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
