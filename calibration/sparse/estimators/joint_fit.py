"""What the estimators of several subjects share: checks, one joint fit, scores of joint folds."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_consistent_length

from calibration.blas_threads import one_blas_thread
from calibration.sparse.decoders.several_subjects import (
    JointSolution,
    joint_path,
    joint_strengths,
    pooled_path,
)
from calibration.sparse.decoders.training_set import Regularizer, TrainingSet
from calibration.sparse.estimators.cross_validation import Folds, FoldScores, folds_of
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.trials import (
    Trials,
    check_choice,
    check_number,
    check_whole,
    checked_regularizer,
    checked_units,
)

_SHARING = ("sensors", "pooled")


def single_subject(estimator: Any) -> GroupSVM:
    """Return an unfitted `GroupSVM` with the parameters a joint estimator has in common."""
    shared = GroupSVM().get_params().keys() & estimator.get_params().keys()
    return GroupSVM(**{name: getattr(estimator, name) for name in shared})


def checked_sharing(estimator: Any, similarity: float, layout: Any) -> Regularizer:
    """Check the parameters of a joint estimator.

    Raises
    ------
    ValueError
        Naming the parameter, its rule and its value.
    """
    check_choice("sharing", estimator.sharing, _SHARING)
    check_number("similarity", similarity, "0 <= similarity < inf", lambda x: 0.0 <= x < np.inf)
    if estimator.penalty == "l2" and estimator.sharing != "pooled":
        raise ValueError("penalty='l2' needs sharing='pooled': it has no sensors to share")
    return checked_regularizer(single_subject(estimator), estimator.q, layout)


def checked_subjects(subjects: Any, trials: Trials) -> np.ndarray:
    """Return whose epoch each is, shape (n_epochs,).

    Raises
    ------
    ValueError
        If there is not one label per epoch, one is missing, or a subject lacks a class.
    """
    owners = checked_units("subjects", subjects, trials.y.size)
    for subject in np.unique(owners).tolist():
        if np.unique(trials.y[owners == subject]).size != 2:
            raise ValueError(f"every subject needs epochs of both classes, {subject!r} has one")
    return owners


def fit_jointly(
    estimator: Any,
    trials: Trials,
    owners: np.ndarray,
    alphas: np.ndarray,
    similarity: float,
    strengths: np.ndarray | None = None,
) -> tuple[list[TrainingSet], list[JointSolution]]:
    """Scale every subject on its own and solve at every fraction of λ_max.

    Parameters
    ----------
    estimator : MultiTaskGroupSVM
    trials : Trials
    owners : ndarray, shape (n_epochs,)
        Subject of each epoch.
    alphas : ndarray, shape (n_alphas,)
        Falling fractions of λ_max.
    similarity : float
    strengths : ndarray, shape (n_sensors,), optional
        A first solution, for the adaptive penalty.

    Returns
    -------
    sets : list of TrainingSet
        One per subject, in sorted order of the labels. Other functions rely on this order.
    path : list of JointSolution
        One per alpha.
    """
    # Own scaling first: amplitudes differ between caps, and a shared scale would let the subject
    # with the largest amplitude decide which sensors are kept.
    regularizer = checked_sharing(estimator, similarity, trials.layout)
    how: dict[str, Any] = {
        "strengths": strengths,
        "refit": estimator.refit,
        "tol": estimator.tol,
        "max_iter": estimator.max_iter,
    }
    with one_blas_thread():
        sets = [
            trials.training_set(
                np.flatnonzero(owners == subject), estimator.class_weight, estimator.scaling
            )
            for subject in np.unique(owners)
        ]
        if estimator.sharing == "pooled":
            return sets, pooled_path(sets, regularizer, alphas, **how)
        return sets, joint_path(sets, regularizer, alphas, similarity, **how)


def first_strengths(
    estimator: Any, trials: Trials, owners: np.ndarray, alpha: float, similarity: float
) -> np.ndarray:
    """Return ‖W_g‖_F of the solution that an adaptive penalty takes its weights from."""
    plain = clone(estimator).set_params(adaptive=False, refit=None)
    sets, path = fit_jointly(plain, trials, owners, np.array([alpha]), similarity)
    return _strengths(sets, path[0])


def decoders_of(
    estimator: Any, trials: Trials, sets: list[TrainingSet], joint: JointSolution
) -> list[GroupSVM]:
    """Return one fitted `GroupSVM` per subject."""
    decoders = []
    for train, found in zip(sets, joint.decoders, strict=True):
        decoder = clone(single_subject(estimator))
        decoder.classes_, decoder.n_features_in_ = trials.classes, trials.X.shape[1]
        decoder.keep(train, found)
        decoders.append(decoder)
    return decoders


def joint_folds(n_folds: int, trials: Trials, owners: np.ndarray, groups: Any) -> Folds:
    """Return folds that split every subject's trials on their own; groups stay whole.

    Fold k of all joint trials is fold k of every subject together. Folds over all trials at once
    could leave a subject without a class in some training set, and there would be no decoder.

    Raises
    ------
    ValueError
        If there is not one group per epoch, or ``n_folds`` is not a whole number from 2.
    """
    check_whole("cv", n_folds, least=2)
    check_consistent_length(trials.y, groups)
    parts: list[tuple[list[np.ndarray], list[np.ndarray]]] = [([], []) for _ in range(n_folds)]
    for subject in np.unique(owners):
        rows = np.flatnonzero(owners == subject)
        own = trials.subset(rows)
        own_groups = None if groups is None else np.asarray(groups)[rows]
        for part, (train, test) in zip(parts, folds_of(n_folds, own, own_groups), strict=True):
            part[0].append(rows[train])
            part[1].append(rows[test])
    return [(np.concatenate(train), np.concatenate(test)) for train, test in parts]


def score_joint_fold(
    estimator: Any,
    trials: Trials,
    owners: np.ndarray,
    fold: tuple[np.ndarray, np.ndarray],
    alphas: np.ndarray,
    similarity: float,
    scorer: Any,
    strengths: np.ndarray | None = None,
) -> FoldScores:
    """Return every subject's score at every λ; the scores have shape (n_alphas, n_subjects)."""
    train, test = fold
    known = trials.subset(train)
    sets, path = fit_jointly(estimator, known, owners[train], alphas, similarity, strengths)
    scores = np.empty((len(path), len(sets)))
    labels = trials.classes[(trials.y > 0).astype(int)]
    for at, joint in enumerate(path):
        decoders = decoders_of(estimator, trials, sets, joint)
        for t, (subject, decoder) in enumerate(zip(np.unique(owners), decoders, strict=True)):
            own = test[owners[test] == subject]
            scores[at, t] = scorer(decoder, trials.X[own], labels[own])
    return FoldScores(scores, np.stack([_strengths(sets, joint) for joint in path]))


def _strengths(sets: list[TrainingSet], joint: JointSolution) -> np.ndarray:
    return joint_strengths([decoder.penalised for decoder in joint.decoders], sets[0])
