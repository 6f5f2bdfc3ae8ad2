"""Common spatial patterns and linear discriminant analysis of imagery's windows."""

from collections.abc import Sequence
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from bci_online.config import DecoderHeader
from bci_online.decoding.spatial import log_power, spatial_values
from bci_online.preprocessing.window_covariances import covariance
from calibration.blas_threads import one_blas_thread
from calibration.given_epochs import as_labels, check_windows

__all__ = ["CspLDA", "FilterBankCsp", "most_informative"]


class CspLDA(ClassifierMixin, BaseEstimator):
    """Common spatial patterns, the log of their power, linear discriminant analysis.

    The filters of each class solve ``C_class w = λ (C_class + C_others) w`` with the largest λ.
    With a filter bank each band has its own filters.

    Parameters
    ----------
    n_filters : int
        Number of filters of each band, shared out among the classes; each class has at least one.
    n_bands : int
        Number of bands; the rows of X are channels, band by band.
    shrinkage : float
        Share of the identity, scaled to the same trace, in the covariance of each class.
    idle : int, optional
        The label of windows in which nothing is imagined, above all others. They have no filters of
        their own: the power after those of the classes shows them, too.

    Attributes
    ----------
    filters_ : ndarray, shape (n_bands, n_filters, n_channels)
    coef_ : ndarray, shape (n_classes, n_bands * n_filters)
    intercept_ : ndarray, shape (n_classes,)
    classes_ : ndarray, shape (n_classes,)

    References
    ----------
    Blankertz et al. (2008), IEEE Signal Process Mag 25(1):41; Ang et al. (2008), IJCNN: the bank.

    See Also
    --------
    bci_online.decoding.spatial.SpatialDecoder : Use the filters online.

    Examples
    --------
    Forty windows of two channels. In each class another channel is louder:

    >>> import numpy as np
    >>> from calibration import CspLDA
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(40) % 2
    >>> X = rng.standard_normal((40, 2, 100))
    >>> X[np.arange(40), y] *= 3
    >>> model = CspLDA(n_filters=2).fit(X, y)
    >>> float((model.predict(X) == y).mean())
    1.0
    """

    def __init__(
        self,
        n_filters: int = 4,
        n_bands: int = 1,
        shrinkage: float = 0.05,
        idle: int | None = None,
    ) -> None:
        self.n_filters = n_filters
        self.n_bands = n_bands
        self.shrinkage = shrinkage
        self.idle = idle

    def fit(self, X: Sequence[NDArray[np.float64]], y: NDArray[Any], groups: Any = None) -> Self:
        """Learn from labelled windows.

        Parameters
        ----------
        X : sequence of ndarray, each of shape (n_bands * n_channels, n_times)
        y : ndarray, shape (n_windows,)
            Two labels or more.
        groups : ndarray, shape (n_windows,), optional
            The trial of each window. The windows of a class are averaged, whatever their trial;
            `FilterBankCsp` chooses by trials.

        Returns
        -------
        self : CspLDA

        Raises
        ------
        ValueError
            If a window has another number of axes or rows, or is not finite, if there is not one
            label per window, or one class only.
        """
        X, y = check_windows(X), as_labels("y", y)
        if y.shape != (len(X),):
            raise ValueError(
                f"y must have one label per window ({len(X)}), got an array of shape {y.shape}"
            )
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        imagined = self.classes_[self.classes_ != self.idle]
        if imagined.size < 2:
            raise ValueError(f"y must hold at least two classes, got only {imagined}")
        with one_blas_thread():
            covariances = np.stack([covariance(window, self.n_bands) for window in X])
            # Otherwise the windows of the largest power would decide what a class is.
            covariances /= np.trace(covariances, axis1=2, axis2=3)[:, :, np.newaxis, np.newaxis]
            of_class = np.stack([covariances[y == label].mean(axis=0) for label in imagined])
            self.filters_ = np.stack(
                [self._filters(of_class[:, band]) for band in range(self.n_bands)]
            )
            features = np.stack([log_power(self.filters_, window) for window in X])
            chosen = self._chosen(features, np.asarray(y), groups)
            priors = np.full(self.classes_.size, 1 / self.classes_.size)
            model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=priors)
            model.fit(features[:, chosen], y)
        self.coef_ = np.zeros((len(model.coef_), features.shape[1]))
        self.coef_[:, chosen], self.intercept_ = model.coef_, model.intercept_
        if self.classes_.size == 2:
            self.coef_ = np.concatenate([np.zeros_like(self.coef_), self.coef_])
            self.intercept_ = np.concatenate([[0.0], model.intercept_])
        self.n_features_in_ = len(X[0])
        return self

    def _chosen(
        self, features: NDArray[np.float64], y: NDArray[Any], groups: Any
    ) -> NDArray[np.int64]:
        """Return which features get weights: all of them."""
        return np.arange(features.shape[1])

    def _filters(self, of_class: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the filters of one band, from its covariances (n_classes, n_ch, n_ch)."""
        n_classes, n_channels = of_class.shape[:2]
        each = min(n_channels, max(1, self.n_filters // n_classes))
        scale = self.shrinkage * np.trace(of_class, axis1=1, axis2=2) / n_channels
        shrunk = (1 - self.shrinkage) * of_class + scale[:, np.newaxis, np.newaxis] * np.eye(
            n_channels
        )
        total = shrunk.sum(axis=0)
        chosen = []
        for own in shrunk:
            others = (total - own) / (n_classes - 1)
            _, vectors = eigh(own, own + others)
            chosen.append(vectors[:, -each:].T)
        return np.concatenate(chosen)

    def decision_function(self, X: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return log-odds up to a constant, (n_windows, n_classes).

        For two classes they are those of the second class, (n_windows,).
        """
        check_is_fitted(self)
        X = check_windows(X, self.n_features_in_)
        own = (self.filters_, self.coef_, self.intercept_)
        values = np.stack([spatial_values(window, *own) for window in X])
        return np.asarray(values[:, 1] - values[:, 0] if self.classes_.size == 2 else values)

    def predict(self, X: Sequence[NDArray[np.float64]]) -> NDArray[Any]:
        """Return the likeliest label of each window."""
        values = self.decision_function(X)
        best = (values > 0).astype(int) if values.ndim == 1 else values.argmax(axis=1)
        return self.classes_[best]

    def to_decoder(self, header: DecoderHeader) -> tuple[DecoderHeader, dict[str, Any]]:
        """Return header and arrays of the online form, as `make_decoder` takes them."""
        check_is_fitted(self)
        arrays = {"filters": self.filters_, "coef": self.coef_, "intercept": self.intercept_}
        return msgspec.structs.replace(header, kind="spatial"), arrays


class FilterBankCsp(CspLDA):
    """`CspLDA` on a bank of bands, with weights for the most informative features alone.

    The features are ranked by their mutual information with the class, over trials. Those that are
    best get weights, each with its partner: the filter of the same band for the other class. Online
    nothing is new; the weights of the others are 0.

    Parameters
    ----------
    n_filters, n_bands : int
        As for `CspLDA`.
    shrinkage : float
        As for `CspLDA`.
    idle : int, optional
        As for `CspLDA`.
    n_best : int
        How many features are taken by their information, without their partners.

    References
    ----------
    Ang et al. (2012), Front Neurosci 6:39.

    See Also
    --------
    most_informative : The ranking.

    Examples
    --------
    In the second of two bands, channel 0 is louder in class 1:

    >>> import numpy as np
    >>> from calibration.discriminants.csp_lda import FilterBankCsp
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(40) % 2
    >>> X = rng.standard_normal((40, 4, 100))
    >>> X[y == 1, 2] *= 3
    >>> model = FilterBankCsp(n_filters=2, n_bands=2, n_best=1).fit(X, y)
    >>> (model.coef_ != 0).any(axis=0).tolist()
    [False, False, True, True]
    """

    def __init__(
        self,
        n_filters: int = 4,
        n_bands: int = 1,
        shrinkage: float = 0.05,
        idle: int | None = None,
        n_best: int = 4,
    ) -> None:
        super().__init__(n_filters, n_bands, shrinkage, idle)
        self.n_best = n_best

    def _chosen(
        self, features: NDArray[np.float64], y: NDArray[Any], groups: Any
    ) -> NDArray[np.int64]:
        trials = np.arange(len(y)) if groups is None else np.asarray(groups)
        # One cue may stand for imagery and, before it, for rest.
        pairs = np.unique(np.stack([trials, y], axis=1), axis=0)
        means = np.stack(
            [features[(trials == trial) & (y == label)].mean(axis=0) for trial, label in pairs]
        )
        best = most_informative(means, pairs[:, 1])[: self.n_best]
        each = features.shape[1] // self.n_bands
        n_classes = int(np.sum(self.classes_ != self.idle))
        step = each // n_classes
        partners = [
            band * each + (place + shift * step) % each
            for band, place in (divmod(int(one), each) for one in best)
            for shift in range(n_classes)
        ]
        return np.unique(partners)


def most_informative(features: NDArray[np.float64], y: NDArray[Any]) -> NDArray[np.int64]:
    """Return the features in the order of their mutual information with the class, best first.

    Each feature's density in a class is a sum of normal kernels of Silverman's width.

    Parameters
    ----------
    features : ndarray, shape (n_trials, n_features)
        One row a trial.
    y : ndarray, shape (n_trials,)
        Two labels or more.

    Returns
    -------
    order : ndarray of int, shape (n_features,)
        The best first.

    References
    ----------
    Ang et al. (2012), Front Neurosci 6:39.

    See Also
    --------
    FilterBankCsp : Uses it.

    Examples
    --------
    >>> y = np.arange(20) % 2
    >>> noise = np.random.default_rng(0).normal(size=20)
    >>> int(most_informative(np.stack([noise, noise + 3 * y], axis=1), y)[0])
    1
    """
    labels, of_class = np.unique(y, return_inverse=True)
    n_trials = len(y)
    shares = np.bincount(of_class) / n_trials
    width = features.std(axis=0) * (4 / (3 * n_trials)) ** 0.2 + np.finfo(float).tiny
    unlikely = np.empty(features.shape[1])
    for place, values in enumerate(features.T):
        kernels = np.exp(-0.5 * (np.subtract.outer(values, values) / width[place]) ** 2)
        likely = np.stack(
            [kernels[:, of_class == label].mean(axis=1) for label in range(labels.size)]
        )
        posterior = likely * shares[:, np.newaxis] / (likely * shares[:, np.newaxis]).sum(axis=0)
        unlikely[place] = np.mean(-np.sum(posterior * np.log(posterior + 1e-300), axis=0))
    return np.argsort(unlikely, kind="stable")
