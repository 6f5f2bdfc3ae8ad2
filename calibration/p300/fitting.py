"""One decoder from labelled epochs: sensors, weights, evidence, limits."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Union

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from bci_online.config import Config, Evidence, Preprocessing
from bci_online.decoding.linear import linear_scores
from bci_online.errors import BciError, RecordingError
from bci_online.paradigms.p300.decision import log_likelihood_ratio
from bci_online.preprocessing.artefacts import artefact_limits, artefacts
from bci_online.preprocessing.filters import bandpass, settling_samples
from calibration.folds import Fold, inner_folds, units
from calibration.p300.epochs import EpochSet
from calibration.p300.evidence import ScoredLetter, fit_evidence, scored_letters
from calibration.p300.methods import (
    METHODS,
    Choice,
    choice_of,
    on_chosen,
    on_given,
    priced,
    ranking_model,
    unfitted,
)
from calibration.p300.pooling import PoolSource
from calibration.p300.sensor_prices import sensor_prices
from calibration.sparse.sensor_path import rank_sensors, selection_frequency, sensor_path

if TYPE_CHECKING:
    from calibration.network_methods import NetworkMethod
    from calibration.p300.networks import FittedNetwork

__all__ = [
    "METHODS",
    "Fitted",
    "FittedDecoder",
    "Number",
    "Pick",
    "clean",
    "fit_decoder",
    "purge_seconds",
    "training_folds",
]

FEWEST_TRAINED = 5

Number = int | Literal["auto"]
"""How many sensors at most; "auto" is the smallest number within one standard error of the best."""

Pick = Callable[[tuple[str, ...]], EpochSet]
"""Gives the same epochs made from some of the sensors alone."""


class FittedDecoder(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """What training finds.

    ``coef`` and ``center`` have shape (n_chosen, n_times); ``scale``, ``limits`` and ``band_rms``
    (n_chosen,). Scores are standardised: over the training epochs their mean is 0, their standard
    deviation 1.
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
        """Return what the decoder file holds."""
        arrays = {
            "coef": self.coef,
            "center": self.center,
            "scale": self.scale,
            "intercept": np.array([self.intercept]),
            "band_rms": self.band_rms,
        }
        return arrays if self.limits is None else arrays | {"limits": self.limits}

    def ratios(self, epochs: EpochSet) -> NDArray[np.float64]:
        """Return each epoch's evidence for a target (n_epochs,); 0 where it is an artefact."""
        scores = linear_scores(epochs.X, self.coef, self.center, self.scale, self.intercept)
        ratios = log_likelihood_ratio(scores, self.evidence)
        ratios[artefacts(epochs.peak_to_peak, self.limits)] = 0.0
        return ratios


Fitted = Union[FittedDecoder, "FittedNetwork"]
"""What a decoder is made of; ``kind`` and ``network`` say which decoder reads its arrays."""


def purge_seconds(preprocessing: Preprocessing) -> float:
    """Return how far apart in time two epochs must be to share nothing."""
    sos = bandpass(preprocessing.filter, preprocessing.sfreq)
    return preprocessing.epoch.tmax + settling_samples(sos) / preprocessing.sfreq


def fit_decoder(
    pick: Pick,
    rows: NDArray[np.int64],
    method: "str | NetworkMethod",
    config: Config,
    refit: bool = True,
    *,
    sensors: Number | None = None,
    preferred: tuple[str, ...] = (),
    resamples: int = 0,
    sources: Sequence[PoolSource] = (),
) -> Fitted:
    """Choose sensors and weights on some epochs, and redo everything on those sensors alone.

    Parameters
    ----------
    pick : callable
        Gives the epochs for a set of sensors.
    rows : ndarray of int
        The epochs to learn from; the others are not looked at.
    method : str or NetworkMethod
        One of `METHODS`; or a network, which takes all sensors and none of the options below.
    config : Config
        Artefact limit, stopping rule.
    refit : bool
        Replace shrunken weights by a shrinkage LDA on the chosen sensors.
    sensors : int or "auto", optional
        How many sensors at most, ranked along the path of `ranking_model`. By default as many as λ,
        chosen by cross-validation, leaves.
    preferred : tuple of str
        Places of the 10-10 system near which a sensor costs less; everywhere the same by default.
    resamples : int
        How often to choose that number again on resampled letters, to see which sensors stay.
    sources : sequence of PoolSource
        Other subjects to learn with, on the sensors of ``pick(())``.

    Raises
    ------
    RecordingError
        If the epochs do not hold both classes in every part that must have them.
    BciError
        If more sensors are asked for than there are, or a preferred place is unknown.
    """
    if not isinstance(method, str):
        return method.fit_flashes(pick, rows, config)
    everything = pick(())
    names = everything.preprocessing.ch_names
    purge = purge_seconds(everything.preprocessing)
    epochs, _ = clean(everything[rows], config.artefacts.k)
    folds = training_folds(epochs, purge)
    prices = sensor_prices(names, preferred) if preferred else None
    if sensors is None:
        estimator = priced(unfitted(method, folds, refit, sources), prices).fit(epochs.X, epochs.y)
        choice = choice_of(estimator, names)
    else:
        choice = _choose(method, epochs, folds, prices, sensors, resamples)
    if not choice.sensors:
        raise RecordingError(f"{method} kept no sensor: the recording holds no response to flashes")
    epochs, limits = clean(pick(choice.sensors)[rows], config.artefacts.k)
    folds = training_folds(epochs, purge)
    if sensors is None:
        model = on_chosen(estimator, refit, len(choice.sensors) < len(names))
    else:
        near = [source.on(choice.sensors) for source in sources]
        estimator = unfitted(on_given(method, refit), folds, False, near).fit(epochs.X, epochs.y)
        choice = choice.with_weights_of(choice_of(estimator, choice.sensors))
        model = on_chosen(estimator, False, False)
    return _decoder(epochs, model, folds, limits, config, choice)


def _choose(
    method: str,
    epochs: EpochSet,
    folds: list[Fold],
    prices: NDArray[np.float64] | None,
    number: Number,
    resamples: int,
) -> Choice:
    """Return the first sensors of a method's path, in the recording's order."""
    names = epochs.preprocessing.ch_names
    if number != "auto" and number > len(names):
        raise BciError(
            f"--sensors {number}: only {len(names)} are recorded ({' '.join(names)}); "
            "ask for fewer, or leave --sensors out"
        )
    model = ranking_model(method, epochs.X, epochs.y, folds, prices)
    drawn = units(epochs)
    if number == "auto":
        path = sensor_path(model, epochs.X, epochs.y, folds, drawn)
        number = path.smallest_within_one_error()
        ranking = path.ranking
    else:
        ranking = rank_sensors(model, epochs.X, epochs.y, number)
    first = ranking.sensors[:number]
    # All of them were asked for: none is left out for want of weight.
    kept = np.arange(len(names)) if number == len(names) else np.sort(first)
    frequency = None
    if resamples and number < len(names):
        shares = selection_frequency(model, epochs.X, epochs.y, drawn, number, resamples)
        frequency = {names[i]: float(shares[i]) for i in np.argsort(-shares, kind="stable")}
    return Choice(
        sensors=tuple(names[sensor] for sensor in kept),
        alpha=float(ranking.alphas[first.size - 1]) if first.size else None,
        lam=float(ranking.lambdas[first.size - 1]) if first.size else None,
        q=model.q if model.penalty == "group" else None,
        frequency=frequency,
    )


def _decoder(
    epochs: EpochSet,
    model: Any,
    folds: list[Fold],
    limits: NDArray[np.float64] | None,
    config: Config,
    choice: Choice,
) -> FittedDecoder:
    """Fit a model on the chosen sensors' epochs, and its evidence on held-out scores."""
    held_out = np.full(len(epochs), np.nan)
    for train, test in folds:
        fold = clone(model).fit(epochs.X[train], epochs.y[train])
        known = fold.decision_function(epochs.X[train])
        held_out[test] = (fold.decision_function(epochs.X[test]) - known.mean()) / known.std()
    model = clone(model).fit(epochs.X, epochs.y)
    known = model.decision_function(epochs.X)
    centred = np.vdot(model.coef_, model.center_) + model.intercept_ - known.mean()
    seen = np.isfinite(held_out)
    letters = scored_letters(epochs, held_out)
    return FittedDecoder(
        preprocessing=epochs.preprocessing,
        coef=model.coef_ * model.scale_[:, np.newaxis] / known.std(),
        center=model.center_,
        scale=model.scale_,
        intercept=float(centred / known.std()),
        limits=limits,
        band_rms=np.sqrt(np.mean(epochs.X**2, axis=(0, 2))),
        evidence=fit_evidence(held_out[seen], epochs.y[seen], letters, config.stopping),
        letters=tuple(letters),
        choice=choice,
        notes=getattr(model, "notes_", ()),
    )


def clean(epochs: EpochSet, k: float) -> tuple[EpochSet, NDArray[np.float64] | None]:
    """Return the epochs within each sensor's peak-to-peak limit, and the limits."""
    limits = artefact_limits(epochs.peak_to_peak, k)
    return epochs[np.flatnonzero(~artefacts(epochs.peak_to_peak, limits))], limits


def _fewer_class(y: NDArray[np.bool_]) -> int:
    return int(min(y.sum(), y.size - y.sum()))


def training_folds(epochs: EpochSet, purge_s: float) -> list[Fold]:
    """Return inner folds with enough of both classes to train, and some to test."""
    folds = [
        (train, test)
        for train, test in inner_folds(epochs, purge_s)
        if _fewer_class(epochs.y[train]) >= FEWEST_TRAINED and _fewer_class(epochs.y[test])
    ]
    if len(folds) < 2:
        n_targets = int(epochs.y.sum())
        raise RecordingError(
            f"{len(epochs)} clean epochs, {n_targets} of them targets, are too few to train on: "
            "each of two parts in time needs targets and others; record more letters"
        )
    return folds
