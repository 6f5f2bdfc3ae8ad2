"""One λ, or a warm-started path of them, by the solver that suits the penalty."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from calibration.blas_threads import one_blas_thread
from calibration.sparse.penalties.mixed_norms import Blocks
from calibration.sparse.problem import Problem, Solution, lambda_unit
from calibration.sparse.solvers.costs import Watch, first_order_steps
from calibration.sparse.solvers.fista import fista, fista_path
from calibration.sparse.solvers.points import measured, relative_gap
from calibration.sparse.solvers.prox_newton import ProxNewton
from calibration.sparse.solvers.screening import screened_path

# A finer gap needs slopes in float64 at every step.
_FINEST = 5e-7
# So many λ share the passes of their certificates, where rounding errors of carried slopes end.
_AT_ONCE = 10
# Carried slopes stop at this share of the gap, so that rounding rarely exceeds it.
_SHARE = 0.5


class EarlyStopWarning(UserWarning):
    """A solver stopped before its certificate reached the tolerance."""


def solve_path(
    problem: Problem,
    lams: Sequence[float],
    *,
    tol: float = 1e-6,
    max_iter: int = 10_000,
    start: Solution | None = None,
    dtype: type = np.float32,
    method: str = "auto",
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
    dtype : {np.float32, np.float64}
        Precision of Newton's Gram matrix; gradients and certificates are float64 always.
    method : {"auto", "newton", "fista"}
        "auto" takes Newton where the penalty is a sum over separate groups. Several subjects begin
        with first-order steps, and change to Newton if it would end sooner.

    Returns
    -------
    solutions : list of Solution

    Warns
    -----
    EarlyStopWarning
        When ``max_iter`` ends, or rounding forbids progress, before the gap is reached.
    """
    data = problem.data
    first = start or Solution(
        np.zeros(data.n_weights), np.zeros(len(data.blocks)), np.inf, np.inf, 0
    )
    blocks = problem.penalty.blocks()
    budget: dict[str, Any] = {"tol": tol, "max_iter": max_iter}
    with one_blas_thread():
        if blocks is None or method == "fista":
            solutions = screened_path(problem, lams, first, **budget)
        elif method == "newton" or len(data.blocks) == 1:
            solutions = _newton_path(
                problem, ProxNewton(problem, blocks, first, dtype), lams, **budget
            )
        else:
            solutions = _raced_path(problem, blocks, lams, first, dtype, **budget)
        for k, found in enumerate(solutions):
            if found.gap > tol and found.n_iter < max_iter:
                # Rounding stopped Newton before max_iter. First-order steps can still descend.
                left = max_iter - found.n_iter
                solutions[k] = fista_path(problem, [lams[k]], found, tol=tol, max_iter=left)[0]
    _warn_if_early(solutions, tol)
    return solutions


def _newton_path(
    problem: Problem, newton: ProxNewton, lams: Sequence[float], *, tol: float, max_iter: int
) -> list[Solution]:
    """Solve at every λ by Newton; the certificates of several λ are computed at once."""
    if tol < _FINEST:
        return [newton.solve(lam, tol=tol, max_iter=max_iter) for lam in lams]
    solutions = []
    for first in range(0, len(lams), _AT_ONCE):
        some = lams[first : first + _AT_ONCE]
        found = [
            newton.solve(lam, tol=_SHARE * tol, max_iter=max_iter, carried=True) for lam in some
        ]
        points = measured(problem, found)
        for k, (one, point) in enumerate(zip(found, points, strict=True)):
            gap = relative_gap(problem, point, one.lam)[0]
            found[k] = replace(one, bias=point.bias, gap=gap)
            if gap > tol and one.n_iter < max_iter:
                newton.restart(found[k])
                found[k] = newton.solve(one.lam, tol=tol, max_iter=max_iter - one.n_iter)
                found[k] = replace(found[k], n_iter=found[k].n_iter + one.n_iter)
                points[k] = newton.point
        newton.learn(list(zip(some, points, strict=True)))
        solutions += found
    return solutions


def _raced_path(
    problem: Problem,
    blocks: Blocks,
    lams: Sequence[float],
    first: Solution,
    dtype: type,
    *,
    tol: float,
    max_iter: int,
) -> list[Solution]:
    """Solve at every λ by first-order steps, until Newton would end sooner.

    Then Newton continues from the weights found so far, at all later λ: its Gram matrix serves
    them, too.
    """
    lipschitz = 0.0
    top = lambda_unit(problem)
    solutions: list[Solution] = []
    for k, lam in enumerate(lams):
        before = first.lam if np.isfinite(first.lam) else max(top, lam)
        # At λ_max none is taken, which says nothing.
        taken = [one for one in solutions if one.n_iter]
        usual = sum(first_order_steps(top, one.lam) for one in taken)
        pace = sum(one.n_iter for one in taken) / usual if usual else 1.0
        watch = Watch(problem, blocks.starts, tol, lams[k:], before, top, pace)
        if not watch.is_newtons_at_once():
            # Sixty passes: not where Newton is taken at once.
            lipschitz = lipschitz or problem.data.lipschitz() + problem.quadratic.curvature()
            budget: dict[str, Any] = {"tol": tol, "max_iter": max_iter, "lipschitz": lipschitz}
            first = fista(problem, lam, first, **budget, give_up=watch)
        if first.lam != lam or (first.gap > tol and first.n_iter < max_iter):
            newton = ProxNewton(problem, blocks, first, dtype)
            return solutions + _newton_path(problem, newton, lams[k:], tol=tol, max_iter=max_iter)
        solutions.append(first)
    return solutions


def _warn_if_early(solutions: list[Solution], tol: float) -> None:
    worst = max(solutions, key=lambda solution: solution.gap)
    if worst.gap > tol:
        warnings.warn(
            f"solver stopped after {worst.n_iter} iterations at a relative duality gap of "
            f"{worst.gap:.1e} (tol={tol:.1e}, lambda={worst.lam:.3g}); raise max_iter or tol",
            EarlyStopWarning,
            stacklevel=3,
        )
