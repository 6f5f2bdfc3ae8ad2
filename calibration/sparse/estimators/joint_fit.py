"""What the estimators of several subjects share: checks, one joint fit, scores of joint folds."""

from typing import Any

import numpy as np
from sklearn.base import clone

from calibration.blas_threads import one_blas_thread
from calibration.sparse.decoders.several_subjects import JointSolution, joint_path, pooled_path
from calibration.sparse.decoders.training_set import Regularizer, TrainingSet
from calibration.sparse.estimators.cross_validation import folds_of
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.trials import Trials, checked_regularizer

_SHARING = ("sensors", "pooled")
Folds = list[tuple[np.ndarray, np.ndarray]]


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
    if estimator.sharing not in _SHARING:
        raise ValueError(f"sharing must be one of {_SHARING}, got {estimator.sharing!r}")
    if not 0.0 <= similarity < np.inf:
        raise ValueError(f"similarity must satisfy 0 <= similarity < inf, got {similarity!r}")
    if estimator.penalty not in ("group", "l2"):
        raise ValueError(f"penalty must be one of ('group', 'l2'), got {estimator.penalty!r}")
    if estimator.penalty == "l2" and estimator.sharing != "pooled":
        raise ValueError("penalty='l2' needs sharing='pooled': it has no sensors to share")
    return checked_regularizer(single_subject(estimator), estimator.q, layout)


def checked_subjects(subjects: Any, trials: Trials) -> np.ndarray:
    """Return whose epoch each is, shape (n_epochs,).

    Raises
    ------
    ValueError
        If there is not one label per epoch, or a subject lacks a class.
    """
    owners = np.asarray(subjects)
    if owners.shape != trials.y.shape:
        raise ValueError(
            f"subjects must have one label per epoch ({trials.y.size}), got shape {owners.shape}"
        )
    for subject in np.unique(owners):
        if np.unique(trials.y[owners == subject]).size != 2:
            raise ValueError(f"every subject needs epochs of both classes, {subject!r} has one")
    return owners


def fit_jointly(
    estimator: Any, trials: Trials, owners: np.ndarray, alphas: np.ndarray, similarity: float
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
    with one_blas_thread():
        sets = [
            trials.training_set(
                np.flatnonzero(owners == subject), estimator.class_weight, estimator.scaling
            )
            for subject in np.unique(owners)
        ]
        if estimator.sharing == "pooled":
            return sets, pooled_path(
                sets, regularizer, alphas, tol=estimator.tol, max_iter=estimator.max_iter
            )
        return sets, joint_path(
            sets, regularizer, alphas, similarity, tol=estimator.tol, max_iter=estimator.max_iter
        )


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
    """
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
) -> np.ndarray:
    """Return every subject's score at every λ, shape (n_alphas, n_subjects)."""
    train, test = fold
    sets, path = fit_jointly(estimator, trials.subset(train), owners[train], alphas, similarity)
    scores = np.empty((len(path), len(sets)))
    labels = trials.classes[(trials.y > 0).astype(int)]
    for at, joint in enumerate(path):
        decoders = decoders_of(estimator, trials, sets, joint)
        for t, (subject, decoder) in enumerate(zip(np.unique(owners), decoders, strict=True)):
            own = test[owners[test] == subject]
            scores[at, t] = scorer(decoder, trials.X[own], labels[own])
    return scores
