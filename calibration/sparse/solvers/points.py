"""Where a solver stands, and what the certificate says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.sparse.problem import Problem, Solution, duality_gap


@dataclass
class Point:
    """The state of a solver.

    Attributes
    ----------
    w, f, bias, residual
        Weights, Xw, best biases and (1 − y∘(f + b))₊.
    slope : ndarray, shape (n_weights,)
        Xᵀ(y∘a) minus the quadratic's gradient; empty before it is known.
    complete : bool
        Whether ``slope`` was computed for all groups; outside the working ones it is zero if not.
    """

    w: np.ndarray
    f: np.ndarray
    bias: np.ndarray
    residual: np.ndarray
    slope: np.ndarray
    complete: bool


def relative_gap(problem: Problem, point: Point, lam: float) -> tuple[float, float]:
    """Return the duality gap as a share of the objective, and the objective."""
    pull = problem.quadratic.gradient(point.w)
    primal, dual = duality_gap(problem, point.w, point.residual, point.slope + pull, lam)
    return max(primal - dual, 0.0) / primal, primal


def measured(problem: Problem, solutions: Sequence[Solution | Point]) -> list[Point]:
    """Return the points of some solutions, all of their values computed from the weights.

    Each matrix is read twice, however many solutions there are.
    """
    data = problem.data
    W = np.stack([one.w for one in solutions])
    F, C = np.empty((len(W), data.y.size)), np.empty_like(W)
    blocks = list(zip(data.blocks, data.columns, data.rows, strict=True))
    for X, columns, rows in blocks:
        F[:, rows] = W[:, columns] @ X.T
    biases = [data.biases(f, one.bias) for f, one in zip(F, solutions, strict=True)]
    residuals = [data.residual(f, bias) for f, bias in zip(F, biases, strict=True)]
    A = np.stack([data.dual(residual) for residual in residuals])
    for X, columns, rows in blocks:
        C[:, columns] = A[:, rows] @ X
    slopes = [c - problem.quadratic.gradient(w) for c, w in zip(C, W, strict=True)]
    values = zip(W, F, biases, residuals, slopes, strict=True)
    return [Point(*one, complete=True) for one in values]


def lagrange(nodes: np.ndarray, x: float) -> np.ndarray:
    """Return the weights of values at the nodes in their polynomial's value at x."""
    parts = [
        np.prod((x - np.delete(nodes, k)) / (a - np.delete(nodes, k))) for k, a in enumerate(nodes)
    ]
    return np.array(parts)
