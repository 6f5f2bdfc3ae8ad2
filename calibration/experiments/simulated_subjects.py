"""Learning curves on simulated subjects that differ: what flashes of other subjects are worth.

    x_ti(c, τ) = y_ti⁺ · g_tc · wave(τ − lag_t) + noise · ε

The same sensors carry the response of every subject t; its height at each of them, g_tc, and its
latency differ between subjects. Every subject has the same number of training flashes, so that all
methods see the same data; asymmetric transfer takes each subject in turn as the new one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold

from bci_online.config import EpochSpec
from bci_online.metrics import auc
from calibration.experiments.compared_methods import SINGLE, alone, described, joint
from calibration.experiments.simulated import p300_wave, targets_among

__all__ = ["FLASHES", "Subjects", "compute", "plan", "simulate"]

FLASHES = (25, 50, 100, 200, 400)
MOST_FOLDS, JOINT_FOLDS = 5, 3

Array = NDArray[np.float64]


class Subjects(msgspec.Struct, frozen=True, kw_only=True):
    """Who is simulated.

    Parameters
    ----------
    n_subjects : int
        How many.
    n_sensors : int
        All sensors of each.
    n_informative : int
        Those that carry the wave.
    n_test : int
        Test flashes of each subject.
    noise : float
        Standard deviation, in heights of the wave.
    gain_spread, own_gain_spread : float
        Standard deviations of a sensor's log height: common to all subjects, and of each alone.
    latency_spread : float
        Standard deviation of the latency, in seconds.

    See Also
    --------
    simulate : Draws one run.
    """

    n_subjects: int = 5
    n_sensors: int = 16
    n_informative: int = 8
    n_test: int = 600
    noise: float = 2.0
    gain_spread: float = 0.3
    own_gain_spread: float = 0.3
    latency_spread: float = 0.025


class People(msgspec.Struct, frozen=True, eq=False):
    """Flashes of all subjects; ``owner`` is the subject of each."""

    X: Array
    y: NDArray[np.bool_]
    owner: NDArray[np.int64]


def simulate(setup: Subjects, flashes: int, seed: int, run: int) -> tuple[People, People]:
    """Draw the training and the test flashes of all subjects of one run.

    The people of a run, and their test flashes, are the same for every number of training flashes.

    Parameters
    ----------
    setup : Subjects
        Who is simulated.
    flashes : int
        Training flashes of each subject.
    seed : int
        Of the whole table.
    run : int
        Number of the run.

    Returns
    -------
    train, test : People
        Epochs, labels and the subject of each.

    See Also
    --------
    calibration.experiments.simulated.simulate : One subject.

    Examples
    --------
    >>> setup = Subjects(n_subjects=2, n_test=30)
    >>> few, many = (simulate(setup, n, seed=0, run=0) for n in (12, 24))
    >>> len(few[0].y), len(many[0].y), bool((few[1].X == many[1].X).all())
    (24, 48, True)
    """
    rng = np.random.default_rng([seed, run])
    times = EpochSpec().latencies
    carries = np.zeros(setup.n_sensors)
    carries[rng.choice(setup.n_sensors, setup.n_informative, replace=False)] = 1.0
    common = setup.gain_spread * rng.standard_normal(setup.n_sensors)
    parts: tuple[list[Any], list[Any]] = ([], [])
    for subject in range(setup.n_subjects):
        own = setup.own_gain_spread * rng.standard_normal(setup.n_sensors)
        lag = setup.latency_spread * rng.standard_normal()
        response = np.outer(carries * np.exp(common + own), p300_wave(times - lag))
        for part, n, draw in ((parts[0], flashes, flashes), (parts[1], setup.n_test, 0)):
            noise = np.random.default_rng([seed, run, subject, draw])
            y = targets_among(n, noise)
            X = (
                setup.noise * noise.standard_normal((n, *response.shape))
                + y[:, None, None] * response
            )
            part.append((X, y, np.full(n, subject)))
    train, test = (People(*map(np.concatenate, zip(*part, strict=True))) for part in parts)
    return train, test


def plan(methods: Sequence[str], runs: int, seed: int, setup: Subjects) -> list[dict[str, Any]]:
    """Return the cells of the curves.

    Parameters
    ----------
    methods : sequence of str
        Methods of one subject, or of several.
    runs : int
        Simulated experiments.
    seed : int
        Of all draws.
    setup : Subjects
        Who is simulated.

    Returns
    -------
    cells : list of dict
        One for each run, number of training flashes and method.

    See Also
    --------
    compute : Computes a cell.

    Examples
    --------
    >>> cells = plan(["lda"], runs=1, seed=0, setup=Subjects())
    >>> [cell["flashes"] for cell in cells] == list(FLASHES)
    True
    """
    shape = msgspec.to_builtins(setup)
    named = {"experiment": "subjects", "seed": seed, **shape}
    return [
        {
            **named,
            "split": run,
            "flashes": flashes,
            "method": method,
            "estimator": described(method, among_several=True),
        }
        for run in range(runs)
        for flashes in FLASHES
        for method in methods
    ]


def compute(cell: Mapping[str, Any], data: None = None) -> dict[str, Any]:
    """Train one method on every subject's flashes; return the mean AUC over subjects.

    Parameters
    ----------
    cell : mapping
        As `plan` made it.
    data : None
        It is drawn here.

    Returns
    -------
    result : dict
        Mean AUC over subjects, and the AUC of each.

    See Also
    --------
    plan : Makes the cells.

    Examples
    --------
    >>> setup = Subjects(n_subjects=2, n_sensors=2, n_informative=2, n_test=60, noise=0.5)
    >>> cell = plan(["lda"], 1, 0, setup)[0] | {"flashes": 60}
    >>> len(compute(cell)["auc_of_subject"])
    2
    """
    setup = msgspec.convert({k: cell[k] for k in Subjects.__struct_fields__}, Subjects)
    train, test = simulate(setup, cell["flashes"], cell["seed"], cell["split"])
    scores, chosen = decisions(cell["method"], train, test)
    areas = [auc(test.y[own], scores[own]) for own in _rows(test)]
    return {
        "auc": float(np.mean(areas)),
        "auc_of_subject": areas,
        "selection_rate": chosen / setup.n_sensors,
    }


def decisions(method: str, train: People, test: People) -> tuple[Array, float]:
    """Return each test flash's decision value, and the mean number of sensors used."""
    fewest = min(int(train.y[own].sum()) for own in _rows(train))
    if method in SINGLE:
        decoders = _each_alone(method, train, min(MOST_FOLDS, fewest))
    else:
        decoders = _together(method, train, min(JOINT_FOLDS, fewest))
    scores = np.full(len(test.y), np.nan)
    for decoder, own in zip(decoders, _rows(test), strict=True):
        scores[own] = decoder.decision_function(test.X[own])
    return scores, float(np.mean([decoder.sensors_.size for decoder in decoders]))


def _each_alone(method: str, train: People, cv: int) -> list[Any]:
    """Return one decoder per subject, trained on the subject's flashes."""
    decoders = []
    for subject, own in enumerate(_rows(train)):
        folds = StratifiedKFold(cv, shuffle=True, random_state=subject)
        X, y = train.X[own], train.y[own]
        decoders.append(alone(method, list(folds.split(X, y))).fit(X, y))
    return decoders


def _together(method: str, train: People, cv: int) -> list[Any]:
    """Return one decoder per subject, made of everyone's flashes.

    With asymmetric transfer each subject in turn is drawn to the others. The others are learnt, and
    their λ_r and λ_s searched, without this subject. Its own λ and λ_s are found on its own
    flashes. ``source-mean`` are the others' mean weights with the subject's own centre, scale and
    bias.
    """
    model = joint(method, cv)
    if method not in {"asymmetric", "source-mean"}:
        return list(model.fit(train.X, train.y, train.owner).decoders_)
    decoders = []
    for own in _rows(train):
        sources = clone(model).fit(train.X[~own], train.y[~own], train.owner[~own])
        X, y = train.X[own], train.y[own]
        if method == "asymmetric":
            decoders.append(sources.fit_target(X, y))
        else:
            decoders.append(sources.best_estimator_.fit_target(X, y, similarity=np.inf))
    return decoders


def _rows(people: People) -> list[NDArray[np.bool_]]:
    return [people.owner == subject for subject in np.unique(people.owner)]
