"""The inner problem of a Newton step: a quadratic with a group penalty.

``min_v ½ vᵀHv − hᵀv + Σ_g steps_g ‖v_g‖₂ + l1 ‖v‖₁``, known through ``slope = Hv − h``.
"""

import numpy as np

from calibration.sparse.compiled import compiled
from calibration.sparse.solvers.support_newton import newton_on_support

_MAX_ROUNDS = 20
_SWEEPS = 3


def solve_quadratic(
    H: np.ndarray,
    slope: np.ndarray,
    v: np.ndarray,
    starts: np.ndarray,
    steps: np.ndarray,
    l1: float,
    tol: float,
) -> np.ndarray:
    """Solve the inner problem: sweeps over the groups find the support, Newton the values.

    Parameters
    ----------
    H : ndarray, shape (K, K)
        Symmetric, positive semidefinite, float32 or float64.
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

    Returns
    -------
    v : ndarray, shape (K,)
    """
    v, slope = v.copy(), slope.copy()
    scales = np.where(steps + l1 > 0.0, steps + l1, max(float(np.linalg.norm(slope)), 1e-300))
    # Newton first: along a path the support hardly changes, and mostly no sweep is needed.
    newton_on_support(H, slope, v, starts, steps, l1, tol * scales)
    if _worst_violation(slope, v, starts, steps, l1, scales) <= tol:
        return v
    values, vectors = _block_eigen(H, starts)
    for _ in range(_MAX_ROUNDS):
        for _ in range(_SWEEPS):
            _sweep(H, slope, v, starts, steps, l1, values, vectors)
        if _worst_violation(slope, v, starts, steps, l1, scales) <= tol:
            break
        newton_on_support(H, slope, v, starts, steps, l1, tol * scales)
    return v


def _block_eigen(H: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues and flattened eigenvectors, one per row, of every diagonal block."""
    sizes = np.diff(starts)
    places = np.concatenate([[0], np.cumsum(sizes * sizes)])
    values, vectors = np.empty(starts[-1]), np.empty(places[-1])
    for size in np.unique(sizes):
        groups = np.flatnonzero(sizes == size)
        within = starts[groups][:, None] + np.arange(size)
        found, basis = np.linalg.eigh(H[within[:, :, None], within[:, None, :]].astype(float))
        values[within] = np.maximum(found, 0.0)
        turned = basis.transpose(0, 2, 1).reshape(groups.size, -1)
        vectors[places[groups][:, None] + np.arange(size * size)] = turned
    return values, vectors


@compiled
def _block_length(u: np.ndarray, values: np.ndarray, step: float) -> float:
    """Return ν > 0 with Σ (u_i / (values_i ν + step))² = 1, for ‖u‖ > step.

    Newton on 1/√Σ − 1, which is nearly linear in ν and rises to the root from the left.
    """
    nu = 0.0
    for _ in range(100):
        square, slope = 0.0, 0.0
        for i in range(u.size):
            below = values[i] * nu + step
            part = (u[i] / below) ** 2
            square += part
            slope += part * values[i] / below
        if slope <= 0.0:
            break
        move = square * (np.sqrt(square) - 1.0) / slope
        nu += move
        if abs(move) <= 1e-15 * nu:
            break
    return nu


@compiled
def _solve_block(
    u: np.ndarray, values: np.ndarray, basis: np.ndarray, step: float, out: np.ndarray
) -> None:
    """Write argmin ½ vᵀBv − uᵀv + step‖v‖₂ with B = basisᵀ diag(values) basis into ``out``."""
    square = 0.0
    for i in range(u.size):
        square += u[i] * u[i]
        out[i] = 0.0
    if square <= step * step:
        return
    turned = np.zeros(u.size)
    for i in range(u.size):
        for j in range(u.size):
            turned[i] += basis[i, j] * u[j]
    # Without a penalty ν only cancels out.
    nu = _block_length(turned, values, step) if step > 0.0 else 1.0
    for i in range(u.size):
        below = values[i] * nu + step
        share = turned[i] * nu / below if below > 0.0 else 0.0
        for j in range(u.size):
            out[j] += basis[i, j] * share


@compiled
def _shrink_block(
    u: np.ndarray, B: np.ndarray, top: float, step: float, l1: float, out: np.ndarray
) -> None:
    """Move ``out`` by proximal gradient steps towards argmin ½ vᵀBv − uᵀv + step‖v‖₂ + l1‖v‖₁."""
    if top <= 0.0:
        return
    z = np.empty(u.size)
    for _ in range(5):
        square = 0.0
        for i in range(u.size):
            z[i] = out[i] + u[i] / top
            for j in range(u.size):
                z[i] -= B[i, j] * out[j] / top
            z[i] = np.sign(z[i]) * max(abs(z[i]) - l1 / top, 0.0)
            square += z[i] * z[i]
        norm = np.sqrt(square)
        for i in range(u.size):
            out[i] = z[i] * (1.0 - step / (top * norm)) if norm * top > step else 0.0


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
def _sweep(
    H: np.ndarray,
    slope: np.ndarray,
    v: np.ndarray,
    starts: np.ndarray,
    steps: np.ndarray,
    l1: float,
    values: np.ndarray,
    vectors: np.ndarray,
) -> None:
    """Solve every group once, in place."""
    at = 0
    for g in range(starts.size - 1):
        a, b = starts[g], starts[g + 1]
        size = b - a
        u, fresh = np.empty(size), np.empty(size)
        for i in range(size):
            fresh[i] = v[a + i]
            u[i] = -slope[a + i]
            for j in range(size):
                u[i] += H[a + i, a + j] * v[a + j]
        if l1 > 0.0:
            _shrink_block(u, H[a:b, a:b], values[a:b].max(), steps[g], l1, fresh)
        else:
            basis = vectors[at : at + size * size].reshape(size, size)
            _solve_block(u, values[a:b], basis, steps[g], fresh)
        at += size * size
        for i in range(size):
            move = fresh[i] - v[a + i]
            if move != 0.0:
                v[a + i] = fresh[i]
                for j in range(slope.size):
                    slope[j] += H[a + i, j] * move
