"""One decoder from labelled epochs: sensors, weights, evidence, limits."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from bci_online.config import Config, Evidence, Preprocessing
from bci_online.errors import RecordingError
from bci_online.paradigms.p300 import log_likelihood_ratio
from bci_online.preprocessing.filters import bandpass, settling_samples
from calibration.baselines import ShrinkageLDA
from calibration.evaluation.splits import Fold, inner_folds
from calibration.evidence import fit_evidence, scored_letters
from calibration.labelled_epochs import EpochSet
from calibration.sparse.group_svm import GroupSVMCV

__all__ = ["METHODS", "FittedDecoder", "Pick", "fit_decoder", "purge_seconds"]

FEWEST_TRAINED = 5

Pick = Callable[[tuple[str, ...]], EpochSet]
"""Gives the same epochs made from some of the sensors alone."""


def _group_svm(**fixed: Any) -> Callable[[list[Fold], bool], GroupSVMCV]:
    def make(folds: list[Fold], refit: bool) -> GroupSVMCV:
        return GroupSVMCV(cv=folds, refit="lda" if refit else None, **fixed)

    return make


def _ridge_svm(folds: list[Fold], refit: bool) -> GroupSVMCV:
    # An SVM chooses no sensors: there is nothing to refit on.
    return GroupSVMCV(penalty="l2", cv=folds)


METHODS: Mapping[str, Callable[[list[Fold], bool], Any]] = {
    "lda": lambda folds, refit: ShrinkageLDA(),
    "svm": _ridge_svm,
    "gsvm-2": _group_svm(),
    "gsvm-a": _group_svm(adaptive=True),
}
"""Method name to a maker of its unfitted estimator, given inner folds and whether to refit."""


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
    n_letters: int

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
        scaled = (epochs.X - self.center) / self.scale[:, np.newaxis]
        scores = np.tensordot(scaled, self.coef, axes=2) + self.intercept
        ratios = log_likelihood_ratio(scores, self.evidence)
        if self.limits is not None:
            ratios[(epochs.peak_to_peak > self.limits).any(axis=1)] = 0.0
        return ratios


def purge_seconds(preprocessing: Preprocessing) -> float:
    """Return how far apart in time two epochs must be to share nothing."""
    sos = bandpass(preprocessing.filter, preprocessing.sfreq)
    return preprocessing.epoch.tmax + settling_samples(sos) / preprocessing.sfreq


def fit_decoder(
    pick: Pick,
    rows: NDArray[np.int64],
    method: str,
    config: Config,
    refit: bool = True,
) -> FittedDecoder:
    """Choose sensors and weights on some epochs, and redo everything on those sensors alone.

    Parameters
    ----------
    pick : callable
        Gives the epochs for a set of sensors.
    rows : ndarray of int
        The epochs to learn from; the others are not looked at.
    method : str
        One of `METHODS`.
    config : Config
        Artefact limit, stopping rule.
    refit : bool
        Replace shrunken weights by a shrinkage LDA on the chosen sensors.

    Raises
    ------
    RecordingError
        If the epochs do not hold both classes in every part that must have them.
    """
    everything = pick(())
    names = everything.preprocessing.ch_names
    purge = purge_seconds(everything.preprocessing)
    epochs, _ = _clean(everything[rows], config.artefacts.k)
    estimator = METHODS[method](_folds(epochs, purge), refit)
    estimator.fit(epochs.X, epochs.y)
    chosen = tuple(names[sensor] for sensor in estimator.sensors_)
    if not chosen:
        raise RecordingError(f"{method} kept no sensor: the recording holds no response to flashes")
    epochs, limits = _clean(pick(chosen)[rows], config.artefacts.k)
    folds = _folds(epochs, purge)
    model = _on_chosen(estimator, refit, len(chosen) < len(names))
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
        n_letters=len(letters),
    )


def _on_chosen(estimator: Any, refit: bool, is_sparse: bool) -> Any:
    """Return the unfitted model for the chosen sensors; its λ is the one that was chosen."""
    if not isinstance(estimator, GroupSVMCV):
        return estimator
    if refit and is_sparse:
        return ShrinkageLDA()
    return estimator.best_estimator_


def _clean(epochs: EpochSet, k: float) -> tuple[EpochSet, NDArray[np.float64] | None]:
    """Return the epochs within each sensor's peak-to-peak limit, and the limits."""
    if not k:
        return epochs, None
    middle = np.median(epochs.peak_to_peak, axis=0)
    limits = middle + k * np.median(np.abs(epochs.peak_to_peak - middle), axis=0)
    kept = np.flatnonzero(np.all(epochs.peak_to_peak <= limits, axis=1))
    return epochs[kept], limits


def _fewer_class(y: NDArray[np.bool_]) -> int:
    return int(min(y.sum(), y.size - y.sum()))


def _folds(epochs: EpochSet, purge_s: float) -> list[Fold]:
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
