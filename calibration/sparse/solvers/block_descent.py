"""The inner problem of a Newton step: a quadratic with a group penalty.

``min_v ½ vᵀHv − hᵀv + Σ_g steps_g ‖v_g‖₂ + l1 ‖v‖₁``, known through ``slope = Hv − h``.
"""

import numpy as np

from calibration.sparse.compiled import compiled
from calibration.sparse.solvers.support_newton import Hessian, newton_on_support

_MAX_ROUNDS = 20
_SWEEPS = 3


def solve_quadratic(
    H: Hessian,
    slope: np.ndarray,
    v: np.ndarray,
    starts: np.ndarray,
    steps: np.ndarray,
    l1: float,
    tol: float,
    share: float = 0.0,
) -> np.ndarray:
    """Solve the inner problem: sweeps over the groups find the support, Newton the values.

    Parameters
    ----------
    H : Hessian
    slope : ndarray, shape (K,)
        Hv − h at the start.
    v : ndarray, shape (K,)
        Start; not changed.
    starts : ndarray of int, shape (n_groups + 1,)
    steps : ndarray, shape (n_groups,)
        λω_g; zero leaves a group unpenalised.
    l1 : float
        Strength of ‖v‖₁.
    tol : float
        Largest violation of the optimality conditions to leave, relative to a group's penalty, or
        to the whole slope at the start where it has none.
    share : float
        So much of the violation at the start may be left, too.

    Returns
    -------
    v : ndarray, shape (K,)
    """
    v, slope = v.copy(), slope.copy()
    scales = np.where(steps + l1 > 0.0, steps + l1, max(float(np.linalg.norm(slope)), 1e-300))
    tol = max(tol, share * _worst_violation(slope, v, starts, steps, l1, scales))
    # Newton first where no group is to leave zero: along a path mostly no sweep is needed.
    if not _has_risen(slope, v, starts, steps, l1, scales, tol):
        newton_on_support(H, slope, v, starts, steps, l1, tol * scales)
        if _worst_violation(slope, v, starts, steps, l1, scales) <= tol:
            return v
    for _ in range(_MAX_ROUNDS):
        for _ in range(_SWEEPS):
            H.sweep(slope, v, starts, steps, l1)
        if _worst_violation(slope, v, starts, steps, l1, scales) <= tol:
            break
        newton_on_support(H, slope, v, starts, steps, l1, tol * scales)
    return v


@compiled
def _worst_violation(
    slope: np.ndarray,
    v: np.ndarray,
    starts: np.ndarray,
    steps: np.ndarray,
    l1: float,
    scales: np.ndarray,
) -> float:
    """Return how far the worst group is from optimal, relative to its scale."""
    worst = 0.0
    for g in range(steps.size):
        a, b = starts[g], starts[g + 1]
        norm, total = 0.0, 0.0
        for i in range(a, b):
            norm += v[i] * v[i]
        norm = np.sqrt(norm)
        for i in range(a, b):
            pull = slope[i] + (steps[g] * v[i] / norm if norm > 0.0 else 0.0)
            pull = pull + l1 * np.sign(v[i]) if v[i] != 0.0 else max(abs(pull) - l1, 0.0)
            total += pull * pull
        length = np.sqrt(total) if norm > 0.0 else max(np.sqrt(total) - steps[g], 0.0)
        worst = max(worst, length / scales[g])
    return worst


@compiled
def _has_risen(
    slope: np.ndarray,
    v: np.ndarray,
    starts: np.ndarray,
    steps: np.ndarray,
    l1: float,
    scales: np.ndarray,
    tol: float,
) -> bool:
    """Return whether the slope of a group that is zero exceeds its penalty."""
    for g in range(steps.size):
        a, b = starts[g], starts[g + 1]
        total = 0.0
        for i in range(a, b):
            if v[i] != 0.0:
                total = 0.0
                break
            total += max(abs(slope[i]) - l1, 0.0) ** 2
        if steps[g] > 0.0 and np.sqrt(total) > steps[g] + tol * scales[g]:
            return True
    return False
