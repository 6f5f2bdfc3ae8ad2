"""What true labels would give the subjects of `benchmarks.no_calibration` after ten repetitions.

    python -m benchmarks.no_calibration_floor [--subjects 100]

Three discriminants read each letter; its likeliest symbol counts, decided or not. A shrinkage-LDA
and a block-Toeplitz LDA are trained on the ten repetitions of the letters before it, with their
true labels. The third one knows the subject: it is trained on 40 more letters.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.covariances import block_toeplitz_covariance, shrunk_covariance
from benchmarks.kept_rows import code_of, kept_file, rows_of
from benchmarks.simulated_subjects import ALPHABET, cut, uncalibrated
from benchmarks.subject_results import each_subject, parser_of
from calibration.p300.epochs import EpochSet

LETTERS, MORE, REPETITIONS = 8, 40, 10
KEPT = "no_calibration_floor"

Floats = NDArray[np.float64]


class Floor(msgspec.Struct, frozen=True):
    """Whether each letter's likeliest symbol is right; the first has no letter before it."""

    seed: int
    shrinkage_lda: tuple[bool, ...]
    block_toeplitz_lda: tuple[bool, ...]
    oracle: tuple[bool, ...]


def weights_of(
    epochs: EpochSet, rows: Sequence[int], covariance: Callable[[Floats], Floats]
) -> Floats:
    """Return an LDA's weights, (n_times * n_channels,)."""
    X, y = epochs.X[rows], epochs.y[rows]
    means = np.stack([X[~y].mean(axis=0), X[y].mean(axis=0)])
    difference = (means[1] - means[0]).T.ravel()
    return np.asarray(np.linalg.solve(covariance(X - means[y.astype(int)]), difference))


def is_right(epochs: EpochSet, number: int, rows: Sequence[int], weights: Floats) -> bool:
    """Return whether the flashes of a letter's true symbol have the highest sum of scores."""
    letter, sums = epochs.letters[number], dict.fromkeys(ALPHABET, 0.0)
    scores = epochs.X[rows].transpose(0, 2, 1).reshape(len(rows), -1) @ weights
    for code, score in zip(epochs.code[rows].tolist(), scores.tolist(), strict=True):
        for symbol in letter.symbols_of_code[code]:
            sums[symbol] += score
    return max(sums, key=sums.__getitem__) == letter.truth


def one_subject(seed: int, _: Path) -> Floor:
    """Read the letters of a subject in three ways."""
    rng = np.random.default_rng(seed)
    word = "".join([*rng.choice(list(ALPHABET), LETTERS), *rng.choice(list(ALPHABET), MORE)])
    epochs = cut(uncalibrated(seed), word)
    every = [np.flatnonzero(epochs.letter == number) for number in range(len(word))]
    first = [rows[: REPETITIONS * len(epochs.letters[0].symbols_of_code)] for rows in every]
    oracle = weights_of(epochs, np.concatenate(every[LETTERS:]), block_toeplitz_covariance)
    found: list[tuple[bool, ...]] = []
    for covariance in (shrunk_covariance, block_toeplitz_covariance):
        right = [False]
        for number in range(1, LETTERS):
            weights = weights_of(epochs, np.concatenate(first[:number]), covariance)
            right.append(is_right(epochs, number, first[number], weights))
        found.append(tuple(right))
    known = (is_right(epochs, number, first[number], oracle) for number in range(LETTERS))
    return Floor(seed, *found, tuple(known))


def floor_lines(likeliest: Mapping[int, Sequence[bool]], n_aucs: int) -> Iterator[str]:
    """Yield the table; `likeliest` says of each seed which letters are right without labels."""
    kept = {one.seed: one for one in rows_of(kept_file(KEPT), Floor)}
    able = [one for seed, one in sorted(kept.items()) if seed in likeliest and seed % n_aucs]
    if not able:
        return
    names = ("shrinkage_lda", "block_toeplitz_lda", "oracle")
    yield "## What true labels would give"
    yield ""
    yield (
        f"Likeliest symbols after ten repetitions, {len(able)} of the subjects with an AUC of 0.80 "
        "or more. Each LDA is trained on the true labels of the letters before; the discriminant "
        f"that knows the subject, on {MORE} more letters."
    )
    yield ""
    yield (
        "| letters | no labels | shrinkage-LDA, true labels | block-Toeplitz LDA, true labels | "
        "knows the subject |"
    )
    yield "|---|---|---|---|---|"
    for label, own, places in rows_asked(able, n_aucs):
        right = [[likeliest[one.seed][place] for one in own for place in places]]
        right += [[getattr(one, name)[place] for one in own for place in places] for name in names]
        shares = (f"{100 * np.mean(one):.0f} %" for one in right)
        yield f"| {label} | {' | '.join(shares)} |"


def rows_asked(
    able: Sequence[Floor], n_aucs: int
) -> Iterator[tuple[str, list[Floor], Sequence[int]]]:
    """Yield the table's rows: a name, its subjects and the places of its letters."""
    late = range(2, LETTERS)
    yield "3 to 8", [*able], late
    yield "3 to 8, AUC about 0.80", [one for one in able if one.seed % n_aucs == 1], late
    for place in range(1, LETTERS):
        yield str(place + 1), [*able], [place]


def main() -> None:
    """Run from the command line; the page of `benchmarks.no_calibration` shows the rows."""
    options = parser_of(__doc__, 100, KEPT).parse_args()
    each_subject(
        options.results,
        Floor,
        options.subjects,
        one_subject,
        belongs=lambda one: len(one.oracle) == LETTERS,
        words=lambda one: f"{sum(one.shrinkage_lda)}, {sum(one.oracle)} of {LETTERS}",
        again=options.again,
        code=code_of(__name__),
    )


if __name__ == "__main__":
    main()
