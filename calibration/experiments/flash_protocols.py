"""From recordings to cells: the paper's random splits, and splits by run, letter or block."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit

from bci_online.metrics import auc
from calibration.experiments.compared_methods import described, single
from calibration.folds import Fold, outer_folds
from calibration.p300.epochs import EpochSet
from calibration.p300.training_epochs import purge_seconds, training_folds

__all__ = ["BY_RUN", "PAPER", "Splitting", "compute", "content", "plan"]

PAPER, BY_RUN = "paper", "by-run"
INNER_FOLDS = 5


class Splitting(msgspec.Struct, frozen=True, kw_only=True):
    """How flashes are split at random.

    Parameters
    ----------
    splits : int
        Number of splits.
    train_share : float
        Share of the flashes to train on.
    seed : int
        Of the draws.

    See Also
    --------
    plan : Plans the splits.
    """

    splits: int = 10
    train_share: float = 0.8
    seed: int = 0


def content(epochs: EpochSet) -> str:
    """Return a hash of everything in labelled epochs that a result can depend on.

    Parameters
    ----------
    epochs : EpochSet
        Flashes of one subject.

    Returns
    -------
    digest : str
        SHA-256, in hexadecimal digits.

    See Also
    --------
    plan : Names the data of cells so.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> epochs = EpochSet(
    ...     X=np.zeros((2, 1, 3)), y=np.array([True, False]), letter=np.zeros(2, dtype=int),
    ...     run=np.zeros(2, dtype=int), code=np.ones(2, dtype=int), time=np.arange(2.0),
    ...     peak_to_peak=np.ones((2, 1)), rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> content(epochs) == content(epochs[np.array([1, 0])])  # another order is other data
    False
    """
    digest = hashlib.sha256(msgspec.json.encode(epochs.preprocessing, order="sorted"))
    for array in (epochs.X, epochs.y, epochs.run, epochs.letter, epochs.time):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def plan(
    subjects: Mapping[str, EpochSet],
    protocols: Sequence[str],
    methods: Sequence[str],
    splitting: Splitting,
) -> tuple[list[dict[str, Any]], dict[str, EpochSet]]:
    """Return the cells of every subject, protocol, split and method, and their data by name.

    Parameters
    ----------
    subjects : mapping of str to EpochSet
        Flashes by subject.
    protocols : sequence of str
        How flashes are split.
    methods : sequence of str
        Names that `single` knows.
    splitting : Splitting
        Of the paper's protocol.

    Returns
    -------
    cells : list of dict
        All parameters of each.
    data : dict of str to EpochSet
        By the name that the cells have for it.

    See Also
    --------
    compute : Computes a cell; has an example.

    Examples
    --------
    >>> plan({}, [PAPER], ["lda"], Splitting())  # nobody, no cell
    ([], {})
    """
    data = {content(epochs): epochs for epochs in subjects.values()}
    rows = [{"method": method, "estimator": described(method)} for method in methods]
    cells = []
    for subject, epochs in subjects.items():
        named = {"experiment": "recordings", "subject": subject, "data": content(epochs)}
        for protocol in protocols:
            how = _how(epochs, protocol, splitting)
            n_splits = how["splits"] if protocol == PAPER else how["folds"]
            cells += [
                {**named, "protocol": protocol, **how, "split": split, **method}
                for split in range(n_splits)
                for method in rows
            ]
    return cells, data


def _how(epochs: EpochSet, protocol: str, splitting: Splitting) -> dict[str, Any]:
    """Return what decides a protocol's splits, as part of its cells."""
    if protocol == PAPER:
        return msgspec.to_builtins(splitting)
    unit, folds = outer_folds(epochs, purge_seconds(epochs.preprocessing))
    return {"unit": unit, "folds": len(folds)}


def compute(cell: Mapping[str, Any], data: EpochSet) -> dict[str, Any]:
    """Train one method on one split's training flashes and test it on the others.

    Parameters
    ----------
    cell : mapping
        As `plan` made it.
    data : EpochSet
        Flashes of one subject.

    Returns
    -------
    result : dict
        AUC of the test flashes, and which sensors were chosen.

    Raises
    ------
    BciError, ValueError
        If a split does not hold both classes wherever they are needed.

    See Also
    --------
    plan : Makes the cells.
    calibration.experiments.cell_store.run_cells : Computes them.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> rng, y = np.random.default_rng(0), np.tile([True, False, False], 40)
    >>> epochs = EpochSet(
    ...     X=rng.normal(size=(120, 2, 4)) + 2.0 * y[:, None, None], y=y,
    ...     run=np.zeros(120, dtype=int), letter=np.arange(120) // 12, code=np.ones(120, dtype=int),
    ...     time=np.arange(120.0),
    ...     peak_to_peak=np.ones((120, 2)), rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0),
    ... )
    >>> cells, data = plan({"01": epochs}, [PAPER], ["lda"], Splitting(splits=1))
    >>> compute(cells[0], data[cells[0]["data"]])["auc"] > 0.95
    True
    """
    (train, test), inner = _split(cell, data)
    known, unseen = data[train], data[test]
    if not 0 < unseen.y.sum() < len(unseen):
        raise ValueError(f"its {len(unseen)} test flashes are all of one class")
    model = single(cell["method"], inner).fit(known.X, known.y)
    names = data.preprocessing.ch_names
    return {
        "auc": auc(unseen.y, model.decision_function(unseen.X)),
        "selection_rate": model.sensors_.size / len(names),
        "n_sensors": int(model.sensors_.size),
        "sensors": [names[sensor] for sensor in model.sensors_],
        "n_train": len(known),
        "n_test": len(unseen),
        "n_test_targets": int(unseen.y.sum()),
    }


def _split(cell: Mapping[str, Any], epochs: EpochSet) -> tuple[Fold, list[Fold]]:
    """Return training and test rows, and the inner folds within the training rows."""
    if cell["protocol"] == PAPER:
        state = np.random.SeedSequence([cell["seed"], cell["split"]]).generate_state(1)[0]
        shuffled = StratifiedShuffleSplit(
            1, train_size=cell["train_share"], random_state=int(state)
        )
        train, test = next(shuffled.split(epochs.X, epochs.y))
        # Every fold must test a target. With a single target nothing can be chosen: an error.
        fewest = int(min(epochs.y[train].sum(), (~epochs.y[train]).sum()))
        n_folds = max(2, min(INNER_FOLDS, fewest))
        inner = StratifiedKFold(n_folds, shuffle=True, random_state=cell["seed"])
        return (train, test), list(inner.split(epochs.X[train], epochs.y[train]))
    purge = purge_seconds(epochs.preprocessing)
    train, test = outer_folds(epochs, purge)[1][cell["split"]]
    return (train, test), training_folds(epochs[train], purge)
