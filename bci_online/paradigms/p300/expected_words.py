"""The words that may come next, each with its probability."""

from bisect import bisect_left
from collections.abc import Collection
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["ExpectedWords"]

LAST = "\U0010ffff"
"""Sorts behind every letter."""


class ExpectedWords:
    """Words in the order of the alphabet, and how likely each is to come next.

    Parameters
    ----------
    words : list of str
        Sorted, none twice.
    probabilities : ndarray, shape (n_words,)
        Of each word; they need not sum to 1.

    See Also
    --------
    bci_online.paradigms.p300.language.Language : Makes them, for the text so far.

    Examples
    --------
    >>> words = ExpectedWords(["he", "her", "hers", "to"], np.array([0.4, 0.2, 0.1, 0.3]))
    >>> round(words.begun("he"), 1), words.best("h", 2)
    (0.7, ('he', 'her'))
    """

    def __init__(self, words: list[str], probabilities: NDArray[np.float64]) -> None:
        self.words = words
        self.probabilities = probabilities
        # The weight of a range of sorted words is a difference of two sums.
        self._sums = np.concatenate([[0.0], np.cumsum(probabilities)])

    @cached_property
    def _lengths(self) -> NDArray[np.int64]:
        return np.array([len(word) for word in self.words])

    def probability(self, word: str) -> float:
        """Return the probability of a word; 0 if it is not known."""
        place = self.place(word)
        return 0.0 if place is None else float(self.probabilities[place])

    def place(self, word: str) -> int | None:
        """Return where a word stands; None if it is not known."""
        place = bisect_left(self.words, word)
        return place if self.words[place : place + 1] == [word] else None

    def begun(self, prefix: str) -> float:
        """Return the probability of all words that begin with `prefix`."""
        start, end = self._range(prefix)
        return float(self._sums[end] - self._sums[start])

    def best(self, prefix: str, n: int, but: Collection[str] = ()) -> tuple[str, ...]:
        """Return the `n` words that save most letters behind `prefix`, the best first.

        That is the letters which are left of a word, times its probability. Words of one letter
        are left out: the matrix has that letter. So are those of `but`. There may be fewer.
        """
        start, end = self._range(prefix)
        left = self._lengths[start:end] - len(prefix)
        worth = left * self.probabilities[start:end]
        worth[self._lengths[start:end] <= max(1, len(prefix))] = 0.0
        most = n + len(but)
        # A whole sort would take milliseconds for each letter.
        likely = np.argpartition(-worth, most)[:most] if most < worth.size else np.arange(left.size)
        likely = likely[np.argsort(-worth[likely], kind="stable")]
        found = (self.words[start + place] for place in likely if worth[place])
        return tuple(word for word in found if word not in but)[:n]

    def _range(self, prefix: str) -> tuple[int, int]:
        return bisect_left(self.words, prefix), bisect_left(self.words, prefix + LAST)
