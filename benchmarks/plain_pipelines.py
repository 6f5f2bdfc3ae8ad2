"""What plain pipelines reach on the BCI2000 recording with a letter left out.

    python -m benchmarks.plain_pipelines PATH/TO/recordings

writes its table in docs/decoders.md. The signal is filtered in one piece, also forwards and
backwards, which nothing that runs live can do, and epochs are cut as MNE cuts them. The pipelines
are those of scikit-learn and pyriemann, beside our discriminants. The last column mixes the flashes
of all letters in ten random folds, so that each tested flash has neighbours in time in training:
these AUCs are too good, and an upper end.

A second table has fewer flashes to learn from, drawn at random: from the other letters, or as many
from all letters, that of the tested flash too. The same number of flashes says what letters cost,
the other columns what more flashes would gain. Its last column is the AUC of the very flashes that
a pipeline has learnt from.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyxdf
from numpy.typing import NDArray
from pyriemann.estimation import XdawnCovariances
from pyriemann.spatialfilters import Xdawn
from pyriemann.tangentspace import TangentSpace
from scipy.signal import butter, sosfilt, sosfiltfilt
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from bci_online.config import FilterSpec
from bci_online.metrics import auc
from calibration import BlockToeplitzLDA, ShrinkageLDA, XdawnLDA
from calibration.blas_threads import one_blas_thread
from calibration.folds import Fold
from calibration.p300.training_epochs import held_out_scores

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "decoders.md"
MARK = "<!-- written by benchmarks/plain_pipelines.py -->"
NEXT = "## Tables"
SFREQ = 256.0

# Band, forwards and backwards, last latency, step.
WAYS = (
    ((0.5, 8.0), False, 0.75, 0.05),
    ((0.5, 12.0), False, 0.75, 0.025),
    ((0.5, 12.0), False, 1.0, 0.025),
    ((0.1, 20.0), True, 0.8, 0.02),
)


def lda() -> LinearDiscriminantAnalysis:
    """Return scikit-learn's shrinkage LDA."""
    return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")


def flat() -> list[Any]:
    """Return the steps that make scaled features of epochs."""
    return [FunctionTransformer(lambda X: X.reshape(len(X), -1)), StandardScaler()]


PIPELINES: dict[str, Callable[[], Any]] = {
    "scikit-learn: shrinkage LDA": lambda: make_pipeline(*flat(), lda()),
    "pyriemann: Xdawn, LDA": lambda: make_pipeline(Xdawn(4), *flat(), lda()),
    "pyriemann: Xdawn covariances, tangent space, logistic regression": lambda: make_pipeline(
        XdawnCovariances(4, estimator="oas"), TangentSpace(), LogisticRegression(max_iter=500)
    ),
    "our lda": ShrinkageLDA,
    "our btlda": BlockToeplitzLDA,
    "our xdawn-bt": lambda: XdawnLDA(covariance="block-toeplitz"),
}


LEARNT = ("scikit-learn: shrinkage LDA", "our btlda", "our xdawn-bt")
N_DRAWS = 10


class Flashes:
    """The raw signal of a recording, and its flashes."""

    def __init__(self, path: Path) -> None:
        streams, _ = pyxdf.load_xdf(path, dejitter_timestamps=False)
        kinds = {stream["info"]["type"][0]: stream for stream in streams}
        eeg, markers = kinds["EEG"], kinds["Markers"]
        self.signal = np.asarray(eeg["time_series"], dtype=float)
        letter, onset, label, letters = -1, [], [], []
        for stamp, (text,) in zip(markers["time_stamps"], markers["time_series"], strict=True):
            letter += text.startswith("trial/start")
            if text.startswith("flash/"):
                onset.append(int(np.argmin(abs(eeg["time_stamps"] - stamp))))
                label.append(text.endswith("/target"))
                letters.append(letter)
        self.onset, self.y, self.letter = np.array(onset), np.array(label), np.array(letters)

    def epochs(
        self, band: Sequence[float], both_ways: bool, tmax: float, step: float
    ) -> NDArray[np.float64]:
        """Return epochs (n_epochs, n_channels, n_times)."""
        sos = butter(FilterSpec().order, band, "bandpass", fs=SFREQ, output="sos")
        filtered = (sosfiltfilt if both_ways else sosfilt)(
            sos, self.signal - self.signal.mean(axis=0), axis=0
        )
        samples = np.round(np.arange(0.0, tmax + 1e-9, step) * SFREQ).astype(int)
        return filtered[np.add.outer(self.onset, samples)].transpose(0, 2, 1)


def table(flashes: Flashes) -> list[str]:
    """Return the lines of the table."""
    y = flashes.y
    lines = [
        "| pipeline | band | latencies | filter | letter left out | each letter | random folds |",
        "|---|---|---|---|---|---|---|",
    ]
    for band, both_ways, tmax, step in WAYS:
        X = flashes.epochs(band, both_ways, tmax, step)
        left_out = list(LeaveOneGroupOut().split(X, y, flashes.letter))
        mixed = list(StratifiedKFold(10, shuffle=True, random_state=0).split(X, y))
        for name, make in PIPELINES.items():

            def fit(rows: NDArray[np.int64], X: Any = X, make: Callable[[], Any] = make) -> Any:
                return make().fit(X[rows], y[rows])

            scores = held_out_scores(fit, X, left_out)
            each = sorted(auc(y[test], scores[test]) for _, test in left_out)
            lines.append(
                f"| {name} | {band[0]:g}–{band[1]:g} Hz | to {tmax:g} s, {1000 * step:g} ms "
                f"| {'both ways' if both_ways else 'causal'} | {auc(y, scores):.3f} "
                f"| {each[0]:.3f}–{each[-1]:.3f} | {auc(y, held_out_scores(fit, X, mixed)):.3f} |"
            )
    return [*lines, ""]


def curve(flashes: Flashes) -> list[str]:
    """Return the lines of the table with fewer flashes to learn from."""
    y, letter = flashes.y, flashes.letter
    X = flashes.epochs(*WAYS[0])
    most = int(min(np.sum(letter != one) for one in np.unique(letter)))
    numbers = [most // 2**n for n in range(3, -1, -1)]
    lines = [
        f"| flashes to learn from | {' | '.join(map(str, numbers))} | all, tested on themselves |",
        "|" + "---|" * (len(numbers) + 2),
    ]
    for name in LEARNT:
        make = PIPELINES[name]

        def fit(rows: NDArray[np.int64], make: Callable[[], Any] = make) -> Any:
            return make().fit(X[rows], y[rows])

        themselves = auc(y, fit(np.arange(y.size)).decision_function(X))
        for how, draw in (("other letters", _other_letters), ("all letters", _all_letters)):
            found = []
            for number in numbers:
                rng = np.random.default_rng(0)
                folds = (draw(letter, number, rng) for _ in range(N_DRAWS))
                every = [auc(y, held_out_scores(fit, X, one)) for one in folds]
                found.append(f"{np.mean(every):.3f}")
            lines.append(f"| {name}, {how} | {' | '.join(found)} | {themselves:.3f} |")
    return [*lines, ""]


def _other_letters(letter: NDArray[np.int64], number: int, rng: np.random.Generator) -> list[Fold]:
    """Return a fold for each letter: so many flashes of the others, drawn at random."""
    folds = []
    for one in np.unique(letter):
        others = rng.permutation(np.flatnonzero(letter != one))
        folds.append((others[:number], np.flatnonzero(letter == one)))
    return folds


def _all_letters(letter: NDArray[np.int64], number: int, rng: np.random.Generator) -> list[Fold]:
    """Return as many folds of flashes drawn at random, and so many of the rest."""
    drawn = np.array_split(rng.permutation(letter.size), np.unique(letter).size)
    places = range(len(drawn))
    others = [np.concatenate([drawn[other] for other in places if other != n]) for n in places]
    return [(rng.permutation(others[n])[:number], drawn[n]) for n in places]


def main() -> None:
    """Compute, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of p300_bci2000")
    (path,) = (parser.parse_args().data / "p300_bci2000").glob("*.xdf")
    with one_blas_thread():
        flashes = Flashes(path)
        lines = [*table(flashes), *curve(flashes)]
    words, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    PAGE.write_text("\n".join([words + MARK, "", *lines, rest[rest.index(NEXT) :]]), "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
