"""Sparse support vector machines of several subjects that share sensors or weights."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from calibration.blas_threads import one_blas_thread
from calibration.sparse.decoders.several_subjects import drawn_decoder
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.joint_fit import (
    checked_sharing,
    checked_subjects,
    decoders_of,
    fit_jointly,
    single_subject,
)
from calibration.sparse.estimators.trials import checked_alphas, checked_trials


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
        trials on a feature of unit variance. Not used when pooled.
    penalty : {"group", "l2"}, default "group"
        "l2" only when pooled.
    q, class_weight, sensor_weights, scaling, groups, tol, max_iter
        See `GroupSVM`. Every subject is centred and scaled on its own.

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
    n_trials_ : int
        Epochs of all subjects.
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
        alpha = checked_alphas(self.alpha)
        sets, path = fit_jointly(self, trials, owners, alpha, self.similarity)
        self.subjects_, self.classes_ = np.unique(owners), trials.classes
        self.decoders_ = decoders_of(self, trials, sets, path[0])
        self.coef_ = np.stack([decoder.coef_ for decoder in self.decoders_])
        self.intercept_ = np.array([decoder.intercept_ for decoder in self.decoders_])
        self.sensors_, first = path[0].sensors, path[0].decoders[0]
        self.lambda_, self.gap_, self.n_iter_ = first.lam, first.gap, first.n_iter
        self.n_trials_ = len(trials.y)
        return self

    def fit_target(self, X: Any, y: Any, sample_weight: Any = None) -> GroupSVM:
        """Learn a new subject drawn to the mean of the learnt ones; those stay untouched.

        The pull is as strong as in the joint problem with this subject as one more. It becomes
        weaker as the subject has more trials.

        Parameters
        ----------
        X, y, sample_weight
            The new subject's epochs; see `GroupSVM.fit`.

        Returns
        -------
        decoder : GroupSVM
            Fitted.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If the labels or an epoch's shape are not those of `fit`.
        """
        check_is_fitted(self)
        decoder = single_subject(self)
        trials = checked_trials(decoder, X, y, sample_weight)
        if trials.X.shape[1:] != self.coef_.shape[1:]:
            raise ValueError(
                f"X must hold epochs of shape {self.coef_.shape[1:]} as in fit, "
                f"got {trials.X.shape[1:]}"
            )
        if not np.array_equal(trials.classes, self.classes_):
            raise ValueError(f"y must hold {self.classes_} as in fit, got {trials.classes}")
        regularizer = checked_sharing(self, self.similarity, trials.layout)
        order, n = trials.layout.order, len(trials.y)
        scaled = [source.coef_scaled_.ravel()[order] for source in self.decoders_]
        strength = self.similarity / (2 * (len(scaled) + 1)) * (self.n_trials_ + n) / n
        with one_blas_thread():
            train = trials.training_set(np.arange(n), self.class_weight, self.scaling)
            found = drawn_decoder(
                train,
                regularizer,
                checked_alphas(self.alpha)[0],
                strength,
                np.mean(scaled, axis=0),
                tol=self.tol,
                max_iter=self.max_iter,
            )
        decoder.classes_ = trials.classes
        decoder.keep(train, found)
        return decoder

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
        owners = np.broadcast_to(np.asarray(subjects), len(X))
        if unknown := sorted(set(owners.tolist()) - set(self.subjects_.tolist())):
            raise ValueError(
                f"subjects must be among those of fit {self.subjects_.tolist()}, got {unknown}; "
                "learn a new subject with fit_target"
            )
        values, X = np.empty(len(X)), np.asarray(X)
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
