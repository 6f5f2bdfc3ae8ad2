"""A sensor dies while a decoder runs: weights that are solved again, against training again.

    python -m benchmarks.lost_sensors PATH/TO/recordings

writes docs/lost-sensors.md. Each decoder is trained on a part of a set and tested on the rest, with
each sensor of it (or each of some sets of sensors) lost in turn. Training again sees the training
epochs without the lost sensors. With zeros the lost sensors give their training mean.
"""

import argparse
import time
from itertools import combinations
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, DecoderHeader, read_config
from bci_online.covariances import lag_covariances
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import make_decoder
from bci_online.metrics import auc
from bci_online.runtime.lost_sensors import LostSensors
from benchmarks.decoder_flashes import by_letter, by_run, second_half
from calibration.discriminants.class_means import class_means
from calibration.discriminants.linear import LinearDiscriminant
from calibration.folds import Fold
from calibration.p300.epochs import EpochSet
from calibration.p300.estimators import estimator_of
from calibration.p300.method_choice import WIDER
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.training_epochs import clean

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


def fitted(name: str, epochs: EpochSet) -> LinearDiscriminant:
    """Return a discriminant that was fitted on epochs."""
    return estimator_of(name).unfitted([], refit="none").fit(epochs.X, epochs.y)


def decoder_of(model: LinearDiscriminant, epochs: EpochSet, at: float) -> Decoder:
    """Return a decoder whose held-out AUC is stated, with what weights are solved again from."""
    scaled = (epochs.X - model.center_) / model.scale_[:, np.newaxis]
    means, residuals = class_means(scaled, epochs.y)
    arrays = {
        "coef": model.coef_ * model.scale_[:, np.newaxis],
        "center": model.center_,
        "scale": model.scale_,
        "intercept": np.zeros(1),
        "class_means": means,
        "lags": lag_covariances(residuals),
    }
    header = DecoderHeader(method="lda", preprocessing=epochs.preprocessing, metrics={"auc": at})
    return make_decoder(header, arrays)


def rows_of(epochs: EpochSet, name: str, fold: Fold, n_lost: int) -> list[Row]:
    """Return the AUCs of one fold, one row a set of lost sensors."""
    train, test = clean(epochs[fold[0]], Config().artefacts.k)[0], epochs[fold[1]]
    model = fitted(name, train)
    whole = auc(test.y, model.decision_function(test.X))
    lost = LostSensors(decoder_of(model, train, whole))
    rows = []
    for channels in some(len(epochs.preprocessing.ch_names), n_lost):
        told = lost.expected_auc(channels)
        again = np.array([lost.score(epoch, channels)[1] for epoch in test.X])
        kept = np.delete(np.arange(epochs.X.shape[1]), channels)
        fewer = fitted(name, msgspec.structs.replace(train, X=train.X[:, kept]))
        trained = fewer.decision_function(test.X[:, kept])
        silent = test.X.copy()
        silent[:, list(channels)] = model.center_[list(channels)]
        zeros = model.decision_function(silent)
        found = (auc(test.y, scores) for scores in (again, trained, zeros))
        rows.append(Row(whole, *found, told))
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


def times_of(epochs: EpochSet) -> str:
    """Return a line of the table of times: the first solution of a session, and another one."""
    model = fitted("lda", epochs)
    n_channels, n_times = epochs.X.shape[1:]
    seconds = []
    for channel in range(min(n_channels, MOST_SETS)):
        decoder = decoder_of(model, epochs, 0.9)
        ends = [time.process_time()]
        lost = LostSensors(decoder)
        for channels in ((channel,), (channel, (channel + 1) % n_channels)):
            lost.expected_auc(channels)
            ends.append(time.process_time())
        seconds.append(np.diff(ends))
    first, other = (
        f"{np.median(one):.1f} | {max(one):.1f}" for one in 1000 * np.transpose(seconds)
    )
    return f"| {n_channels} × {n_times} | {first} | {other} |"


def main() -> None:
    """Measure everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    head = (
        "| | all | solved again | expected | trained again | zeros | worst solved | worst zeros |"
    )
    lines: list[str] = []
    times: list[str] = []
    for title, name, ch_names, folds, lost in SETS:
        own = ROOT / "configs" / f"p300_{name}.toml"
        config = read_config(own if own.exists() else None)
        recorded = epochs_of(sorted((data / f"p300_{name}").glob("*.xdf")), config)
        epochs = recorded.of(ch_names) if ch_names else recorded.all()
        lines += ["", f"## {title}", "", head, "|" + "---|" * 8]
        for method in METHODS:
            for n_lost in lost:
                found = [
                    [msgspec.structs.astuple(row) for row in each]
                    for each in (rows_of(epochs, method, fold, n_lost) for fold in folds(epochs))
                ]
                lines.append(line(f"{method}, {n_lost} lost", np.array(found)))
                print(lines[-1], flush=True)
        times += [times_of(one.all()) for one in (recorded, recorded.variant(*WIDER))]
    lines += ["", "## How long it takes, ms of processor time", ""]
    lines += ["| sensors × latencies | first loss | at most | another loss | at most |"]
    lines += ["|---|---|---|---|---|", *dict.fromkeys(times)]
    words = PAGE.read_text("utf-8").partition(MARK)[0]
    PAGE.write_text(words + MARK + "\n" + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
