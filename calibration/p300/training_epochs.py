"""Which epochs a decoder is trained on: those without artefacts, in folds that share nothing."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Preprocessing
from bci_online.errors import RecordingError
from bci_online.preprocessing.artefacts import artefact_limits
from bci_online.preprocessing.filters import bandpass, settling_samples
from bci_online.stimulus_findings import causes_of
from calibration.folds import Fold, inner_folds
from calibration.given_epochs import check_scores
from calibration.p300.epochs import EpochSet

__all__ = [
    "clean",
    "held_out_scores",
    "purge_seconds",
    "score_scale",
    "training_folds",
]

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
        As the chain cut them.
    k : float
        As for `artefact_limits`; 0 keeps every epoch.

    Returns
    -------
    kept : EpochSet
        In the same order; what is left out counts as rejected.
    limits : ndarray, shape (n_channels,), or None
        In the stream's unit; None if there is no limit.

    See Also
    --------
    bci_online.preprocessing.artefacts.artefact_limits : The limits.
    training_folds : The folds of what is kept.

    Examples
    --------
    Of ten epochs the last is an artefact:

    >>> epochs = EpochSet(
    ...     X=np.zeros((10, 1, 3)), y=np.arange(10) < 2, letter=np.zeros(10, dtype=int),
    ...     run=np.zeros(10, dtype=int), code=np.ones(10, dtype=int), time=np.arange(10.0),
    ...     peak_to_peak=np.array([[50.0 + n] for n in range(9)] + [[900.0]]),
    ...     rejected={}, letters=(), preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> kept, limits = clean(epochs, k=6.0)
    >>> len(kept), limits.shape
    (9, (1,))
    """
    limits = artefact_limits(epochs.peak_to_peak, k)
    return epochs.within(limits), limits


def purge_seconds(preprocessing: Preprocessing) -> float:
    """Return how many seconds apart two epochs must be to share nothing.

    Parameters
    ----------
    preprocessing : Preprocessing
        Its filter, sampling frequency and last latency decide.

    Returns
    -------
    seconds : float
        The last latency, and the time in which the filter settles.

    See Also
    --------
    bci_online.preprocessing.filters.settling_samples : How long a filter settles.
    calibration.folds.blocks : Leaves out so many seconds.

    Examples
    --------
    >>> round(purge_seconds(Preprocessing(ch_names=("Cz",), sfreq=250.0)), 1)
    3.1
    """
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

    Returns
    -------
    folds : list of Fold
        At least two.

    Raises
    ------
    RecordingError
        If fewer than two folds hold enough.

    See Also
    --------
    calibration.folds.inner_folds : All the folds.
    held_out_scores : Scores from these folds.

    Examples
    --------
    Six letters of six flashes, one flash in three a target:

    >>> n = np.arange(36)
    >>> epochs = EpochSet(
    ...     X=np.zeros((36, 1, 3)), y=n % 3 == 0, letter=n // 6, run=np.zeros(36, dtype=int),
    ...     code=n % 6, time=n.astype(float), peak_to_peak=np.ones((36, 1)), rejected={},
    ...     letters=(), preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> [test.size for _, test in training_folds(epochs, purge_s=3.0)]
    [12, 6, 6, 6, 6]
    """
    folds = [
        (train, test)
        for train, test in inner_folds(epochs, purge_s)
        if _fewer_class(epochs.y[train]) >= FEWEST_TRAINED and _fewer_class(epochs.y[test])
    ]
    if len(folds) < 2:
        causes = causes_of(epochs.rejected, "flash", epochs.lost_samples, epochs.steps)
        raise RecordingError(
            f"{len(epochs)} clean epochs, {int(epochs.y.sum())} of them targets, are too few to "
            "train on: each of two parts in time needs targets and others; record more letters"
            + "".join(f"; not used are {cause.text}" for cause in causes)
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
        In the stream's unit.
    folds : sequence of Fold
        Rows to train on and rows to test on.

    Returns
    -------
    scores : ndarray, shape (n_epochs,)
        In each fold the training scores have mean 0 and standard deviation 1: the models of the
        folds differ in scale. NaN for epochs that no fold tests.

    Raises
    ------
    BciError
        If a score is not finite.

    See Also
    --------
    score_scale : The scale of a fold's scores.
    calibration.p300.scored_letters.scored_letters : The scores by letter.

    Examples
    --------
    >>> from calibration import ShrinkageLDA
    >>> y = np.arange(60) % 3 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 2, 4))
    >>> X[y] += 2.0
    >>> halves = np.arange(30), np.arange(30, 60)
    >>> scores = held_out_scores(
    ...     lambda rows: ShrinkageLDA().fit(X[rows], y[rows]), X, [halves, halves[::-1]]
    ... )
    >>> bool(scores[y].min() > scores[~y].max())
    True
    """
    scores = np.full(len(X), np.nan)
    for train, test in folds:
        model = fit(train)
        mean, spread = score_scale(model, X[train])
        scores[test] = (model.decision_function(X[test]) - mean) / spread
        check_scores(scores[test])
    return scores


def score_scale(model: Scorer, X: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and standard deviation of a model's scores of its training epochs.

    Parameters
    ----------
    model : Scorer
        Fitted.
    X : ndarray, shape (n_epochs, n_channels, n_times)
        The epochs it was trained on.

    Returns
    -------
    mean : float
        In the unit of the scores.
    spread : float
        At least 1e-9.

    See Also
    --------
    held_out_scores : Brings the scores of folds to one scale.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model = SimpleNamespace(decision_function=lambda X: X.sum(axis=(1, 2)))
    >>> score_scale(model, np.array([[[1.0]], [[3.0]]]))
    (2.0, 1.0)
    """
    known = model.decision_function(X)
    return float(known.mean()), max(float(known.std()), SMALLEST_SPREAD)


def _fewer_class(y: NDArray[np.bool_]) -> int:
    return int(min(y.sum(), y.size - y.sum()))
