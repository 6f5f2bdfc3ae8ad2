"""How many trials are right under each weighting of the losses, at each scale of the input.

    python benchmarks/loss_scales.py DATA --cells CELLS [--seeds 5] [--minutes 8] [--page PAGE.md]

DATA is the folder of converted recordings. Networks are trained on some runs and decide the trials
of others with the evidence of the whole trial, from the windows of the chain, as in
benchmarks/networks.py: the same sensors, windows of 2 s every 0.5 s, causal filters, at most 40
passes, 15 without a lower validation loss end a training; batches of 10. Networks of one name are
the same network under every weighting (FBMSNet always has its shared layer). Nothing of a tested
run is seen in training. Every training is a file in CELLS: what is there is not done again, and
--minutes ends a turn after the training that is under way. PAGE.md gets the tables between its two
marks.
"""

import argparse
import os
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import msgspec
import numpy as np
from motor_imagery import BAND
from networks import KNOWN, MAX_EPOCHS, ONES, PATIENCE, runs_of, windows

from bci_online.metrics import proportion_interval
from calibration.method_names import SCALINGS
from calibration.motor_imagery.fitting import ClassifierMethod
from calibration.motor_imagery.offline_decisions import decisions
from calibration.motor_imagery.window_classifier import WindowClassifier
from calibration.networks.bank import BANK
from calibration.networks.input_scale import SPREAD
from calibration.networks.network_training import LOSSES

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
MARKS = ("<!-- benchmarks/loss_scales.py writes from here", "to here -->")


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One training: trials right, and how it was trained."""

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

    @property
    def path(self) -> str:
        """Its file's name."""
        text = f"{self.split}_{self.network}_{self.weighting}_{self.scaling}_{self.seed}"
        return "".join(c if c.isalnum() else "-" for c in text) + ".json"


def trained(data: Path, cell: Cell) -> Cell:
    """Train, decide, and return the cell with what came of it."""
    train, test, config = runs_of(data, cell.split)
    config = msgspec.structs.replace(config, filter=BANK if cell.network == "fbmsnet" else BAND)
    known, told, begun = windows(train, config), [], time.process_time()
    parameters = {
        "network": cell.network, "loss_weighting": cell.weighting, "scaling": cell.scaling,
        "max_epochs": MAX_EPOCHS, "patience": PATIENCE, "random_state": cell.seed,
    } | WEIGHTINGS[cell.weighting]  # fmt: skip
    if cell.weighting == "fixed, all 1":
        parameters["loss_weights"] = ONES[cell.network]
    if cell.network == "fbmsnet":
        parameters["shared_layer"] = True
    method = ClassifierMethod(
        cell.network, lambda own: WindowClassifier(own.preprocessing, told.append, 1, **parameters)
    )
    decoder = method.fit(known, np.arange(len(known)), config, stopping=False)
    taken, history = time.process_time() - begun, told[-1]
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
    )


def wanted(n_seeds: int) -> Iterator[Cell]:
    """Yield what is to be done, what answers most first: the two main weightings, then the rest."""
    weightings = tuple(WEIGHTINGS)
    for some, network in product((weightings[:2], weightings[2:]), NETWORKS):
        for split, seed, weighting, scaling in product(SPLITS, range(n_seeds), some, SCALINGS):
            yield Cell(
                split=split, network=network, weighting=weighting, scaling=scaling, seed=seed
            )


def done(folder: Path, cell: Cell) -> Cell | None:
    """Return the cell as it was found earlier."""
    path = folder / cell.path
    return msgspec.json.decode(path.read_bytes(), type=Cell) if path.is_file() else None


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
            and c.weighting == "alphagrad"
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


def page_lines(folder: Path, n_seeds: int, data: str) -> list[str]:
    """Return everything that stands between the marks."""
    everything = list(wanted(n_seeds))
    found = [cell for each in everything if (cell := done(folder, each)) is not None]
    lines = [
        f"`python benchmarks/loss_scales.py {data} --cells CELLS --page docs/loss-weighting.md`, "
        f"{len(found)} of {len(everything)} trainings",
        f"({n_seeds} seeds are wanted). A field has the mean over its seeds of trials right, the "
        "95 % interval of that many of the",
        "trials (seeds share them), then the count of each seed, from 0 on.",
        "",
    ]
    for split in SPLITS:
        table = accuracy_table(found, split)
        if len(table) > 2:
            lines += [f"**{split}**", "", *table, ""]
    return [*lines, *norms_table(found), ""]


def write_page(page: Path, lines: list[str]) -> None:
    """Put the lines between the page's two marks."""
    text = page.read_text()
    before, rest = text.split(MARKS[0], 1)
    opening, rest = rest.split("-->", 1)
    after = rest.split("<!-- " + MARKS[1], 1)[1]
    body = "\n".join(lines)
    page.write_text(f"{before}{MARKS[0]}{opening}-->\n\n{body}\n<!-- {MARKS[1]}{after}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--cells", type=Path, required=True, help="folder of what is done")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=np.inf, help="of this turn")
    parser.add_argument("--page", type=Path, help="the Markdown page whose tables are written")
    parser.add_argument("--only-table", action="store_true", help="train nothing")
    parser.add_argument("--network", choices=NETWORKS, help="train this one only")
    parser.add_argument("--only-seeds", type=int, help="train seeds below this one only")
    options = parser.parse_args()
    options.cells.mkdir(parents=True, exist_ok=True)
    until, last = time.monotonic() + 60 * options.minutes, None
    for cell in () if options.only_table else wanted(options.only_seeds or options.seeds):
        if time.monotonic() > until:
            break
        if options.network not in (None, cell.network) or done(options.cells, cell) is not None:
            continue
        if last != (last := (cell.split, cell.network)):
            # Windows of a filter bank are a gigabyte.
            KNOWN.clear()
        found = trained(options.data, cell)
        (options.cells / cell.path).write_bytes(msgspec.json.encode(found))
        print(found, flush=True)
    lines = page_lines(options.cells, options.seeds, "DATA")
    if options.page is None:
        print("\n".join(lines))
    else:
        write_page(options.page, lines)


if __name__ == "__main__":
    main()
