"""How many trials are right under each weighting of the losses, at each scale of the input.

    python -m benchmarks.loss_scales DATA [--seeds 5] [--minutes 8] [--page PAGE.md]
    python -m benchmarks.loss_scales --page docs/loss-weighting.md
    python -m benchmarks.loss_scales DATA --network fbmsnet --figure docs/FILE.png

DATA is the folder of converted recordings; without it nothing is trained. Networks are trained on
some runs and decide the trials of others with the evidence of the whole trial, from the windows of
the chain, as in benchmarks/networks.py: the same sensors, windows of 2 s every 0.5 s, causal
filters, at most 40 passes, 15 without a lower validation loss end a training; batches of 10.
Networks of one name are the same network under every weighting (FBMSNet always has its shared
layer). Nothing of a tested run is seen in training. Every training is a row of RESULTS: what is
there is not done again, and --minutes ends a turn after the training that is under way. PAGE.md
gets the tables between its two marks.

A row's `like` is a hash of the steps of a small training of its kind on noise: where the code
trains otherwise now, that row is left out of the page and made again. Rows without it were read
from the page of a commit, which they name; they are made again last.
--figure draws AlphaGrad's first training of those that are asked for, and keeps no row.
"""

import argparse
import functools
import hashlib
import os
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import msgspec
import numpy as np

from bci_online.metrics import proportion_interval
from benchmarks.kept_rows import add_row, kept_file, rows_of, write_between
from benchmarks.motor_imagery import BAND
from benchmarks.networks import KNOWN, MAX_EPOCHS, ONES, PATIENCE, runs_of, windows
from calibration import NetworkClassifier
from calibration.method_names import SCALINGS
from calibration.motor_imagery.fitting import ClassifierMethod
from calibration.motor_imagery.offline_decisions import decisions
from calibration.motor_imagery.window_classifier import WindowClassifier
from calibration.networks.bank import BANK
from calibration.networks.input_scale import SPREAD
from calibration.networks.network_training import LOSSES
from calibration.networks.trajectories import draw_trajectories

GEL = "gel, offline → online"
SPLITS = (GEL, "hands/feet 06 → 10", "hands/feet 10 → 06")
NETWORKS = ("min2net", "fbmsnet")
WEIGHTINGS = {
    "fixed": {},
    "alphagrad": {},
    "fixed, all 1": {"loss_weighting": "fixed"},
    "alphagrad, α 0.001": {"loss_weighting": "alphagrad", "step": 0.001},
    "gradapprox": {},
    "adamt": {},
}
MARKS = ("<!-- benchmarks/loss_scales.py writes from here -->", "<!-- to here -->")
RESULTS = kept_file("loss_scales")


class Cell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One training: trials right, how it was trained, and by which code."""

    split: str
    network: str
    weighting: str
    scaling: str
    seed: int
    right: int = 0
    trials: int = 0
    passes: int = 0
    kept: int = 0
    validation: float = 0.0
    loss_weights: list[float] = []
    first_norms: list[float] = []
    spread: float = 0.0
    cpu_s: float = 0.0
    like: str = ""
    page_of: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What is trained."""
        return (self.split, self.network, self.weighting, self.scaling, self.seed)

    @property
    def is_current(self) -> bool:
        """Whether the code of now would train the same."""
        return bool(self.page_of) or self.like == like(self.network, self.weighting, self.scaling)


def parameters_of(network: str, weighting: str, scaling: str) -> dict:
    """Return the parameters of a `NetworkClassifier` that belong to a row's names."""
    parameters = {
        "network": network, "loss_weighting": weighting, "scaling": scaling,
        "max_epochs": MAX_EPOCHS, "patience": PATIENCE,
    } | WEIGHTINGS[weighting]  # fmt: skip
    if weighting == "fixed, all 1":
        parameters["loss_weights"] = ONES[network]
    if network == "fbmsnet":
        parameters["shared_layer"] = True
    return parameters


@functools.cache
def like(network: str, weighting: str, scaling: str) -> str:
    """Return a hash of the first steps on noise, to three digits: computers round differently."""
    rng = np.random.default_rng(0)
    bands = (9,) if network == "fbmsnet" else ()
    X, y = 5 * rng.normal(size=(24, *bands, 4, 200)), np.tile([0, 1], 12)
    model = NetworkClassifier(**parameters_of(network, weighting, scaling))
    found = model.set_params(max_epochs=2, random_state=0).fit(X, y).history_
    steps = [f"{value:.3g}" for value in np.hstack([found.losses, found.weights]).ravel()]
    return hashlib.sha256(" ".join(steps).encode()).hexdigest()[:12]


def trained(data: Path, cell: Cell, figure: Path | None = None) -> Cell:
    """Train, decide, and return the cell with what came of it; its steps may be drawn."""
    train, test, config = runs_of(data, cell.split)
    config = msgspec.structs.replace(config, filter=BANK if cell.network == "fbmsnet" else BAND)
    known, told, begun = windows(train, config), [], time.process_time()
    parameters = parameters_of(cell.network, cell.weighting, cell.scaling)
    parameters["random_state"] = cell.seed
    method = ClassifierMethod(
        cell.network, lambda own: WindowClassifier(own.preprocessing, told.append, 1, **parameters)
    )
    decoder = method.fit(known, np.arange(len(known)), config, stopping=False)
    taken, history = time.process_time() - begun, told[-1]
    if figure is not None:
        draw_trajectories(history, figure, f"{cell.network}, {cell.weighting}, {cell.scaling}")
    tested = windows(test, config)
    decided = [d for d in decisions(decoder, tested, dynamic=False) if d.truth in tested.classes]
    return msgspec.structs.replace(
        cell,
        right=sum(d.value == d.truth for d in decided),
        trials=len(decided),
        passes=len(history.epochs),
        kept=history.best.number,
        validation=round(float(history.best.validation[-1]), 4),
        loss_weights=history.best.weights.round(4).tolist(),
        first_norms=[float(f"{norm:.3g}") for norm in history.first_norms],
        spread=round(float(np.std(known.X)), 3),
        cpu_s=round(taken, 1),
        like=like(cell.network, cell.weighting, cell.scaling),
    )


def wanted(n_seeds: int) -> Iterator[Cell]:
    """Yield what is to be done, what answers most first: the two main weightings, then the rest."""
    weightings = tuple(WEIGHTINGS)
    for some, network in product((weightings[:2], weightings[2:]), NETWORKS):
        for split, seed, weighting, scaling in product(SPLITS, range(n_seeds), some, SCALINGS):
            yield Cell(
                split=split, network=network, weighting=weighting, scaling=scaling, seed=seed
            )


def read(results: Path) -> dict[tuple, Cell]:
    """Return the rows that this code would make again, the newest of each training."""
    return {row.key: row for row in rows_of(results, Cell) if row.is_current}


def shown(cells: list[Cell]) -> str:
    """Return a table's field: the mean of trials right, its interval, and each seed's."""
    if not cells:
        return "–"
    trials, right = cells[0].trials, [cell.right for cell in cells]
    mean = float(np.mean(right))
    low, high = (100 * end for end in proportion_interval(round(mean), trials))
    return f"{mean:.1f} of {trials} ({low:.0f}–{high:.0f} %); {', '.join(map(str, right))}"


def accuracy_table(found: list[Cell], split: str) -> list[str]:
    """Return one split's table: a row for each weighting, a column for each scale."""
    lines = [f"| network | weights of the losses | {' | '.join(SCALINGS)} |", "|---" * 5 + "|"]
    for network, weighting in product(NETWORKS, WEIGHTINGS):
        fields = [
            shown([c for c in found if (c.split, c.network, c.weighting, c.scaling)
                   == (split, network, weighting, scaling)])
            for scaling in SCALINGS
        ]  # fmt: skip
        if set(fields) != {"–"}:
            lines.append(f"| {network} | {weighting} | {' | '.join(fields)} |")
    return lines


def norms_table(found: list[Cell]) -> list[str]:
    """Return the gradients of the first batch, medians over the seeds; weightings start equal."""
    lines = [
        "| recording | network | scaling | spread of the input | norms at the first batch |"
        " AlphaGrad's weights of the kept pass | passes kept |",
        "|---" * 7 + "|",
    ]
    for split, network, scaling in product(SPLITS, NETWORKS, SCALINGS):
        own = [
            c for c in found if (c.split, c.network, c.scaling) == (split, network, scaling)
            and c.weighting == "alphagrad" and c.first_norms
        ]  # fmt: skip
        if not own:
            continue
        norms = np.median([c.first_norms for c in own], axis=0)
        weights = np.median([c.loss_weights for c in own], axis=0)
        texts = [f"{n} {v:.3g}" for n, v in zip(LOSSES[network], norms, strict=True)]
        kept = [c.kept for c in own]
        spread = {"channel": 1.0, "global": SPREAD, "microvolts": own[0].spread}[scaling]
        lines.append(
            f"| {split} | {network} | {scaling} | {spread:.2g} | {', '.join(texts)} | "
            f"{', '.join(f'{w:.2g}' for w in weights)} | {min(kept)}–{max(kept)} |"
        )
    return lines


def page_lines(rows: dict[tuple, Cell], n_seeds: int) -> list[str]:
    """Return everything that stands between the marks."""
    everything = [cell.key for cell in wanted(n_seeds)]
    found = [rows[key] for key in everything if key in rows]
    commits = sorted({row.page_of for row in found if row.page_of})
    old = sum(bool(row.page_of) for row in found)
    lines = [
        "`python -m benchmarks.loss_scales --page docs/loss-weighting.md`, "
        f"{len(found)} of {len(everything)} trainings",
        f"({n_seeds} seeds are wanted; benchmarks/results/loss_scales.jsonl has the rows). A field "
        "has the mean over its seeds of",
        "trials right, the 95 % interval of that many of the trials (seeds share them), then the "
        "count of each seed, from 0 on.",
    ]
    if old:
        lines.append(
            f"{old} of the counts are from this page as commit {', '.join(commits)} has it."
        )
    lines.append("")
    for split in SPLITS:
        table = accuracy_table(found, split)
        if len(table) > 2:
            lines += [f"**{split}**", "", *table, ""]
    return [*lines, *norms_table(found), ""]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="left out: train nothing")
    parser.add_argument("--results", type=Path, default=RESULTS, help="rows of JSON, added to")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=np.inf, help="of this turn")
    parser.add_argument("--page", type=Path, help="the Markdown page whose tables are written")
    parser.add_argument("--network", choices=NETWORKS, help="train this one only")
    parser.add_argument("--scalings", nargs="+", choices=SCALINGS, default=SCALINGS)
    parser.add_argument("--splits", type=int, nargs="+", default=range(3), help="0: gel, 1, 2")
    parser.add_argument("--weightings", type=int, default=len(WEIGHTINGS), help="the first so many")
    parser.add_argument("--figure", type=Path, help="PNG or SVG of one training")
    options = parser.parse_args()
    if options.figure is not None:
        cell = next(each for each in asked(options) if each.weighting == "alphagrad")
        print(trained(options.data, cell, options.figure))
        return
    rows = read(options.results)
    if options.data is not None:
        train_missing(options, rows)
    lines = page_lines(read(options.results), options.seeds)
    if options.page is None:
        print("\n".join(lines))
    else:
        write_between(options.page, MARKS, lines)


def asked(options: argparse.Namespace) -> list[Cell]:
    """Return what is wanted and asked for, in its order."""
    weightings = tuple(WEIGHTINGS)[: options.weightings]
    splits = [SPLITS[number] for number in options.splits]
    return [
        cell for cell in wanted(options.seeds)
        if options.network in (None, cell.network) and cell.split in splits
        and cell.weighting in weightings and cell.scaling in options.scalings
    ]  # fmt: skip


def train_missing(options: argparse.Namespace, rows: dict[tuple, Cell]) -> None:
    """Add a row to the results for each training that is asked for and not there."""
    until, last = time.monotonic() + 60 * options.minutes, None
    everything = asked(options)
    # What was read from a page lacks norms and weights: made again behind all the others.
    read_off = [cell for cell in everything if cell.key in rows and rows[cell.key].page_of]
    for cell in (*(cell for cell in everything if cell.key not in rows), *read_off):
        if time.monotonic() > until:
            return
        if last != (last := (cell.split, cell.network)):
            # Windows of a filter bank are a gigabyte.
            KNOWN.clear()
        found = trained(options.data, cell)
        add_row(options.results, found)
        print(found, flush=True)


if __name__ == "__main__":
    main()
