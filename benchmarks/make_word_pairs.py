"""Make the table of word pairs that the speller suggests words by.

    python -m benchmarks.make_word_pairs SYMSPELLPY/frequency_bigramdictionary_en_243_342.txt
        SYMSPELLPY/frequency_dictionary_en_82_765.txt

SYMSPELLPY is the folder of the installed package (MIT License; made with version 6.10.1). The table
keeps pairs of words that wordfreq's list has; the share of a pair is that of the first word's
count.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from bci_online.paradigms.p300.language import Language

TABLE = Path(__file__).resolve().parents[1] / "bci_online/paradigms/p300/word_pairs/en.safetensors"

SEEN = 0.98
"""The pairs of a word are at most this share of its count: other words follow it, too."""


def counts(path: Path, language: Language) -> dict[tuple[str, ...], float]:
    """Return the counts of a file's lines: words, and how often they were seen."""
    found: dict[tuple[str, ...], float] = defaultdict(float)
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        *words, count = line.split()
        found[tuple(language.fold(word) for word in words)] += float(count)
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("words", type=Path)
    options = parser.parse_args()
    language = Language("en")
    alone = counts(options.words, language)
    following: dict[str, dict[str, float]] = defaultdict(dict)
    for (first, second), count in counts(options.pairs, language).items():
        if language.frequency(first) and language.frequency(second):
            following[first][second] = count
    words = sorted({*following, *(word for after in following.values() for word in after)})
    place = {word: n for n, word in enumerate(words)}
    starts, followers, shares = [0], [], []
    for first in words:
        after = following.get(first, {})
        total = max(alone.get((first,), 0.0), sum(after.values()) / SEEN)
        followers += [place[second] for second in after]
        shares += [count / total for count in after.values()]
        starts.append(len(followers))
    arrays = {
        "words": np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        "starts": np.array(starts, dtype=np.uint32),
        "followers": np.array(followers, dtype=np.uint16),
        "shares": np.array(shares, dtype=np.float16),
    }
    save_file(arrays, TABLE, metadata={"source": "symspellpy 6.10.1, MIT License"})
    print(f"{len(words)} words, {len(followers)} pairs, {TABLE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
