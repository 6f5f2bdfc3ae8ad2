"""The probability of the next symbol, given the text so far: letters, whole words, backspace.

Word frequencies come from `wordfreq` (Speer 2022, doi 10.5281/zenodo.7199437). Its lists are part
of the package, so nothing is downloaded. It is loaded when a language is first named.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache

import numpy as np

from bci_online.errors import ConfigError
from bci_online.paradigms.p300.expected_words import ExpectedWords
from bci_online.paradigms.p300.spelled_text import (
    APOSTROPHES,
    SPACES,
    begun_word,
    in_word,
    is_word,
    text_of,
)
from bci_online.paradigms.p300.text_so_far import continued
from bci_online.paradigms.p300.word_pairs import word_pairs

__all__ = ["Language", "language"]

NO_APOSTROPHES = str.maketrans("", "", "".join(APOSTROPHES))

FLOOR = 0.2
"""Share of the probability that all symbols get equally, likely or not."""
BACK = 0.05
"""Probability that the last letter is taken back, if there is one."""
RAREST = 2e-7
"""Words that are less frequent are not expected in context, unless the text has them."""
MOST_WORDS_BEFORE = 1000
"""How many words of the text so far say what comes next, at most."""


@lru_cache(maxsize=10_000)
def _folded(text: str, code: str) -> str:
    from langcodes import Language as Tag
    from wordfreq.preprocess import preprocess_text

    return preprocess_text(text, Tag.get(code)).translate(NO_APOSTROPHES)


def _listed(frequency_of: Mapping[str, float], least: float = 0.0) -> ExpectedWords:
    """Return the words of a list of wordfreq that are at least so frequent."""
    frequencies: dict[str, float] = {}
    for text, frequency in frequency_of.items():
        word = text.translate(NO_APOSTROPHES)
        if frequency >= least and is_word(word):
            frequencies[word] = frequencies.get(word, 0.0) + frequency
    words = sorted(frequencies)
    return ExpectedWords(words, np.array([frequencies[word] for word in words]))


class Language:
    """Probabilities of words, and so of letters.

    Parameters
    ----------
    code : str
        Language code of wordfreq, such as ``en``.

    Raises
    ------
    ConfigError
        If wordfreq does not know the language.

    Notes
    -----
    It knows some ten thousand words: those that are more frequent than one in a million, and in
    context those that are more frequent than one in five millions, where wordfreq has them. Letters
    are compared as wordfreq prepares its words: without case, ``ß`` as ``ss``, the Turkish ``I`` as
    ``ı``. Apostrophes are left out.

    See Also
    --------
    language : Read each language once.

    References
    ----------
    Speer (2022), rspeer/wordfreq: v3.0, Zenodo, doi:10.5281/zenodo.7199437.

    Examples
    --------
    >>> english = Language("en")
    >>> english.begun("th") > english.begun("tq")
    True
    """

    def __init__(self, code: str) -> None:
        import wordfreq

        known = wordfreq.available_languages("small")
        if code not in known:
            raise ConfigError(f"language {code!r} is not known; one of {', '.join(sorted(known))}")
        self.code = code
        self._alone = self._in_context = _listed(wordfreq.get_frequency_dict(code, "small"))
        if code in wordfreq.available_languages("large"):
            self._in_context = _listed(wordfreq.get_frequency_dict(code, "large"), RAREST)
        # A letter asks for it several times, and the text changes with a word.
        self._after = lru_cache(maxsize=4)(self._continued)

    def fold(self, text: str) -> str:
        """Return `text` in the form in which the words are stored."""
        return _folded(text, self.code)

    def frequency(self, word: str) -> float:
        """Return the share of a folded `word` among all words."""
        return self._alone.probability(word)

    def begun(self, prefix: str) -> float:
        """Return the share of words that begin with a folded `prefix`."""
        return self._alone.begun(prefix)

    def prefix(self, spelled: Sequence[str]) -> str:
        """Return the letters of the current word so far, folded."""
        return self.fold(begun_word(text_of(spelled)))

    def words(self, text: str) -> tuple[str, ...]:
        """Return the words of a text, folded."""
        words = "".join(letter if in_word(letter) else " " for letter in text).split()
        return tuple(map(self.fold, words))

    def expected(self, spelled: Sequence[str], earlier: tuple[str, ...] = ()) -> ExpectedWords:
        """Return all words, and how likely each is as the current one, given those before it.

        In a language with a table of pairs the word before counts; in every language the words and
        pairs of the text so far and of `earlier` texts (folded), and words that no list has.
        """
        text = text_of(spelled)
        text = text[: len(text) - len(begun_word(text))]
        return self._after(self.words(text)[-MOST_WORDS_BEFORE:], earlier)

    def _continued(self, before: tuple[str, ...], earlier: tuple[str, ...]) -> ExpectedWords:
        words = self._in_context.words
        likely = self._in_context.probabilities / self._in_context.begun("")
        pairs = word_pairs(self.code)
        if before and pairs is not None:
            following, shares = pairs.after(before[-1])
            likely *= 1 - shares.sum()
            likely[self._in_context.places(following)] += shares
        return continued(ExpectedWords(words, likely), before, earlier)

    def completions(
        self,
        spelled: Sequence[str],
        n: int,
        but: Collection[str] = (),
        earlier: tuple[str, ...] = (),
    ) -> tuple[str, ...]:
        """Return the `n` completions of the current word that save most letters, the best first.

        There may be fewer. Words of one letter are left out: the matrix has that letter. So are
        those of `but`, and those that were completions of a shorter beginning: none was chosen.
        """
        expected, prefix = self.expected(spelled, earlier), self.prefix(spelled)
        passed = set(but)
        for length in range(len(prefix)):
            passed |= {*expected.best(prefix[:length], n, passed)}
        return expected.best(prefix, n, passed)

    def probabilities(
        self,
        symbols: Sequence[str],
        spelled: Sequence[str],
        backspace: str = "",
        *,
        in_context: bool = True,
    ) -> dict[str, float]:
        """Return the probability that each of `symbols` is meant next.

        Parameters
        ----------
        symbols : sequence of str
            Everything that can be chosen: letters, digits, a space, words, a backspace.
        spelled : sequence of str
            The symbols chosen so far.
        backspace : str
            The symbol that removes the last one; empty if there is none.
        in_context : bool
            False: only the current word counts, and not those before it.

        Returns
        -------
        probabilities : dict of str to float
            They sum to 1, and none is below ``FLOOR`` / len(symbols).

        Notes
        -----
        A letter is as likely as all the words that it can lead to. A word, or the space after it,
        is as likely as that word. If no word begins with the letters so far, all letters are
        equally likely.
        """
        prefix = self.prefix(spelled)
        expected = self.expected(spelled) if in_context else self._alone
        weights = {symbol: self._weight(symbol, prefix, expected) for symbol in symbols}
        if backspace in weights:
            weights[backspace] = 0.0
        if not any(weights.values()):
            weights = {symbol: float(is_word(symbol) or symbol in SPACES) for symbol in symbols}
        back = BACK if backspace in weights and spelled else 0.0
        total = sum(weights.values())
        floor = FLOOR if total else 1.0 - back
        of_weight = (1.0 - floor - back) / (total or 1.0)
        return {
            symbol: floor / len(weights) + of_weight * weight + back * (symbol == backspace)
            for symbol, weight in weights.items()
        }

    def _weight(self, symbol: str, prefix: str, expected: ExpectedWords) -> float:
        if symbol in SPACES:
            return expected.probability(prefix)
        folded = self.fold(symbol)
        if not is_word(folded):
            return 0.0
        if len(symbol) == 1:
            return expected.begun(prefix + folded)
        return expected.probability(folded) if folded.startswith(prefix) else 0.0


@cache
def language(code: str) -> Language:
    """Return the language; it is read once.

    Parameters
    ----------
    code : str
        Language code of wordfreq, such as ``en``.

    Returns
    -------
    words : Language
        The same object in each call; an unknown code raises ConfigError, as `Language` does.

    See Also
    --------
    Language : What it returns.
    bci_online.paradigms.p300.text_prior.TextPrior : Names a language.

    Examples
    --------
    >>> language("xx")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.ConfigError: ...
    """
    return Language(code)
