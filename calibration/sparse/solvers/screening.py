"""First-order steps on few groups. The strong rule chooses them, the certificate of all decides.

Newton needs no such rule: its working groups grow from none (see `prox_newton`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from calibration.sparse.datafit.squared_hinge import runs_of
from calibration.sparse.penalties.mixed_norms import GroupNorm
from calibration.sparse.penalties.proximal import group_norms
from calibration.sparse.problem import Problem, Solution, duality_gap
from calibration.sparse.solvers.fista import fista, fista_path


def screened_path(
    problem: Problem, lams: Sequence[float], start: Solution, *, tol: float, max_iter: int
) -> list[Solution]:
    """Solve at every λ as `fista_path`, on the groups that may leave zero.

    Group g is left out at λ where ``‖c_g‖ < ω_g (2λ − λ')``. Here c is the slope at the λ' before.
    The rule is a guess, no proof: it assumes that ``‖c_g‖`` changes no faster than λ. So the
    certificate is computed on all groups, the groups it finds missing join, and the solver
    continues. This needs an Ω that is a sum over groups and nothing else. All other penalties are
    solved on all groups.

    Notes
    -----
    A fifth of the time is saved where most groups stay zero (128 sensors, 2160 trials, down to 0.3
    of λ_max), nothing where most do not.

    References
    ----------
    Tibshirani et al. (2012), JRSS-B 74(2):245, strong rules.
    """
    penalty = problem.penalty
    if not isinstance(penalty, GroupNorm) or problem.quadratic.curvature():
        return fista_path(problem, lams, start, tol=tol, max_iter=max_iter)
    lipschitz = problem.data.lipschitz()
    n_subjects = len(problem.data.blocks)
    slope, start = _certified(problem, start)
    # One full Xᵀ pass gives the pulls for the rule at the next λ and the certificate of this one.
    pulls = penalty.pulls(slope)
    solutions = []
    for lam in lams:
        before = start.lam if np.isfinite(start.lam) else float(pulls.max())
        nonzero = group_norms(start.w, penalty.starts, 2.0) > 0.0
        kept = nonzero | (pulls >= 2 * lam - before)
        n_taken = 0
        while True:
            found = fista(
                problem,
                lam,
                start,
                lipschitz=lipschitz,
                tol=tol,
                max_iter=max_iter - n_taken,
                runs=runs_of(penalty.starts // n_subjects, kept),
            )
            n_taken += found.n_iter
            slope, start = _certified(problem, replace(found, n_iter=n_taken))
            pulls = penalty.pulls(slope)
            if start.gap <= tol or n_taken >= max_iter or kept.all():
                break
            missed = ~kept & (pulls > lam)
            # No group is missing, but the gap is still too large: the dual point is scaled into the
            # feasible set of all groups, and its last digits need all of them.
            kept = kept | missed if missed.any() else np.ones_like(kept)
        solutions.append(start)
    return solutions


def _certified(problem: Problem, found: Solution) -> tuple[np.ndarray, Solution]:
    """Return the slope of all groups at a solution, and the solution with their common gap."""
    data = problem.data
    f = data.product(found.w)
    bias = data.biases(f, found.bias)
    residual = data.residual(f, bias)
    slope = data.adjoint(data.dual(residual))
    if not np.isfinite(found.lam):
        return slope, replace(found, bias=bias)
    primal, dual = duality_gap(problem, found.w, residual, slope, found.lam)
    return slope, replace(found, bias=bias, gap=max(primal - dual, 0.0) / primal)
