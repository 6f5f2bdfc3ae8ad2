"""The order in which sensors leave zero along the path of one training set."""

from collections.abc import Iterator

import numpy as np

from calibration.sparse.decoders.training_set import (
    Decoder,
    Regularizer,
    TrainingSet,
    sensor_strengths,
    sparse_path,
)

ALPHAS = np.geomspace(1.0, 0.01, 41)
# The path is solved in parts: sparse solutions are found first and fast, and a search for few
# sensors can stop there.
PARTS = 5

Entries = tuple[np.ndarray, np.ndarray, np.ndarray]


def entries(
    train: TrainingSet,
    regularizer: Regularizer,
    strengths: np.ndarray | None,
    most: int | None,
    *,
    tol: float,
    max_iter: int,
) -> Entries:
    """Return sensors in the order in which they enter, and α and λ where each does.

    Those that enter at the same λ are ordered by falling strength. A sensor that never enters is
    left out.

    Parameters
    ----------
    train : TrainingSet
    regularizer : Regularizer
    strengths : ndarray, shape (n_sensors,), optional
        For the adaptive penalty; see `sparse_path`.
    most : int or None
        Stop once this many have entered.
    tol, max_iter
        See `calibration.sparse.solvers.path.solve_path`.

    Returns
    -------
    sensors : ndarray of int, shape (n_entered,)
    alphas, lambdas : ndarray, shape (n_entered,)
    """
    entered: list[int] = []
    alphas: list[float] = []
    lambdas: list[float] = []
    for alpha, found in _path(train, regularizer, strengths, tol, max_iter):
        lengths = sensor_strengths(found.coef, train.layout)
        lengths[entered] = 0.0
        new = np.flatnonzero(lengths)
        entered += new[np.argsort(-lengths[new], kind="stable")].tolist()
        alphas += [alpha] * new.size
        lambdas += [found.lam] * new.size
        if most is not None and len(entered) >= most:
            break
    return np.array(entered, dtype=np.int64), np.array(alphas), np.array(lambdas)


def first_sensors(
    train: TrainingSet,
    regularizer: Regularizer,
    most: int,
    strengths: np.ndarray | None,
    *,
    tol: float,
    max_iter: int,
) -> np.ndarray:
    """Return the first `most` sensors of the path, sorted; all sensors if there are no more."""
    if most >= train.layout.n_sensors:
        return np.arange(train.layout.n_sensors)
    found = entries(train, regularizer, strengths, most, tol=tol, max_iter=max_iter)
    return np.sort(found[0][:most])


def _path(
    train: TrainingSet,
    regularizer: Regularizer,
    strengths: np.ndarray | None,
    tol: float,
    max_iter: int,
) -> Iterator[tuple[float, Decoder]]:
    """Yield solutions from λ_max down, part by part so that one may stop early."""
    for part in np.array_split(ALPHAS, PARTS):
        solved = sparse_path(
            train, regularizer, part, strengths=strengths, tol=tol, max_iter=max_iter
        )
        yield from zip(part.tolist(), solved, strict=True)
