"""Does a network that has learnt another person help a new one? On real recordings.

    python -m benchmarks.transfer DATA [--only flashes|imagery] [--page docs/networks.md]
    python -m benchmarks.transfer --page docs/networks.md

DATA is the folder of converted recordings; without it nothing is trained. EEGNet learns the other
person's recordings (as `train --pool` does it), then the first flashes or trials of the new person,
with every layer or with the last one alone; beside them EEGNet from drawn weights, the network of
the other person without any training, and a linear method. Sensors are those that all have.

Flashes: blocks of consecutive ones of the first letters train, later letters test; AUC, and the
gain over EEGNet from nothing, with 95 % intervals over blocks and repetitions. Imagery: the first
trials of each class train, another session or run is tested with the evidence of the whole trial;
three seeds. What is there in RESULTS is not done again, unless EEGNet trains otherwise now.
"""

import argparse
import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import msgspec
import numpy as np

from bci_online.config import Config, EpochSpec, FilterSpec, read_config
from benchmarks.kept_rows import add_row, kept_file, rows_of, write_between
from benchmarks.loss_scales import like
from benchmarks.networks import runs_of
from benchmarks.pooling import CONFIGS, RECORDINGS
from benchmarks.transfer_tables import (
    FLASHES,
    IMAGERY,
    NOTHING,
    SIZES,
    Row,
    flash_lines,
    imagery_lines,
)
from calibration.common_sensors import common_sensors
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.experiments.learning_curve import curve_split, learning_curve
from calibration.motor_imagery.fitting import ClassifierMethod
from calibration.motor_imagery.methods import CSP_LDA, ImageryMethod
from calibration.motor_imagery.offline_decisions import decisions
from calibration.motor_imagery.window_classifier import WindowClassifier
from calibration.motor_imagery.window_set import NO_CLASS, WindowSet
from calibration.motor_imagery.windows import windows_of
from calibration.networks.network_classifier import NetworkClassifier
from calibration.networks.network_training import NetworkTraining
from calibration.networks.pretraining import Subject, pretrained
from calibration.p300.networks import BATCH_SIZE, with_pool
from calibration.p300.pooling.recordings import pooled_with
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.training_epochs import clean
from calibration.pools import Pool, cap_of

RESULTS = kept_file("transfer")
MARKS = ("<!-- benchmarks/transfer.py writes from here -->", "<!-- to here -->")
DRAWS, SEEDS = 4, 3
ALL, HEAD, ALONE = "all layers", "head", "other person's network"
WAYS = {
    NOTHING: {"start": None},
    ALL: {},
    HEAD: {"tune": "head"},
    # One step that moves nothing: only the new person's scaling is learnt.
    ALONE: {"tune": "head", "learning_rate": 1e-12, "max_epochs": 1},
}


def flashes(data: Path, new: str, others: Sequence[str], size: int) -> list[Row]:
    """Return every method with so many flashes of one new person."""

    def recorded(name: str) -> Pool:
        pattern, file = RECORDINGS[name]
        fine = {"filter": FilterSpec(h_freq=16.0), "epoch": EpochSpec(step=0.02)}
        config = msgspec.structs.replace(read_config(CONFIGS / file), **fine)
        return Pool(tuple(sorted(data.glob(pattern))), config)

    subject = recorded(new)
    own = epochs_of(subject.paths, subject.config)
    together = pooled_with(own, subject.config, [recorded(other) for other in others])
    every = own.all()
    kept, _ = clean(every, subject.config.artefacts.k)
    names = every.preprocessing.ch_names
    columns = [names.index(name) for name in together.sources[0].ch_names]
    tuned = with_pool(NetworkTraining(network="eegnet"), together.sources)
    fixed = {"sfreq": 1 / subject.config.epoch.step, "batch_size": BATCH_SIZE}

    def network(changes: dict, folds: list) -> Grouped:
        parameters = tuned.parameters() | fixed | {"class_weight": "balanced"} | changes
        return Grouped(NetworkClassifier(**parameters))

    makers = {name: ("common", partial(network, changes)) for name, changes in WAYS.items()}
    makers["lda, from nothing"] = ("common", lambda folds: ShrinkageLDA())
    split = curve_split(kept, max(SIZES))
    X = {"common": kept.X[:, columns]}
    points = learning_curve(X, kept.y, split, makers, (size,), DRAWS, n_jobs=1)
    note = (
        f"{len(columns)} sensors, {split[1].size} later flashes "
        f"({int(kept.y[split[1]].sum())} targets) are tested"
    )
    return [
        Row(
            new=new, others=" + ".join(others), method=p.method, n=p.n_flashes, auc=round(p.auc, 4),
            ci=p.ci, gain=round(p.gain, 4), gain_ci=p.gain_ci, note=note,
            like=like("eegnet", "fixed", "channel"),
        )
        for p in points
    ]  # fmt: skip


class Grouped:
    """A network whose validation holds out stretches of time, as `train` does it."""

    def __init__(self, model: NetworkClassifier) -> None:
        self.model = model

    def fit(self, X: np.ndarray, y: np.ndarray) -> NetworkClassifier:
        """Return the fitted network."""
        return self.model.fit(X, y, groups=np.arange(y.size) * 10 // y.size)


def imagery(data: Path, new: str, other: str, sizes: Sequence[int]) -> list[Row]:
    """Return what is right with so many trials of one new person."""
    train, test, config = runs_of(data, new)
    their_train, their_test, theirs = runs_of(data, other)
    source = Pool(tuple(their_train + their_test), theirs)
    ch_names, _ = common_sensors(
        cap_of(Pool(tuple(train), config)).ch_names, {other: cap_of(source).ch_names}
    )
    (known, tested), (pool,) = (
        [_windows(paths, _on(each, ch_names)) for paths in parts]
        for each, parts in ((config, (train, test)), (theirs, (source.paths,)))
    )
    if pool.classes != known.classes:
        raise ValueError(f"{pool.classes} are not {known.classes}")
    epochs, fresh = WindowClassifier(pool.preprocessing).fresh(pool.X, pool.trial)
    subject = Subject(epochs, pool.y[fresh], pool.trial[fresh])
    rows, note = [], f"{len(ch_names)} sensors, {np.unique(pool.trial).size} trials of the other"
    for seed in range(SEEDS):
        asked = NetworkTraining(network="eegnet", max_epochs=40, random_state=seed)
        tuned = pretrained(asked, [subject], pool.classes).parameters()
        for n, (name, changes) in ((n, way) for n in sizes for way in WAYS.items()):
            right = decided(
                _network(tuned | changes), known, first_trials(known, n), tested, config
            )
            rows.append(_row(new, other, name, n, seed, right, note))
    for n in sizes:
        right = decided(CSP_LDA, known, first_trials(known, n), tested, config)
        rows.append(_row(new, other, "csp-lda, from nothing", n, 0, right, note))
    return rows


def _row(new: str, other: str, method: str, n: int, seed: int, right: list[int], note: str) -> Row:
    made = like("eegnet", "fixed", "channel")
    return Row(
        new=new, others=other, method=method, n=n, seed=seed, right=right, note=note, like=made
    )


def _network(parameters: dict) -> ImageryMethod:
    return ClassifierMethod(
        "eegnet", lambda own: WindowClassifier(own.preprocessing, None, 1, **parameters)
    )


def _on(config: Config, ch_names: tuple[str, ...]) -> Config:
    eeg = msgspec.structs.replace(config.eeg, channels=ch_names)
    return msgspec.structs.replace(config, eeg=eeg)


def _windows(paths: Sequence[Path], config: Config) -> WindowSet:
    found = windows_of(list(paths), config)
    return found[np.flatnonzero(found.y != NO_CLASS)]


def first_trials(known: WindowSet, n: int) -> np.ndarray:
    """Return the windows of the first trials, as many of each class as there are."""
    trials = np.unique(known.trial)
    classes = np.array([known.y[known.trial == trial][0] for trial in trials])
    taken = np.concatenate([trials[classes == c][: (n + 1) // 2] for c in np.unique(classes)])
    return np.flatnonzero(np.isin(known.trial, taken))


def decided(
    method: ImageryMethod, known: WindowSet, rows: np.ndarray, tested: WindowSet, config: Config
) -> list[int]:
    """Train on some windows; return of each tested trial whether it is right."""
    decoder = method.fit(known, rows, config, stopping=False)
    found = [d for d in decisions(decoder, tested, dynamic=False) if d.truth in tested.classes]
    return [int(d.value == d.truth) for d in found]


def read(results: Path) -> list[Row]:
    """Return the rows that this code would make again."""
    return [row for row in rows_of(results, Row) if row.like == like("eegnet", "fixed", "channel")]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="left out: train nothing")
    parser.add_argument("--only", choices=("flashes", "imagery"))
    parser.add_argument("--minutes", type=float, default=np.inf, help="of this turn")
    parser.add_argument("--results", type=Path, default=RESULTS, help="rows of JSON, added to")
    parser.add_argument("--page", type=Path, help="the Markdown page whose tables are written")
    options = parser.parse_args()
    until = time.monotonic() + 60 * options.minutes
    there = {(row.new, row.others, row.n) for row in read(options.results)}
    todo: list = []
    if options.only != "imagery":
        todo += [
            (new, " + ".join(others), size, partial(flashes, options.data, new, others, size))
            for size in (50, 400, 100, 200)
            for new, others in FLASHES
        ]
    if options.only != "flashes":
        todo += [(new, o, n[0], partial(imagery, options.data, new, o, n)) for new, o, n in IMAGERY]
    for new, others, n, work in todo if options.data else ():
        if (new, others, n) in there or time.monotonic() > until:
            continue
        made = work()
        for row in made:
            add_row(options.results, row)
        print(new, others, n, len(made), flush=True)
    rows = read(options.results)
    lines = [
        "`python -m benchmarks.transfer DATA --page docs/networks.md` (rows: "
        "benchmarks/results/transfer.jsonl).",
        "AUC: EEGNet from nothing with its 95 % interval, the others with what they gain over it",
        "and that gain's. Counts: means over seeds, the 95 % interval of so many of the trials,",
        "each seed.",
        "",
        *flash_lines(rows),
        *imagery_lines(rows),
    ]
    if options.page is None:
        print("\n".join(lines))
    else:
        write_between(options.page, MARKS, lines)


if __name__ == "__main__":
    main()
