"""A network as a method of flashes: weights, evidence of held-out scores, artefact limits."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.errors import BciError
from bci_online.preprocessing.montage_check import rms_and_correlations
from calibration.networks.judged_training import fit_judged, may_promise
from calibration.networks.network_training import NetworkTraining
from calibration.networks.pretraining import Subject, pretrained
from calibration.p300.epochs import EpochSet
from calibration.p300.evidence import fit_evidence
from calibration.p300.fitted_network import FittedNetwork
from calibration.p300.pooling.sources import PoolSource
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.scored_letters import scored_letters
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

__all__ = ["NetworkMethod", "with_pool"]

BATCH_SIZE = 64
"""The papers use ten trials a batch; of ten flashes only one or two would be targets."""

FEWEST_GROUPS = 5

CLASSES = ("nontarget", "target")


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
    of_folds : tuple of float
        The classification loss of each fold's network.

    See Also
    --------
    calibration.p300.searched.Searched : The same for linear methods; has an example.
    """

    epochs: EpochSet
    limits: NDArray[np.float64] | None
    held_out: NDArray[np.float64]
    seconds: float
    trained: Callable[[EpochSet], "NetworkClassifier"]
    of_folds: tuple[float, ...] = ()

    def fitted(self, config: Config, stopping: bool = True) -> FittedNetwork:
        """Train on all epochs, and fit the evidence on the held-out scores."""
        epochs, final = self.epochs, self.trained(self.epochs)
        mean, spread = score_scale(final, epochs.X)
        held_out = mean + spread * self.held_out
        seen = np.isfinite(held_out)
        letters = scored_letters(epochs, held_out)
        band_rms, correlation = rms_and_correlations(epochs.X, epochs.X.shape[1])
        rule = config.stopping if stopping else None
        evidence = fit_evidence(held_out[seen], epochs.y[seen], letters, rule)
        if not may_promise(final.history_, self.of_folds, 2):
            evidence = msgspec.structs.replace(evidence, promised=False)
        return FittedNetwork(
            preprocessing=epochs.preprocessing,
            classifier=final,
            network=final.spec_,
            limits=self.limits,
            band_rms=band_rms,
            correlation=correlation,
            evidence=evidence,
            of_folds=self.of_folds,
            letters=tuple(letters),
            choice=Choice(sensors=epochs.preprocessing.ch_names),
        )


def with_pool(training: NetworkTraining, sources: Sequence[PoolSource]) -> NetworkTraining:
    """Return a training that goes on from a network of other subjects.

    Parameters
    ----------
    training : NetworkTraining
        How all of them are learnt.
    sources : sequence of PoolSource
        At least one; each is taken at the new subject's latencies, without a lag.

    Returns
    -------
    training : NetworkTraining
        With a start.

    Raises
    ------
    BciError
        If the epochs are too few for the network.

    See Also
    --------
    calibration.networks.pretraining.pretrained : The same for any paradigm.

    Examples
    --------
    >>> training = NetworkTraining(network="min2net", max_epochs=1)
    >>> other = PoolSource(
    ...     name="sub-02", dense=np.random.default_rng(0).normal(size=(40, 2, 76)),
    ...     y=np.arange(40) % 6 == 0, ch_names=("Cz", "Pz"), per_step=4, n_times=12, step=0.05,
    ... )
    >>> with_pool(training, [other]).name
    'min2net (fixed, pooled)'
    """
    subjects = []
    for source in sources:
        # Stretches, not single flashes: neighbours in time share the same drifts.
        groups = np.arange(source.y.size) * 2 * FEWEST_GROUPS // source.y.size
        subjects.append(Subject(source.at(0.0), source.y.astype(np.int64), groups))
    stated = msgspec.structs.replace(training, scaling=training.scaling or "channel")
    own = {"sfreq": 1 / sources[0].step, "batch_size": BATCH_SIZE, "class_weight": "balanced"}
    try:
        return pretrained(stated, subjects, CLASSES, **own)
    # torch raises RuntimeError where a GPU has no memory left.
    except (ValueError, RuntimeError) as error:
        raise BciError(f"--pool: {training.network}: {error}") from None


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
        stopping: bool = True,
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
        stopping : bool
            As for `LinearMethod.fit`.

        Raises
        ------
        BciError
            If there are too few epochs, or latencies, for the network.

        Notes
        -----
        Held-out scores are standardised by their fold's training scores, and brought to
        the scale of the final network: the networks of the folds differ in how certain they are.
        """
        fitted = self.search(recorded, rows, config).fitted(config, stopping)
        if self.training.start is None:
            return fitted
        # With pooled recordings its name says more than what was asked for.
        return msgspec.structs.replace(fitted, method=self.full_name)

    def search(
        self, recorded: RecordedEpochs, rows: NDArray[np.int64], config: Config
    ) -> "SearchedNetwork":
        """Score epochs in inner folds; parameters as for `fit`."""
        started = time.perf_counter()
        epochs, limits = clean(recorded.all()[rows], config.artefacts.k)
        folds = training_folds(epochs, purge_seconds(epochs.preprocessing))
        of_folds: list[float] = []

        def trained(rows: NDArray[np.int64]) -> "NetworkClassifier":
            model = self._trained(epochs[rows])
            of_folds.append(model.history_.kept_loss)
            return model

        held_out = held_out_scores(trained, epochs.X, folds)
        seconds = time.perf_counter() - started
        losses = tuple(of_folds)
        return SearchedNetwork(epochs, limits, held_out, seconds, self._trained, losses)

    @property
    def _scaling(self) -> str | None:
        """What was stated, or the way of the network that is gone on from."""
        # The other scalings were measured on imagery alone.
        return self.training.scaling or (None if self.training.start else "channel")

    def _trained(self, epochs: EpochSet) -> "NetworkClassifier":
        """Train on epochs; whole letters, or stretches of time, are held out to validate on."""
        from calibration.networks.network_classifier import NetworkClassifier

        parameters = self.training.parameters() | {"scaling": self._scaling}
        if self.training.start is not None:
            parameters["start"] = self.training.start.ordered(CLASSES)
        model = NetworkClassifier(
            sfreq=1 / epochs.preprocessing.epoch.step,
            batch_size=BATCH_SIZE,
            class_weight="balanced",
            **parameters,
        )
        groups = epochs.letter
        if np.unique(groups).size < FEWEST_GROUPS:
            # Stretches, not single flashes: neighbours in time share the same drifts.
            groups = np.arange(len(epochs)) * 2 * FEWEST_GROUPS // len(epochs)
        try:
            return fit_judged(model, epochs.X, epochs.y, groups)
        # torch raises RuntimeError where a GPU has no memory left.
        except (ValueError, RuntimeError) as error:
            raise BciError(f"{self.training.network}: {error}") from None
