"""A linear decoder of flashes: sensors, weights, evidence, artefact limits."""

import time
from copy import copy
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.errors import RecordingError
from calibration.discriminants.linear import LinearDiscriminant
from calibration.folds import Fold
from calibration.method_names import EVERY_SENSOR, RefitName
from calibration.p300.discriminant_scores import discriminant_scores
from calibration.p300.epochs import EpochSet
from calibration.p300.estimators import Discriminant, estimator_of
from calibration.p300.fitted import FittedDecoder
from calibration.p300.pooling.sources import PoolSource
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.searched import Searched, search_together
from calibration.p300.sensor_choice import Choice, choice_of, choose_sensors
from calibration.p300.sensor_prices import sensor_prices
from calibration.p300.training_epochs import (
    clean,
    held_out_scores,
    purge_seconds,
    training_folds,
)
from calibration.training_request import SensorNumber
from calibration.worker_processes import share_of
from calibration.workers import NOBODY, Workers

__all__ = ["LinearMethod"]


class LinearMethod(msgspec.Struct, frozen=True, kw_only=True):
    """A linear method of flashes: one weight for each chosen sensor and latency.

    Parameters
    ----------
    name : str
        A name of `ESTIMATORS`; with sources, of `calibration.method_names.POOLED`.
    refit : {"lda", "btlda", "none"}
        What gives the weights on the sensors that a sparse method chose.
    sensors : int or "auto", optional
        The most sensors to take, ranked along a path of λ. By default cross-validation chooses λ,
        and λ decides how many sensors stay.
    preferred : tuple of str
        Places of the 10-10 system near which a sensor costs less; by default all cost the same.
    sources : tuple of PoolSource
        Other subjects to learn with, on the sensors of the recorded epochs.
    similarity : float, optional
        As in `PooledClassifier`; by default the folds may change it.
    workers : Workers
        They help with the inner folds in which λ is chosen.

    See Also
    --------
    calibration.p300.methods.method_of : The method of a request.

    Examples
    --------
    >>> y = np.arange(60) % 3 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 2, 4)) + 2.0 * y[:, np.newaxis, np.newaxis]
    >>> from bci_online.config import Preprocessing
    >>> epochs = EpochSet(
    ...     X=X, y=y, letter=np.arange(60) // 10, run=np.zeros(60, dtype=int), rejected={},
    ...     code=np.arange(60) % 3, time=np.arange(60.0), peak_to_peak=np.ones((60, 2)),
    ...     letters=(), preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0),
    ... )
    >>> recorded = RecordedEpochs(epochs, cut_again=lambda preprocessing: epochs)
    >>> LinearMethod(name="lda").fit(recorded, np.arange(60), Config()).coef.shape
    (2, 4)
    """

    name: str
    refit: RefitName = "lda"
    sensors: SensorNumber | None = None
    preferred: tuple[str, ...] = ()
    sources: tuple[PoolSource, ...] = ()
    similarity: float | None = None
    workers: Workers = NOBODY

    @property
    def full_name(self) -> str:
        """Name in the decoder's header, with what differs from the method's default."""
        if self.sources:
            return f"{self.name} (pooled)"
        usual = self.refit == "lda" or self.name in EVERY_SENSOR
        return self.name if usual else f"{self.name} (refit {self.refit})"

    @property
    def ranks_sensors(self) -> bool:
        """True: sensors are ranked along a path of λ."""
        return True

    def shareable(self, recorded: RecordedEpochs, config: Config) -> Self:
        """Return the method without its workers, which help this process."""
        return msgspec.structs.replace(self, workers=NOBODY)

    def fit(
        self,
        recorded: RecordedEpochs,
        rows: NDArray[np.int64],
        config: Config,
        resamples: int = 0,
        stopping: bool = True,
    ) -> FittedDecoder:
        """Choose sensors and weights on some epochs, then redo everything on those sensors alone.

        Parameters
        ----------
        recorded : RecordedEpochs
            Gives the epochs for a set of sensors.
        rows : ndarray of int
            The epochs to learn from; no other is used.
        config : Config
            Artefact limit, stopping rule.
        resamples : int
            How often to choose the sensors again on resampled letters, if their number was asked
            for.
        stopping : bool
            As for `FlashMethod.fit`.

        Raises
        ------
        RecordingError
            If the epochs do not hold both classes in every part that must have them.
        BciError
            If more sensors are requested than there are, or a preferred place is unknown.
        """
        return self.search(recorded, rows, config, resamples).fitted(config, stopping)

    def search(
        self,
        recorded: RecordedEpochs,
        rows: NDArray[np.int64],
        config: Config,
        resamples: int = 0,
    ) -> Searched:
        """Choose sensors on some epochs, and score them in inner folds; parameters as for `fit`."""
        estimator = estimator_of(self.name, self.sources, self.similarity)
        if self.sensors is None and isinstance(estimator, Discriminant):
            return search_together([self.name], recorded, rows, config)[0]
        started = time.perf_counter()
        everything = recorded.all()
        names = everything.preprocessing.ch_names
        purge = purge_seconds(everything.preprocessing)
        epochs, _ = clean(everything[rows], config.artefacts.k)
        folds = training_folds(epochs, purge)
        prices = sensor_prices(names, self.preferred) if self.preferred else None
        if self.sensors is None:
            share = share_of(self.workers)
            searched = estimator.searched(epochs.X, epochs.y, folds, self.refit, prices, share)
            choice = choice_of(estimator, searched, names)
        else:
            choice = choose_sensors(estimator, epochs, folds, prices, self.sensors, resamples)
        if not choice.sensors:
            raise RecordingError(
                f"{self.name} kept no sensor: the recording holds no response to flashes"
            )
        epochs, limits = clean(recorded.of(choice.sensors)[rows], config.artefacts.k)
        folds = training_folds(epochs, purge)
        if self.sensors is None:
            model = estimator.on_chosen(searched, self.refit, len(choice.sensors) < len(names))
        else:
            model, choice = self._on_given(epochs, folds, choice)

        return Searched(
            epochs=epochs,
            model=model,
            limits=limits,
            choice=choice,
            held_out=_scores_of_folds(model, epochs, folds),
            seconds=time.perf_counter() - started,
        )

    def _on_given(self, epochs: EpochSet, folds: list[Fold], choice: Choice) -> tuple[Any, Choice]:
        """Return the unfitted model for a given number of sensors, and its λ and q."""
        refitted = self.refit != "none" and self.name not in EVERY_SENSOR
        name = self.refit if refitted else self.name
        sources = [source.on(choice.sensors) for source in self.sources]
        estimator = estimator_of(name, sources, self.similarity)
        share = share_of(self.workers)
        searched = estimator.searched(epochs.X, epochs.y, folds, "none", None, share)
        choice = choice.with_weights_of(choice_of(estimator, searched, choice.sensors))
        return estimator.on_chosen(searched, "none", False), choice


def _scores_of_folds(model: Any, epochs: EpochSet, folds: list[Fold]) -> NDArray[np.float64]:
    if isinstance(model, LinearDiscriminant):
        return discriminant_scores(model, epochs.X, epochs.y, folds)

    def fit(train: NDArray[np.int64]) -> Any:
        return copy(model).fit(epochs.X[train], epochs.y[train])

    return held_out_scores(fit, epochs.X, folds)
