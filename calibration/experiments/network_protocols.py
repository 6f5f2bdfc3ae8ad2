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
from calibration.experiments.compared_methods import FIXED, ONES
from calibration.experiments.network_sets import TrialSet, content
from calibration.experiments.network_splits import SUBJECT_DEPENDENT, SUBJECT_INDEPENDENT, split
from calibration.networks.network_classifier import NetworkClassifier
from calibration.networks.network_training import LOSSES

__all__ = [
    "ALPHAGRAD_PAPER",
    "PAPER_STRATEGIES",
    "Training",
    "compute",
    "plan",
]

FOLDS = 5
BATCH = {SUBJECT_DEPENDENT: 10, SUBJECT_INDEPENDENT: 100}
FEWEST_SUBJECTS = 3

_SAME = (
    "max_epochs", "min_epochs", "learning_rate", "monitor", "undersample", "learn_centres",
    "official_softmax", "subsampling", "variant", "scaling", "device",
)  # fmt: skip
"""Parameters of `NetworkClassifier` that a `Training` has under the same name."""


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters that are the same for all cells.

    Parameters
    ----------
    network : {"min2net", "fbmsnet", "eegnet"}
        Which network.
    monitor, variant, device : str
        As for `NetworkClassifier`.
    max_epochs, min_epochs : int
        Passes over the data.
    learning_rate : float
        Adam's, at the start.
    loss_weights : tuple of float, optional
        At the start.
    step : float
        AlphaGrad's alone.
    learn_centres, official_softmax, undersample : bool
        As for `NetworkClassifier`.
    subsampling : int, optional
        As for `NetworkClassifier`.
    scaling : {"channel", "microvolts", "global"}
        The authors do not scale their microvolts.
    split : {"sessions", "phases", "paper"}
        Which trials train and which test; see `calibration.experiments.network_splits.split`.
    seed : int
        Of weights, order and folds.

    See Also
    --------
    calibration.networks.network_classifier.NetworkClassifier : Has the same parameters.
    """

    network: str
    monitor: str = "classification"
    max_epochs: int = 100
    min_epochs: int = 1
    learning_rate: float = 1e-3
    loss_weights: tuple[float, ...] | None = None
    step: float = 0.01
    learn_centres: bool = True
    official_softmax: bool = False
    subsampling: int | None = None
    variant: str = "own"
    scaling: str = "microvolts"
    device: str = "cpu"
    undersample: bool = False
    split: str = "sessions"
    seed: int = 0


ALPHAGRAD_PAPER: Mapping[str, Any] = {
    "monitor": "val_acc",
    "min_epochs": 50,
    "max_epochs": 100,
    "learning_rate": 1e-3,
    "step": 0.01,
    "learn_centres": False,
    "official_softmax": True,
    "variant": "alphagrad",
    "scaling": "microvolts",
    "split": "paper",
}
"""What AlphaGrad's authors set, in their published code."""

PAPER_STRATEGIES = (ONES, "alphagrad", "adamt", "gradapprox")
"""Their rows: their fixed weights are all 1."""


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
    own = (*_SAME, "step") if strategy == "alphagrad" else _SAME
    ones = (1.0,) * len(LOSSES[training.network])
    return NetworkClassifier(
        training.network,
        FIXED if is_ones else strategy,
        ones if is_ones else training.loss_weights,
        # Weightings are compared on one network, although some could do without this layer.
        shared_layer=True if training.network == "fbmsnet" else None,
        batch_size=BATCH[protocol],
        **{name: getattr(training, name) for name in own},
    )


def _described(estimator: NetworkClassifier) -> str:
    """Return all parameters, defaults included: part of a cell."""
    return " ".join(f"{name}={value}" for name, value in sorted(estimator.get_params().items()))


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
