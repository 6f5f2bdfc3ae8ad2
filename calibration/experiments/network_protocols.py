"""From a public set to cells: networks tested on another session, or on another subject.

Test data are used for nothing else: not for the scaling of channels, the learning rate, the early
stop or the choice of the epoch that is kept.

References
----------
Chaisaen et al. (2025), IEEE JBHI, doi 10.1109/JBHI.2025.3572197.
"""

import hashlib
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold, StratifiedKFold

from bci_online.errors import BciError
from bci_online.metrics import auc
from calibration.experiments.compared_methods import FIXED, ONES
from calibration.experiments.network_sets import TrialSet, content
from calibration.installed import check_installed
from calibration.method_names import WEIGHTINGS
from calibration.networks.network_classifier import NetworkClassifier
from calibration.networks.network_training import LIBRARIES, LOSSES

__all__ = [
    "SUBJECT_DEPENDENT",
    "SUBJECT_INDEPENDENT",
    "Split",
    "Training",
    "checked_strategies",
    "compute",
    "plan",
    "split",
]

SUBJECT_DEPENDENT, SUBJECT_INDEPENDENT = "subject-dependent", "subject-independent"
FOLDS = 5
BATCH = {SUBJECT_DEPENDENT: 10, SUBJECT_INDEPENDENT: 100}
FEWEST_SUBJECTS = 3


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters that are the same for all cells; see `NetworkClassifier`."""

    network: str
    monitor: str = "classification"
    max_epochs: int = 100
    device: str = "cpu"
    undersample: bool = False
    seed: int = 0


class Split(NamedTuple):
    """Trials to learn from, ``validation`` among them, and trials to test on."""

    X: NDArray[np.float32]
    y: NDArray[np.int64]
    validation: NDArray[np.bool_]
    X_test: NDArray[np.float32]
    y_test: NDArray[np.int64]


def checked_strategies(asked: Sequence[str], network: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the loss weightings to compare, and notes about them.

    Parameters
    ----------
    asked : sequence of str
        Empty means `FIXED`; "all" is every one that is installed.
    network : str

    Raises
    ------
    BciError
        If one is named twice, is not installed, or the network has nothing to weigh.
    """
    if len(LOSSES[network]) == 1:
        if set(asked) - {FIXED}:
            raise BciError(f"--network {network} has one loss: leave --loss-weighting out")
        return (FIXED,), []
    names = tuple(asked) or (FIXED,)
    if "all" in names:
        everything = (FIXED, ONES, *(name for name in WEIGHTINGS if name != FIXED))
        there = tuple(name for name in everything if _is_installed(name))
        left_out = [name for name in everything if name not in there]
        return there, [f"{name} is left out: its library is not installed" for name in left_out]
    for name in names:
        if names.count(name) > 1:
            raise BciError(f"--loss-weighting {name}: is named twice")
        if name in LIBRARIES:
            check_installed(*LIBRARIES[name], f"--loss-weighting {name}")
    return names, []


def _is_installed(name: str) -> bool:
    return name not in LIBRARIES or find_spec(LIBRARIES[name][0]) is not None


def plan(
    subjects: Mapping[str, TrialSet],
    protocols: Sequence[str],
    strategies: Sequence[str],
    training: Training,
    code: str,
) -> tuple[list[dict[str, Any]], dict[str, dict[str, TrialSet]]]:
    """Return the cells of every protocol, subject, fold and weighting, and their data by name.

    Raises
    ------
    BciError
        If a protocol lacks a session or subjects to test on.
    """
    hashes = {subject: content(trials) for subject, trials in subjects.items()}
    everyone = hashlib.sha256(msgspec.json.encode(sorted(hashes.items()))).hexdigest()
    cells: list[dict[str, Any]] = []
    data: dict[str, dict[str, TrialSet]] = {}
    for protocol in protocols:
        _check(subjects, protocol, code)
        others = len(subjects) - 1
        folds = FOLDS if protocol == SUBJECT_DEPENDENT else min(FOLDS, others)
        rows = [
            {"method": name, "estimator": _described(_estimator(name, protocol, training))}
            for name in strategies
        ]
        for subject, trials in subjects.items():
            alone = protocol == SUBJECT_DEPENDENT
            named = hashes[subject] if alone else everyone
            data[named] = {subject: trials} if alone else dict(subjects)
            what = {"experiment": "networks", "dataset": code, "protocol": protocol}
            how = {"subject": subject, "data": named, "folds": folds}
            cells += [
                {**what, **how, "fold": fold, **msgspec.to_builtins(training), **row}
                for fold in range(folds)
                for row in rows
            ]
    return cells, data


def _check(subjects: Mapping[str, TrialSet], protocol: str, code: str) -> None:
    if protocol == SUBJECT_INDEPENDENT:
        if len(subjects) < FEWEST_SUBJECTS:
            raise BciError(
                f"--protocol {protocol}: needs at least {FEWEST_SUBJECTS} subjects, one each to "
                f"train, to validate and to test on; got {len(subjects)}"
            )
        return
    for subject, trials in subjects.items():
        if trials.training.all() or not trials.training.any():
            raise BciError(
                f"--protocol {protocol}: subject {subject} of {code} has no second session, nor "
                f"runs called train and test; use --protocol {SUBJECT_INDEPENDENT}"
            )


def _estimator(strategy: str, protocol: str, training: Training) -> NetworkClassifier:
    """Return an unfitted network; without its seed, which is the fold's."""
    is_ones = strategy == ONES
    return NetworkClassifier(
        training.network,
        FIXED if is_ones else strategy,
        (1.0,) * len(LOSSES[training.network]) if is_ones else None,
        # Weightings are compared on one network, although some could do without this layer.
        shared_layer=True if training.network == "fbmsnet" else None,
        batch_size=BATCH[protocol],
        max_epochs=training.max_epochs,
        monitor=training.monitor,
        undersample=training.undersample,
        device=training.device,
    )


def _described(estimator: NetworkClassifier) -> str:
    """Return all parameters, defaults included: part of a cell."""
    return " ".join(f"{name}={value}" for name, value in sorted(estimator.get_params().items()))


def split(cell: Mapping[str, Any], data: Mapping[str, TrialSet]) -> Split:
    """Return the trials of one cell.

    Within a subject the other sessions are tested, each fifth of the training session is once for
    validation. Across subjects one is tested, and each fifth of the others once for validation.
    """
    own, fold = data[cell["subject"]], cell["fold"]
    state = {"n_splits": cell["folds"], "shuffle": True, "random_state": cell["seed"]}
    if cell["protocol"] == SUBJECT_DEPENDENT:
        X, y = own.X[own.training], own.y[own.training]
        rows = list(StratifiedKFold(**state).split(y, y))[fold][1]
        validation = np.isin(np.arange(y.size), rows)
        return Split(X, y, validation, own.X[~own.training], own.y[~own.training])
    others = [subject for subject in data if subject != cell["subject"]]
    chosen = {others[number] for number in list(KFold(**state).split(others))[fold][1]}
    X = np.concatenate([data[subject].X for subject in others])
    y = np.concatenate([data[subject].y for subject in others])
    validation = np.concatenate(
        [np.full(len(data[subject]), subject in chosen) for subject in others]
    )
    return Split(X, y, validation, own.X, own.y)


def compute(cell: Mapping[str, Any], data: Mapping[str, TrialSet]) -> dict[str, Any]:
    """Train a network on one cell's trials and test it on the others.

    Raises
    ------
    ValueError
        If a class is missing where it is needed.
    """
    found = split(cell, data)
    training = Training(**{name: cell[name] for name in Training.__struct_fields__})
    seed = np.random.SeedSequence([training.seed, cell["fold"]]).generate_state(1)[0] % 2**31
    model = _estimator(cell["method"], cell["protocol"], training)
    model.set_params(random_state=int(seed)).fit(found.X, found.y, validation=found.validation)
    predicted = model.predict(found.X_test)
    n_right = int(np.count_nonzero(predicted == found.y_test))
    best = model.history_.best
    result = {
        "accuracy": n_right / found.y_test.size,
        "n_right": n_right,
        "n_test": found.y_test.size,
        "n_train": int(np.count_nonzero(~found.validation)),
        "n_validation": int(np.count_nonzero(found.validation)),
        "macro_f1": float(f1_score(found.y_test, predicted, average="macro", zero_division=0.0)),
        "commonest": float(np.bincount(found.y_test).max() / found.y_test.size),
        "validation_loss": best.watched,
        "epochs": len(model.history_.epochs),
        "best_epoch": best.number,
        "loss_weights": model.loss_weights_.tolist(),
        "not_finite": model.history_.n_not_finite,
    }
    if len(model.classes_) == 2:
        result["auc"] = auc(
            found.y_test == model.classes_[1], model.decision_function(found.X_test)
        )
    return result
