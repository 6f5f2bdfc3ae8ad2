"""Every method of flashes on one recorded set: held-out AUC, letters, seconds, against lda."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config, EpochSpec, FilterSpec, read_config
from bci_online.errors import RecordingError
from bci_online.metrics import auc, proportion_interval
from benchmarks.decoder_cells import Cell, Cells, Section
from calibration.bootstrap import bootstrap_aucs
from calibration.discriminants.linear import LinearDiscriminant, Weights
from calibration.discriminants.scaled_epochs import ScaledEpochs
from calibration.folds import Fold, grouped, units
from calibration.networks.network_training import NetworkTraining
from calibration.p300.epochs import EpochSet
from calibration.p300.estimators import ESTIMATORS, Discriminant
from calibration.p300.fitting import LinearMethod
from calibration.p300.method_choice import OF_NETWORKS, WIDER, AutomaticMethod
from calibration.p300.methods import FlashMethod
from calibration.p300.networks import NetworkMethod
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of
from calibration.p300.spelled_letters import spell

ROOT = Path(__file__).resolve().parent.parent
N_DRAWS = 1000

NARROW = FilterSpec(), EpochSpec()
DISCRIMINANTS = ("lda", "btlda", "xdawn-lda", "xdawn-bt", "xdawn")
PEER = "toeplitzlda"
NETWORKS = ("eegnet", "min2net")
Preset = tuple[FilterSpec, EpochSpec]

WAYS: tuple[tuple[str, Preset], ...] = (
    *((name, NARROW) for name in (*DISCRIMINANTS, PEER)),
    *((name, WIDER) for name in DISCRIMINANTS),
    ("auto", NARROW),
    ("svm", NARROW),
    *((f"{name} {refit}", NARROW) for name in ("gsvm-2", "gsvm-a") for refit in ("lda", "btlda")),
    *((name, NARROW) for name in ("svm-1", "gsvm-q", "gsvm-time")),
    *((name, OF_NETWORKS) for name in NETWORKS),
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
    if name in NETWORKS:
        return NetworkMethod(NetworkTraining(network=name))
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
    RecordedSet("BCI2000, 8 channels, a letter left out", "bci2000", by_letter),
    RecordedSet("Brain Invaders, 17 channels, first half to second", "braininvaders", second_half),
    RecordedSet("Muse, 4 dry channels, a run left out", "muse", by_run),
    RecordedSet("Wadsworth, 64 channels, a run left out", "wadsworth", by_run),
    RecordedSet("Wadsworth, one session to the other", "wadsworth", by_session),
)


def held_out(
    key: str,
    every: RecordedEpochs,
    preset: Preset,
    method: FlashMethod,
    folds: list[Fold],
    config: Config,
) -> Cell:
    """Train on each fold and score its test; seconds are CPU time of one fit."""
    recorded = every.variant(*preset)
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
    return Cell(
        key=key,
        values=tuple(round(float(one), 3) if np.isfinite(one) else None for one in ratios),
        right=sum(symbol == epochs.letters[number].truth for number, symbol in spelled.items()),
        of=len(spelled),
        taken=", ".join(sorted(set(taken))) if method.name == "auto" else "",
        seconds=spent / len(folds),
    )


def flash_tables(data: Path, cells: Cells, only: str) -> Iterator[Section]:
    """Yield each set's table, with the cells that are there; all sets where `only` is empty."""
    ESTIMATORS[PEER] = Discriminant(PeerLDA())
    recorded: dict[str, tuple[RecordedEpochs, Config]] = {}
    for one in SETS:
        if only not in ("", one.name):
            continue
        own = ROOT / "configs" / f"p300_{one.name}.toml"
        if one.name not in recorded:
            config = read_config(own if own.exists() else None)
            paths = sorted((data / f"p300_{one.name}").glob("*.xdf"))
            recorded[one.name] = epochs_of(paths, config), config
        rows = _rows(one, *recorded[one.name], cells)
        if rows:
            yield Section(one.title, _table(one, recorded[one.name][0].all(), rows), n_names=2)


Row = tuple[str, Preset, Cell]


def _rows(one: RecordedSet, recorded: RecordedEpochs, config: Config, cells: Cells) -> list[Row]:
    folds = one.folds(recorded.all())
    rows: list[Row] = []
    for name, preset in WAYS:
        key = f"{one.name} {one.folds.__name__} {name} {preset[0].h_freq:g}"
        if name == PEER and find_spec(PEER) is None and not cells.has(key):
            continue

        compute = partial(held_out, key, recorded, preset, method_of(name), folds, config)
        try:
            cell = cells.get(key, compute, __name__)
        except RecordingError as error:
            # Beside a loss other flashes have an epoch in this band: nothing could be compared.
            print(f"{key}: {error}", flush=True)
            continue
        if cell is not None:
            rows.append((name, preset, cell))
    return rows


def _table(one: RecordedSet, epochs: EpochSet, rows: list[Row]) -> list[str]:
    scores = np.array([cell.values for _, _, cell in rows], dtype=float)
    seen = np.isfinite(scores).all(axis=0)
    y, scores = epochs.y[seen], scores[:, seen]
    draws = bootstrap_aucs(y, scores, units(epochs)[seen], N_DRAWS)
    low, high = np.nanpercentile(draws, [2.5, 97.5], axis=0)
    behind = np.nanpercentile(draws - draws[:, [0]], [2.5, 97.5], axis=0)
    lines = [
        f"{seen.sum()} flashes, {y.sum()} targets, {len(one.folds(epochs))} folds.",
        "",
        "| method | epochs | AUC | 95 % | against lda | 95 % | letters right | s a fit "
        "| computed |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    aucs = np.array([auc(y, row) for row in scores])
    for n, (name, (band, epoch), cell) in enumerate(rows):
        right = ""
        if cell.of:
            ends = proportion_interval(cell.right, cell.of)
            right = f"{cell.right} of {cell.of} ({100 * ends[0]:.0f}–{100 * ends[1]:.0f} %)"
        gap = "" if n == 0 else f"{aucs[n] - aucs[0]:+.3f}"
        interval = "" if n == 0 else f"{behind[0, n]:+.3f} … {behind[1, n]:+.3f}"
        how = f"to {band.h_freq:g} Hz, {1000 * epoch.step:g} ms"
        lines.append(
            f"| {name} | {cell.taken or how} | {aucs[n]:.3f} | {low[n]:.3f}–{high[n]:.3f} | {gap} "
            f"| {interval} | {right} | {cell.seconds:.2f} | {cell.date} |"
        )
    return lines
