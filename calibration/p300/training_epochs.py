"""Which epochs a decoder is trained on: those without artefacts, in folds that share nothing."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.errors import RecordingError
from bci_online.preprocessing.artefacts import artefact_limits, artefacts
from bci_online.preprocessing.filters import bandpass, settling_samples
from calibration.folds import Fold, inner_folds
from calibration.p300.epochs import EpochSet

__all__ = ["clean", "held_out_scores", "purge_seconds", "score_scale", "training_folds"]

FEWEST_TRAINED = 5
"""Epochs of each class that every training part must hold."""

SMALLEST_SPREAD = 1e-9
"""Scores that are all the same stay finite when they are divided by their spread."""


class Scorer(Protocol):
    """A fitted estimator with two classes."""

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a score for each epoch, shape (n_epochs,)."""
        ...


def clean(epochs: EpochSet, k: float) -> tuple[EpochSet, NDArray[np.float64] | None]:
    """Return the epochs within each sensor's peak-to-peak limit, and the limits.

    Parameters
    ----------
    epochs : EpochSet
    k : float
        As for `artefact_limits`; 0 keeps every epoch.

    Returns
    -------
    kept : EpochSet
    limits : ndarray, shape (n_channels,), or None
        In the stream's unit; None if there is no limit.
    """
    limits = artefact_limits(epochs.peak_to_peak, k)
    return epochs[np.flatnonzero(~artefacts(epochs.peak_to_peak, limits))], limits


def purge_seconds(preprocessing: Preprocessing) -> float:
    """Return how many seconds apart two epochs must be to share nothing."""
    sos = bandpass(preprocessing.filter, preprocessing.sfreq)
    return preprocessing.epoch.tmax + settling_samples(sos) / preprocessing.sfreq


def training_folds(epochs: EpochSet, purge_s: float) -> list[Fold]:
    """Return the inner folds that hold enough of both classes to train and to test.

    Parameters
    ----------
    epochs : EpochSet
        Without artefacts.
    purge_s : float
        See `purge_seconds`.

    Raises
    ------
    RecordingError
        If fewer than two folds do.
    """
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


def held_out_scores(
    fit: Callable[[NDArray[np.int64]], Scorer], X: NDArray[np.float64], folds: Sequence[Fold]
) -> NDArray[np.float64]:
    """Return the score of each epoch from a model that was trained without it.

    Parameters
    ----------
    fit : callable
        Given the rows to train on, returns a fitted model.
    X : ndarray, shape (n_epochs, n_channels, n_times)
    folds : sequence of Fold

    Returns
    -------
    scores : ndarray, shape (n_epochs,)
        In each fold the training scores have mean 0 and standard deviation 1: the models of the
        folds differ in scale. NaN for epochs that no fold tests.
    """
    scores = np.full(len(X), np.nan)
    for train, test in folds:
        model = fit(train)
        mean, spread = score_scale(model, X[train])
        scores[test] = (model.decision_function(X[test]) - mean) / spread
    return scores


def score_scale(model: Scorer, X: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and standard deviation of a model's scores of its training epochs."""
    known = model.decision_function(X)
    return float(known.mean()), max(float(known.std()), SMALLEST_SPREAD)


def _fewer_class(y: NDArray[np.bool_]) -> int:
    return int(min(y.sum(), y.size - y.sum()))
