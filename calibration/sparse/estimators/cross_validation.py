"""Choice of λ and q: warm-started paths in every fold, folds in parallel.

Only what a user of scikit-learn gives (folds, scorers, ``n_jobs``) imports it: it takes a second.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from bci_online.metrics import auc
from calibration.blas_threads import one_blas_thread
from calibration.folds import Share
from calibration.sparse.decoders.first_sensors import first_sensors
from calibration.sparse.decoders.training_set import refitted, sensor_strengths, sparse_path
from calibration.sparse.estimators.trials import Trials, checked_regularizer, checked_units

Folds = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class FoldScores:
    """One path in one fold.

    Attributes
    ----------
    scores : ndarray, shape (n_alphas,), or (n_alphas, n_subjects)
    strengths : ndarray, shape (n_alphas, n_sensors)
        ‖w_g‖₂ of the penalised solutions; zero where a sensor was not chosen.
    """

    scores: np.ndarray
    strengths: np.ndarray


def folds_of(cv: Any, trials: Trials, groups: np.ndarray | None) -> Folds:
    """Return the (train, test) rows of every fold.

    A number (None: 5) with ``groups`` keeps each group on one side and the classes balanced;
    without, folds are stratified. A splitter, or rows, are used unchanged.

    Raises
    ------
    ValueError
        If there is no fold, or a fold has rows that do not exist, or a group is missing.
    """
    from sklearn.model_selection import StratifiedGroupKFold, check_cv

    groups = None if groups is None else checked_units("groups", groups, trials.y.size)
    labels = trials.classes[(trials.y > 0).astype(int)]
    if groups is not None and (cv is None or isinstance(cv, Integral)):
        cv = StratifiedGroupKFold(5 if cv is None else int(cv))
    folds = list(check_cv(cv, labels, classifier=True).split(trials.X, labels, groups))
    if not folds:
        raise ValueError("cv must give one fold or more, got none")
    last = max(int(np.max(rows, initial=-1)) for fold in folds for rows in fold)
    if last >= labels.size:
        raise ValueError(f"cv must give rows among {labels.size} epochs, got {last}")
    return folds


def scorer_of(model: Any, scoring: Any) -> Any:
    """Return ``scorer(estimator, X, y)``; None means the accuracy."""
    if scoring == "roc_auc":
        return area
    from sklearn.metrics import check_scoring, get_scorer

    # Of an unknown name `get_scorer` says in one line that it is; the other lists all there are.
    return get_scorer(scoring) if isinstance(scoring, str) else check_scoring(model, scoring)


def area(model: Any, X: np.ndarray, labels: np.ndarray) -> float:
    """Return what scikit-learn's scorer returns, which takes a sixth of a fold with its checks."""
    return auc(labels == model.classes_[1], model.decision_function(X))


def mean_scores(scores: np.ndarray | Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean over folds (the first axis), without those that have no score.

    The area under the curve of a fold that tests trials of one class is not defined.

    Raises
    ------
    ValueError
        If no fold has a score.
    """
    found = np.asarray(scores)
    scored = np.isfinite(found).reshape(len(found), -1).all(axis=1)
    if not scored.any():
        raise ValueError(
            f"none of {len(found)} folds has a score, as none tests trials of both classes; take "
            "fewer folds or smaller groups, or give more trials"
        )
    mean: np.ndarray = found[scored].mean(axis=0)
    return mean


@dataclass(frozen=True)
class Search:
    """All paths of a search.

    Attributes
    ----------
    models : list of GroupSVM
        One per q, unfitted.
    scores, n_sensors : ndarray, shape (n_alphas, n_folds, n_qs)
    """

    models: list[Any]
    scores: np.ndarray
    n_sensors: np.ndarray

    def best(self, within_one_error: bool = False) -> tuple[int, int]:
        """Return the alpha's and the q's index of the best mean score; ties to the first.

        With ``within_one_error`` the largest alpha, of the same q, whose mean is at most one
        standard error below the best. The error is that of the best mean, over folds (Breiman et
        al. (1984), Classification and Regression Trees, section 3.4.3).

        Raises
        ------
        ValueError
            If no fold has a score.
        """
        mean = mean_scores(self.scores.swapaxes(0, 1))
        alpha, q = np.unravel_index(int(np.argmax(mean)), mean.shape)
        of_folds = self.scores[alpha, :, q]
        of_folds = of_folds[np.isfinite(of_folds)]
        if within_one_error and of_folds.size > 1:
            error = of_folds.std(ddof=1) / np.sqrt(of_folds.size)
            alpha = np.argmax(mean[:, q] >= mean[alpha, q] - error)
        return int(alpha), int(q)


def jobs(n_jobs: int | None) -> Share:
    """Return how joblib shares out folds."""
    from joblib import Parallel, delayed

    def share(work: Callable[[Any, Any], Any], shared: Any, items: Sequence[Any]) -> list[Any]:
        return list(Parallel(n_jobs=n_jobs)(delayed(work)(shared, item) for item in items))

    return share


def search(
    template: Any,
    trials: Trials,
    folds: Folds,
    alphas: np.ndarray,
    qs: Sequence[float],
    scorer: Any,
    share: Share,
) -> Search:
    """Score every λ and q in every fold.

    The first stage of an adaptive template is searched first: its λ has the best scores of that
    stage without refit. Each fold makes its weights from its own first solution.

    Parameters
    ----------
    template : SparseSVM
        Not fitted; its ``alpha`` is ignored.
    trials : Trials
    folds : list of (train, test)
    alphas : ndarray, shape (n_alphas,)
        Falling fractions of each fold's own λ_max.
    qs : sequence of float
    scorer : callable
        ``scorer(model, X, y)``.
    share : callable
        Computes the folds.

    Returns
    -------
    search : Search
    """
    models, paths = [], []
    for q in qs:
        checked_regularizer(template, q, trials.layout)
        model, strengths = copy(template), [None] * len(folds)
        model.q = q

        def scored(one: Any, firsts: list[Any]) -> list[FoldScores]:
            items = [(*fold, first) for fold, first in zip(folds, firsts, strict=True)]
            return share(_score_fold, (one, trials, alphas, scorer), items)

        if template.adaptive:
            first = copy(model)
            first.refit = None
            stage = scored(first, strengths)
            best = int(np.argmax(mean_scores([path.scores for path in stage])))
            model.adaptive_alpha = float(alphas[best])
            strengths = [path.strengths[best] for path in stage]
        models.append(model)
        paths.append(scored(model, strengths))
    scores = np.stack([[path.scores for path in found] for found in paths])
    strengths_found = np.stack([[path.strengths for path in found] for found in paths])
    return Search(models, scores.T, np.count_nonzero(strengths_found, axis=-1).T)


def _score_fold(
    shared: tuple[Any, Trials, np.ndarray, Any],
    item: tuple[np.ndarray, np.ndarray, np.ndarray | None],
) -> FoldScores:
    """Score a whole path in one fold."""
    template, trials, alphas, scorer = shared
    train, test, strengths = item
    model = copy(template)
    model.classes_, model.n_features_in_ = trials.classes, trials.X.shape[1]
    X, labels = trials.X[test], trials.classes[(trials.y[test] > 0).astype(int)]
    regularizer = checked_regularizer(model, model.q, trials.layout)
    scores = []
    budget: dict[str, Any] = {"tol": model.tol, "max_iter": model.max_iter}
    with one_blas_thread():
        fold = trials.training_set(train, model.class_weight, model.scaling)
        only = None
        if model.max_sensors is not None:
            only = first_sensors(fold, regularizer, model.max_sensors, strengths, **budget)
        path = sparse_path(fold, regularizer, alphas, strengths=strengths, only=only, **budget)
        for decoder in refitted(fold, path, model.refit):
            model.keep(fold, decoder)
            scores.append(scorer(model, X, labels))
    found = np.stack([sensor_strengths(decoder.penalised, fold.layout) for decoder in path])
    return FoldScores(np.array(scores), found)
