"""From a public set to cells: networks tested on another session, or on another subject.

Test data are used for nothing else: not for the scaling of channels, the learning rate, the early
stop or the choice of the epoch that is kept.

References
----------
Chaisaen et al. (2025), IEEE JBHI, doi 10.1109/JBHI.2025.3572197.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from sklearn.metrics import f1_score

from bci_online.errors import BciError
from bci_online.metrics import auc
from calibration.experiments.compared_trainings import Training, described, unfitted
from calibration.experiments.inside_cells import own_device, report, training_file
from calibration.experiments.network_sets import TrialSet, content
from calibration.experiments.network_splits import (
    SUBJECT_DEPENDENT,
    SUBJECT_INDEPENDENT,
    Split,
    split,
)
from calibration.networks.network_classifier import NetworkClassifier

__all__ = ["compute", "plan", "result_of", "trained"]

FOLDS = 5
FEWEST_SUBJECTS = 3


def plan(
    subjects: Mapping[str, TrialSet],
    protocols: Sequence[str],
    strategies: Sequence[str],
    training: Training,
    code: str,
) -> tuple[list[dict[str, Any]], dict[str, dict[str, TrialSet]]]:
    """Return the cells of every protocol, subject, fold and weighting, and their data by name.

    Parameters
    ----------
    subjects : mapping of str to TrialSet
        Trials by subject.
    protocols : sequence of str
        What is tested: another session, another subject.
    strategies : sequence of str
        Loss weightings.
    training : Training
        What is the same for all cells.
    code : str
        The set's name.

    Returns
    -------
    cells : list of dict
        All parameters of each.
    data : dict of str to dict of str to TrialSet
        By the name that the cells have for it.

    Raises
    ------
    BciError
        If a protocol lacks a session or subjects to test on.

    See Also
    --------
    compute : Computes a cell; has an example.

    Examples
    --------
    >>> plan({}, [], ["fixed"], Training(network="eegnet"), "a set")  # no protocol, no cell
    ([], {})
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
            {"method": name, "estimator": described(unfitted(name, protocol, training))}
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


def compute(cell: Mapping[str, Any], data: Mapping[str, TrialSet]) -> dict[str, Any]:
    """Train a network on one cell's trials and test it on the others.

    Parameters
    ----------
    cell : mapping
        As `plan` made it.
    data : mapping of str to TrialSet
        Trials by subject.

    Returns
    -------
    result : dict
        Accuracy, counts, and how the training went.

    Raises
    ------
    ValueError
        If a class is missing where it is needed.

    See Also
    --------
    plan : Makes the cells.
    calibration.experiments.network_splits.split : The cell's trials.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from calibration.experiments.network_sets import TrialSet
    >>> X, y = np.random.default_rng(0).normal(size=(20, 2, 64)), np.tile([0, 1], 10)
    >>> trials = TrialSet(
    ...     X=X.astype(np.float32), y=y, rejected={},
    ...     training=np.arange(20) < 12, classes=("left", "right"),
    ...     preprocessing=Preprocessing(ch_names=("C3", "C4"), sfreq=100.0),
    ... )
    >>> training = Training(network="eegnet", max_epochs=1)
    >>> cells, data = plan({"1": trials}, [SUBJECT_DEPENDENT], ["fixed"], training, "a set")
    >>> found = compute(cells[0], data[cells[0]["data"]])
    >>> found["n_train"] + found["n_validation"], found["n_test"], found["epochs"]
    (12, 8, 1)
    """
    found = split(cell, data)
    return result_of(trained(cell, found), found)


def trained(cell: Mapping[str, Any], found: Split) -> NetworkClassifier:
    """Return the network of one cell.

    Parameters
    ----------
    cell : mapping
        As `plan` made it.
    found : Split
        Its trials.

    Returns
    -------
    model : NetworkClassifier
        Fitted.

    Raises
    ------
    ValueError
        If a class is missing where it is needed.

    See Also
    --------
    result_of : Tests it.

    Examples
    --------
    >>> X, y = np.random.default_rng(0).normal(size=(20, 2, 64)), np.tile([0, 1], 10)
    >>> found = Split(X, y, np.arange(20) > 15, X[:4], y[:4])
    >>> cell = msgspec.to_builtins(Training(network="eegnet", max_epochs=1))
    >>> cell |= {"method": "fixed", "protocol": SUBJECT_DEPENDENT, "fold": 0}
    >>> trained(cell, found).classes_.tolist()
    [0, 1]
    """
    training = Training(**{name: cell[name] for name in Training.__struct_fields__})
    seed = np.random.SeedSequence([training.seed, cell["fold"]]).generate_state(1)[0] % 2**31
    model = unfitted(cell["method"], cell["protocol"], training)
    model.set_params(
        random_state=int(seed),
        device=own_device(training.device),
        progress=lambda record: report(record.number, record.of),
        checkpoint=training_file(),
    )
    return model.fit(found.X, found.y, validation=found.validation)


def result_of(model: NetworkClassifier, found: Split) -> dict[str, Any]:
    """Return what the test trials of a cell say of its network.

    Parameters
    ----------
    model : NetworkClassifier
        As `trained` returns it.
    found : Split
        The cell's trials.

    Returns
    -------
    result : dict
        As `compute` returns it.

    See Also
    --------
    compute : Does both.

    Examples
    --------
    >>> X, y = np.random.default_rng(0).normal(size=(20, 2, 64)), np.tile([0, 1], 10)
    >>> found = Split(X, y, np.arange(20) > 15, X[:4], y[:4])
    >>> cell = msgspec.to_builtins(Training(network="eegnet", max_epochs=1))
    >>> cell |= {"method": "fixed", "protocol": SUBJECT_DEPENDENT, "fold": 0}
    >>> result_of(trained(cell, found), found)["n_test"]
    4
    """
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
