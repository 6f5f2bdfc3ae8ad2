"""`GroupSVMCV`: a `GroupSVM` whose λ and q are chosen by cross-validation."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from calibration.sparse.estimators.cross_validation import (
    folds_of,
    jobs,
    scorer_of,
    search,
)
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.trials import (
    check_flag,
    checked_alphas,
    checked_sequence,
    checked_trials,
)


class GroupSVMCV(ClassifierMixin, BaseEstimator):
    """`GroupSVM` whose λ and q are chosen by cross-validation.

    Parameters
    ----------
    penalty, adaptive, class_weight, sensor_weights, refit, l1_ratio, kappa, scaling, groups
        See `GroupSVM`. The refit is part of every fold's evaluation.
    max_sensors
        See `GroupSVM`. Every fold finds its own first sensors.
    alphas : array-like, optional
        Fractions of λ_max to try; by default 20 from 1 to 0.01 (for "l2" from 100 to 0.01).
    qs : sequence of float, default (2.0,)
        Exponents to try.
    one_standard_error : bool, default False
        Choose the largest alpha, and so few sensors, whose mean score is at most one standard
        error below the best.
    cv : int or splitter, default 5
        An int is stratified; with ``groups`` in `fit` it never splits a group.
    scoring : str or callable, default "roc_auc"
    n_jobs : int, optional
        Folds in parallel, through joblib.
    tol, max_iter
        See `GroupSVM`.

    Attributes
    ----------
    alpha_, q_ : float
        The choice: the best mean score, or see ``one_standard_error``; at a tie the larger alpha,
        then the earlier q.
    alphas_ : ndarray, shape (n_alphas,)
        Falling.
    cv_scores_ : ndarray, shape (n_alphas, n_folds, n_qs)
    cv_n_sensors_ : ndarray of int, shape of ``cv_scores_``
        Number of chosen sensors.
    best_estimator_ : GroupSVM
        Fitted on all trials; its attributes (``sensors_``, ``coef_``, …) are this one's, too.

    See Also
    --------
    calibration.sparse.estimators.group_svm.GroupSVM : One λ, one q.
    calibration.sparse.estimators.multi_task_cv.MultiTaskGroupSVMCV : The same for several subjects.

    Notes
    -----
    An adaptive penalty has two stages. The first stage's λ is the one that scores best there,
    without refit. Every fold makes its weights from its own first solution.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import GroupSVMCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 8, 5))  # epochs, channels, times
    >>> y = np.repeat([0, 1], 50)
    >>> X[y == 1, 2] += 1.0
    >>> letters = np.arange(100) % 10  # a letter is never on both sides of a split
    >>> decoder = GroupSVMCV(alphas=[0.5, 0.2], cv=3).fit(X, y, groups=letters)
    >>> decoder.cv_scores_.shape  # alphas, folds, qs
    (2, 3, 1)
    >>> 2 in decoder.sensors_
    True
    """

    def __init__(
        self,
        penalty: str = "group",
        alphas: Any = None,
        qs: Sequence[float] = (2.0,),
        adaptive: bool = False,
        class_weight: Any = None,
        sensor_weights: Any = None,
        refit: str | None = None,
        *,
        max_sensors: int | None = None,
        one_standard_error: bool = False,
        cv: Any = 5,
        scoring: Any = "roc_auc",
        n_jobs: int | None = None,
        l1_ratio: float = 0.1,
        kappa: float = 1.0,
        scaling: str = "sensor",
        groups: Any = None,
        tol: float = 1e-6,
        max_iter: int = 10_000,
    ) -> None:
        self.penalty = penalty
        self.alphas = alphas
        self.qs = qs
        self.adaptive = adaptive
        self.class_weight = class_weight
        self.sensor_weights = sensor_weights
        self.refit = refit
        self.max_sensors = max_sensors
        self.one_standard_error = one_standard_error
        self.cv = cv
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.l1_ratio = l1_ratio
        self.kappa = kappa
        self.scaling = scaling
        self.groups = groups
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, groups: Any = None, sample_weight: Any = None) -> Self:
        """Choose λ and q, then learn from all trials.

        Parameters
        ----------
        X, y, sample_weight
            See `GroupSVM.fit`.
        groups : array-like, shape (n_epochs,), optional
            Trials of one group (a run, a letter) are never on both sides of a split.

        Returns
        -------
        self : GroupSVMCV

        Raises
        ------
        ValueError
            If a parameter, a shape, a label or a value breaks its rule.
        """
        trials = checked_trials(self, X, y, sample_weight)
        check_flag("one_standard_error", self.one_standard_error)
        self.alphas_ = checked_alphas(self.alphas, self.penalty)
        shared = GroupSVM().get_params().keys() & self.get_params().keys()
        template = GroupSVM(**{name: getattr(self, name) for name in shared})
        qs = checked_sequence("qs", self.qs)
        folds, grid = folds_of(self.cv, trials, groups), (self.alphas_, qs)
        scorer = scorer_of(template, self.scoring)
        found = search(template, trials, folds, *grid, scorer, jobs(self.n_jobs))
        alpha, q = found.best(self.one_standard_error)
        self.cv_scores_, self.cv_n_sensors_ = found.scores, found.n_sensors
        self.alpha_, self.q_ = float(self.alphas_[alpha]), float(qs[q])
        self.best_estimator_ = found.models[q].set_params(alpha=self.alpha_)
        self.best_estimator_.fit(X, y, sample_weight)
        fitted = vars(self.best_estimator_).items()
        self.__dict__.update({name: value for name, value in fitted if name.endswith("_")})
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the chosen decoder's decision values; see `GroupSVM.decision_function`."""
        check_is_fitted(self)
        return self.best_estimator_.decision_function(X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the label of every epoch, shape (n_epochs,)."""
        check_is_fitted(self)
        return self.best_estimator_.predict(X)

    def __sklearn_tags__(self) -> Tags:
        return GroupSVM().__sklearn_tags__()
