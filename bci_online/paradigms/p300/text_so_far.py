"""What the words of a text say of its next word."""

from bisect import insort
from collections import Counter
from collections.abc import Sequence

import numpy as np

from bci_online.paradigms.p300.expected_words import ExpectedWords

__all__ = ["continued"]

TRUST = (400.0, 8.0, 3.0)
"""Words of the text that weigh as much as what was expected without it, for each context: any
word, words behind the same word, words behind the same two words."""

EARLIER = (4000.0, 40.0, 10.0)
"""The same for the words of earlier texts: what is written now says more."""

DISCOUNT = 0.5
"""Taken from each count behind the same words: one time is little evidence."""


def continued(
    words: ExpectedWords, text: Sequence[str], earlier: Sequence[str] = ()
) -> ExpectedWords:
    """Return how likely each word is as the next one of a text; new words of the text are added.

    Parameters
    ----------
    words : ExpectedWords
        Without the text; probabilities that sum to 1.
    text : sequence of str
        All words before.
    earlier : sequence of str
        Words of other texts of the same person, the latest last.

    Returns
    -------
    words : ExpectedWords
        Probabilities that sum to 1.

    See Also
    --------
    bci_online.paradigms.p300.language.Language : Adds which word follows another.

    Notes
    -----
    For each context, from any word to the same two words, the probability so far is mixed with the
    counts ``n`` of the text: ``((trust + discount * n_distinct) * p + n - discount) / (trust +
    n_total)``.

    References
    ----------
    Ney, Essen, Kneser (1994), Computer Speech and Language 8:1-38: absolute discounting.

    Examples
    --------
    >>> words = ExpectedWords(["me", "to", "us"], np.array([0.2, 0.6, 0.2]))
    >>> found = continued(words, ["to", "zoe"] * 4 + ["to"])
    >>> found.words, bool(found.probability("zoe") > found.probability("to"))
    (['me', 'to', 'us', 'zoe'], True)
    """
    known, likely = words.words, words.probabilities
    if new := sorted({word for word in (*earlier, *text) if not words.knows(word)}):
        likely = np.insert(likely, words.places(new), 0.0)
        known = known.copy()
        for word in new:
            insort(known, word)
    found = ExpectedWords(known, likely.copy())
    for source, trusts in ((earlier, EARLIER), (text, TRUST)):
        for length, trust in enumerate(trusts):
            counts = _following(source, tuple(text[len(text) - length :]), length)
            if not counts:
                continue
            n = np.array(list(counts.values()), dtype=float)
            discount = DISCOUNT if length else 0.0
            found.probabilities *= (trust + discount * n.size) / (trust + n.sum())
            found.probabilities[found.places(counts)] += (n - discount) / (trust + n.sum())
    return ExpectedWords(known, found.probabilities)


def _following(text: Sequence[str], context: tuple[str, ...], length: int) -> Counter[str]:
    """Return which words stand in a text behind a context of so many words, and how often."""
    return Counter(
        text[n] for n in range(length, len(text)) if tuple(text[n - length : n]) == context
    )
