"""A network as a method of flashes: weights, evidence of held-out scores, artefact limits."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import (
    Config,
    DecoderHeader,
    Evidence,
    LearningCurve,
    NetworkSpec,
    Preprocessing,
    Tried,
)
from bci_online.errors import BciError
from bci_online.preprocessing.montage_check import correlations
from calibration.networks.history import learning_curve
from calibration.networks.network_training import NetworkTraining
from calibration.p300.epochs import EpochSet
from calibration.p300.evidence import evidence_of, fit_evidence
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.scored_letters import ScoredLetter, scored_letters
from calibration.p300.sensor_choice import Choice
from calibration.p300.training_epochs import (
    clean,
    held_out_scores,
    purge_seconds,
    score_scale,
    training_folds,
)

if TYPE_CHECKING:
    # Importing it imports PyTorch, which is not installed everywhere.
    from calibration.networks.network_classifier import NetworkClassifier

__all__ = ["FittedNetwork", "NetworkMethod"]

BATCH_SIZE = 64
"""The papers take ten trials; of ten flashes only one or two would be targets."""

FEWEST_GROUPS = 5


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
    kind: Literal["network"] = "network"

    @property
    def learning(self) -> LearningCurve:
        """How the network was trained."""
        return learning_curve(self.classifier.history_)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of the decoder file."""
        header = DecoderHeader(method="network", preprocessing=self.preprocessing)
        arrays = self.classifier.to_decoder(header)[1]
        arrays |= {"band_rms": self.band_rms, "correlation": self.correlation}
        return arrays if self.limits is None else arrays | {"limits": self.limits}

    def ratios(self, epochs: EpochSet) -> NDArray[np.float64]:
        """Return each epoch's evidence for a target (n_epochs,); 0 if it is an artefact."""
        scores = self.classifier.decision_function(epochs.X)
        return evidence_of(scores, epochs.peak_to_peak, self.evidence, self.limits)


class SearchedNetwork(msgspec.Struct, frozen=True, eq=False):
    """A network with the scores of its inner folds.

    Parameters
    ----------
    epochs : EpochSet
        Without artefacts.
    limits : ndarray, shape (n_channels,), or None
        Peak-to-peak limits, in the stream's unit.
    held_out : ndarray, shape (n_epochs,)
        See `held_out_scores`.
    seconds : float
        How long the inner folds took.
    trained : callable
        Given epochs, returns a fitted classifier.

    See Also
    --------
    calibration.p300.searched.Searched : The same for linear methods; has an example.
    """

    epochs: EpochSet
    limits: NDArray[np.float64] | None
    held_out: NDArray[np.float64]
    seconds: float
    trained: Callable[[EpochSet], "NetworkClassifier"]

    def fitted(self, config: Config) -> FittedNetwork:
        """Train on all epochs, and fit the evidence on the held-out scores."""
        epochs, final = self.epochs, self.trained(self.epochs)
        mean, spread = score_scale(final, epochs.X)
        held_out = mean + spread * self.held_out
        seen = np.isfinite(held_out)
        letters = scored_letters(epochs, held_out)
        band_rms = np.sqrt(np.mean(epochs.X**2, axis=(0, 2)))
        return FittedNetwork(
            preprocessing=epochs.preprocessing,
            classifier=final,
            network=final.spec_,
            limits=self.limits,
            band_rms=band_rms,
            correlation=correlations(epochs.X, band_rms, len(band_rms)),
            evidence=fit_evidence(held_out[seen], epochs.y[seen], letters, config.stopping),
            letters=tuple(letters),
            choice=Choice(sensors=epochs.preprocessing.ch_names),
        )


class NetworkMethod(msgspec.Struct, frozen=True):
    """A network as a method of flashes; it takes every sensor of one subject.

    Parameters
    ----------
    training : NetworkTraining
        Which network, and how it is trained.

    See Also
    --------
    calibration.p300.methods.method_of : The method of a request.
    calibration.p300.fitting.LinearMethod : The linear methods.
    calibration.networks.network_classifier.NetworkClassifier : What is trained.

    Examples
    --------
    >>> from calibration.networks.network_training import NetworkTraining
    >>> NetworkMethod(NetworkTraining(network="min2net")).full_name
    'min2net (fixed)'
    """

    training: NetworkTraining

    @property
    def name(self) -> str:
        """Name of the network, with its loss weighting if it has several losses."""
        return self.training.name

    @property
    def full_name(self) -> str:
        """Name in the decoder's header."""
        return self.training.name

    @property
    def ranks_sensors(self) -> bool:
        """False: a network has no weight for each sensor."""
        return False

    def shareable(self, recorded: RecordedEpochs, config: Config) -> None:
        """Return None: a network has threads of its own, and reports each pass."""

    def fit(
        self,
        recorded: RecordedEpochs,
        rows: NDArray[np.int64],
        config: Config,
        resamples: int = 0,
    ) -> FittedNetwork:
        """Train a network on flashes, and its evidence on held-out scores.

        Parameters
        ----------
        recorded : RecordedEpochs
        rows : ndarray of int
            The epochs to learn from; no other is used.
        config : Config
            Artefact limit, stopping rule.
        resamples : int
            Not used: no sensors are chosen.

        Raises
        ------
        BciError
            If there are too few epochs, or latencies, for the network.

        Notes
        -----
        Held-out scores are standardised by their fold's training scores, and brought to
        the scale of the final network: the networks of the folds differ in how certain they are.
        """
        return self.search(recorded, rows, config).fitted(config)

    def search(
        self, recorded: RecordedEpochs, rows: NDArray[np.int64], config: Config
    ) -> "SearchedNetwork":
        """Score epochs in inner folds; parameters as for `fit`."""
        started = time.perf_counter()
        epochs, limits = clean(recorded.all()[rows], config.artefacts.k)
        folds = training_folds(epochs, purge_seconds(epochs.preprocessing))
        held_out = held_out_scores(lambda rows: self._trained(epochs[rows]), epochs.X, folds)
        seconds = time.perf_counter() - started
        return SearchedNetwork(epochs, limits, held_out, seconds, self._trained)

    def _trained(self, epochs: EpochSet) -> "NetworkClassifier":
        """Train on epochs; whole letters, or stretches of time, are held out to validate on."""
        from calibration.networks.network_classifier import NetworkClassifier

        model = NetworkClassifier(
            sfreq=1 / epochs.preprocessing.epoch.step,
            batch_size=BATCH_SIZE,
            class_weight="balanced",
            **self.training.parameters(),
        )
        groups = epochs.letter
        if np.unique(groups).size < FEWEST_GROUPS:
            # Stretches, not single flashes: neighbours in time share the same drifts.
            groups = np.arange(len(epochs)) * 2 * FEWEST_GROUPS // len(epochs)
        try:
            model.fit(epochs.X, epochs.y, groups)
        # torch raises RuntimeError where a GPU has no memory left.
        except (ValueError, RuntimeError) as error:
            raise BciError(f"{self.training.network}: {error}") from None
        if self.training.trained is not None:
            self.training.trained(model.history_)
        return model
