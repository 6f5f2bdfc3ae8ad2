"""Do other subjects' recordings help a new one? Learning curves on real recordings.

    python -m benchmarks.pooling --data DIR [--draws 8] [--output docs/pooling.md]

Each new subject's first letters (the fewest that hold 400 flashes, at least half) are for
training, the later ones for testing. From the first, blocks of 50 to 400 consecutive flashes are
drawn, evenly spread. AUC is the mean over the blocks; its 95 % interval draws blocks and
repetitions (12 flashes) of the test letters again, and so does that of the gain over LDA alone on
the same sensors. Lag, scaling and whether a source is used are found on the block alone.
"""

import argparse
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from bci_online.config import read_config
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.experiments.learning_curve import (
    Contestant,
    CurvePoint,
    curve_split,
    learning_curve,
)
from calibration.p300.pooling.classifier import PooledClassifier
from calibration.p300.pooling.lag import estimate_lag
from calibration.p300.pooling.recordings import pooled_with
from calibration.p300.pooling.sources import PoolSource
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.training_epochs import clean
from calibration.pools import Pool
from calibration.sparse.estimators.group_svm import GroupSVM

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
RECORDINGS = {
    "Wadsworth 10": ("p300_wadsworth/*ses-10*.xdf", "p300_wadsworth.toml"),
    "Wadsworth 11": ("p300_wadsworth/*ses-11*.xdf", "p300_wadsworth.toml"),
    "BCI2000": ("p300_bci2000/*.xdf", "p300_bci2000.toml"),
    "Brain Invaders": ("p300_braininvaders/*.xdf", "p300_speller.toml"),
}
EXPERIMENTS = (
    ("Wadsworth 11", ("BCI2000",)),
    ("BCI2000", ("Wadsworth 10", "Wadsworth 11")),
    ("BCI2000", ("Brain Invaders",)),
    ("Brain Invaders", ("BCI2000",)),
    ("Wadsworth 11", ("BCI2000", "Brain Invaders")),
    ("Wadsworth 11", ("Brain Invaders",)),
    ("Brain Invaders", ("Wadsworth 10", "Wadsworth 11")),
    ("Wadsworth 11", ("Wadsworth 10",)),
)
SIZES = (50, 100, 200, 400)
RESULTS = "## All methods"
PROTOCOL = """\
`python -m benchmarks.pooling --data DIR --output docs/pooling.md`. Each new subject's first letters
(the fewest that hold 400 flashes, at least half) are for training, the later ones for testing;
blocks of consecutive flashes are drawn from the first, evenly spread. The 95 % intervals, of the
AUC and of the gain over LDA alone on the same sensors, draw blocks and repetitions (12 flashes) of
the test letters again."""
NAMES = {
    "lda": "LDA, pooled",
    "svm": "SVM-Full",
    "mgsvm-2": "MGSVM-2",
    "mgsvm-2s": "MGSVM-2s",
    "asymmetric": "asymmetric",
}
SHOWN = ("LDA alone", "LDA, pooled", "MGSVM-2s", "asymmetric", "LDA, pooled, as they are")


class SourcesOnly:
    """The sources' pooled LDA, which learns only centre, scale and lags of the new subject."""

    def __init__(self, sources: Sequence[PoolSource]) -> None:
        self.sources = sources

    def fit(self, X: np.ndarray, y: np.ndarray) -> "SourcesOnly":
        """Centre and scale by the new subject's epochs; their labels set the lags alone."""
        lags = [estimate_lag(source, X, y).seconds for source in self.sources]
        parts = [source.at(lag) for source, lag in zip(self.sources, lags, strict=True)]
        scaled = [(part - part.mean(0)) / part.std(axis=(0, 2))[:, None] for part in parts]
        labels = np.concatenate([source.y for source in self.sources])
        self.model = ShrinkageLDA().fit(np.concatenate(scaled), labels)
        self.center, self.scale = X.mean(axis=0), X.std(axis=(0, 2))[:, None]
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return a score per epoch."""
        return self.model.decision_function((X - self.center) / self.scale)


def alone(folds: list) -> ShrinkageLDA:
    """Return what needs no other subject."""
    return ShrinkageLDA()


def svm_alone(folds: list) -> GroupSVM:
    """Return the plain SVM, as strong as SVM-Full's."""
    return GroupSVM(penalty="l2", alpha=1.0, class_weight="balanced")


def pooled(method: str, sources: Sequence[PoolSource], align: bool, folds: list) -> object:
    """Return a method with sources; its strengths are the defaults."""
    return PooledClassifier(method, tuple(sources), align)


def only(sources: Sequence[PoolSource], folds: list) -> SourcesOnly:
    """Return the sources' own decoder."""
    return SourcesOnly(sources)


def contestants(sources: Sequence[PoolSource], all_shared: bool) -> dict:
    """Return every method of the table; the first is the one that gains are against."""
    found: dict[str, tuple[str, Contestant]] = {
        "LDA alone": ("common", alone),
        "SVM alone": ("common", svm_alone),
    }
    if not all_shared:
        found["LDA alone, all its sensors"] = ("own", alone)
    for method, name in NAMES.items():
        found[name] = ("common", partial(pooled, method, sources, True))
    for method, name in NAMES.items():
        found[f"{name}, as they are"] = ("common", partial(pooled, method, sources, False))
    found["sources alone"] = ("common", partial(only, sources))
    return found


def experiment(
    data: Path, new: str, others: Sequence[str], n_draws: int
) -> tuple[list[str], list[CurvePoint]]:
    """Run one new subject with some sources; return remarks and the curve."""

    def recorded(name: str) -> Pool:
        pattern, config = RECORDINGS[name]
        return Pool(tuple(sorted(data.glob(pattern))), read_config(CONFIGS / config))

    subject = recorded(new)
    together = pooled_with(
        epochs_of(subject.paths, subject.config), subject.config, [recorded(o) for o in others]
    )
    every = epochs_of(subject.paths, subject.config).all()
    kept, _ = clean(every, subject.config.artefacts.k)
    names = every.preprocessing.ch_names
    columns = [names.index(name) for name in together.sources[0].ch_names]
    X = {"own": kept.X, "common": kept.X[:, columns]}
    split = curve_split(kept, max(SIZES))
    methods = contestants(together.sources, len(columns) == len(names))
    points = learning_curve(X, kept.y, split, methods, SIZES, n_draws, n_jobs=2)
    remarks = [
        f"{len(columns)} common sensors of {len(names)}; {split[0].size} flashes to train, "
        f"{split[1].size} later ones ({int(kept.y[split[1]].sum())} targets) to test."
    ]
    remarks += _lags(together.sources, others, X["common"], kept.y, split[0], n_draws)
    return remarks, points


def _lags(
    sources: Sequence[PoolSource],
    others: Sequence[str],
    X: np.ndarray,
    y: np.ndarray,
    pool: np.ndarray,
    n_draws: int,
) -> list[str]:
    """Say which lags the blocks gave, and how often a source was left out."""
    lines = []
    for source, name in zip(sources, others, strict=True):
        told = []
        for size in SIZES:
            starts = np.unique(np.linspace(0, pool.size - size, n_draws).round().astype(int))
            found = [
                estimate_lag(source, X[pool[s : s + size]], y[pool[s : s + size]]) for s in starts
            ]
            shifts = [1000 * lag.seconds for lag in found if lag.known]
            shift = f"{np.median(shifts):+.0f} ms in {len(shifts)}" if shifts else "none"
            used = sum(lag.reads for lag in found)
            told.append(f"{size} flashes: {shift}, used in {used} of {len(found)}")
        lines.append(f"Lag of {name} ({'; '.join(told)}).")
    return lines


def table(points: Sequence[CurvePoint]) -> list[str]:
    """Return a Markdown table: methods by numbers of flashes."""
    lines = [
        "| method | " + " | ".join(f"{size} flashes" for size in SIZES) + " |",
        "|---|" + "---|" * len(SIZES),
    ]
    for method in dict.fromkeys(point.method for point in points):
        cells = []
        for point in (point for point in points if point.method == method):
            area = f"{point.auc:.3f} ({point.ci[0]:.3f}-{point.ci[1]:.3f})"
            gain = f"{point.gain:+.3f} ({point.gain_ci[0]:+.3f} to {point.gain_ci[1]:+.3f})"
            sure = point.gain_ci[0] > 0 or point.gain_ci[1] < 0
            shown = f"{point.auc:.3f}, **{gain}**" if sure else f"{point.auc:.3f}, {gain}"
            cells.append(area if method == "LDA alone" else shown)
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return lines


def figure(results: dict[str, list[CurvePoint]], path: Path) -> None:
    """Draw AUC against flashes, one panel for each new subject and its sources."""
    drawing, panels = plt.subplots(2, 4, figsize=(13, 6.2), sharex=True, sharey=True)
    for panel, (title, points) in zip(panels.flat, results.items(), strict=True):
        for colour, method in enumerate(SHOWN):
            own = [point for point in points if point.method == method]
            sizes, areas = [p.n_flashes for p in own], [p.auc for p in own]
            style = "--" if method.endswith("are") else "-"
            panel.plot(sizes, areas, style, color=f"C{colour}", marker="o", ms=3, label=method)
            if method in {"LDA alone", "LDA, pooled"}:
                low, high = ([p.ci[end] for p in own] for end in (0, 1))
                panel.fill_between(sizes, low, high, color=f"C{colour}", alpha=0.15, lw=0)
        panel.set_title(title, fontsize=8)
        panel.set_xscale("log")
        panel.set_xticks(SIZES, [str(size) for size in SIZES])
        panel.minorticks_off()
        panel.axhline(0.5, color="0.7", lw=0.8)
    for panel in panels[-1]:
        panel.set_xlabel("training flashes of the new subject")
    for panel in panels[:, 0]:
        panel.set_ylabel("AUC on later flashes")
    panels[0, 0].legend(fontsize=7)
    drawing.tight_layout()
    drawing.savefig(path, dpi=110)
    plt.close(drawing)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=8)
    parser.add_argument("--only", type=int, help="one of the experiments, from 0")
    parser.add_argument("--output", type=Path, help="the results as Markdown, a figure beside it")
    options = parser.parse_args()
    results, lines = {}, []
    chosen = EXPERIMENTS if options.only is None else EXPERIMENTS[options.only :][:1]
    for new, others in chosen:
        started = time.perf_counter()
        title = f"{new}, with {' and '.join(others)}"
        remarks, points = experiment(options.data, new, others, options.draws)
        results[title] = points
        lines += [f"### {title}", "", *remarks, "", *table(points), ""]
        print("\n".join(lines[-len(remarks) - len(table(points)) - 4 :]))
        print(f"{time.perf_counter() - started:.0f} s", flush=True)
    if options.output:
        # What people wrote above the results stays.
        known = options.output.read_text(encoding="utf-8") if options.output.exists() else ""
        text = known.partition(RESULTS)[0] + "\n".join([RESULTS, "", PROTOCOL, "", *lines])
        options.output.write_text(text, encoding="utf-8")
        if options.only is None:
            figure(results, options.output.with_suffix(".png"))


if __name__ == "__main__":
    main()
