"""How many trials of real motor-imagery recordings are right: networks, weightings, CSP and LDA.

    python -m benchmarks.networks DATA [--seeds 3] [--minutes 8] [--page PAGE.md] [--renew]
    python -m benchmarks.networks --page docs/benchmark-networks.md

DATA is the folder of converted recordings. A decoder is trained on some runs and replays others
through the online chain, window by window, deciding with the evidence of the whole trial. All
methods see the same windows of the same trials on the same sensors (20 over the motor cortex of 64,
all 13 of the gel subject); networks of one name are the same network under every weighting (FBMSNet
always has its shared layer). Nothing of a replayed run is seen in training: where there are 50
training trials, a fifth of them decides which pass over the data is kept; with fewer every pass is
made (but under GradApprox, which needs them).

Every training is a row of RESULTS, with a hash of the code that made it: what is there is not done
again, --renew makes anew what other code has made, and --minutes ends a turn after the training
that is under way. Without DATA nothing is trained. PAGE.md gets the table between its two marks.
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
from benchmarks.kept_rows import add_row, code_of, kept_file, rows_of, write_between
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

CODE = ("calibration.motor_imagery.window_classifier", "calibration.networks.one_training")
MARKS = ("<!-- benchmarks/networks.py writes from here -->", "<!-- to here -->")
RESULTS = kept_file("networks")
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


class Cell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One training, replayed: trials right and asked for in each run, and how it was trained."""

    split: str
    method: str
    weighting: str
    seed: int
    right: list[int] = []
    trials: list[int] = []
    differs_offline: int | None = None
    passes: int = 0
    kept: int = 0
    loss_weights: list[float] = []
    not_finite: int = 0
    cpu_s: float = 0.0
    code: str = ""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What is trained."""
        return (self.split, self.method, self.weighting, self.seed)


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
        code=code_of(*CODE),
    )


def wanted(n_seeds: int) -> Iterator[Cell]:
    """Yield what is to be done: the first seed first, what takes long last, most trials first."""
    for seed, is_slow in product(range(n_seeds), (False, True)):
        for split in reversed(SPLITS):
            for method, weighting in METHODS:
                if (method == "fbmsnet") == is_slow and (method != "csp-lda" or seed == 0):
                    yield Cell(split=split, method=method, weighting=weighting, seed=seed)


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


def table(rows: dict[tuple, Cell], n_seeds: int) -> list[str]:
    """Return the lines of the table of all cells that are there."""
    everything = [cell.key for cell in wanted(n_seeds)]
    found = [rows[key] for key in everything if key in rows]
    lines = [
        f"| method | weights of the losses | {' | '.join(SPLITS)} | pass kept | CPU s |",
        "|---" * (len(SPLITS) + 4) + "|",
    ]
    for method, weighting in METHODS:
        own = [c for c in found if (c.method, c.weighting) == (method, weighting)]
        fields = [shown([cell for cell in own if cell.split == split]) for split in SPLITS]
        passes = [cell.kept for cell in own if cell.passes]
        kept = f"{min(passes)}–{max(passes)}" if passes else ""
        timed = [cell.cpu_s for cell in own if cell.cpu_s]
        cpu_s = f"{np.mean(timed):.0f}" if timed else ""
        lines.append(f"| {method} | {weighting} | {' | '.join(fields)} | {kept} | {cpu_s} |")
    return [*lines, "", *notes(found, len(everything), n_seeds)]


def notes(found: list[Cell], n_wanted: int, n_seeds: int) -> list[str]:
    """Return what the table leaves out."""
    checked = [cell for cell in found if cell.differs_offline is not None]
    lines = [
        f"{len(found)} of {n_wanted} trainings, with {n_seeds} seeds each, are in the table: where",
        "a field has one number only the first seed is, where it has none nothing is.",
    ]
    if older := sum(cell.code != code_of(*CODE) for cell in found):
        lines.append(f"{older} of them are by older code (--renew makes them again).")
    if checked:
        differ = sum(cell.differs_offline for cell in checked)
        n_decisions = sum(sum(cell.trials) for cell in checked)
        lines.append(f"Decided again offline: {differ} of {n_decisions} decisions differ.")
    if lost := sum(cell.not_finite for cell in found):
        lines.append(f"{lost} steps were left out as not finite.")
    return lines


def page_lines(rows: dict[tuple, Cell], n_seeds: int) -> list[str]:
    """Return everything that stands between the marks."""
    return [
        f"Windows of 2 s every {STEP:g} s, 8–30 Hz (FBMSNet: nine bands, 4–40 Hz), causal; at most",
        f"{MAX_EPOCHS} passes over the data, {PATIENCE} without a lower validation loss end the",
        "training; Adam, batches of 10. A field has the mean over seeds of trials right, the 95 %",
        "interval of that many of the trials (seeds share them), then each seed's from 0 on, by",
        "run where there are several. Made by",
        "`python -m benchmarks.networks DATA --page docs/benchmark-networks.md`",
        "(rows: benchmarks/results/networks.jsonl).",
        "",
        *table(rows, n_seeds),
        "",
    ]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="left out: train nothing")
    parser.add_argument("--results", type=Path, default=RESULTS, help="rows of JSON, added to")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=np.inf, help="of this turn")
    parser.add_argument("--renew", action="store_true", help="also what other code has made")
    parser.add_argument("--page", type=Path, help="the Markdown page whose table is written")
    options = parser.parse_args()
    rows = {row.key: row for row in rows_of(options.results, Cell)}
    until, last = time.monotonic() + 60 * options.minutes, ""
    for cell in wanted(options.seeds) if options.data is not None else ():
        known = rows.get(cell.key)
        if known is not None and not (options.renew and known.code != code_of(*CODE)):
            continue
        if time.monotonic() > until:
            break
        if last != (last := cell.split):
            # Windows of a filter bank are a gigabyte.
            KNOWN.clear()
        rows[cell.key] = found = trained(options.data, cell)
        add_row(options.results, found)
        print(found, flush=True)
    lines = page_lines(rows, options.seeds)
    if options.page is None:
        print("\n".join(lines))
    else:
        write_between(options.page, MARKS, lines)


if __name__ == "__main__":
    main()
