"""A sensor dies while a decoder runs: weights that are solved again, against training again.

    python benchmarks/lost_sensors.py PATH/TO/recordings

writes docs/lost-sensors.md. Each decoder is trained on a part of a set and tested on the rest, with
each sensor of it (or each of some sets of sensors) lost in turn. Training again sees the training
epochs without the lost sensors. With zeros the lost sensors give their training mean.
"""

import argparse
import time
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, read_config
from bci_online.decoding.linear import linear_scores
from bci_online.metrics import auc
from bci_online.runtime.lost_sensors import LostSensors
from benchmarks.decoders import by_letter, by_run, second_half
from calibration.folds import Fold
from calibration.p300.fitted import FittedDecoder
from calibration.p300.fitting import LinearMethod
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "lost-sensors.md"
MARK = "<!-- written by benchmarks/lost_sensors.py -->"

EIGHT = ("Fz", "Cz", "P3", "Pz", "P4", "PO7", "Oz", "PO8")
SETS = (
    ("Wadsworth, the textbook eight, a run left out", "wadsworth", EIGHT, by_run, (1, 2, 3)),
    ("BCI2000, 8 channels, a letter left out", "bci2000", (), by_letter, (1, 2, 3)),
    ("Brain Invaders, 17 channels, first half to second", "braininvaders", (), second_half, (1,)),
    ("Muse, 4 dry channels, a run left out", "muse", (), by_run, (1,)),
)
METHODS = ("lda", "btlda", "xdawn")
MOST_SETS = 20


class Row(msgspec.Struct, frozen=True):
    """AUCs of one fold and one set of lost sensors."""

    whole: float
    again: float
    trained: float
    zeros: float
    told: float


def lost_from(fitted: FittedDecoder, at: float) -> LostSensors:
    """Return what goes on without sensors, for a decoder whose held-out AUC is stated."""
    header = SimpleNamespace(
        kind="linear",
        preprocessing=fitted.preprocessing,
        metrics={"auc": at},
        stopping=Config().stopping,
        evidence=fitted.evidence,
        expected=(),
        layout=Config().layout,
    )
    arrays = {name: array.astype(float) for name, array in fitted.arrays().items()}
    return LostSensors(SimpleNamespace(header=header, arrays=arrays))  # type: ignore[arg-type]


def rows_of(
    recorded: RecordedEpochs, name: str, fold: Fold, n_lost: int, seconds: list[float]
) -> list[Row]:
    """Return the AUCs of one fold, one row a set of lost sensors."""
    train, test = fold
    epochs, method = recorded.all(), LinearMethod(name=name)
    fitted = method.fit(recorded, train, Config())
    X, y = epochs.X[test], epochs.y[test]
    own = fitted.center, fitted.scale, fitted.intercept
    whole = auc(y, linear_scores(X, fitted.coef, *own))
    lost = lost_from(fitted, whole)
    names = fitted.preprocessing.ch_names
    rows = []
    for channels in some(len(names), n_lost):
        kept = tuple(name for place, name in enumerate(names) if place not in channels)
        started = time.perf_counter()
        lost.expected_auc(channels)
        seconds.append(time.perf_counter() - started)
        scores = np.array([lost.score(epoch, channels)[1] for epoch in X])
        fewer = method.fit(recorded.on(kept), train, Config())
        tested = recorded.of(kept).X[test]
        trained = linear_scores(tested, fewer.coef, fewer.center, fewer.scale, fewer.intercept)
        silent = X.copy()
        silent[:, list(channels)] = fitted.center[list(channels)]
        zeros = linear_scores(silent, fitted.coef, *own)
        told = lost.expected_auc(channels)
        rows.append(Row(whole, auc(y, scores), auc(y, trained), auc(y, zeros), told))
    return rows


def some(n_channels: int, n_lost: int) -> list[tuple[int, ...]]:
    """Return sets of lost sensors: all, or some that are spread over them."""
    every = list(combinations(range(n_channels), n_lost))
    return every[:: -(-len(every) // MOST_SETS)]


def line(title: str, rows: NDArray[np.float64]) -> str:
    """Return a line of the table, from rows (n_folds, n_sets, 5)."""
    mean, worst = rows.mean(axis=(0, 1)), rows.mean(axis=0).min(axis=0)
    whole, again, trained, zeros, told = mean
    return (
        f"| {title} | {whole:.3f} | {again:.3f} | {told:.3f} | {trained:.3f} | {zeros:.3f} "
        f"| {worst[1]:.3f} | {worst[3]:.3f} |"
    )


def main() -> None:
    """Measure everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    head = (
        "| | all | solved again | expected | trained again | zeros | worst solved | worst zeros |"
    )
    lines: list[str] = []
    seconds: list[float] = []
    for title, name, ch_names, folds, lost in SETS:
        own = ROOT / "configs" / f"p300_{name}.toml"
        config = read_config(own if own.exists() else None)
        recorded = epochs_of(sorted((data / f"p300_{name}").glob("*.xdf")), config)
        recorded = recorded.on(ch_names) if ch_names else recorded
        lines += ["", f"## {title}", "", head, "|" + "---|" * 8]
        for method in METHODS:
            for n_lost in lost:
                found = [
                    [msgspec.structs.astuple(row) for row in each]
                    for each in (
                        rows_of(recorded, method, fold, n_lost, seconds)
                        for fold in folds(recorded.all())
                    )
                ]
                lines.append(line(f"{method}, {n_lost} lost", np.array(found)))
                print(lines[-1], flush=True)
    longest = 1000 * max(seconds)
    lines += ["", f"The longest of {len(seconds)} solutions took {longest:.1f} ms."]
    words = PAGE.read_text("utf-8").partition(MARK)[0]
    PAGE.write_text(words + MARK + "\n" + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
