"""Held-out scores of flashes, letter by letter."""

from collections.abc import Sequence
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from calibration.p300.epochs import EpochSet

__all__ = ["ScoredLetter", "in_another_order", "scored_letters", "two_class"]


class ScoredLetter(msgspec.Struct, frozen=True, eq=False, dict=True):
    """The flashes of one letter whose truth is known, in order.

    Parameters
    ----------
    scores : ndarray, shape (n_flashes,)
        Held out.
    is_target : ndarray of bool, shape (n_flashes,)
        Whether the flash lit the truth.
    lit : ndarray of bool, shape (n_flashes, n_symbols)
        Which symbols each flash lit.
    repetition : ndarray of int, shape (n_flashes,)
        Counted from 0.
    truth : int
        A column of ``lit``.

    See Also
    --------
    scored_letters : Arrange held-out scores by letter.

    Examples
    --------
    Two flashes, each of one of two symbols; the first symbol was meant:

    >>> letter = ScoredLetter(
    ...     scores=np.array([1.5, -0.5]), is_target=np.array([True, False]),
    ...     lit=np.array([[True, False], [False, True]]), repetition=np.array([0, 0]), truth=0,
    ... )
    >>> bool((letter.lit[:, letter.truth] == letter.is_target).all())
    True
    """

    scores: NDArray[np.float64]
    is_target: NDArray[np.bool_]
    lit: NDArray[np.bool_]
    repetition: NDArray[np.int64]
    truth: int

    @cached_property
    def code(self) -> NDArray[np.int64]:
        """A number for each flash (n_flashes,), from 0: flashes of the same symbols share it."""
        rows = [row.tobytes() for row in self.lit]
        numbers = {row: number for number, row in enumerate(sorted(set(rows)))}
        return np.array([numbers[row] for row in rows], dtype=np.int64)


def scored_letters(epochs: EpochSet, scores: NDArray[np.float64]) -> list[ScoredLetter]:
    """Arrange held-out scores (n_epochs,) by letter; letters of unknown truth are left out.

    Rejected flashes are not among them. A letter with many rejected flashes counts with the
    others; a speller would ask for that letter again.

    Parameters
    ----------
    epochs : EpochSet
        In order of time within each letter.
    scores : ndarray, shape (n_epochs,)
        Held-out scores; NaN for epochs that no fold tests.

    Returns
    -------
    letters : list of ScoredLetter
        In the order of ``epochs.letters``.

    See Also
    --------
    calibration.p300.training_epochs.held_out_scores : The scores.
    calibration.p300.evidence.fit_evidence : What they are worth.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from calibration.p300.epochs import Letter
    >>> epochs = EpochSet(
    ...     X=np.zeros((4, 1, 3)), y=np.array([True, False, False, True]),
    ...     letter=np.zeros(4, dtype=int), run=np.zeros(4, dtype=int), code=np.array([1, 2, 2, 1]),
    ...     time=np.arange(4.0), peak_to_peak=np.zeros((4, 1)), rejected={},
    ...     letters=(Letter(0, "A", {1: ("A",), 2: ("B",)}),),
    ...     preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> (letter,) = scored_letters(epochs, np.array([2.0, -1.0, 0.0, 1.0]))
    >>> letter.truth, letter.repetition.tolist()
    (0, [0, 0, 1, 1])
    """
    letters = []
    for number, letter in enumerate(epochs.letters):
        rows = np.flatnonzero((epochs.letter == number) & np.isfinite(scores))
        rows = rows[[code in letter.symbols_of_code for code in epochs.code[rows]]]
        lines = letter.symbols_of_code.values()
        symbols = tuple(dict.fromkeys(symbol for line in lines for symbol in line))
        if letter.truth not in symbols or not rows.size:
            continue
        codes = epochs.code[rows]
        lit = np.array([[s in letter.symbols_of_code[code] for s in symbols] for code in codes])
        earlier = np.array([np.count_nonzero(codes[:i] == code) for i, code in enumerate(codes)])
        truth = symbols.index(letter.truth)
        letters.append(ScoredLetter(scores[rows], epochs.y[rows], lit, earlier, truth))
    return letters


def two_class(letters: Sequence[ScoredLetter]) -> list[ScoredLetter]:
    """Return the letters that have targets and non-targets; a model can be fitted to no others.

    A target is a group of symbols that was a target at least once.

    Parameters
    ----------
    letters : sequence of ScoredLetter
        In some, all flashes of a class may be rejected, or labels may contradict each other.

    Returns
    -------
    letters : list of ScoredLetter
        In the same order.

    See Also
    --------
    calibration.p300.flash_model.fit_flash_model : Needs both classes.

    Examples
    --------
    >>> lit = np.eye(2, dtype=bool)
    >>> letter = ScoredLetter(np.zeros(2), lit[:, 0], lit, np.zeros(2, dtype=int), 0)
    >>> of_one = ScoredLetter(np.zeros(1), lit[:1, 0], lit[:1], np.zeros(1, dtype=int), 0)
    >>> len(two_class([letter, of_one]))
    1
    """
    return [letter for letter in letters if _has_both(letter)]


def _has_both(letter: ScoredLetter) -> bool:
    is_target = np.bincount(letter.code, letter.is_target) > 0
    return bool(is_target.any() and not is_target.all())


def in_another_order(
    letter: ScoredLetter, max_repetitions: int, rng: np.random.Generator
) -> ScoredLetter:
    """Return a letter of at most `max_repetitions` of the repetitions, in random order.

    They are drawn without replacement: the same repetition twice says nothing new, and letters
    would seem harder than they are.

    Parameters
    ----------
    letter : ScoredLetter
        Its repetitions are drawn from.
    max_repetitions : int
        How many repetitions at most.
    rng : Generator
        Gives the order.

    Returns
    -------
    letter : ScoredLetter
        Its repetitions are counted from 0 again.

    See Also
    --------
    calibration.p300.flash_model.simulated_letters : Letters drawn from a model instead.

    Examples
    --------
    Three repetitions of two flashes; two repetitions are kept:

    >>> lit = np.tile(np.eye(2, dtype=bool), (3, 1))
    >>> letter = ScoredLetter(np.arange(6.0), lit[:, 0], lit, np.arange(6) // 2, 0)
    >>> shuffled = in_another_order(letter, 2, np.random.default_rng(0))
    >>> shuffled.scores.size, shuffled.repetition.tolist()
    (4, [0, 0, 1, 1])
    """
    parts = [np.flatnonzero(letter.repetition == r) for r in np.unique(letter.repetition)]
    drawn = rng.permutation(len(parts))[:max_repetitions]
    rows = np.concatenate([parts[i] for i in drawn])
    repetition = np.repeat(np.arange(drawn.size), [parts[i].size for i in drawn])
    return ScoredLetter(
        letter.scores[rows], letter.is_target[rows], letter.lit[rows], repetition, letter.truth
    )
