"""`GroupSVM`: a sparse support vector machine of one subject, as a scikit-learn estimator."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from calibration.given_epochs import check_epochs
from calibration.sparse.estimators.sparse_svm import SparseSVM
from calibration.sparse.estimators.trials import checked_trials


class GroupSVM(ClassifierMixin, BaseEstimator, SparseSVM):
    """Support vector machine that keeps few sensors, solved to a duality-gap certificate.

    Minimises ``1/(2n) Σ s_i (1 − y_i f_i)₊² + λ Σ_g ω_g ‖w_g‖_q`` with ``f = Xw + b`` and one
    group g per sensor, on features centred and scaled inside `fit`.

    Parameters
    ----------
    penalty : {"group", "l2", "sparse-group", "sensor-time"}, default "group"
        "group": Σ ω_g‖w_g‖_q. "l2": ½‖w‖², the plain SVM, which keeps every sensor.
        "sparse-group": (1 − l1_ratio) Σ ω_g‖w_g‖₂ + l1_ratio ‖w‖₁. "sensor-time":
        ``Σ_c ω_c‖w_c,:‖₂ + kappa Σ_t‖w_:,t‖₂`` (3-D X only).
    q : float, default 2.0
        1 ≤ q ≤ ∞. 1 is SVM-1 (single features), 2 is GSVM-2, ∞ ties a sensor's features together.
    alpha : float, default 0.1
        λ as a fraction of λ_max, where the last sensor leaves; for "l2" as a fraction of the mean
        variance of a feature.
    adaptive : bool, default False
        GSVM-a: solve once, then again with every ω_g divided by the first solution's ‖w_g‖₂.
    max_sensors : int, optional
        The most sensors with a weight: those that enter first on the path from λ_max down. No
        limit by default.
    adaptive_alpha : float, optional
        ``alpha`` of that first solution; the same as ``alpha`` by default.
    class_weight : {"balanced"}, dict or None
        As in scikit-learn.
    sensor_weights : array-like, shape (n_sensors,), optional
        Price of each sensor, positive; equal by default.
    refit : {None, "lda", "btlda", "l2"}, default None
        Replace the shrunken weights by shrinkage LDA, LDA with a block-Toeplitz covariance (for
        latencies of equal distance), or a plain SVM on the chosen sensors.
    l1_ratio : float, default 0.1
        0 ≤ l1_ratio < 1.
    kappa : float, default 1.0
        Positive.
    scaling : {"sensor", "feature"}, default "sensor"
        What shares one scale.
    groups : array-like, shape (n_features,), optional
        Sensor of each column of a 2-D X; sensors are numbered in sorted order of these labels.
        Without it each column is a sensor.
    tol : float, default 1e-6
        Relative duality gap to reach.
    max_iter : int, default 10000

    Attributes
    ----------
    sensors_ : ndarray of int, shape (n_chosen,)
        Sensors with a non-zero weight.
    coef_ : ndarray, shape (n_channels, n_times), or (n_features,) for a 2-D X
        Weights of the raw input: ``decision_function(X) = Σ coef_·x + intercept_``.
    intercept_ : float
    center_ : ndarray, shape of ``coef_``
        Training mean that `fit` took off.
    scale_ : ndarray, shape (n_sensors,), or shape of ``coef_`` when scaled per feature
        Scale that `fit` divided by.
    coef_scaled_ : ndarray, shape of ``coef_``
        Weights of the centred, scaled features.
    lambda_ : float
        The penalty's strength.
    gap_ : float
        Relative duality gap of the penalised solution.
    n_iter_ : int
    classes_ : ndarray, shape (2,)
        ``classes_[1]`` is the positive class.

    See Also
    --------
    calibration.sparse.estimators.group_svm_cv.GroupSVMCV : Chooses ``alpha`` and ``q``.
    calibration.sparse.estimators.multi_task.MultiTaskGroupSVM : Several subjects together.
    calibration.sparse.sensor_path.sensor_path : Accuracy against the number of sensors.

    References
    ----------
    Flamary et al. (2014), Comput. Math. Methods Med. 317056, doi 10.1155/2014/317056.

    Examples
    --------
    One channel of eight tells the classes apart, and is found.

    >>> import numpy as np
    >>> from calibration import GroupSVM
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 8, 5))  # epochs, channels, times
    >>> y = np.repeat([0, 1], 50)
    >>> X[y == 1, 2] += 1.0
    >>> decoder = GroupSVM(alpha=0.5).fit(X, y)
    >>> decoder.sensors_.tolist()
    [2]
    >>> decoder.coef_.shape
    (8, 5)
    >>> decoder.predict(X[[0, 99]]).tolist()
    [0, 1]
    """

    def __init__(
        self,
        penalty: str = "group",
        q: float = 2.0,
        alpha: float = 0.1,
        adaptive: bool = False,
        class_weight: Any = None,
        sensor_weights: Any = None,
        refit: str | None = None,
        *,
        max_sensors: int | None = None,
        adaptive_alpha: float | None = None,
        l1_ratio: float = 0.1,
        kappa: float = 1.0,
        scaling: str = "sensor",
        groups: Any = None,
        tol: float = 1e-6,
        max_iter: int = 10_000,
    ) -> None:
        self.penalty = penalty
        self.q = q
        self.alpha = alpha
        self.adaptive = adaptive
        self.class_weight = class_weight
        self.sensor_weights = sensor_weights
        self.refit = refit
        self.max_sensors = max_sensors
        self.adaptive_alpha = adaptive_alpha
        self.l1_ratio = l1_ratio
        self.kappa = kappa
        self.scaling = scaling
        self.groups = groups
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from labelled epochs.

        Parameters
        ----------
        X : array-like, shape (n_epochs, n_channels, n_times) or (n_epochs, n_features)
        y : array-like, shape (n_epochs,)
            Two different labels.
        sample_weight : array-like, shape (n_epochs,), optional
            Not negative; an epoch of weight two counts as two epochs, in a refit too.

        Returns
        -------
        self : GroupSVM

        Raises
        ------
        ValueError
            If a parameter, a shape, a label or a value breaks its rule.
        """
        return self.fit_trials(checked_trials(self, X, y, sample_weight))

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the decision value of every epoch.

        Parameters
        ----------
        X : array-like, shape (n_epochs, n_channels, n_times) or (n_epochs, n_features)
            In the unit of the training epochs.

        Returns
        -------
        values : ndarray, shape (n_epochs,)
            ``Σ coef_·x + intercept_``, positive for ``classes_[1]``.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If an epoch's shape is not that of the training epochs.
        """
        check_is_fitted(self)
        # Of a table with another number of columns scikit-learn's own words tell more.
        is_table = self.coef_.ndim == 1 and np.ndim(check_epochs(X)) == 2
        check_epochs(X, None if is_table else self.coef_.shape)
        X = validate_data(self, X, reset=False, allow_nd=True, dtype=np.float64)
        return super().decision_function(X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the label of every epoch, shape (n_epochs,)."""
        positive = self.decision_function(X) > 0
        return self.classes_[positive.astype(int)]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.three_d_array = True
        return tags
