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
    tols: np.ndarray,
) -> None:
    """Take Newton steps on the non-zero and the unpenalised entries, in place.

    Parameters
    ----------
    H, slope, v, starts, steps, l1
        See `calibration.sparse.block_descent.solve_quadratic`; slope and v are changed.
    tols : ndarray, shape (n_groups,)
        Gradient to leave in each group. A step that would not descend ends the search before.
    """
    owner = np.repeat(np.arange(steps.size), np.diff(starts))
    support = np.flatnonzero((v != 0.0) | (steps[owner] + l1 == 0.0))
    if support.size == 0:
        return
    first = np.flatnonzero(np.diff(owner[support], prepend=-1))
    groups, edges = owner[support[first]], np.append(first, support.size)
    strength = steps[groups]
    A = H if support.size == v.size else H[np.ix_(support, support)]
    full = np.zeros(v.size, dtype=H.dtype)
    for _ in range(_MAX_STEPS):
        x = v[support]
        force = _force(slope[support], x, edges, strength, l1)
        if np.all(np.sqrt(np.add.reduceat(force * force, first)) <= 0.5 * tols[groups]):
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
) -> np.ndarray:
    """Return the gradient of quadratic and penalty on the support."""
    force = slope + l1 * np.sign(x)
    for g in range(strength.size):
        a, b = edges[g], edges[g + 1]
        if strength[g] > 0.0:
            force[a:b] += strength[g] / np.sqrt(np.sum(x[a:b] * x[a:b])) * x[a:b]
    return force


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
        M = A.copy()
        _add_curvature(M, x, edges, strength)
        return scipy.linalg.lstsq(M, force, check_finite=False)[0]
    return solve(factor, force)[0]


@compiled
def _add_curvature(M: np.ndarray, x: np.ndarray, edges: np.ndarray, strength: np.ndarray) -> None:
    """Add step (1/‖x_g‖ − x_g x_gᵀ/‖x_g‖³) to every diagonal block, and rounding's worth."""
    for g in range(edges.size - 1):
        a, b = edges[g], edges[g + 1]
        square = np.sum(x[a:b] * x[a:b])
        height = strength[g] / np.sqrt(square) if strength[g] > 0.0 else 0.0
        for i in range(a, b):
            M[i, i] += height + 1e-7 * M[i, i]
            for j in range(a, b) if height > 0.0 else range(0):
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
