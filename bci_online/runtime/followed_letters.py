"""What a decoder has learnt from letters of its session, and whether that decides yet."""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence
from bci_online.decoding.class_statistics import ClassStatistics, Discriminant
from bci_online.paradigms.p300.letter_evidence import log_likelihood_ratio

__all__ = ["FollowedLetters", "KnownLetter"]

COMPARED = 4
"""A change is used once it was better over so many letters that it had not learnt from."""

KEPT = 12
"""So many letters can still be taken back."""


class KnownLetter(NamedTuple):
    """A letter whose symbol counts as known.

    Parameters
    ----------
    trial : int
        Its number.
    symbol : str
        What was decided.
    X : ndarray, shape (n_epochs, n_channels, n_times)
        Epochs, as the decoder scales them.
    y : ndarray of bool, shape (n_epochs,)
        Which flashes lit the symbol; some did, some did not.

    See Also
    --------
    FollowedLetters : Learns from it.
    """

    trial: int
    symbol: str
    X: NDArray[np.float64]
    y: NDArray[np.bool_]


class FollowedLetters:
    """Class means and covariance that follow known letters, and whether they are better.

    Parameters
    ----------
    discriminant : Discriminant
        What was trained.
    evidence : Evidence
        What its scores are worth.
    half_life : float
        See `bci_online.config.Adaptation`.

    Attributes
    ----------
    current : ClassStatistics
        What decides.

    See Also
    --------
    bci_online.runtime.adaptation.FollowedSession : Gives it the letters of a session.

    Notes
    -----
    Before a letter is learnt, both are judged by it: what decides, and what has followed. The
    latter takes over once it was better over `COMPARED` letters; where it was worse, what it had
    learnt is forgotten. The judge is the log loss of the labels, so what a score is worth counts
    as well.

    Examples
    --------
    The response of a subject moves from one sensor to another:

    >>> from types import SimpleNamespace
    >>> means = np.array([[[0.0], [0.0]], [[1.0], [0.0]]])
    >>> own = ClassStatistics(means, np.eye(2)[np.newaxis])
    >>> arrays = {"coef": own.weights(), "center": np.zeros((2, 1)), "scale": np.ones(2)}
    >>> arrays |= {"intercept": np.zeros(1), "class_means": own.means, "lags": own.lags}
    >>> discriminant = Discriminant(SimpleNamespace(arrays=arrays))
    >>> letters = FollowedLetters(discriminant, Evidence(1.0, 0.0), half_life=5.0)
    >>> rng, y = np.random.default_rng(0), np.arange(60) % 6 == 0
    >>> for trial in range(20):
    ...     X = rng.normal(size=(60, 2, 1))
    ...     X[y, 1] += 1.0
    ...     gain = letters.learn(KnownLetter(trial, "A", X, y))
    >>> difference = letters.current.means[1] - letters.current.means[0]
    >>> bool(difference[1] > 2 * abs(difference[0]))
    True
    """

    def __init__(self, discriminant: Discriminant, evidence: Evidence, half_life: float) -> None:
        self._discriminant, self._evidence = discriminant, evidence
        self._gain = 1 - 0.5 ** (1 / half_life)
        self._base = self._candidate = self.current = discriminant.trained
        self._learnt: deque[KnownLetter] = deque()
        self._n_used = 0
        self._losses: list[tuple[float, float]] = []

    @property
    def learnt(self) -> tuple[KnownLetter, ...]:
        """The letters that can still be taken back."""
        return tuple(self._learnt)

    def learn(self, letter: KnownLetter) -> float | None:
        """Judge by a letter, then learn from it.

        Parameters
        ----------
        letter : KnownLetter
            The next one.

        Returns
        -------
        gain : float or None
            By how much the log loss is less with the new `current`; None where it is the old one.
        """
        if self._candidate is not self.current:
            both = self._loss(self.current, letter), self._loss(self._candidate, letter)
            self._losses.append(both)
        self._learnt.append(letter)
        self._candidate = self._followed(self._candidate, letter)
        if len(self._learnt) > KEPT:
            self._base = self._followed(self._base, self._learnt.popleft())
            self._n_used = max(0, self._n_used - 1)
        if len(self._losses) < COMPARED:
            return None
        current, candidate = np.mean(self._losses, axis=0).tolist()
        self._losses = []
        if candidate < current:
            self.current, self._n_used = self._candidate, len(self._learnt)
            return float(current - candidate)
        # It is no better: what it learnt may be wrong, so it starts anew from what decides. The
        # letters in that stay known: they can still be taken back.
        self._learnt = deque(islice(self._learnt, self._n_used))
        self._begin_anew()
        return None

    def forget(self, trial: int) -> bool:
        """Take a letter out of all that was learnt from it; return whether `current` changes."""
        kept = [letter for letter in self._learnt if letter.trial != trial]
        if len(kept) == len(self._learnt):
            return False
        used = [letter for letter in list(self._learnt)[: self._n_used] if letter.trial != trial]
        is_used = len(used) < self._n_used
        self._learnt, self._losses, self._n_used = deque(kept), [], len(used)
        if is_used:
            # Later letters wait until they were judged, as before.
            self.current = self._all_followed(used)
        if len(kept) > len(used):
            self._candidate = self._all_followed(kept)
        else:
            self._begin_anew()
        return is_used

    def _begin_anew(self) -> None:
        """Follow from what decides; with no letter in it, refused ones are gone for good."""
        self._candidate = self.current
        if not self._n_used:
            self._base = self.current

    def _all_followed(self, letters: Iterable[KnownLetter]) -> ClassStatistics:
        statistics = self._base
        for letter in letters:
            statistics = self._followed(statistics, letter)
        return statistics

    def _followed(self, statistics: ClassStatistics, letter: KnownLetter) -> ClassStatistics:
        return statistics.followed(letter.X, letter.y, self._gain)

    def _loss(self, statistics: ClassStatistics, letter: KnownLetter) -> float:
        """Return the mean log loss of a letter's labels."""
        scores = self._discriminant.scores(statistics, letter.X)
        share = float(letter.y.mean())
        odds = log_likelihood_ratio(scores, self._evidence) + np.log(share / (1 - share))
        return float(np.logaddexp(0.0, np.where(letter.y, -odds, odds)).mean())
