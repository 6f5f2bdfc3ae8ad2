"""Every method of flashes on every recorded set: held-out AUC, letters, seconds, against lda.

    python benchmarks/decoders.py PATH/TO/recordings --results FOLDER

writes the tables of docs/decoders.md; the words above them are kept, and must be read again when
the numbers change. Held-out scores are kept in FOLDER, one file for each set, split and method, and
a run that was stopped goes on. Everything is redone in each fold: sensors, weights, evidence, and
for `auto` the choice of the method. The package toeplitzlda, which the project does not need, is a
peer: where it is not installed, its row is left out unless FOLDER has the scores.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, EpochSpec, FilterSpec, read_config
from bci_online.metrics import auc, proportion_interval
from calibration.blas_threads import one_blas_thread
from calibration.bootstrap import bootstrap_aucs
from calibration.discriminants.linear import LinearDiscriminant, Weights
from calibration.discriminants.scaled_epochs import ScaledEpochs
from calibration.folds import Fold, grouped, units
from calibration.p300.epochs import EpochSet
from calibration.p300.estimators import ESTIMATORS, Discriminant
from calibration.p300.fitting import LinearMethod
from calibration.p300.method_choice import WIDER, AutomaticMethod
from calibration.p300.methods import FlashMethod
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of
from calibration.p300.spelled_letters import spell

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "decoders.md"
MARK = "<!-- written by benchmarks/decoders.py -->"
N_DRAWS = 1000

NARROW = FilterSpec(), EpochSpec()
DISCRIMINANTS = ("lda", "btlda", "xdawn-lda", "xdawn-bt", "xdawn")
PEER = "toeplitzlda"
WAYS: tuple[tuple[str, tuple[FilterSpec, EpochSpec]], ...] = (
    *((name, NARROW) for name in (*DISCRIMINANTS, PEER, "svm")),
    *((f"{name} {refit}", NARROW) for name in ("gsvm-2", "gsvm-a") for refit in ("lda", "btlda")),
    *((name, WIDER) for name in DISCRIMINANTS),
    ("auto", NARROW),
)


class PeerLDA(LinearDiscriminant):
    """The block-Toeplitz LDA of its authors, on the same scaled epochs."""

    def _weights(self, epochs: ScaledEpochs) -> Weights:
        from toeplitzlda.classification import ToeplitzLDA

        n_epochs, n_channels, n_times = epochs.values.shape
        model = ToeplitzLDA(n_channels=n_channels)
        model.fit(epochs.values.transpose(0, 2, 1).reshape(n_epochs, -1), epochs.is_target)
        coef = (model.coef_[1] - model.coef_[0]).reshape(n_times, n_channels).T
        return coef, float(model.intercept_[1] - model.intercept_[0])


def method_of(name: str) -> FlashMethod:
    """Return a method; ``gsvm-2 btlda`` is refitted by btlda."""
    if name == "auto":
        return AutomaticMethod()
    base, _, refit = name.partition(" ")
    return LinearMethod(name=base, refit=refit or "lda")


class RecordedSet(msgspec.Struct, frozen=True):
    """One split of a recorded set."""

    title: str
    name: str
    folds: Callable[[EpochSet], list[Fold]]


def by_run(epochs: EpochSet) -> list[Fold]:
    """Leave out one recording."""
    return grouped(epochs.run, len(np.unique(epochs.run)))


def by_session(epochs: EpochSet) -> list[Fold]:
    """Train on one session of two recordings, test on the other."""
    return grouped(epochs.run // 2, 2)


def by_letter(epochs: EpochSet) -> list[Fold]:
    """Leave out one letter."""
    return grouped(epochs.letter, len(np.unique(epochs.letter)))


def second_half(epochs: EpochSet) -> list[Fold]:
    """Train on the first half of the flashes, test on the second."""
    half = np.arange(len(epochs)) < len(epochs) // 2
    return [(np.flatnonzero(half), np.flatnonzero(~half))]


SETS = (
    RecordedSet("Wadsworth, 64 channels, a run left out", "wadsworth", by_run),
    RecordedSet("Wadsworth, one session to the other", "wadsworth", by_session),
    RecordedSet("BCI2000, 8 channels, a letter left out", "bci2000", by_letter),
    RecordedSet("Brain Invaders, 17 channels, first half to second", "braininvaders", second_half),
    RecordedSet("Muse, 4 dry channels, a run left out", "muse", by_run),
)


class Held(msgspec.Struct, frozen=True):
    """Held-out evidence of one method; NaN where nothing tested an epoch."""

    ratios: NDArray[np.float64]
    right: int
    letters: int
    seconds: float
    taken: str


def held_out(
    recorded: RecordedEpochs, method: FlashMethod, folds: list[Fold], config: Config
) -> Held:
    """Train on each fold and score its test; seconds are CPU time of one fit."""
    epochs = recorded.all()
    ratios = np.full(len(epochs), np.nan)
    spelled: dict[int, str] = {}
    spent, taken = 0.0, []
    for train, test in folds:
        started = time.process_time()
        fitted = method.fit(recorded, train, config)
        spent += time.process_time() - started
        tested = recorded.made_with(fitted.preprocessing)[test]
        ratios[test] = fitted.ratios(tested)
        spelled |= spell(tested, ratios[test], fitted.evidence)
        taken.append(f"{fitted.method} to {fitted.preprocessing.filter.h_freq:g} Hz")
    right = sum(symbol == epochs.letters[number].truth for number, symbol in spelled.items())
    chosen = ", ".join(sorted(set(taken))) if method.name == "auto" else ""
    return Held(ratios, right, len(spelled), spent / len(folds), chosen)


def kept(path: Path, compute: Callable[[], Held]) -> Held:
    """Return what was computed before, else compute it and keep it."""
    if not path.exists():
        new = compute()
        fields = {name: getattr(new, name) for name in new.__struct_fields__}
        np.savez(path, **fields)
        print(f"{path.stem}: {new.seconds:.1f} s a fit", flush=True)
    with np.load(path) as found:
        return Held(
            found["ratios"], int(found["right"]), int(found["letters"]),
            float(found["seconds"]), str(found["taken"]),
        )  # fmt: skip


def table(one: RecordedSet, data: Path, results: Path) -> list[str]:
    """Return the lines of one set's table."""
    own = ROOT / "configs" / f"p300_{one.name}.toml"
    config = read_config(own if own.exists() else None)
    recorded = epochs_of(sorted((data / f"p300_{one.name}").glob("*.xdf")), config)
    epochs = recorded.all()
    folds = one.folds(epochs)
    rows: list[tuple[str, tuple[FilterSpec, EpochSpec], Held]] = []
    for name, preset in WAYS:
        file = f"p300_{one.name}_{one.folds.__name__}_{name}_{preset[0].h_freq:g}.npz"
        if name == PEER and find_spec(PEER) is None and not (results / file).exists():
            continue
        compute = partial(held_out, recorded.variant(*preset), method_of(name), folds, config)
        rows.append((name, preset, kept(results / file, compute)))
    scores = np.stack([row.ratios for _, _, row in rows])
    seen = np.isfinite(scores).all(axis=0)
    y, scores = epochs.y[seen], scores[:, seen]
    draws = bootstrap_aucs(y, scores, units(epochs)[seen], N_DRAWS)
    low, high = np.nanpercentile(draws, [2.5, 97.5], axis=0)
    behind = np.nanpercentile(draws - draws[:, [0]], [2.5, 97.5], axis=0)
    lines = [
        f"## {one.title}",
        "",
        f"{seen.sum()} flashes, {y.sum()} targets, {len(folds)} folds.",
        "",
        "| method | epochs | AUC | 95 % | against lda | 95 % | letters right | s a fit |",
        "|---|---|---|---|---|---|---|---|",
    ]
    aucs = np.array([auc(y, row) for row in scores])
    for n, (name, (band, epoch), held) in enumerate(rows):
        right = "" if held.letters == 0 else f"{held.right} of {held.letters}"
        if held.letters:
            ends = proportion_interval(held.right, held.letters)
            right += f" ({100 * ends[0]:.0f}–{100 * ends[1]:.0f} %)"
        gap = "" if n == 0 else f"{aucs[n] - aucs[0]:+.3f}"
        ends_text = "" if n == 0 else f"{behind[0, n]:+.3f} … {behind[1, n]:+.3f}"
        how = f"to {band.h_freq:g} Hz, {1000 * epoch.step:g} ms"
        lines.append(
            f"| {name} | {held.taken or how} | {aucs[n]:.3f} | {low[n]:.3f}–{high[n]:.3f} | {gap} "
            f"| {ends_text} | {right} | {held.seconds:.2f} |"
        )
    return [*lines, ""]


def main() -> None:
    """Compute what is missing and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of p300_wadsworth, p300_bci2000, ...")
    parser.add_argument("--results", type=Path, required=True, help="folder of held-out scores")
    arguments = parser.parse_args()
    arguments.results.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    ESTIMATORS[PEER] = Discriminant(PeerLDA())
    with one_blas_thread():
        for one in SETS:
            lines += table(one, arguments.data, arguments.results)
    words = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    PAGE.write_text(words + MARK + "\n\n" + "\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
