"""A linear decoder of flashes: sensors, weights, evidence, artefact limits."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from bci_online.config import Config, Evidence, LearningCurve, NetworkSpec, Preprocessing
from bci_online.decoding.linear import linear_scores
from bci_online.errors import RecordingError
from calibration.folds import Fold
from calibration.method_names import EVERY_SENSOR
from calibration.p300.epochs import EpochSet
from calibration.p300.estimators import estimator_of
from calibration.p300.evidence import evidence_of, fit_evidence
from calibration.p300.pooling.sources import PoolSource
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.scored_letters import ScoredLetter, scored_letters
from calibration.p300.sensor_choice import Choice, choice_of, choose_sensors
from calibration.p300.sensor_prices import sensor_prices
from calibration.p300.training_epochs import (
    clean,
    held_out_scores,
    purge_seconds,
    score_scale,
    training_folds,
)
from calibration.training_request import SensorNumber

__all__ = ["Fitted", "FittedDecoder", "LinearMethod"]


class Fitted(Protocol):
    """What a training finds; ``kind`` and ``network`` say which decoder reads its arrays.

    ``letters`` are the held-out scores that the evidence was fitted on.

    See Also
    --------
    FittedDecoder : What a linear method returns.
    """

    @property
    def preprocessing(self) -> Preprocessing:
        """What made the epochs, on the chosen sensors."""
        ...

    @property
    def evidence(self) -> Evidence:
        """What a score is worth, and when to stop."""
        ...

    @property
    def letters(self) -> tuple[ScoredLetter, ...]:
        """Held-out scores by letter."""
        ...

    @property
    def choice(self) -> Choice:
        """The chosen sensors."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, one line each."""
        ...

    @property
    def kind(self) -> Literal["linear", "network"]:
        """As in `DecoderHeader`."""
        ...

    @property
    def network(self) -> NetworkSpec | None:
        """The network's architecture."""
        ...

    @property
    def learning(self) -> LearningCurve | None:
        """How a network was trained."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of the decoder file."""
        ...

    def ratios(self, epochs: EpochSet) -> NDArray[np.float64]:
        """Return each epoch's evidence for a target (n_epochs,); 0 if it is an artefact."""
        ...


class FittedDecoder(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A fitted linear decoder.

    Parameters
    ----------
    preprocessing : Preprocessing
        What made the epochs, on the chosen sensors.
    coef, center : ndarray, shape (n_chosen, n_times)
        Weights of scaled epochs, and the mean epoch in the stream's unit.
    scale : ndarray, shape (n_chosen,)
        Of each sensor, in the stream's unit.
    intercept : float
        Over the training epochs scores have mean 0 and standard deviation 1.
    limits : ndarray, shape (n_chosen,), or None
        Peak-to-peak limits, in the stream's unit.
    band_rms : ndarray, shape (n_chosen,)
        RMS of the training epochs, in the stream's unit.
    evidence : Evidence
        What a score is worth, and when to stop.
    letters : tuple of ScoredLetter
        Held-out scores by letter.
    choice : Choice
        The chosen sensors.
    notes : tuple of str
        What the user should know, one line each.
    kind : str
        As in `DecoderHeader`.
    network, learning : None
        A linear decoder has neither.

    See Also
    --------
    LinearMethod : Fits one; has an example.
    bci_online.decoding.linear.LinearDecoder : Scores with these arrays online.
    """

    preprocessing: Preprocessing
    coef: NDArray[np.float64]
    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    intercept: float
    limits: NDArray[np.float64] | None
    band_rms: NDArray[np.float64]
    evidence: Evidence
    letters: tuple[ScoredLetter, ...]
    choice: Choice
    notes: tuple[str, ...] = ()
    kind: Literal["linear"] = "linear"
    network: None = None
    learning: None = None

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return the arrays of the decoder file."""
        arrays = {
            "coef": self.coef,
            "center": self.center,
            "scale": self.scale,
            "intercept": np.array([self.intercept]),
            "band_rms": self.band_rms,
        }
        return arrays if self.limits is None else arrays | {"limits": self.limits}

    def ratios(self, epochs: EpochSet) -> NDArray[np.float64]:
        """Return each epoch's evidence for a target (n_epochs,); 0 if it is an artefact."""
        scores = linear_scores(epochs.X, self.coef, self.center, self.scale, self.intercept)
        return evidence_of(scores, epochs.peak_to_peak, self.evidence, self.limits)


class LinearMethod(msgspec.Struct, frozen=True, kw_only=True):
    """A linear method of flashes: one weight for each chosen sensor and latency.

    Parameters
    ----------
    name : str
        A name of `ESTIMATORS`; with sources, of `calibration.method_names.POOLED`.
    refit : bool
        Replace shrunken weights by a shrinkage LDA on the chosen sensors.
    sensors : int or "auto", optional
        How many sensors at most, ranked along a path of λ. By default as many as λ, chosen by
        cross-validation, keeps.
    preferred : tuple of str
        Places of the 10-10 system near which a sensor costs less; by default all cost the same.
    sources : tuple of PoolSource
        Other subjects to learn with, on the sensors of the recorded epochs.

    See Also
    --------
    calibration.p300.methods.method_of : The method of a request.

    Examples
    --------
    >>> y = np.arange(60) % 3 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 2, 4)) + 2.0 * y[:, np.newaxis, np.newaxis]
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
    refit: bool = True
    sensors: SensorNumber | None = None
    preferred: tuple[str, ...] = ()
    sources: tuple[PoolSource, ...] = ()

    @property
    def full_name(self) -> str:
        """Name in the decoder's header, with what differs from the method's default."""
        if self.sources:
            return f"{self.name} (pooled)"
        always = self.refit or self.name in EVERY_SENSOR
        return self.name if always else f"{self.name} (no refit)"

    @property
    def ranks_sensors(self) -> bool:
        """True: sensors are ranked along a path of λ."""
        return True

    def fit(
        self,
        recorded: RecordedEpochs,
        rows: NDArray[np.int64],
        config: Config,
        resamples: int = 0,
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

        Raises
        ------
        RecordingError
            If the epochs do not hold both classes in every part that must have them.
        BciError
            If more sensors are requested than there are, or a preferred place is unknown.
        """
        everything = recorded.all()
        names = everything.preprocessing.ch_names
        purge = purge_seconds(everything.preprocessing)
        epochs, _ = clean(everything[rows], config.artefacts.k)
        folds = training_folds(epochs, purge)
        prices = sensor_prices(names, self.preferred) if self.preferred else None
        estimator = estimator_of(self.name, self.sources)
        if self.sensors is None:
            searched = estimator.unfitted(folds, self.refit, prices).fit(epochs.X, epochs.y)
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
        return _decoder(epochs, model, folds, limits, config, choice)

    def _on_given(self, epochs: EpochSet, folds: list[Fold], choice: Choice) -> tuple[Any, Choice]:
        """Return the unfitted model for a given number of sensors, and its λ and q."""
        name = "lda" if self.refit and self.name not in EVERY_SENSOR else self.name
        estimator = estimator_of(name, [source.on(choice.sensors) for source in self.sources])
        searched = estimator.unfitted(folds, False).fit(epochs.X, epochs.y)
        choice = choice.with_weights_of(choice_of(estimator, searched, choice.sensors))
        return estimator.on_chosen(searched, False, False), choice


def _decoder(
    epochs: EpochSet,
    model: Any,
    folds: Sequence[Fold],
    limits: NDArray[np.float64] | None,
    config: Config,
    choice: Choice,
) -> FittedDecoder:
    """Fit a model on the chosen sensors' epochs, and its evidence on held-out scores."""

    def fit(rows: NDArray[np.int64]) -> Any:
        return clone(model).fit(epochs.X[rows], epochs.y[rows])

    held_out = held_out_scores(fit, epochs.X, folds)
    fitted = fit(np.arange(len(epochs)))
    mean, spread = score_scale(fitted, epochs.X)
    centred = np.vdot(fitted.coef_, fitted.center_) + fitted.intercept_ - mean
    seen = np.isfinite(held_out)
    letters = scored_letters(epochs, held_out)
    return FittedDecoder(
        preprocessing=epochs.preprocessing,
        coef=fitted.coef_ * fitted.scale_[:, np.newaxis] / spread,
        center=fitted.center_,
        scale=fitted.scale_,
        intercept=float(centred / spread),
        limits=limits,
        band_rms=np.sqrt(np.mean(epochs.X**2, axis=(0, 2))),
        evidence=fit_evidence(held_out[seen], epochs.y[seen], letters, config.stopping),
        letters=tuple(letters),
        choice=choice,
        notes=getattr(fitted, "notes_", ()),
    )
