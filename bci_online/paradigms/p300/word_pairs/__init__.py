"""Which word follows another, for the languages that have a table here.

`en.safetensors` is made by `benchmarks/make_word_pairs.py` from the word pairs of SymSpell
(https://github.com/wolfgarbe/SymSpell, MIT License, copyright 2021 Wolf Garbe), in the Python
package symspellpy 6.10.1 (MIT License, copyright 2025 mmb L). They count how often a word stood
before another in Google's books and pages.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

__all__ = ["WordPairs", "word_pairs"]

Followers = tuple[list[str], NDArray[np.float64]]


class WordPairs:
    """The words that follow a word, and how often.

    Parameters
    ----------
    words : list of str
        All of them.
    starts : ndarray of int, shape (n_words + 1,)
        Where the followers of each word begin.
    followers : ndarray of int, shape (n_pairs,)
        A place in `words`.
    shares : ndarray, shape (n_pairs,)
        How often this word follows, from 0 to 1; those of one word sum to less than 1.

    See Also
    --------
    word_pairs : The table of a language.

    Examples
    --------
    >>> pairs = WordPairs(["good", "morning"], np.array([0, 1, 1]), np.array([1]), np.array([0.2]))
    >>> pairs.after("good"), pairs.after("morning")
    ((['morning'], array([0.2])), ([], array([], dtype=float64)))
    """

    def __init__(
        self,
        words: list[str],
        starts: NDArray[np.integer],
        followers: NDArray[np.integer],
        shares: NDArray[np.floating],
    ) -> None:
        self._words = words
        self._place = {word: place for place, word in enumerate(words)}
        self._starts, self._followers, self._shares = starts, followers, shares

    def after(self, word: str) -> Followers:
        """Return the words that follow `word`, and the share of each; none if it is not known."""
        place = self._place.get(word)
        if place is None:
            return [], np.zeros(0)
        rows = slice(int(self._starts[place]), int(self._starts[place + 1]))
        return [self._words[n] for n in self._followers[rows]], self._shares[rows].astype(float)


@cache
def word_pairs(code: str) -> WordPairs | None:
    """Return the table of a language; it is read once.

    Parameters
    ----------
    code : str
        Such as ``en``.

    Returns
    -------
    pairs : WordPairs or None
        None if the language has no table.

    See Also
    --------
    bci_online.paradigms.p300.language.Language : Knows how often each word comes at all.

    Examples
    --------
    >>> words, shares = word_pairs("en").after("good")
    >>> "morning" in words, bool(shares.sum() < 1)
    (True, True)
    """
    file = Path(__file__).with_name(f"{code}.safetensors")
    # A code is a person's text: no other file may be named with it.
    if not code.isalpha() or not file.is_file():
        return None
    arrays = load(file.read_bytes())
    words = arrays["words"].tobytes().decode().split("\n")
    return WordPairs(words, arrays["starts"], arrays["followers"], arrays["shares"])
