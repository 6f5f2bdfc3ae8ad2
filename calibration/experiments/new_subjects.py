"""Learning curves of recorded subjects. Each in turn is the new one, all others are its sources."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.errors import BciError, RecordingError
from bci_online.metrics import auc
from bci_online.preprocessing.artefacts import artefacts
from bci_online.sensor_names import sensor_place
from calibration.common_sensors import common_sensors
from calibration.discriminants.estimators import ShrinkageLDA
from calibration.experiments.flash_protocols import content
from calibration.experiments.learning_curve import Rows, blocks, curve_split
from calibration.method_names import EVERY_SENSOR, POOLED
from calibration.p300.epochs import EpochSet
from calibration.p300.pooling.classifier import PooledClassifier
from calibration.p300.pooling.recordings import open_source
from calibration.p300.pooling.sources import PoolSource
from calibration.p300.recorded_epochs import epochs_of
from calibration.p300.training_epochs import clean
from calibration.pools import Pool, cap_of
from calibration.sparse.estimators.group_svm import GroupSVM

__all__ = ["CURVES", "LEARNING_CURVE", "NewSubject", "compute", "plan", "read_new_subjects"]

LEARNING_CURVE = "learning-curve"
FLASHES = (25, 50, 100, 200, 400)

_POOLED = {"lda-pooled": "lda", "svm-full": "svm"} | {
    name: name for name in POOLED if name not in EVERY_SENSOR
}
CURVES = ("svm", "lda", *_POOLED)
"""The methods. The first two learn from the new subject alone."""


class NewSubject(msgspec.Struct, frozen=True, eq=False):
    """The flashes of one subject, and of all others.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, n_channels, n_times)
        On the sensors that all have.
    y : ndarray of bool, shape (n_epochs,)
        True for targets.
    pool, test : ndarray of int
        Rows that training flashes are drawn from, and rows to test on.
    sources : tuple of PoolSource
        The other subjects.
    content : str
        A hash of all of this.

    See Also
    --------
    read_new_subjects : Makes one of each subject.
    """

    X: NDArray[np.float64]
    y: NDArray[np.bool_]
    pool: Rows
    test: Rows
    sources: tuple[PoolSource, ...]
    content: str


def read_new_subjects(
    paths: Mapping[str, Sequence[Path]],
    config: Config,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[dict[str, NewSubject], list[str]]:
    """Run every subject's recordings through the online chain, as a new subject and as a source.

    Parameters
    ----------
    paths : mapping of str to sequence of Path
        XDF files of each subject.
    config : Config
        Streams, markers, filter, latencies.
    progress : callable
        Called with the name of each recording, twice.

    Returns
    -------
    subjects : dict of str to NewSubject
        On the sensors that all have. Later letters are tested; the artefact limit is that of the
        earlier ones, which training flashes come from.
    notes : list of str
        What was matched and left out.

    Raises
    ------
    BciError
        If there are fewer than two subjects, or one cannot be used.

    See Also
    --------
    calibration.p300.pooling.recordings.pooled_with : The same for a training.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> read_new_subjects({"01": []}, Config())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: --protocol ...: needs recordings of two subjects or more, ...
    """
    if len(paths) < 2:
        raise BciError(
            f"--protocol {LEARNING_CURVE}: needs recordings of two subjects or more, each with "
            f"sub-XX in the name of the file or folder; found {len(paths)}"
        )
    pools = {subject: Pool(tuple(own), config) for subject, own in paths.items()}
    caps = {subject: cap_of(pool) for subject, pool in pools.items()}
    first = next(iter(caps.values()))
    named = {f"subject {name}": cap.ch_names for name, cap in caps.items() if cap is not first}
    common, notes = common_sensors(first.ch_names, named)
    lines = list(notes)
    sources, known = {}, {}
    for subject, pool in pools.items():
        spelled = {sensor_place(name): name for name in caps[subject].ch_names}
        theirs = tuple(spelled[sensor_place(name)] for name in common)
        known[subject] = epochs_of(pool.paths, config, opened=progress).of(theirs)
        found = open_source(pool, caps[subject], config, first, common, progress)
        sources[subject] = msgspec.structs.replace(found[0], name=subject)
    everyone = [content(epochs) for epochs in known.values()]
    subjects = {}
    for subject, epochs in known.items():
        others = tuple(source for name, source in sources.items() if name != subject)
        digest = hashlib.sha256("".join([content(epochs), *everyone]).encode()).hexdigest()
        subjects[subject], n_left_out = _new(subject, epochs, config, others, digest)
        counts = f"{len(subjects[subject].pool)} flashes to train, {len(subjects[subject].test)}"
        lines.append(f"subject {subject}: {counts} later ones to test, {n_left_out} left out")
    return subjects, lines


def _new(
    subject: str, epochs: EpochSet, config: Config, others: tuple[PoolSource, ...], digest: str
) -> tuple[NewSubject, int]:
    """Return a subject, and how many flashes are beyond the artefact limit."""
    for most in reversed(FLASHES):
        try:
            pool, test = curve_split(epochs, most)
        except RecordingError:
            continue
        _, limits = clean(epochs[pool], config.artefacts.k)
        good = ~artefacts(epochs.peak_to_peak, limits)
        pool, test = pool[good[pool]], test[good[test]]
        if pool.size >= FLASHES[0] and 0 < epochs.y[test].sum() < test.size:
            found = NewSubject(epochs.X, epochs.y, pool, test, others, digest)
            return found, int(np.count_nonzero(~good))
    raise RecordingError(
        f"subject {subject}: {len(epochs)} flashes leave none to test on after {FLASHES[0]} "
        "training flashes; record more letters, or leave this subject out"
    )


def plan(
    subjects: Mapping[str, NewSubject], methods: Sequence[str], draws: int
) -> tuple[list[dict[str, Any]], dict[str, NewSubject]]:
    """Return the cells of the curves, and their data by name.

    Parameters
    ----------
    subjects : mapping of str to NewSubject
        Each of them new in turn.
    methods : sequence of str
        Some of `CURVES`.
    draws : int
        Blocks of training flashes, at most.

    Returns
    -------
    cells : list of dict
        All parameters of each.
    data : dict of str to NewSubject
        By the name that the cells have for it.

    See Also
    --------
    compute : Computes a cell.
    calibration.experiments.learning_curve.blocks : The blocks.

    Examples
    --------
    >>> rows = np.arange(120)
    >>> new = NewSubject(np.zeros((120, 1, 16)), rows % 3 == 0, rows[:60], rows[60:], (), "a hash")
    >>> cells, data = plan({"01": new}, ["lda"], draws=2)
    >>> [(cell["flashes"], cell["split"]) for cell in cells]  # not a hundred of sixty
    [(25, 0), (25, 1), (50, 0), (50, 1)]
    """
    cells = [
        {
            "experiment": LEARNING_CURVE,
            "subject": subject,
            "data": own.content,
            "flashes": flashes,
            "draws": draws,
            "split": draw,
            "method": method,
            "estimator": _described(method),
        }
        for flashes in FLASHES
        for subject, own in subjects.items()
        for draw in range(len(blocks(own.pool, flashes, draws)))
        for method in methods
    ]
    return cells, {own.content: own for own in subjects.values()}


def compute(cell: Mapping[str, Any], data: NewSubject) -> dict[str, Any]:
    """Train one method on a block of flashes, and test it on the later letters.

    Parameters
    ----------
    cell : mapping
        As `plan` made it.
    data : NewSubject
        The subject who is new.

    Returns
    -------
    result : dict
        AUC of the later letters, and how many flashes there were.

    Raises
    ------
    ValueError
        If a block holds one class only.

    See Also
    --------
    plan : Makes the cells.

    Examples
    --------
    >>> y = np.tile([True, False, False], 40)
    >>> X = np.random.default_rng(0).normal(size=(120, 2, 16)) + 2.0 * y[:, None, None]
    >>> new = NewSubject(X, y, np.arange(60), np.arange(60, 120), (), "a hash")
    >>> found = compute({"flashes": 50, "draws": 2, "split": 0, "method": "lda"}, new)
    >>> found["n_train"], found["n_test"], found["auc"] > 0.95
    (50, 60, True)
    """
    rows = blocks(data.pool, cell["flashes"], cell["draws"])[cell["split"]]
    model = _method(cell["method"], data.sources).fit(data.X[rows], data.y[rows])
    scores = model.decision_function(data.X[data.test])
    n_channels = data.X.shape[1]
    return {
        "auc": auc(data.y[data.test], scores),
        "selection_rate": getattr(model, "sensors_", np.arange(n_channels)).size / n_channels,
        "n_train": int(rows.size),
        "n_test": int(data.test.size),
        "n_test_targets": int(data.y[data.test].sum()),
    }


def _method(name: str, sources: tuple[PoolSource, ...]) -> Any:
    if name == "svm":
        # As strong as SVM-Full's.
        return GroupSVM(penalty="l2", alpha=1.0, class_weight="balanced")
    return ShrinkageLDA() if name == "lda" else PooledClassifier(_POOLED[name], sources)


def _described(name: str) -> str:
    """Return a method with its own parameters: part of a cell."""
    return " ".join(_method(name, ()).__repr__(N_CHAR_MAX=100_000).split())
