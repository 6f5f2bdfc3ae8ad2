"""Eight electrodes of sixty-four: what each rule chooses, and what it is worth in another session.

Every rule sees one session only; a shrinkage LDA on its sensors is then tested on the other one.
The sets are held against the eight of the textbooks, pair by pair over whole letters.

    python -m benchmarks.sensors PATH/TO/p300_wadsworth

writes docs/electrodes.png and the tables of docs/electrodes.md: the words above them are kept, and
must be read again when the numbers change. BLAS is pinned to one thread by the solvers; set
OMP_NUM_THREADS=1 to keep it there outside of them.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, read_config
from bci_online.metrics import auc
from calibration.blas_threads import one_blas_thread
from calibration.bootstrap import cluster_bootstrap_auc
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.folds import grouped
from calibration.p300.estimators import ESTIMATORS
from calibration.p300.fitting import LinearMethod
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of
from calibration.p300.sensor_figure import PATH_METHODS, draw_paths
from calibration.p300.spelled_letters import spell
from calibration.sparse.sensor_path import SensorPath, sensor_path
from calibration.sparse.sensor_ranking import selection_frequency

ROOT = Path(__file__).resolve().parent.parent
TEXTBOOK = ("Fz", "Cz", "P3", "Pz", "P4", "PO7", "Oz", "PO8")
"""Krusienski et al. (2008), J. Neuroscience Methods 167:15."""

MARK = "<!-- written by benchmarks/sensors.py -->"
N_SENSORS = 8
N_DRAWS = 1000


@dataclass(frozen=True)
class Row:
    """One rule's sensors, and what a decoder on them does in the other session."""

    rule: str
    sensors: tuple[str, ...]
    ratios: NDArray[np.float64]
    right: int
    letters: int


class Comparison:
    """Rules that see one session, tested on the other."""

    def __init__(
        self, recorded: RecordedEpochs, config: Config, train: NDArray, test: NDArray
    ) -> None:
        self.recorded, self.config, self.train, self.test = recorded, config, train, test
        self.epochs = recorded.all()
        self.names = self.epochs.preprocessing.ch_names
        self.tested = self.epochs[test]

    def on(self, rule: str, sensors: tuple[str, ...]) -> Row:
        """Return what shrinkage LDA on given sensors does."""
        only = self.recorded.on(sensors)
        return self._row(rule, LinearMethod(name="lda").fit(only, self.train, self.config))

    def by(self, method: str, number: int | str, preferred: tuple[str, ...] = ()) -> Row:
        """Return what ``--method METHOD --sensors NUMBER`` does."""
        how = {"sensors": number, "preferred": preferred}
        fitted = LinearMethod(name=method, **how).fit(self.recorded, self.train, self.config)
        size = f" → {len(fitted.choice.sensors)}" if number == "auto" else ""
        prefer = ", `--prefer` textbook" if preferred else ""
        return self._row(f"`{method} --sensors {number}`{size}{prefer}", fitted)

    def steadiest(self, method: str) -> tuple[str, ...]:
        """Return the sensors that resampled letters choose most often."""
        X, y = self.epochs.X[self.train], self.epochs.y[self.train]
        letters = self.epochs.letter[self.train]
        model = ESTIMATORS[method].ranking_model(X, y, grouped(letters, 5))
        shares = selection_frequency(model, X, y, letters, N_SENSORS)
        best = np.argsort(-shares, kind="stable")[:N_SENSORS]
        return tuple(self.names[i] for i in np.sort(best))

    def random(self, n: int) -> NDArray[np.float64]:
        """Return the test AUC of random eights."""
        rng = np.random.default_rng(0)
        X, y = self.epochs.X, self.epochs.y
        found = []
        for _ in range(n):
            drawn = rng.permutation(len(self.names))[:N_SENSORS]
            model = ShrinkageLDA().fit(X[self.train][:, drawn], y[self.train])
            found.append(auc(y[self.test], model.decision_function(X[self.test][:, drawn])))
        return np.array(found)

    def curve(self, method: str) -> SensorPath:
        """Return test AUC against the number of sensors, ranked in training alone."""
        X, y, letters = self.epochs.X, self.epochs.y, self.epochs.letter
        folds = grouped(letters[self.train], 5)
        model = ESTIMATORS[method].ranking_model(X[self.train], y[self.train], folds)
        return sensor_path(model, X, y, [(self.train, self.test)], letters)

    def _row(self, rule: str, fitted) -> Row:
        sensors = fitted.preprocessing.ch_names
        tested = self.recorded.of(sensors)[self.test]
        ratios = fitted.ratios(tested)
        spelled = spell(tested, ratios, fitted.evidence)
        right = sum(tested.letters[number].truth == symbol for number, symbol in spelled.items())
        return Row(rule, sensors, ratios, right, len(spelled))


def rows_of(comparison: Comparison, methods: tuple[str, ...]) -> list[Row]:
    """Return every rule's row."""
    rows = [comparison.on("textbook eight", TEXTBOOK), comparison.on("all", comparison.names)]
    rows += [comparison.by(method, N_SENSORS) for method in methods]
    rows += [comparison.by(method, N_SENSORS, TEXTBOOK) for method in PATH_METHODS]
    for method in PATH_METHODS:
        chosen = comparison.steadiest(method)
        rows.append(comparison.on(f"{method}, 8 most often chosen by 20 resamples", chosen))
    return rows + [comparison.by(method, "auto") for method in PATH_METHODS]


def paired_interval(
    y: NDArray[np.bool_], a: NDArray, b: NDArray, letters: NDArray
) -> tuple[float, float]:
    """Return the 95 % interval of auc(a) - auc(b) when whole letters are drawn again."""
    members = [np.flatnonzero(letters == name) for name in np.unique(letters)]
    rng = np.random.default_rng(0)
    differences = []
    for _ in range(N_DRAWS):
        drawn = np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        differences.append(auc(y[drawn], a[drawn]) - auc(y[drawn], b[drawn]))
    low, high = np.percentile(differences, [2.5, 97.5])
    return float(low), float(high)


def table(comparison: Comparison, rows: list[Row], random: NDArray[np.float64]) -> list[str]:
    """Return one direction as Markdown."""
    y, letters = comparison.tested.y, comparison.tested.letter
    lines = [
        "| sensors | flash AUC (95 % interval) | minus textbook (paired 95 % interval) | letters |"
        " which |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        value = auc(y, row.ratios)
        low, high = cluster_bootstrap_auc(y, row.ratios, letters)
        apart = "–"
        if row is not rows[0]:
            difference = value - auc(y, rows[0].ratios)
            below, above = paired_interval(y, row.ratios, rows[0].ratios, letters)
            apart = f"{difference:+.3f} ({below:+.3f} … {above:+.3f})"
        which = " ".join(row.sensors) if len(row.sensors) < 64 else "all"
        cells = (f"{value:.3f} ({low:.3f}–{high:.3f})", apart, f"{row.right} of {row.letters}")
        lines.append(f"| {row.rule} | {' | '.join(cells)} | {which} |")
    low, high = np.percentile(random, [2.5, 97.5])
    text = f"{random.mean():.3f} ± {random.std():.3f} (95 % of them {low:.3f}–{high:.3f})"
    lines.append(f"| {random.size} random eights | {text} | | | |")
    return lines


def timing(comparison: Comparison) -> list[str]:
    """Return how long a full search over λ takes on all flashes."""
    X, y = comparison.epochs.X, comparison.epochs.y
    folds = grouped(comparison.epochs.letter, 5)
    ESTIMATORS["gsvm-2"].unfitted(folds, refit="lda").fit(X[:, :3], y)  # compiles
    lines = ["| estimator | wall s | CPU s | α | sensors |", "|---|---|---|---|---|"]
    for method in ("gsvm-2", "gsvm-a", "svm-1", "svm", "gsvm-time", "gsvm-q"):
        model = ESTIMATORS[method].unfitted(folds, refit="lda")
        wall, cpu = time.perf_counter(), time.process_time()
        model.fit(X, y)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        q = f", q = {model.q_:g}" if method == "gsvm-q" else ""
        lines.append(
            f"| {method} | {wall:.1f} | {cpu:.1f} | {model.alpha_:.3g}{q} | {len(model.sensors_)} |"
        )
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Measure both directions, and write docs/."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the Wadsworth recordings are")
    parser.add_argument("--config", type=Path, default=ROOT / "configs/p300_wadsworth.toml")
    parser.add_argument("--random", type=int, default=200, help="how many random eights")
    parser.add_argument("--output", type=Path, default=ROOT / "docs/electrodes.md")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs/electrodes.png")
    parser.add_argument("--no-timing", action="store_true")
    arguments = parser.parse_args()
    config = read_config(arguments.config)
    paths = sorted(arguments.folder.glob("*ses-1[01]*.xdf"))
    recorded = epochs_of(paths, config)
    session = np.array(["ses-11" in path.name for path in paths])[recorded.all().run]
    lines: list[str] = []
    methods = ("gsvm-2", "gsvm-a", "svm-1", "gsvm-q")
    with one_blas_thread():
        for title, tested in (("10 → 11", True), ("11 → 10", False)):
            rows = np.arange(session.size)
            comparison = Comparison(
                recorded, config, rows[session != tested], rows[session == tested]
            )
            found = rows_of(comparison, methods)
            random = comparison.random(arguments.random)
            lines += ["", f"## Session {title}", "", *table(comparison, found, random)]
            print("\n".join(lines), flush=True)
            if tested:
                y, letters = comparison.tested.y, comparison.tested.letter
                interval = cluster_bootstrap_auc(y, found[0].ratios, letters)
                spread = tuple(np.percentile(random, [2.5, 97.5]))
                points = [
                    ("textbook eight", 0.97 * N_SENSORS, auc(y, found[0].ratios), interval),
                    ("random eights: mean, 95 % of them", 1.03 * N_SENSORS, random.mean(), spread),
                ]
                curves = {method: comparison.curve(method) for method in PATH_METHODS}
                draw_paths(curves, points, arguments.picture, rings=False)
        if not arguments.no_timing:
            lines += ["", "## A full search over λ", "", *timing(comparison)]
    known = arguments.output.read_text(encoding="utf-8") if arguments.output.exists() else ""
    words = known.partition(MARK)[0]
    tables = "\n".join(lines).strip()
    arguments.output.write_text(f"{words}{MARK}\n\n{tables}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
