"""How many trials of real motor-imagery recordings are right: networks, weightings, CSP and LDA.

    python -m benchmarks.networks DATA --cells CELLS [--seeds 3] [--output PAGE.md]

DATA is the folder of converted recordings. A decoder is trained on some runs and replays others
through the online chain, window by window, deciding with the evidence of the whole trial. All
methods see the same windows of the same trials on the same sensors (20 over the motor cortex of 64,
all 13 of the gel subject); networks of one name are the same network under every weighting (FBMSNet
always has its shared layer). Nothing of a replayed run is seen in training: where there are 50
training trials, a fifth of them decides which pass over the data is kept; with fewer every pass is
made (but under GradApprox, which needs them). Every training is a file in CELLS: what is there is
not done again, so the run may be interrupted.
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

from bci_online.config import Config, WindowSpec
from bci_online.decoding.decoder import Decoder
from bci_online.metrics import proportion_interval
from benchmarks.motor_imagery import BAND, configured, replayed
from calibration.motor_imagery.fitting import ClassifierMethod
from calibration.motor_imagery.methods import CSP_LDA, ImageryMethod
from calibration.motor_imagery.offline_decisions import decisions
from calibration.motor_imagery.window_classifier import WindowClassifier
from calibration.motor_imagery.window_set import NO_CLASS, WindowSet
from calibration.motor_imagery.windows import windows_of
from calibration.networks.bank import BANK

SENSORS = tuple("FC5 FC3 FC1 FC2 FC4 FC6 C5 C3 C1 Cz C2 C4 C6 CP5 CP3 CP1 CPz CP2 CP4 CP6".split())
"""Those over the motor cortex, as the papers take them."""

MAX_EPOCHS, PATIENCE, STEP = 40, 15, 0.5
ONES = {"min2net": (1.0, 1.0, 1.0), "fbmsnet": (1.0, 1.0)}
SLOWER = "alphagrad, α 0.001"
WEIGHTINGS = ("fixed", "fixed, all 1", "alphagrad", SLOWER, "adamt", "gradapprox")
METHODS = (
    ("csp-lda", ""),
    ("eegnet", ""),
    *(("min2net", weighting) for weighting in WEIGHTINGS),
    *(("fbmsnet", weighting) for weighting in WEIGHTINGS),
)
SPLITS = ("hands/feet 06 → 10", "hands/feet 10 → 06", "left/right 04 → 08", "left/right 08 → 04",
          "gel, offline → online")  # fmt: skip


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One training, replayed: trials right and asked for in each run, and how it was trained."""

    split: str
    method: str
    weighting: str
    seed: int
    right: list[int]
    trials: list[int]
    differs_offline: int | None
    passes: int = 0
    kept: int = 0
    loss_weights: list[float] = []
    not_finite: int = 0
    cpu_s: float = 0.0

    @property
    def name(self) -> str:
        """Its file's."""
        text = f"{self.split}_{self.method}_{self.weighting}_{self.seed}"
        return "".join(c if c.isalnum() else "-" for c in text) + ".json"


def runs_of(data: Path, split: str) -> tuple[list[Path], list[Path], Config]:
    """Return what to train on, what to replay, and how."""
    if split.startswith("gel"):
        # These trials end at most 7 s behind their cue, the others after 4.1 s.
        gel, config = data / "mi_gel", configured(7.0)
        train, test = sorted(gel.glob("*ses-01*.xdf")), sorted(gel.glob("*ses-02*.xdf"))
    else:
        what, first, _, second = split.split()
        folder, config = data / f"mi_{what.replace('/', '_')}", configured(4.1)
        train, test = ([folder / f"sub-01_ses-01_run-{run}.xdf"] for run in (first, second))
        eeg = msgspec.structs.replace(config.eeg, channels=SENSORS)
        config = msgspec.structs.replace(config, eeg=eeg)
    return train, test, msgspec.structs.replace(config, window=WindowSpec(length=2.0, step=STEP))


KNOWN: dict[tuple[object, ...], WindowSet] = {}


def windows(paths: list[Path], config: Config) -> WindowSet:
    """Return the windows behind cues; made once as long as they are in `KNOWN`."""
    key = (*paths, config.filter.bands)
    if key not in KNOWN:
        found = windows_of(paths, config)
        KNOWN[key] = found[np.flatnonzero(found.y != NO_CLASS)]
    return KNOWN[key]


def method_of(name: str, weighting: str, seed: int, told: list) -> ImageryMethod:
    """Return a method; a network's history is added to `told`."""
    if name == "csp-lda":
        return CSP_LDA
    parameters = {"max_epochs": MAX_EPOCHS, "patience": PATIENCE, "random_state": seed}
    if weighting:
        parameters["loss_weighting"] = weighting.split(",")[0]
    if weighting == "fixed, all 1":
        parameters["loss_weights"] = ONES[name]
    if weighting == SLOWER:
        parameters["step"] = 0.001
    if name == "fbmsnet":
        parameters["shared_layer"] = True
    return ClassifierMethod(
        name,
        lambda own: WindowClassifier(own.preprocessing, told.append, 1, network=name, **parameters),
    )


def differing(decoder: Decoder, tested: WindowSet, online: list) -> int:
    """Return how many decisions are others than offline."""
    offline = [d for d in decisions(decoder, tested, dynamic=False) if d.truth in tested.classes]
    return sum(a.value != b.value for a, b in zip(offline, online, strict=True))


def trained(data: Path, cell: Cell) -> Cell:
    """Train, replay, and return the cell with what came of it."""
    train, test, config = runs_of(data, cell.split)
    config = msgspec.structs.replace(config, filter=BANK if cell.method == "fbmsnet" else BAND)
    known, told, begun = windows(train, config), [], time.process_time()
    method = method_of(cell.method, cell.weighting, cell.seed, told)
    decoder = method.fit(known, np.arange(len(known)), config, stopping=False)
    taken = time.process_time() - begun
    online = [replayed(path, decoder, dynamic=False)[0] for path in test]
    differs = None
    if cell.method != "fbmsnet" or len(test) == 1:
        tested = windows(test, config)
        differs = differing(decoder, tested, [d for run in online for d in run])
    history = told[-1] if told else None
    return msgspec.structs.replace(
        cell,
        right=[sum(d.value == d.truth for d in run) for run in online],
        trials=[len(run) for run in online],
        differs_offline=differs,
        passes=len(history.epochs) if history else 0,
        kept=history.best.number if history else 0,
        loss_weights=history.best.weights.round(4).tolist() if history else [],
        not_finite=history.n_not_finite if history else 0,
        cpu_s=round(taken, 1),
    )


def wanted(n_seeds: int) -> Iterator[Cell]:
    """Yield what is to be done: the first seed first, what takes long last, most trials first."""
    for seed, is_slow in product(range(n_seeds), (False, True)):
        for split in reversed(SPLITS):
            for method, weighting in METHODS:
                if (method == "fbmsnet") == is_slow and (method != "csp-lda" or seed == 0):
                    yield Cell(
                        split=split, method=method, weighting=weighting, seed=seed,
                        right=[], trials=[], differs_offline=None,
                    )  # fmt: skip


def done(folder: Path, cell: Cell) -> Cell | None:
    """Return the cell as it was found earlier."""
    path = folder / cell.name
    return msgspec.json.decode(path.read_bytes(), type=Cell) if path.is_file() else None


def shown(cells: list[Cell]) -> str:
    """Return a table's field: trials right, their interval, and by run or seed where several."""
    if not cells:
        return "–"
    trials = sum(cells[0].trials)
    right = [sum(cell.right) for cell in cells]
    mean = float(np.mean(right))
    low, high = (100 * end for end in proportion_interval(round(mean), trials))
    text = f"{mean:.{int(len(cells) > 1)}f} of {trials} ({low:.0f}–{high:.0f} %)"
    parts = [" + ".join(map(str, cell.right)) for cell in cells]
    return text if parts == [f"{right[0]}"] else f"{text}; {', '.join(parts)}"


def table(folder: Path, n_seeds: int) -> list[str]:
    """Return the lines of the table of all cells that are there."""
    found = [cell for each in wanted(n_seeds) if (cell := done(folder, each)) is not None]
    missing = sum(1 for _ in wanted(n_seeds)) - len(found)
    checked = [cell for cell in found if cell.differs_offline is not None]
    differ = sum(cell.differs_offline for cell in checked)
    n_checked = sum(sum(cell.trials) for cell in checked)
    lines = [
        f"| method | weights of the losses | {' | '.join(SPLITS)} | pass kept | CPU s |",
        "|---" * (len(SPLITS) + 4) + "|",
    ]
    for method, weighting in METHODS:
        own = [c for c in found if (c.method, c.weighting) == (method, weighting)]
        fields = [shown([cell for cell in own if cell.split == split]) for split in SPLITS]
        passes = [cell.kept for cell in own if cell.passes]
        kept = f"{min(passes)}–{max(passes)}" if passes else ""
        cpu_s = f"{np.mean([cell.cpu_s for cell in own]):.0f}" if own else ""
        lines.append(f"| {method} | {weighting} | {' | '.join(fields)} | {kept} | {cpu_s} |")
    return [
        *lines,
        "",
        f"{len(found)} of {len(found) + missing} trainings, with {n_seeds} seeds each, are in the "
        "table: where a",
        "field has one number only the first seed is, where it has none nothing is.",
        f"{sum(cell.not_finite for cell in found)} steps were left out as not finite. Decided "
        f"again offline from the windows: {differ} of",
        f"{n_checked} decisions differ.",
    ]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--cells", type=Path, required=True, help="folder of what is done")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, help="the Markdown page to write")
    parser.add_argument("--only-table", action="store_true", help="train nothing")
    options = parser.parse_args()
    options.cells.mkdir(parents=True, exist_ok=True)
    last = ""
    for cell in () if options.only_table else wanted(options.seeds):
        if done(options.cells, cell) is not None:
            continue
        if cell.split != last:
            # Windows of a filter bank are a gigabyte.
            KNOWN.clear()
            last = cell.split
        found = trained(options.data, cell)
        (options.cells / cell.name).write_bytes(msgspec.json.encode(found))
        print(found, flush=True)
    lines = [
        "# Motor imagery: networks and the weights of their losses",
        "",
        *__doc__.splitlines()[4:],
        "",
        f"Windows of 2 s every {STEP:g} s, 8–30 Hz (FBMSNet: nine bands, 4–40 Hz), causal; at most",
        f"{MAX_EPOCHS} passes over the data, {PATIENCE} without a lower validation loss end the",
        "training; Adam, batches of 10. A field has the mean over seeds of trials right, the 95 %",
        "interval of that many of the trials (seeds share them), then each seed's from 0 on, by",
        "run where there are several. Made by",
        "`python -m benchmarks.networks DATA --cells CELLS --output docs/benchmark-networks.md`.",
        "",
        *table(options.cells, options.seeds),
    ]
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
