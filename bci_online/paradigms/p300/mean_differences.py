"""Letters from epochs alone: which symbols make the response to lit flashes the longest.

No label and no calibration is needed. Each symbol of a letter divides the letter's flashes into
those that lit it and the others. Only for the symbol that the subject looks at do the two kinds of
epochs differ, apart from noise. All letters are looked at together, because they share one
response: the symbols are wanted whose differences add up to the longest sum.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LetterSums",
    "chance_lengths",
    "consistent_symbols",
    "letter_sums",
    "squared_lengths",
]

Floats = NDArray[np.float64]

STARTS = 3
"""From so many symbols of each letter the search starts; it ends at the same symbols mostly."""

SWEEPS = 20

SHUFFLES = 100


class LetterSums(NamedTuple):
    """What the flashes of one letter say of each symbol.

    Parameters
    ----------
    sums : ndarray, shape (n_symbols, n_features)
        Of the epochs that lit each symbol, without the letter's mean.
    epochs : ndarray, shape (n_flashes, n_features)
        Without the letter's mean.
    lit : ndarray, shape (n_symbols, n_flashes)
        1 where a flash lit a symbol, else 0.

    See Also
    --------
    letter_sums : Make it.
    """

    sums: Floats
    epochs: Floats
    lit: Floats


def letter_sums(features: Floats, lit: Floats) -> LetterSums:
    """Return what one letter's flashes say of each symbol.

    The sum over the flashes that lit a symbol is the difference of the two means, weighted with how
    many flashes it rests on.

    Parameters
    ----------
    features : ndarray, shape (n_flashes, n_features)
        Of the letter's epochs, as `bci_online.paradigms.p300.whitening.whitened` returns them.
    lit : ndarray, shape (n_symbols, n_flashes)
        1 where a flash lit a symbol, else 0.

    Returns
    -------
    letter : LetterSums
        Of all its symbols.

    See Also
    --------
    consistent_symbols : Compares the sums of several letters.

    Examples
    --------
    Two flashes lit A, two others B; A's epochs are larger:

    >>> lit = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
    >>> letter_sums(np.array([[3.0], [1.0], [3.0], [1.0]]), lit).sums.ravel().tolist()
    [2.0, -2.0]
    """
    centred = features - features.mean(axis=0)
    return LetterSums(lit @ centred, centred, lit)


def squared_lengths(letter: LetterSums, others: Floats) -> Floats:
    """Return the squared length that each symbol of a letter makes, less what the others make.

    Parameters
    ----------
    letter : LetterSums
        The letter.
    others : ndarray, shape (n_features,)
        Sum of the other letters' symbols.

    Returns
    -------
    lengths : ndarray, shape (n_symbols,)
        Mahalanobis's, times a number that is the same for all symbols of a letter.

    See Also
    --------
    chance_lengths : The same by chance.

    Examples
    --------
    >>> lit = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> squared_lengths(letter_sums(np.array([[3.0], [1.0]]), lit), np.array([2.0])).tolist()
    [5.0, -3.0]
    """
    return np.asarray(_squares(letter.sums) + 2 * letter.sums @ others)


def _squares(sums: Floats) -> Floats:
    return np.asarray(np.einsum("sf,sf->s", sums, sums))


def consistent_symbols(letters: Sequence[Floats]) -> list[int]:
    """Return one symbol of each letter, so that their sums add up to the longest.

    Coordinate ascent: one letter's symbol after the other is chosen again, until none changes. It
    starts from the best symbols of each letter in turn, and the longest of all ends is returned.

    Parameters
    ----------
    letters : sequence of ndarray, shape (n_symbols, n_features)
        Of each letter, as in `LetterSums`. Letters may have different symbols.

    Returns
    -------
    symbols : list of int
        Place of each letter's symbol.

    References
    ----------
    Sosulski & Tangermann (2023), arXiv 2306.11830, for the length of one letter's difference.

    See Also
    --------
    chance_lengths : How long a sum is by chance.

    Examples
    --------
    Either symbol of the second letter is as long; only the first agrees with the first letter:

    >>> first = np.array([[4.0, 0.0], [0.0, 1.0]])
    >>> second = np.array([[2.0, 0.0], [-2.0, 0.0]])
    >>> consistent_symbols([first, second])
    [0, 0]
    """
    squares = [_squares(sums) for sums in letters]
    longest, found = -1.0, [0] * len(letters)
    for first, own in enumerate(squares):
        for symbol in np.argsort(-own, kind="stable")[:STARTS]:
            chosen, total = _ascended(letters, squares, first, int(symbol))
            if (length := float(total @ total)) > longest:
                longest, found = length, chosen
    return found


def _ascended(
    letters: Sequence[Floats], squares: Sequence[Floats], first: int, symbol: int
) -> tuple[list[int], Floats]:
    """Return the symbols at which the ascent from one symbol of one letter ends, and their sum."""
    chosen = [-1] * len(letters)
    chosen[first] = symbol
    total = letters[first][symbol].copy()
    for _ in range(SWEEPS):
        before = list(chosen)
        for place, sums in enumerate(letters):
            if chosen[place] >= 0:
                total -= sums[chosen[place]]
            chosen[place] = int(np.argmax(squares[place] + 2 * sums @ total))
            total += sums[chosen[place]]
        if chosen == before:
            break
    return chosen, total


def chance_lengths(
    letter: LetterSums, others: Sequence[Floats], n_codes: int, rng: np.random.Generator
) -> list[Floats]:
    """Return squared lengths that the symbols of a letter have by chance.

    The order of the letter's epochs is shuffled within each repetition, so no symbol is looked at.

    Parameters
    ----------
    letter : LetterSums
        The letter.
    others : sequence of ndarray, shape (n_features,)
        Sums of the other letters' symbols, one for each possibility.
    n_codes : int
        Flashes of one repetition.
    rng : Generator
        Shuffles.

    Returns
    -------
    lengths : list of ndarray, shape (n_shuffles, n_symbols)
        As `squared_lengths` returns them, for each order of the epochs; one for each of `others`.

    See Also
    --------
    bci_online.paradigms.p300.uncalibrated_evidence.UncalibratedEvidence : Compares with them.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> lit = np.tile(np.eye(4), 5)
    >>> letter = letter_sums(rng.normal(size=(20, 3)), lit)
    >>> [one.shape for one in chance_lengths(letter, [np.zeros(3)], 4, rng)]
    [(100, 4)]
    """
    n_flashes = len(letter.epochs)
    repetition = np.arange(n_flashes) // n_codes
    # Sorted by repetition first, at random within it.
    orders = np.argsort(rng.random((SHUFFLES, n_flashes)) + repetition, axis=1)
    lit = letter.lit[:, orders].transpose(1, 0, 2).reshape(-1, n_flashes)
    sums = lit @ letter.epochs
    squares = _squares(sums)
    return [(squares + 2 * sums @ other).reshape(SHUFFLES, -1) for other in others]
