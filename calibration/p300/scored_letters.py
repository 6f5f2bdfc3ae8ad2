"""Held-out scores of flashes, letter by letter."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from calibration.p300.epochs import EpochSet

__all__ = ["ScoredLetter", "in_another_order", "scored_letters"]


class ScoredLetter(msgspec.Struct, frozen=True, eq=False):
    """The flashes of one letter whose truth is known, in order.

    Attributes
    ----------
    scores : ndarray, shape (n_flashes,)
        Held out.
    is_target : ndarray of bool, shape (n_flashes,)
    lit : ndarray of bool, shape (n_flashes, n_symbols)
        Which symbols each flash lit.
    repetition : ndarray of int, shape (n_flashes,)
        Counted from 0.
    truth : int
        A column of ``lit``.
    """

    scores: NDArray[np.float64]
    is_target: NDArray[np.bool_]
    lit: NDArray[np.bool_]
    repetition: NDArray[np.int64]
    truth: int


def scored_letters(epochs: EpochSet, scores: NDArray[np.float64]) -> list[ScoredLetter]:
    """Arrange held-out scores (n_epochs,) by letter; letters of unknown truth are left out.

    Rejected flashes are not among them. A letter with many rejected flashes counts by the others; a
    speller would ask for it again.
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


def in_another_order(
    letter: ScoredLetter, max_repetitions: int, rng: np.random.Generator
) -> ScoredLetter:
    """Return a letter of at most `max_repetitions` of the repetitions, in random order.

    They are drawn without replacement: a second time a repetition says nothing new, and letters
    would be harder than they are.
    """
    parts = [np.flatnonzero(letter.repetition == r) for r in np.unique(letter.repetition)]
    drawn = rng.permutation(len(parts))[:max_repetitions]
    rows = np.concatenate([parts[i] for i in drawn])
    repetition = np.repeat(np.arange(drawn.size), [parts[i].size for i in drawn])
    return ScoredLetter(
        letter.scores[rows], letter.is_target[rows], letter.lit[rows], repetition, letter.truth
    )
