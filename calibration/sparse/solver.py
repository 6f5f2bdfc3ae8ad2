"""The door of the solvers: one λ, or a warm-started path of them."""

import warnings
from collections.abc import Sequence

import numpy as np

from calibration.sparse.compiled import one_blas_thread
from calibration.sparse.fista import fista
from calibration.sparse.problem import Problem, Solution


class EarlyStopWarning(UserWarning):
    """A solver stopped before its certificate reached the tolerance."""


def solve_path(
    problem: Problem,
    lams: Sequence[float],
    *,
    tol: float = 1e-6,
    max_iter: int = 10_000,
    start: Solution | None = None,
) -> list[Solution]:
    """Solve ``problem`` at every λ, each from the solution before it.

    Parameters
    ----------
    problem : Problem
    lams : sequence of float
        Positive; falling values make the warm starts good.
    tol : float
        Relative duality gap to reach.
    max_iter : int
        Iterations per λ.
    start : Solution, optional
        Where to start the first λ; zero by default.

    Returns
    -------
    solutions : list of Solution

    Warns
    -----
    EarlyStopWarning
        When ``max_iter`` ends before the gap is reached.
    """
    data = problem.data
    solutions: list[Solution] = []
    with one_blas_thread():
        lipschitz = data.lipschitz() + problem.quadratic.curvature()
        current = start or Solution(
            np.zeros(data.n_weights), np.zeros(len(data.blocks)), np.inf, np.inf, 0
        )
        for lam in lams:
            current = fista(problem, lam, current, lipschitz=lipschitz, tol=tol, max_iter=max_iter)
            solutions.append(current)
    _warn_if_early(solutions, tol)
    return solutions


def _warn_if_early(solutions: list[Solution], tol: float) -> None:
    worst = max(solutions, key=lambda solution: solution.gap)
    if worst.gap > tol:
        warnings.warn(
            f"solver stopped after max_iter={worst.n_iter} iterations at a relative duality gap of "
            f"{worst.gap:.1e} (tol={tol:.1e}, lambda={worst.lam:.3g}); raise max_iter or tol",
            EarlyStopWarning,
            stacklevel=3,
        )
