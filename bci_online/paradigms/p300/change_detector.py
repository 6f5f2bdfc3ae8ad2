"""Whether a figure that should stay as it was has changed, from one observation after the other."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["ChangeDetector"]

START = 10.0
"""A change before the first observation is so many times as likely as one before each other."""


class ChangeDetector:
    """A Shiryaev-Roberts detector over a grid of values of one figure.

    Parameters
    ----------
    grid : ndarray, shape (n_values,)
        Values that the figure may have.
    expected : ndarray, shape (n_values,)
        Probability of each value without a change: the figure is known with an uncertainty.
    changed : ndarray, shape (n_values,)
        Probability of each value after a change.

    See Also
    --------
    bci_online.paradigms.p300.fit_check.FitCheck : Watches the scores of a speller with it.

    Notes
    -----
    `statistic` is the sum over all observations since which the figure may have changed, each
    counted as its likelihood ratio. Without a change its mean after n observations is n plus
    `START`, whatever the likelihoods are. So by Markov's inequality the probability that it exceeds
    c within n observations is at most ``(n + START) / c``.

    References
    ----------
    Shin, Ramdas, Rinaldo (2023), E-detectors, NEJSDS 2(2).

    Examples
    --------
    Normal observations with mean 1; after a change the mean is 0:

    >>> grid = np.array([0.0, 1.0])
    >>> detector = ChangeDetector(grid, np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    >>> for observed in [1.2, 0.9, 0.1, -0.2, 0.0, 0.2, -0.1, 0.1]:
    ...     detector.observe(-((observed - grid) ** 2) / 2)
    >>> detector.statistic > 20, detector.estimate
    (True, 0.0)
    """

    def __init__(
        self,
        grid: NDArray[np.float64],
        expected: NDArray[np.float64],
        changed: NDArray[np.float64],
    ) -> None:
        self._grid = grid
        self._changed = changed / changed.sum()
        # Both are divided by the likelihood of all observations without a change.
        self._same = expected / expected.sum()
        self._after = START * self._changed

    def observe(self, log_likelihood: NDArray[np.float64]) -> None:
        """Take an observation by its log-likelihood (n_values,) at each value of the grid."""
        likelihood = np.exp(log_likelihood - log_likelihood.max())
        same = self._same * likelihood
        total = max(float(same.sum()), np.finfo(float).tiny)
        self._after = (self._after + self._changed) * likelihood / total
        self._same = same / total

    @property
    def statistic(self) -> float:
        """How much more likely a change is than none; see Notes."""
        return float(self._after.sum())

    @property
    def estimate(self) -> float:
        """The mean of the figure after the change, if there was one."""
        return float(self._after @ self._grid / self._after.sum())
