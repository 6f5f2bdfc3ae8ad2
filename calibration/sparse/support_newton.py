"""Newton on the non-zero entries of the inner problem, where the group penalty is smooth."""

import numpy as np
import scipy.linalg

from calibration.sparse.compiled import compiled

_MAX_STEPS = 10


def newton_on_support(
    H: np.ndarray,
    slope: np.ndarray,
    v: np.ndarray,
    starts: np.ndarray,
    steps: np.ndarray,
    l1: float,
    tol: float,
) -> None:
    """Newton steps on the non-zero entries, in place; a step that would not descend ends it."""
    support = np.flatnonzero(v)
    if support.size == 0:
        return
    group = np.searchsorted(starts, support, side="right") - 1
    first = np.flatnonzero(np.diff(group, prepend=-1))
    edges, strength = np.append(first, support.size), steps[group[first]]
    A = H if support.size == v.size else H[np.ix_(support, support)]
    full = np.zeros(v.size, dtype=H.dtype)
    for _ in range(_MAX_STEPS):
        x = v[support]
        force, worst = _force(slope[support], x, edges, strength, l1)
        if worst <= 0.5 * tol:
            return
        full[support] = -_curved_solve(A, x, edges, strength, force)
        bent = (H @ full).astype(np.float64)
        move = full[support].astype(np.float64)
        t = _step_length(x, move, slope[support], bent[support], edges, strength, l1)
        if t == 0.0:
            return
        v[support] += t * move
        slope += t * bent


@compiled
def _force(
    slope: np.ndarray, x: np.ndarray, edges: np.ndarray, strength: np.ndarray, l1: float
) -> tuple[np.ndarray, float]:
    """Return the gradient on the support, and its worst group relative to the penalty."""
    force, worst = slope + l1 * np.sign(x), 0.0
    for g in range(edges.size - 1):
        a, b = edges[g], edges[g + 1]
        force[a:b] += strength[g] / np.sqrt(np.sum(x[a:b] * x[a:b])) * x[a:b]
        length = np.sqrt(np.sum(force[a:b] * force[a:b]))
        scale = strength[g] + l1
        worst = max(worst, length / scale if scale > 0.0 else np.inf * length)
    return force, worst


def _curved_solve(
    A: np.ndarray, x: np.ndarray, edges: np.ndarray, strength: np.ndarray, force: np.ndarray
) -> np.ndarray:
    """Solve with A plus the penalty's curvature, step (1/‖x_g‖ − x_g x_gᵀ/‖x_g‖³) per group."""
    M = A.copy()
    _add_curvature(M, x, edges, strength)
    factorize, solve = scipy.linalg.get_lapack_funcs(("potrf", "potrs"), (M,))
    # LAPACK wants columns contiguous; M is symmetric, so its transpose will do without a copy.
    factor, failed = factorize(M.T, overwrite_a=True, clean=False)
    if failed:
        _add_curvature(M := A.copy(), x, edges, strength)
        return scipy.linalg.lstsq(M, force, check_finite=False)[0]
    return solve(factor, force)[0]


@compiled
def _add_curvature(M: np.ndarray, x: np.ndarray, edges: np.ndarray, strength: np.ndarray) -> None:
    """Add step (1/‖x_g‖ − x_g x_gᵀ/‖x_g‖³) to every diagonal block, and rounding's worth."""
    for g in range(edges.size - 1):
        a, b = edges[g], edges[g + 1]
        square = np.sum(x[a:b] * x[a:b])
        height = strength[g] / np.sqrt(square)
        for i in range(a, b):
            M[i, i] += height + 1e-7 * M[i, i]
            for j in range(a, b):
                M[i, j] -= height * x[i] * x[j] / square


@compiled
def _step_length(
    x: np.ndarray,
    move: np.ndarray,
    slope: np.ndarray,
    bent: np.ndarray,
    edges: np.ndarray,
    strength: np.ndarray,
    l1: float,
) -> float:
    """Return the largest of 1, ½, … that lowers the inner objective, or 0."""
    line, curve, t = np.sum(slope * move), np.sum(bent * move), 1.0
    for _ in range(12):
        z = x + t * move
        change = t * line + 0.5 * t * t * curve + l1 * np.sum(np.abs(z) - np.abs(x))
        for g in range(strength.size):
            a, b = edges[g], edges[g + 1]
            before = np.sqrt(np.sum(x[a:b] * x[a:b]))
            change += strength[g] * (np.sqrt(np.sum(z[a:b] * z[a:b])) - before)
        if change < 0.0:
            return t
        t *= 0.5
    return 0.0
