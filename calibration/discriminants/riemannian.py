"""Classifiers of imagery's windows by their covariances, as points of a curved space."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import CovarianceName, DecoderHeader
from bci_online.decoding.covariance import covariance_features, epoch_covariance
from bci_online.preprocessing.window_covariances import power_of
from calibration.blas_threads import one_blas_thread
from calibration.discriminants.many_features import equal_priors_lda

__all__ = ["MinimumDistance", "TangentSpaceLDA"]

Floats = NDArray[np.float64]
ESTIMATOR: CovarianceName = "window"


class _CovarianceClassifier(ABC):
    """What both share: covariances of windows, means over trials, the online form."""

    def fit(self, X: Sequence[Floats], y: NDArray[Any], groups: NDArray[Any]) -> Self:
        """Learn from windows, each (n_channels, n_times).

        Parameters
        ----------
        X : sequence of ndarray
            Of one band.
        y : ndarray of int, shape (n_windows,)
            Labels 0, 1, …
        groups : ndarray, shape (n_windows,)
            The trial of each window. Windows of a trial overlap: means are taken over trials.
        """
        with one_blas_thread():
            covariances = np.stack([epoch_covariance(window, ESTIMATOR) for window in X])
            pairs = np.unique(np.stack([groups, y], axis=1), axis=0)
            # One cue may stand for imagery and, before it, for rest.
            of_trials = np.stack(
                [
                    covariances[(groups == trial) & (y == label)].mean(axis=0)
                    for trial, label in pairs
                ]
            )
            self.arrays_: dict[str, Floats] = {"filters": np.eye(len(X[0]))}
            self._learn(X, y, of_trials, pairs[:, 1])
        return self

    @abstractmethod
    def _learn(
        self, X: Sequence[Floats], y: NDArray[Any], of_trials: Floats, labels: NDArray[Any]
    ) -> None:
        """Fill in ``arrays_`` from windows, and from the mean covariances of trials."""

    def to_decoder(self, header: DecoderHeader) -> tuple[DecoderHeader, dict[str, Any]]:
        """Return header and arrays of the online form, as `make_decoder` takes them."""
        own = msgspec.structs.replace(header, kind="covariance", covariance=ESTIMATOR)
        return own, dict(self.arrays_)


class MinimumDistance(_CovarianceClassifier):
    """The class whose Riemannian mean covariance is nearest; values are negative squared distances.

    References
    ----------
    Barachant et al. (2012), IEEE Trans Biomed Eng 59:920; the means are pyriemann's.

    See Also
    --------
    TangentSpaceLDA : Weights each entry of the covariance.
    bci_online.decoding.covariance.CovarianceDecoder : Measures the distances online.

    Examples
    --------
    In each class another channel is louder:

    >>> y = np.arange(40) % 2
    >>> X = np.random.default_rng(0).standard_normal((40, 2, 100))
    >>> X[np.arange(40), y] *= 3
    >>> model = MinimumDistance().fit(list(X), y, groups=np.arange(40))
    >>> model.arrays_["centres"].shape
    (2, 2, 2)
    """

    def _learn(
        self, X: Sequence[Floats], y: NDArray[Any], of_trials: Floats, labels: NDArray[Any]
    ) -> None:
        means = np.stack([_mean(of_trials[labels == label]) for label in np.unique(labels)])
        self.arrays_ |= {
            "centres": power_of(means, -0.5),
            "coef": -np.eye(len(means)),
            "intercept": np.zeros(len(means)),
        }


class TangentSpaceLDA(_CovarianceClassifier):
    """Covariances as vectors of the space that touches their mean, then shrinkage LDA.

    References
    ----------
    Barachant et al. (2013), Neurocomputing 112:172; the mean is pyriemann's.

    See Also
    --------
    MinimumDistance : Has no weights to learn.
    bci_online.decoding.covariance.CovarianceDecoder : Makes the vectors online.

    Examples
    --------
    >>> y = np.arange(40) % 2
    >>> X = np.random.default_rng(0).standard_normal((40, 2, 100))
    >>> X[np.arange(40), y] *= 3
    >>> model = TangentSpaceLDA().fit(list(X), y, groups=np.arange(40))
    >>> model.arrays_["coef"].shape  # three entries of a symmetric matrix for each class
    (2, 3)
    """

    def _learn(
        self, X: Sequence[Floats], y: NDArray[Any], of_trials: Floats, labels: NDArray[Any]
    ) -> None:
        self.arrays_["whitening"] = power_of(_mean(of_trials)[np.newaxis], -0.5)[0]
        features = np.stack([covariance_features(window, ESTIMATOR, self.arrays_) for window in X])
        self.arrays_["coef"], self.arrays_["intercept"] = equal_priors_lda(features, y)


def _mean(covariances: Floats) -> Floats:
    """Return the Riemannian mean."""
    # Only now: other methods do without it.
    from pyriemann.tangentspace import TangentSpace

    # The function itself has moved between versions.
    return np.asarray(TangentSpace().fit(covariances).reference_)
