"""The labelled scores of a run, in bounded memory."""

from array import array
from collections.abc import Hashable, Iterable

import numpy as np

from bci_online.metrics import auc
from bci_online.runtime.sketches import QuantileSketch, binned_auc

__all__ = ["ScoreHistory"]


class ScoreHistory:
    """Keeps the newest scores as they are, and counts older ones in bins.

    See Also
    --------
    bci_online.runtime.tally.Tally : Fills it.

    Notes
    -----
    Up to `MOST` scores the area is exact: that is an hour and a half of flashes without a pause.
    Older scores are known to 0.1 %, and those that fall together count as ties.

    Examples
    --------
    >>> scores = ScoreHistory()
    >>> for key, (is_target, score) in enumerate([(True, 2.0), (False, 1.0), (True, 1.0)]):
    ...     scores.add(key, is_target, score)
    >>> scores.area()
    0.75
    >>> scores.clear(0)
    >>> scores.area()
    0.25
    """

    MOST = 1 << 15
    RETRACTABLE = 4096
    """So many of the newest scores can be changed; no loss is found later."""
    ACCURACY = 1e-3

    def __init__(self) -> None:
        self._scores = array("d")
        self._is_target = bytearray()
        self._numbers: dict[Hashable, int] = {}
        self._n_binned = 0
        self._targets, self._others = QuantileSketch(self.ACCURACY), QuantileSketch(self.ACCURACY)

    def __len__(self) -> int:
        return self._n_binned + len(self._scores)

    def add(self, key: Hashable, is_target: bool, score: float) -> None:
        """Add a score; one with the same key is replaced while it is among the newest."""
        if (place := self._place(key)) is not None:
            self._scores[place], self._is_target[place] = score, is_target
            return
        self._numbers[key] = len(self)
        if len(self._numbers) > self.RETRACTABLE:
            del self._numbers[next(iter(self._numbers))]
        self._scores.append(score)
        self._is_target.append(is_target)
        if len(self._scores) > self.MOST:
            self._bin_older_half()

    def clear(self, key: Hashable) -> None:
        """Set the score of `key` to 0, as for a rejected epoch; an unknown one has none."""
        if (place := self._place(key)) is not None:
            self._scores[place] = 0.0

    def seal(self) -> None:
        """Let no score so far be changed any more: in another recording the same key is another."""
        self._numbers.clear()

    def area(self) -> float:
        """Return the area under the ROC curve of all scores; NaN where one class is missing."""
        if not self._n_binned:
            return auc(np.frombuffer(self._is_target, dtype=bool), np.array(self._scores))
        targets, others = self._targets.copy(), self._others.copy()
        _count(self._scores, self._is_target, targets, others)
        return binned_auc(targets, others)

    def _place(self, key: Hashable) -> int | None:
        number = self._numbers.get(key)
        return None if number is None or number < self._n_binned else number - self._n_binned

    def _bin_older_half(self) -> None:
        half = self.MOST // 2
        _count(self._scores[:half], self._is_target[:half], self._targets, self._others)
        del self._scores[:half], self._is_target[:half]
        self._n_binned += half


def _count(
    scores: Iterable[float],
    is_target: Iterable[int],
    targets: QuantileSketch,
    others: QuantileSketch,
) -> None:
    for score, of_target in zip(scores, is_target, strict=True):
        (targets if of_target else others).add(score)
