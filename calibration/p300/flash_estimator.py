"""What a linear method of flashes fits, before and after sensors are chosen."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calibration.discriminants.linear import LinearDiscriminant
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.folds import Fold, Share
from calibration.method_names import RefitName

if TYPE_CHECKING:
    # It imports scikit-learn, which takes a second.
    from calibration.sparse.estimators.group_svm import GroupSVM

__all__ = ["FlashEstimator", "Prices"]

Prices = NDArray[np.float64] | None
"""What each sensor costs; None where all cost the same."""


class FlashEstimator(ABC):
    """What a linear method fits. Here it takes every sensor and has no λ; subclasses differ.

    See Also
    --------
    calibration.p300.fitting.LinearMethod : Fits it.

    Examples
    --------
    >>> from calibration.p300.estimators import estimator_of
    >>> estimator_of("lda").regularisation(fitted=None)  # it has no λ
    {}
    >>> estimator_of("gsvm-2").unfitted(folds=[], refit="none").penalty
    'group'
    """

    @abstractmethod
    def unfitted(self, folds: list[Fold], refit: RefitName, prices: Prices = None) -> Any:
        """Return the unfitted scikit-learn estimator.

        Parameters
        ----------
        folds : list of Fold
            Inner folds, in which λ and q are chosen.
        refit : {"lda", "btlda", "none"}
            What replaces shrunken weights on the chosen sensors.
        prices : ndarray, shape (n_channels,), optional
            See `sensor_prices`; not used where no sensors are chosen.
        """

    def searched(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.bool_],
        folds: list[Fold],
        refit: RefitName,
        prices: Prices,
        share: Share,
    ) -> Any:
        """Return what is fitted on all sensors; what it needs of folds, ``share`` computes.

        Parameters
        ----------
        X : ndarray, shape (n_epochs, n_channels, n_times)
        y : ndarray of bool, shape (n_epochs,)
        folds, refit, prices : list of Fold, str, ndarray
            As for `unfitted`.
        share : callable
            Other processes may help.
        """
        return self.unfitted(folds, refit, prices).fit(X, y)

    def on_chosen(self, fitted: Any, refit: RefitName, is_sparse: bool) -> Any:
        """Return the unfitted model for the sensors that a fitted estimator chose, with its λ.

        Parameters
        ----------
        fitted : estimator
            Fitted on all sensors.
        refit : {"lda", "btlda", "none"}
            What replaces shrunken weights.
        is_sparse : bool
            Whether fewer sensors were chosen than there are.
        """
        return fitted

    def regularisation(self, fitted: Any) -> dict[str, Any]:
        """Return what was chosen of ``alpha``, ``lam`` and ``q``, as `Choice` has them."""
        return {}

    def ranking_model(
        self, X: NDArray[np.float64], y: NDArray[np.bool_], folds: list[Fold], prices: Prices = None
    ) -> "GroupSVM":
        """Return the unfitted model whose path ranks the sensors: by default that of gsvm-2.

        Parameters
        ----------
        X : ndarray, shape (n_epochs, n_channels, n_times)
        y : ndarray of bool, shape (n_epochs,)
        folds : list of Fold
        prices : ndarray, shape (n_channels,), optional
        """
        from calibration.sparse.estimators.group_svm import GroupSVM

        return GroupSVM(sensor_weights=prices)

    def judge(self) -> LinearDiscriminant | None:
        """Return the model that compares ways to choose sensors; None if there is only the path.

        A discriminant compares them itself. All other methods use shrinkage LDA. It is fast, and
        puts sets of sensors in the same order of AUC as a refit.
        """
        return ShrinkageLDA()
