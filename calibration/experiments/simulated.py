"""The paper's simulated experiment: which of sixteen sensors carry the P300, and which are found.

    x_i(c, t) = y_i⁺ · [c in T] · wave(t) + noise · ε,    ε white and Gaussian

with T eight of sixteen sensors and y⁺ = 1 for targets. The paper takes the wave from the grand
average of one of its subjects, which is not published; here it is that of the simulated amplifier,
a Gaussian bump 300 ms after the flash.

References
----------
Flamary et al. (2014), Comput. Math. Methods Med. 317056.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from bci_online.acquisition.synthetic_eeg import P300_SPREAD_S
from bci_online.config import EpochSpec
from bci_online.metrics import auc
from calibration.experiments.compared_methods import described, single
from calibration.experiments.statistics import f_measure

__all__ = ["Setup", "compute", "p300_wave", "plan", "simulate"]

TARGET_SHARE = 1 / 6  # one row or column of six, as in every matrix speller
INNER_FOLDS = 5

Array = NDArray[np.float64]


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What is simulated.

    Parameters
    ----------
    n_sensors : int
        All sensors.
    n_informative : int
        Those that carry the wave.
    n_train, n_test : int
        Flashes.
    noise : float
        Standard deviation, in heights of the wave.

    See Also
    --------
    simulate : Draws one run.
    """

    n_sensors: int = 16
    n_informative: int = 8
    n_train: int = 600
    n_test: int = 2000
    noise: float = 2.0


def p300_wave(times: Array, latency: float = 0.3) -> Array:
    """Return the response at `times` seconds after a flash; its height is 1.

    Parameters
    ----------
    times : ndarray
        Seconds after the flash.
    latency : float
        Of the peak, in seconds.

    Returns
    -------
    wave : ndarray, shape of `times`
        A Gaussian.

    See Also
    --------
    simulate : Adds it to noise.

    Examples
    --------
    >>> p300_wave(np.array([0.3])).item()
    1.0
    """
    return np.exp(-0.5 * ((times - latency) / P300_SPREAD_S) ** 2)


def targets_among(n_flashes: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return labels in random order, one target to five others, shape (n_flashes,)."""
    labels = np.arange(n_flashes) < round(n_flashes * TARGET_SHARE)
    return rng.permutation(labels)


def simulate(
    setup: Setup, seed: int, run: int
) -> tuple[tuple[Array, NDArray[np.bool_]], tuple[Array, NDArray[np.bool_]], NDArray[np.int64]]:
    """Draw one run.

    Parameters
    ----------
    setup : Setup
        What is simulated.
    seed : int
        Of the whole table.
    run : int
        Number of the run.

    Returns
    -------
    train, test : tuple
        ``X`` (n_epochs, n_sensors, n_times) and ``y`` (n_epochs,), True for targets.
    true : ndarray of int, shape (n_informative,)
        The sensors that carry the wave.

    See Also
    --------
    calibration.experiments.simulated_subjects.simulate : Several subjects.

    Examples
    --------
    >>> setup = Setup(n_sensors=4, n_informative=2, n_train=60, noise=0.1)
    >>> (X, y), test, true = simulate(setup, seed=0, run=0)
    >>> difference = np.abs(X[y].mean(axis=(0, 2)) - X[~y].mean(axis=(0, 2)))
    >>> np.sort(np.argsort(difference)[2:]).tolist() == true.tolist()
    True
    """
    rng = np.random.default_rng([seed, run])
    wave = p300_wave(EpochSpec().latencies)
    true = np.sort(rng.choice(setup.n_sensors, setup.n_informative, replace=False))
    parts = []
    for n_epochs in (setup.n_train, setup.n_test):
        y = targets_among(n_epochs, rng)
        X = setup.noise * rng.standard_normal((n_epochs, setup.n_sensors, wave.size))
        X[np.ix_(y, true)] += wave
        parts.append((X, y))
    return parts[0], parts[1], true


def plan(methods: Sequence[str], runs: int, seed: int, setup: Setup) -> list[dict[str, Any]]:
    """Return the cells of the table: every method on the same runs.

    Parameters
    ----------
    methods : sequence of str
        Names that `single` knows.
    runs : int
        Simulated experiments.
    seed : int
        Of all draws.
    setup : Setup
        What is simulated.

    Returns
    -------
    cells : list of dict
        All parameters of each.

    See Also
    --------
    compute : Computes a cell.

    Examples
    --------
    >>> cells = plan(["svm", "lda"], runs=2, seed=0, setup=Setup())
    >>> [(cell["split"], cell["method"]) for cell in cells]
    [(0, 'svm'), (0, 'lda'), (1, 'svm'), (1, 'lda')]
    """
    shape = msgspec.to_builtins(setup)
    named = {"experiment": "simulated", "seed": seed, **shape}
    return [
        {**named, "split": run, "method": method, "estimator": described(method)}
        for run in range(runs)
        for method in methods
    ]


def compute(cell: Mapping[str, Any], data: None = None) -> dict[str, Any]:
    """Train one method on one run and test it on the run's test flashes.

    Parameters
    ----------
    cell : mapping
        As `plan` made it.
    data : None
        It is drawn here.

    Returns
    -------
    result : dict
        AUC, and how well the chosen sensors are the true ones.

    See Also
    --------
    plan : Makes the cells.

    Examples
    --------
    >>> setup = Setup(n_sensors=2, n_informative=1, n_train=60, n_test=60, noise=0.5)
    >>> compute(plan(["lda"], 1, 0, setup)[0])["selection_rate"]  # LDA takes every sensor
    1.0
    """
    setup = msgspec.convert({k: cell[k] for k in Setup.__struct_fields__}, Setup)
    (X, y), test, true = simulate(setup, cell["seed"], cell["split"])
    shuffled = StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=cell["split"])
    model = single(cell["method"], list(shuffled.split(X, y))).fit(X, y)
    return {
        "auc": auc(test[1], model.decision_function(test[0])),
        "selection_rate": model.sensors_.size / setup.n_sensors,
        "n_sensors": int(model.sensors_.size),
        "f_measure": f_measure(model.sensors_, true),
        "alpha": getattr(model, "alpha_", None),
        "q": _finite(getattr(model, "q_", None)),
    }


def _finite(q: float | None) -> float | str | None:
    """Return an exponent as JSON can hold it."""
    return "inf" if q == np.inf else q
