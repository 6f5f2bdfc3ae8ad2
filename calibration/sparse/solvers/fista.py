"""Accelerated proximal gradient with restart and backtracking: the solver for every penalty."""

from collections.abc import Callable, Sequence

import numpy as np

from calibration.sparse.datafit.squared_hinge import Runs
from calibration.sparse.problem import Problem, Solution, duality_gap

_CHECK_EVERY = 10


def fista_path(
    problem: Problem, lams: Sequence[float], start: Solution, *, tol: float, max_iter: int
) -> list[Solution]:
    """Solve at every λ, each from the solution before it; see `fista`."""
    lipschitz = problem.data.lipschitz() + problem.quadratic.curvature()
    solutions = []
    for lam in lams:
        start = fista(problem, lam, start, lipschitz=lipschitz, tol=tol, max_iter=max_iter)
        solutions.append(start)
    return solutions


def fista(
    problem: Problem,
    lam: float,
    start: Solution,
    *,
    lipschitz: float,
    tol: float,
    max_iter: int,
    runs: Runs | None = None,
    give_up: Callable[[int, float, np.ndarray], bool] = lambda *_: False,
) -> Solution:
    """Minimise ``problem`` at ``lam`` from a start, to a relative duality gap.

    Parameters
    ----------
    problem : Problem
    lam : float
        Positive.
    start : Solution
        Weights and biases to start from.
    lipschitz : float
        Estimate of the smooth part's Lipschitz constant; the search starts at a quarter of it.
    tol : float
        Relative duality gap to reach.
    max_iter : int
    runs : sequence of slice, optional
        Features that alone are worked on; all others are zero, in the start too, and the gap is
        that of the problem without them.
    give_up : callable
        ``give_up(n_iter, gap, w)``, asked at each certificate: whether to stop before ``tol``.

    Returns
    -------
    solution : Solution
        Its gap exceeds ``tol`` when ``max_iter`` or ``give_up`` came first.

    References
    ----------
    Beck and Teboulle (2009), SIAM J. Imaging Sci. 2(1); O'Donoghue and Candès (2015), Found.
    Comput. Math. 15, gradient restart.
    """
    # The estimate is from below, by less than a factor of two.
    data, L, highest = problem.data, lipschitz / 4, 2 * lipschitz
    x = z = start.w
    fx = fz = data.product(x, runs)
    bias, momentum = start.bias, 1.0
    gap, best_dual, n_iter = np.inf, -np.inf, 0
    for n_iter in range(max_iter + 1):
        if n_iter % _CHECK_EVERY == 0 or n_iter == max_iter:
            bias = data.biases(fx, bias)
            residual = data.residual(fx, bias)
            slope = data.adjoint(data.dual(residual), runs)
            primal, dual = duality_gap(problem, x, residual, slope, lam)
            best_dual = max(best_dual, dual)
            gap = max(primal - best_dual, 0.0) / primal
            if gap <= tol or give_up(n_iter, gap, x):
                break
        x_new, f_new, L, bias = _step(problem, lam, z, fz, L, highest, bias, runs)
        move = x_new - x
        if (z - x_new) @ move > 0.0:
            momentum = 1.0
        grown = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * momentum**2))
        push, momentum = (momentum - 1.0) / grown, grown
        z, fz = x_new + push * move, f_new + push * (f_new - fx)
        x, fx = x_new, f_new
    return Solution(x, data.biases(fx, bias), lam, gap, n_iter)


def _step(
    problem: Problem,
    lam: float,
    z: np.ndarray,
    fz: np.ndarray,
    L: float,
    highest: float,
    bias: np.ndarray,
    runs: Runs | None,
) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Take one proximal gradient step from z, with L doubled until the model lies above."""
    data = problem.data
    bias = data.biases(fz, bias)
    residual = data.residual(fz, bias)
    smooth = data.value(residual) + problem.quadratic.value(z)
    gradient = problem.quadratic.gradient(z) - data.adjoint(data.dual(residual), runs)
    while True:
        x = problem.penalty.prox(z - gradient / L, lam / L)
        f, move = data.product(x, runs), x - z
        bias = data.biases(f, bias)
        reached = data.value(data.residual(f, bias)) + problem.quadratic.value(x)
        model = smooth + gradient @ move + 0.5 * L * (move @ move)
        # At the solution both sides agree up to rounding. Without the known bound L would be
        # doubled without end.
        if reached <= model + 1e-14 * smooth or L >= highest:
            return x, f, L, bias
        L = min(2.0 * L, highest)
