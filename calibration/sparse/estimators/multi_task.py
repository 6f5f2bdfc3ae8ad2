"""Sparse support vector machines of several subjects that share sensors or weights."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from calibration.given_epochs import check_epochs
from calibration.sparse.decoders.several_subjects import Sources, joint_strengths
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.joint_fit import (
    checked_subjects,
    decoders_of,
    first_strengths,
    fit_jointly,
)
from calibration.sparse.estimators.new_subject import checked_target, learn_target
from calibration.sparse.estimators.trials import checked_alpha, checked_trials, checked_units


class MultiTaskGroupSVM(ClassifierMixin, BaseEstimator):
    """One decoder per subject, learnt together.

    * SVM-Full: ``sharing="pooled", penalty="l2"``, one SVM on all subjects' trials.
    * MGSVM-2: ``sharing="sensors", similarity=0``, the same sensors for all, separate weights.
    * MGSVM-2s: ``sharing="sensors", similarity > 0``, and weights drawn to their mean.
    * Asymmetric transfer: `fit_target`, a new subject drawn to the learnt ones.

    Parameters
    ----------
    sharing : {"sensors", "pooled"}, default "sensors"
    alpha : float, default 0.1
        λ as a fraction of λ_max of the joint problem.
    similarity : float, default 1.0
        Not negative. At 1 the pull to the subjects' mean is as strong as an average subject's own
        trials on a feature of unit variance. When pooled, only `fit_target` uses it.
    penalty : {"group", "l2", "sparse-group", "sensor-time"}, default "group"
        A sensor's group, and a time's, holds the weights of all subjects. "l2" only when pooled.
    q, class_weight, sensor_weights, l1_ratio, kappa, scaling, groups, tol, max_iter
        See `GroupSVM`. Every subject is centred and scaled on its own.
    adaptive, adaptive_alpha
        See `GroupSVM`: each ω_g is divided by the first solution's ‖W_g‖_F over all subjects.
    refit : {None, "lda", "btlda", "l2"}
        See `GroupSVM`: each subject has its weights on the shared sensors; when pooled, all
        have the weights of all subjects' trials.

    Attributes
    ----------
    subjects_ : ndarray, shape (n_subjects,)
        Sorted labels.
    decoders_ : list of GroupSVM
        One fitted decoder per subject.
    coef_ : ndarray, shape (n_subjects, n_channels, n_times)
        Weights of the raw input.
    intercept_ : ndarray, shape (n_subjects,)
    sensors_ : ndarray of int
        Sensors with a non-zero weight in any subject.
    lambda_, gap_, n_iter_
        See `GroupSVM`.
    mean_coef_scaled_ : ndarray, shape (n_channels, n_times)
        Mean over subjects of the weights of the centred, scaled features, before any refit: what a
        new subject is drawn to.
    sources_ : Sources
        All that a new subject takes over from these.
    classes_ : ndarray, shape (2,)

    See Also
    --------
    calibration.sparse.estimators.multi_task_cv.MultiTaskGroupSVMCV : Chooses λ_r and λ_s.
    calibration.sparse.estimators.group_svm.GroupSVM : One subject.

    References
    ----------
    Flamary et al. (2014), Comput. Math. Methods Med. 317056.

    Examples
    --------
    Two subjects share the sensors; a third one is drawn to them.

    >>> import numpy as np
    >>> from calibration import MultiTaskGroupSVM
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(150, 8, 5))  # epochs, channels, times
    >>> y = np.arange(150) % 2
    >>> X[y == 1, 2] += 1.0
    >>> subjects = np.repeat(["ada", "ben", "cy"], 50)
    >>> known = subjects != "cy"
    >>> model = MultiTaskGroupSVM(alpha=0.5).fit(X[known], y[known], subjects[known])
    >>> model.sensors_.tolist()
    [2]
    >>> model.coef_.shape  # subjects, channels, times
    (2, 8, 5)
    >>> new = model.fit_target(X[~known], y[~known])
    >>> new.coef_.shape
    (8, 5)
    """

    def __init__(
        self,
        sharing: str = "sensors",
        alpha: float = 0.1,
        similarity: float = 1.0,
        penalty: str = "group",
        q: float = 2.0,
        class_weight: Any = None,
        sensor_weights: Any = None,
        *,
        adaptive: bool = False,
        adaptive_alpha: float | None = None,
        refit: str | None = None,
        l1_ratio: float = 0.1,
        kappa: float = 1.0,
        scaling: str = "sensor",
        groups: Any = None,
        tol: float = 1e-6,
        max_iter: int = 10_000,
    ) -> None:
        self.sharing = sharing
        self.alpha = alpha
        self.similarity = similarity
        self.penalty = penalty
        self.q = q
        self.class_weight = class_weight
        self.sensor_weights = sensor_weights
        self.adaptive = adaptive
        self.adaptive_alpha = adaptive_alpha
        self.refit = refit
        self.l1_ratio = l1_ratio
        self.kappa = kappa
        self.scaling = scaling
        self.groups = groups
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, subjects: Any, sample_weight: Any = None) -> Self:
        """Learn all subjects' decoders.

        Parameters
        ----------
        X : array-like, shape (n_epochs, n_channels, n_times) or (n_epochs, n_features)
            All subjects' epochs, in any order.
        y : array-like, shape (n_epochs,)
            The same two labels in every subject.
        subjects : array-like, shape (n_epochs,)
            Whose epoch it is.
        sample_weight : array-like, shape (n_epochs,), optional

        Returns
        -------
        self : MultiTaskGroupSVM

        Raises
        ------
        ValueError
            If a parameter, a shape, a label or a value breaks its rule.
        """
        trials = checked_trials(self, X, y, sample_weight)
        owners = checked_subjects(subjects, trials)
        alpha, tie, strengths = checked_alpha(self.alpha), self.similarity, None
        first = alpha
        if self.adaptive_alpha is not None:
            first = checked_alpha(self.adaptive_alpha, "adaptive_alpha")
        if self.adaptive:
            strengths = first_strengths(self, trials, owners, first, tie)
        sets, path = fit_jointly(self, trials, owners, np.array([alpha]), tie, strengths)
        self.subjects_, self.classes_ = np.unique(owners), trials.classes
        self.decoders_ = decoders_of(self, trials, sets, path[0])
        self.coef_ = np.stack([decoder.coef_ for decoder in self.decoders_])
        self.intercept_ = np.array([decoder.intercept_ for decoder in self.decoders_])
        self.sensors_, found = path[0].sensors, path[0].decoders[0]
        self.lambda_, self.gap_, self.n_iter_ = found.lam, found.gap, found.n_iter
        penalised = [decoder.penalised for decoder in path[0].decoders]
        self.sources_ = Sources(
            centre=np.mean(penalised, axis=0),
            strengths=joint_strengths(penalised, sets[0]) if self.adaptive else None,
            n_subjects=len(sets),
            n_trials=len(trials.y),
        )
        self.mean_coef_scaled_ = sets[0].scaling.as_epoch(self.sources_.centre)
        return self

    def fit_target(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        alpha: float | None = None,
        similarity: float | None = None,
    ) -> GroupSVM:
        """Learn a new subject drawn to the mean of the learnt ones; those stay untouched.

        Minimises ``1/(2n) Σ s_i (1 − y_i f_i)₊² + λ Ω(w) + λ_s ‖w − w̄‖²`` over the n epochs of
        the new subject, with w̄ `mean_coef_scaled_` and the penalty of `fit` for one subject.

        Parameters
        ----------
        X, y, sample_weight
            The new subject's epochs; see `GroupSVM.fit`.
        alpha : float, optional
            λ as a fraction of λ_max of the new subject's loss alone, as in `GroupSVM`: λ does not
            depend on λ_s. By default that of `fit`.
        similarity : float, optional
            ``λ_s = similarity/2 · m/(m + 1)² · (N + n)/n`` with m learnt subjects of N epochs: the
            pull of a joint problem that has this subject as one more, while the others keep their
            weights. More epochs of the subject make it weaker. 0 is `GroupSVM`. With infinity the
            weights are w̄; centre, scale and bias are the subject's. By default that of
            `fit`.

        Returns
        -------
        decoder : GroupSVM
            Fitted; its ``alpha`` is the one used, ``similarity_`` and ``lambda_s_`` the pull. It is
            not refitted: that would forget the learnt subjects.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the labels or an epoch's shape are not those of `fit`.
        """
        check_is_fitted(self)
        trials = checked_target(self, X, y, sample_weight)
        strength = self.alpha if alpha is None else alpha
        tie = self.similarity if similarity is None else similarity
        return learn_target(self, self.sources_, trials, checked_alpha(strength), tie)

    def decision_function(self, X: Any, subjects: Any) -> np.ndarray:
        """Return every epoch's decision value by its subject's decoder.

        Parameters
        ----------
        X : array-like, shape (n_epochs, ...)
        subjects : array-like, shape (n_epochs,), or one label for all epochs
            Labels seen in `fit`.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If a subject was not in `fit`; `fit_target` learns new ones.
        """
        check_is_fitted(self)
        X = check_epochs(X, self.coef_.shape[1:])
        if not len(X):
            raise ValueError("X must hold one epoch or more, got none")
        one = np.ndim(subjects) == 0
        owners = np.full(len(X), subjects) if one else checked_units("subjects", subjects, len(X))
        if unknown := sorted(set(owners.tolist()) - set(self.subjects_.tolist())):
            raise ValueError(
                f"subjects must be among those of fit {self.subjects_.tolist()}, got {unknown}; "
                "learn a new subject with fit_target"
            )
        values = np.empty(len(X))
        for subject, decoder in zip(self.subjects_, self.decoders_, strict=True):
            own = owners == subject
            if own.any():
                values[own] = decoder.decision_function(X[own])
        return values

    def predict(self, X: Any, subjects: Any) -> np.ndarray:
        """Return the label of every epoch, shape (n_epochs,)."""
        positive = self.decision_function(X, subjects) > 0
        return self.classes_[positive.astype(int)]

    def score(self, X: Any, y: Any, subjects: Any, sample_weight: Any = None) -> float:
        """Return the accuracy over all epochs."""
        right = self.predict(X, subjects) == np.asarray(y)
        return float(np.average(right, weights=sample_weight))

    def __sklearn_tags__(self) -> Tags:
        return GroupSVM().__sklearn_tags__()
