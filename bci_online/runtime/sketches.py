"""Figures of a whole day in fixed memory: counts of values in bins.

A live run may last for days, and its summary has medians and ranks of all flashes.
"""

import copy
import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

__all__ = ["QuantileSketch", "binned_auc"]


class QuantileSketch:
    """Counts values in bins whose width grows with the value; quantiles follow from the counts.

    Parameters
    ----------
    accuracy : float
        The relative error of a value that is read again, between 0 and 1.

    Attributes
    ----------
    n : int
        How many values were added.

    See Also
    --------
    binned_auc : The area under the ROC curve of two sketches.

    Notes
    -----
    Magnitudes below `SMALLEST` count as 0, and those above `LARGEST` as `LARGEST`. So there are at
    most 3,500 bins at 1 %, however many values come.

    References
    ----------
    Masson, Rim and Lee (2019), PVLDB 12(12): DDSketch.

    Examples
    --------
    >>> sketch = QuantileSketch(0.01)
    >>> for value in range(1, 1001):
    ...     sketch.add(value)
    >>> 495 < sketch.quantile(0.5) < 506
    True
    """

    SMALLEST, LARGEST = 1e-6, 1e9

    def __init__(self, accuracy: float) -> None:
        self._growth = (1 + accuracy) / (1 - accuracy)
        self._counts: Counter[int] = Counter()
        self.n = 0

    def add(self, value: float) -> None:
        """Count a value; NaN is left out."""
        if math.isnan(value):
            return
        size = min(abs(value), self.LARGEST)
        bin_ = 0
        if size >= self.SMALLEST:
            bin_ = 1 + math.ceil(math.log(size / self.SMALLEST, self._growth) - 1e-9)
        self._counts[int(math.copysign(bin_, value))] += 1
        self.n += 1

    def copy(self) -> "QuantileSketch":
        """Return one with the same counts, to which more can be added."""
        return copy.deepcopy(self)

    def bins(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the values of the bins, rising, and how often each came; both (n_bins,)."""
        keys = np.array(sorted(self._counts), dtype=int)
        # The middle of a bin in the sense that both of its ends are equally far, relatively.
        middle = 2 * self.SMALLEST * self._growth ** (abs(keys) - 1.0) / (self._growth + 1)
        return np.sign(keys) * middle, np.array([self._counts[key] for key in keys.tolist()])

    def quantile(self, share: float) -> float:
        """Return the value below which `share` of all values lie; NaN without values."""
        if not self.n:
            return math.nan
        values, counts = self.bins()
        rank = round(share * (self.n - 1))
        return float(values[np.searchsorted(np.cumsum(counts), rank, side="right")])


def binned_auc(targets: QuantileSketch, others: QuantileSketch) -> float:
    """Return the area under the ROC curve, ties counted half; values in one bin are ties.

    Parameters
    ----------
    targets, others : QuantileSketch
        Of the same accuracy.

    Returns
    -------
    area : float
        NaN where one is empty.

    See Also
    --------
    bci_online.metrics.auc : The same of single values.

    Notes
    -----
    It differs from the area of single values by at most half of the share of pairs that lie in
    one bin.

    Examples
    --------
    >>> targets, others = QuantileSketch(0.001), QuantileSketch(0.001)
    >>> for value in (2.0, 1.0):
    ...     targets.add(value)
    >>> for value in (1.0, 0.0):
    ...     others.add(value)
    >>> binned_auc(targets, others)
    0.875
    """
    if not targets.n or not others.n:
        return math.nan
    (ours, n_ours), (theirs, n_theirs) = targets.bins(), others.bins()
    below = np.concatenate([[0], np.cumsum(n_theirs)])
    left = below[np.searchsorted(theirs, ours, side="left")]
    right = below[np.searchsorted(theirs, ours, side="right")]
    return float(np.sum(n_ours * (left + right)) / (2 * targets.n * others.n))
