"""A new subject drawn to learnt ones: its checks, its decoder, its own cross-validation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.utils import check_consistent_length

from calibration.blas_threads import one_blas_thread
from calibration.sparse.decoders.several_subjects import Sources, drawn_path
from calibration.sparse.decoders.training_set import Decoder, TrainingSet
from calibration.sparse.estimators.cross_validation import Folds, mean_scores, scorer_of
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.joint_fit import checked_sharing, single_subject
from calibration.sparse.estimators.trials import Trials, check_number, checked_trials


def checked_target(estimator: Any, X: Any, y: Any, sample_weight: Any) -> Trials:
    """Check a new subject's epochs against those of the learnt ones.

    Raises
    ------
    ValueError
        If the labels or an epoch's shape are not those of `fit`.
    """
    trials = checked_trials(single_subject(estimator), X, y, sample_weight)
    if trials.X.shape[1:] != estimator.coef_.shape[1:]:
        raise ValueError(
            f"X must hold epochs of shape {estimator.coef_.shape[1:]} as in fit, "
            f"got {trials.X.shape[1:]}"
        )
    if not np.array_equal(trials.classes, estimator.classes_):
        raise ValueError(f"y must hold {estimator.classes_} as in fit, got {trials.classes}")
    return trials


def most_folds(cv: int, trials: Trials, groups: Any) -> int:
    """Return how many folds, at most ``cv``, can each test both classes; groups stay whole.

    Raises
    ------
    ValueError
        If there is not one group per epoch.
    """
    check_consistent_length(trials.y, groups)
    units = np.arange(len(trials.y)) if groups is None else np.asarray(groups)
    return min(cv, *(np.unique(units[trials.y == sign]).size for sign in (-1, 1)))


def learn_target(
    estimator: Any, sources: Sources, trials: Trials, alpha: float, similarity: float
) -> GroupSVM:
    """Return the fitted decoder of a new subject; see `MultiTaskGroupSVM.fit_target`."""
    everything = np.arange(len(trials.y))
    train, path = _path(estimator, sources, trials, everything, np.array([alpha]), similarity)
    decoder = _decoder(estimator, trials, train, path[0]).set_params(alpha=alpha)
    decoder.similarity_ = float(similarity)
    decoder.lambda_s_ = sources.pull(similarity, len(train.y))
    return decoder


def search_target(
    estimator: Any,
    sources: Sources,
    trials: Trials,
    folds: Folds,
    alphas: np.ndarray,
    similarities: Sequence[float],
    scoring: Any,
    n_jobs: int | None,
) -> tuple[float, float]:
    """Return the alpha and the similarity with the best mean score over the folds.

    At a tie the earlier similarity wins, then the larger alpha.

    Raises
    ------
    ValueError
        If no fold has a score.
    """
    args = (estimator, sources, trials)
    scorer = scorer_of(single_subject(estimator), scoring)
    found = Parallel(n_jobs=n_jobs)(
        delayed(_score_fold)(*args, fold, alphas, tie, scorer)
        for fold in folds
        for tie in similarities
    )
    scores = np.stack(found).reshape(len(folds), len(similarities), len(alphas))
    mean = mean_scores(scores)
    tie, alpha = np.unravel_index(int(np.argmax(mean)), mean.shape)
    return float(alphas[alpha]), float(similarities[int(tie)])


def _score_fold(
    estimator: Any,
    sources: Sources,
    trials: Trials,
    fold: tuple[np.ndarray, np.ndarray],
    alphas: np.ndarray,
    similarity: float,
    scorer: Any,
) -> np.ndarray:
    train, test = fold
    known, path = _path(estimator, sources, trials, train, alphas, similarity)
    labels = trials.classes[(trials.y[test] > 0).astype(int)]
    decoders = (_decoder(estimator, trials, known, found) for found in path)
    return np.array([scorer(decoder, trials.X[test], labels) for decoder in decoders])


def _path(
    estimator: Any,
    sources: Sources,
    trials: Trials,
    rows: np.ndarray,
    alphas: np.ndarray,
    similarity: float,
) -> tuple[TrainingSet, list[Decoder]]:
    check_number("similarity", similarity, "similarity >= 0", lambda x: x >= 0.0)
    regularizer = checked_sharing(estimator, 0.0, trials.layout)
    with one_blas_thread():
        train = trials.training_set(rows, estimator.class_weight, estimator.scaling)
        budget: dict[str, Any] = {"tol": estimator.tol, "max_iter": estimator.max_iter}
        return train, drawn_path(train, regularizer, alphas, similarity, sources, **budget)


def _decoder(estimator: Any, trials: Trials, train: TrainingSet, found: Decoder) -> GroupSVM:
    decoder = clone(single_subject(estimator))
    decoder.classes_, decoder.n_features_in_ = trials.classes, trials.X.shape[1]
    decoder.keep(train, found)
    return decoder
