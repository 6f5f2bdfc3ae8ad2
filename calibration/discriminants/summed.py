"""The sum of two discriminants: they are wrong about different epochs."""

from collections.abc import Sequence

import numpy as np

from calibration.discriminants.linear import LinearDiscriminant, Weights
from calibration.discriminants.scaled_epochs import ScaledEpochs

__all__ = ["SummedDiscriminant"]


class SummedDiscriminant(LinearDiscriminant):
    """The sum of discriminants, each divided by its spread over the training epochs.

    Each score is the log-odds of a target, but the more numbers a discriminant learns, the larger
    its scores become: divided by their spread, all count alike.

    Parameters
    ----------
    parts : sequence of LinearDiscriminant
        Not fitted, and not changed.

    See Also
    --------
    calibration.p300.method_choice.AutomaticMethod : Tries the sum of the best two.

    Examples
    --------
    >>> from calibration.discriminants.block_toeplitz import BlockToeplitzLDA
    >>> from calibration.discriminants.shrinkage_lda import ShrinkageLDA
    >>> y = np.arange(200) % 5 == 0
    >>> X = np.random.default_rng(0).normal(size=(200, 4, 16))
    >>> X[y, 0] += 1.0
    >>> both = SummedDiscriminant([ShrinkageLDA(), BlockToeplitzLDA()]).fit(X, y)
    >>> scores = both.decision_function(X)
    >>> bool(scores[y].mean() > scores[~y].max())
    True
    """

    def __init__(self, parts: Sequence[LinearDiscriminant]) -> None:
        self.parts = parts

    def _weights(self, epochs: ScaledEpochs) -> Weights:
        coef, intercept = np.zeros(epochs.values.shape[1:]), 0.0
        for part in self.parts:
            weights, offset = part._weights(epochs)
            scores = np.tensordot(epochs.values, weights, axes=2)
            spread = max(float(scores.std()), np.finfo(float).tiny)
            coef += weights / spread
            intercept += offset / spread
        return coef, intercept
