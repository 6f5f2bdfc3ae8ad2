"""Choice of a joint problem's λ_r and λ_s by cross-validation within every subject."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from calibration.sparse.estimators.cross_validation import (
    Folds,
    FoldScores,
    folds_of,
    mean_scores,
    scorer_of,
)
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.joint_fit import (
    checked_subjects,
    joint_folds,
    score_joint_fold,
    single_subject,
)
from calibration.sparse.estimators.multi_task import MultiTaskGroupSVM
from calibration.sparse.estimators.new_subject import checked_target, most_folds, search_target
from calibration.sparse.estimators.trials import (
    Trials,
    checked_alphas,
    checked_sequence,
    checked_trials,
)


class MultiTaskGroupSVMCV(ClassifierMixin, BaseEstimator):
    """`MultiTaskGroupSVM` whose λ_r and λ_s are chosen by cross-validation within every subject.

    Parameters
    ----------
    sharing, penalty, q, class_weight, sensor_weights, refit, l1_ratio, kappa, scaling, groups
        See `MultiTaskGroupSVM`. The refit is part of every fold's evaluation.
    adaptive
        Two stages, as in `GroupSVMCV`.
    tol, max_iter
        See `MultiTaskGroupSVM`.
    alphas : array-like, optional
        Fractions of λ_max; by default 20 from 1 to 0.01 (for "l2" from 100 to 0.01).
    similarities : sequence of float, default (1.0, 0.0, 0.1, 10.0)
        Values to try. At a tie the earlier one is chosen, so put the most plausible first.
    cv : int, default 5
        Folds within every subject, stratified.
    scoring : str or callable, default "roc_auc"
    n_jobs : int, optional

    Attributes
    ----------
    alpha_, similarity_ : float
        The choice: the best score, averaged over folds and subjects.
    alphas_ : ndarray, shape (n_alphas,)
    cv_scores_ : ndarray, shape (n_alphas, n_folds, n_similarities, n_subjects)
    best_estimator_ : MultiTaskGroupSVM
        Fitted on all trials; its attributes are this one's, too.

    See Also
    --------
    calibration.sparse.estimators.multi_task.MultiTaskGroupSVM : One λ_r, one λ_s.
    calibration.sparse.estimators.group_svm_cv.GroupSVMCV : One subject.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import MultiTaskGroupSVMCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 8, 5))  # epochs, channels, times
    >>> y = np.arange(100) % 2
    >>> X[y == 1, 2] += 1.0
    >>> subjects = np.repeat(["ada", "ben"], 50)
    >>> model = MultiTaskGroupSVMCV(alphas=[0.5, 0.2], similarities=[1.0, 0.0], cv=3)
    >>> model = model.fit(X, y, subjects)
    >>> model.cv_scores_.shape  # alphas, folds, similarities, subjects
    (2, 3, 2, 2)
    >>> 2 in model.sensors_
    True
    """

    def __init__(
        self,
        sharing: str = "sensors",
        alphas: Any = None,
        similarities: Sequence[float] = (1.0, 0.0, 0.1, 10.0),
        penalty: str = "group",
        q: float = 2.0,
        class_weight: Any = None,
        sensor_weights: Any = None,
        *,
        adaptive: bool = False,
        refit: str | None = None,
        l1_ratio: float = 0.1,
        kappa: float = 1.0,
        cv: int = 5,
        scoring: Any = "roc_auc",
        n_jobs: int | None = None,
        scaling: str = "sensor",
        groups: Any = None,
        tol: float = 1e-6,
        max_iter: int = 10_000,
    ) -> None:
        self.sharing = sharing
        self.alphas = alphas
        self.similarities = similarities
        self.penalty = penalty
        self.q = q
        self.class_weight = class_weight
        self.sensor_weights = sensor_weights
        self.adaptive = adaptive
        self.refit = refit
        self.l1_ratio = l1_ratio
        self.kappa = kappa
        self.cv = cv
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.scaling = scaling
        self.groups = groups
        self.tol = tol
        self.max_iter = max_iter

    def fit(
        self, X: Any, y: Any, subjects: Any, groups: Any = None, sample_weight: Any = None
    ) -> Self:
        """Choose λ_r and λ_s, then learn from all trials.

        Parameters
        ----------
        X, y, subjects, sample_weight
            See `MultiTaskGroupSVM.fit`.
        groups : array-like, shape (n_epochs,), optional
            Trials of one group are never on both sides of a split.

        Returns
        -------
        self : MultiTaskGroupSVMCV

        Raises
        ------
        ValueError
            If a parameter, a shape, a label or a value breaks its rule.
        """
        trials = checked_trials(self, X, y, sample_weight)
        owners = checked_subjects(subjects, trials)
        self.alphas_ = checked_alphas(self.alphas, self.penalty)
        known = MultiTaskGroupSVM().get_params().keys() & self.get_params().keys()
        model = MultiTaskGroupSVM(**{name: getattr(self, name) for name in known})
        folds = joint_folds(self.cv, trials, owners, groups)
        ties = checked_sequence("similarities", self.similarities)
        ties = ties if self.sharing == "sensors" else ties[:1]
        found = [self._searched(model, trials, owners, folds, tie) for tie in ties]
        self.cv_scores_ = np.stack([scores for _, scores in found]).transpose(2, 1, 0, 3)
        mean = mean_scores(self.cv_scores_.mean(axis=3).swapaxes(0, 1))
        # Transposed: at a tie the earlier similarity wins, then the larger alpha.
        tie, alpha = np.unravel_index(int(np.argmax(mean.T)), mean.T.shape)
        self.alpha_, self.similarity_ = float(self.alphas_[alpha]), float(ties[int(tie)])
        model = found[int(tie)][0].set_params(alpha=self.alpha_, similarity=self.similarity_)
        self.best_estimator_ = model.fit(X, y, subjects, sample_weight)
        fitted = vars(model).items()
        self.__dict__.update({name: value for name, value in fitted if name.endswith("_")})
        return self

    def _searched(
        self,
        model: MultiTaskGroupSVM,
        trials: Trials,
        owners: np.ndarray,
        folds: Folds,
        tie: float,
    ) -> tuple[MultiTaskGroupSVM, np.ndarray]:
        """Return the model, with its first stage's λ, and scores (n_folds, n_alphas, n_subjects).

        The first stage of an adaptive penalty is searched first, without refit.
        """
        scorer, alphas = scorer_of(single_subject(model), self.scoring), self.alphas_
        model = clone(model)

        def scored(one: MultiTaskGroupSVM, firsts: list[Any]) -> list[FoldScores]:
            return Parallel(n_jobs=self.n_jobs)(
                delayed(score_joint_fold)(one, trials, owners, fold, alphas, tie, scorer, first)
                for fold, first in zip(folds, firsts, strict=True)
            )

        firsts: list[Any] = [None] * len(folds)
        if self.adaptive:
            stage = scored(clone(model).set_params(adaptive=False, refit=None), firsts)
            best = int(np.argmax(mean_scores([part.scores.mean(axis=1) for part in stage])))
            model.set_params(adaptive_alpha=float(alphas[best]))
            firsts = [part.strengths[best] for part in stage]
        return model, np.stack([part.scores for part in scored(model, firsts)])

    def fit_target(self, X: Any, y: Any, groups: Any = None, sample_weight: Any = None) -> GroupSVM:
        """Learn a new subject drawn to the learnt ones; λ and λ_s are searched for it alone.

        Parameters
        ----------
        X, y, sample_weight
            The new subject's epochs; see `MultiTaskGroupSVM.fit_target`.
        groups : array-like, shape (n_epochs,), optional
            Trials of one group are never on both sides of a split.

        Returns
        -------
        decoder : GroupSVM
            Fitted with the alpha and the similarity that score best on folds of these epochs, of
            ``alphas_``, ``similarities`` and infinity (the learnt subjects' mean weights). With
            fewer than two epochs of a class, or groups, nothing can be chosen: those of `fit` are
            used.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the labels or an epoch's shape are not those of `fit`.
        """
        check_is_fitted(self)
        model = self.best_estimator_
        trials = checked_target(model, X, y, sample_weight)
        alpha, tie = self.alpha_, self.similarity_
        n_folds = most_folds(self.cv, trials, groups)
        if n_folds > 1:
            ties = (*checked_sequence("similarities", self.similarities), np.inf)
            grid = (folds_of(n_folds, trials, groups), self.alphas_, ties)
            args = (model, model.sources_, trials)
            alpha, tie = search_target(*args, *grid, self.scoring, self.n_jobs)
        return model.fit_target(X, y, sample_weight, alpha=alpha, similarity=tie)

    def decision_function(self, X: Any, subjects: Any) -> np.ndarray:
        """Return every epoch's decision value; see `MultiTaskGroupSVM.decision_function`."""
        check_is_fitted(self)
        return self.best_estimator_.decision_function(X, subjects)

    def predict(self, X: Any, subjects: Any) -> np.ndarray:
        """Return the label of every epoch, shape (n_epochs,)."""
        check_is_fitted(self)
        return self.best_estimator_.predict(X, subjects)

    def score(self, X: Any, y: Any, subjects: Any, sample_weight: Any = None) -> float:
        """Return the accuracy over all epochs."""
        check_is_fitted(self)
        return self.best_estimator_.score(X, y, subjects, sample_weight)

    def __sklearn_tags__(self) -> Tags:
        return GroupSVM().__sklearn_tags__()
