"""What a training of a network on flashes finds."""

from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import (
    DecoderHeader,
    Evidence,
    LearningCurve,
    NetworkSpec,
    Preprocessing,
    Tried,
)
from calibration.given_epochs import check_scores
from calibration.networks.history import History, learning_curve
from calibration.p300.epochs import EpochSet
from calibration.p300.evidence import evidence_of
from calibration.p300.scored_letters import ScoredLetter
from calibration.p300.sensor_choice import Choice

if TYPE_CHECKING:
    # Importing it imports PyTorch, which is not installed everywhere.
    from calibration.networks.network_classifier import NetworkClassifier

__all__ = ["FittedNetwork"]


class FittedNetwork(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A fitted network, with a classifier in the place of weights per sensor.

    Parameters
    ----------
    preprocessing : Preprocessing
        What made the epochs.
    classifier : NetworkClassifier
        It is fitted.
    network : NetworkSpec
        Its architecture.
    limits : ndarray, shape (n_channels,), or None
        Peak-to-peak limits, in the stream's unit.
    correlation : ndarray, shape (n_channels, n_channels)
        As in `calibration.p300.fitted.FittedDecoder`.
    band_rms : ndarray, shape (n_channels,)
        RMS of the training epochs, in the stream's unit.
    evidence : Evidence
        What a score is worth, and when to stop.
    letters : tuple of ScoredLetter
        Held-out scores by letter.
    choice : Choice
        All sensors.
    notes : tuple of str
        What the user should know, one line each.
    method : str
        The method that was chosen; empty if it was asked for.
    tried : tuple of Tried
        What it was chosen from.
    of_folds : tuple of float
        Classification loss of each network that gave held-out scores for the evidence.
    kind : str
        As in `DecoderHeader`.

    See Also
    --------
    calibration.p300.fitted.FittedDecoder : The same for linear methods.
    calibration.networks.network_classifier.NetworkClassifier : The classifier.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> fitted = FittedNetwork(
    ...     preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0), network=None, limits=None,
    ...     classifier=SimpleNamespace(decision_function=lambda X: X.sum(axis=(1, 2))),
    ...     band_rms=np.ones(1), correlation=np.zeros((1, 1)),
    ...     evidence=Evidence(), letters=(), choice=Choice(sensors=("Cz",)),
    ... )
    >>> epochs = SimpleNamespace(X=np.full((2, 1, 1), 0.5), peak_to_peak=np.ones((2, 1)))
    >>> fitted.ratios(epochs).tolist()  # stands for a network whose score is the sum
    [1.0, 1.0]
    >>> epochs.X[0] = np.nan
    >>> fitted.ratios(epochs)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: the scores of 1 of 2 held-out epochs are not finite: live ...
    """

    preprocessing: Preprocessing
    classifier: "NetworkClassifier"
    network: NetworkSpec
    limits: NDArray[np.float64] | None
    band_rms: NDArray[np.float64]
    correlation: NDArray[np.float64]
    evidence: Evidence
    letters: tuple[ScoredLetter, ...]
    choice: Choice
    notes: tuple[str, ...] = ()
    method: str = ""
    tried: tuple[Tried, ...] = ()
    of_folds: tuple[float, ...] = ()
    kind: Literal["network"] = "network"

    @property
    def history(self) -> History:
        """Every step of the training of this network, not of one that was tried or held out."""
        return self.classifier.history_

    @property
    def learning(self) -> LearningCurve:
        """How the network was trained."""
        curve = learning_curve(self.history)
        return msgspec.structs.replace(curve, of_folds=self.of_folds)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of the decoder file."""
        header = DecoderHeader(method="network", preprocessing=self.preprocessing)
        arrays = self.classifier.to_decoder(header)[1]
        arrays |= {"band_rms": self.band_rms, "correlation": self.correlation}
        return arrays if self.limits is None else arrays | {"limits": self.limits}

    def ratios(self, epochs: EpochSet) -> NDArray[np.float64]:
        """Return each epoch's evidence for a target (n_epochs,); 0 if it is an artefact.

        Raises
        ------
        BciError
            If a score is not finite.
        """
        scores = self.classifier.decision_function(epochs.X)
        check_scores(scores)
        return evidence_of(scores, epochs.peak_to_peak, self.evidence, self.limits)
