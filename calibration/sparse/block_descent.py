"""The inner problem of a Newton step: a quadratic with a group penalty.

``min_v ½ vᵀHv − hᵀv + Σ_g steps_g ‖v_g‖₂ + l1 ‖v‖₁``, known through ``slope = Hv − h``.
"""

import numpy as np

from calibration.sparse.compiled import compiled
from calibration.sparse.support_newton import newton_on_support

_MAX_ROUNDS = 50
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
        Largest violation of the optimality conditions to leave, relative to ``steps`` and l1.

    Returns
    -------
    v : ndarray, shape (K,)
    """
    v, slope = v.copy(), slope.copy()
    newton_on_support(H, slope, v, starts, steps, l1, tol)
    if _worst_violation(H, slope, v, starts, steps, l1) <= tol:
        return v
    values, vectors = _block_eigen(H, starts)
    for _ in range(_MAX_ROUNDS):
        for _ in range(_SWEEPS):
            if _sweep(H, slope, v, starts, steps, l1, values, vectors) <= tol:
                return v
        newton_on_support(H, slope, v, starts, steps, l1, tol)
    return v


@compiled
def _block_eigen(H: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues and flattened eigenvectors of every diagonal block."""
    sizes = starts[1:] - starts[:-1]
    values = np.empty(starts[-1])
    vectors = np.empty(np.sum(sizes * sizes))
    at = 0
    for g in range(sizes.size):
        a, b = starts[g], starts[g + 1]
        if b - a == 1:
            values[a], vectors[at] = H[a, a], 1.0
        else:
            found, basis = np.linalg.eigh(H[a:b, a:b].astype(np.float64))
            values[a:b] = np.maximum(found, 0.0)
            vectors[at : at + sizes[g] ** 2] = basis.T.copy().ravel()
        at += sizes[g] ** 2
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
def _solve_block(u: np.ndarray, values: np.ndarray, basis: np.ndarray, step: float) -> np.ndarray:
    """Return argmin ½ vᵀBv − uᵀv + step‖v‖₂ with B = basisᵀ diag(values) basis."""
    if step == 0.0:
        turned = basis @ u
        for i in range(u.size):
            turned[i] = turned[i] / values[i] if values[i] > 0.0 else 0.0
        return basis.T @ turned
    if np.sqrt(np.sum(u * u)) <= step:
        return np.zeros_like(u)
    turned = basis @ u
    nu = _block_length(turned, values, step)
    return basis.T @ (turned * nu / (values * nu + step))


@compiled
def _shrink_block(
    u: np.ndarray, v: np.ndarray, B: np.ndarray, top: float, step: float, l1: float
) -> np.ndarray:
    """Take proximal gradient steps towards argmin ½ vᵀBv − uᵀv + step‖v‖₂ + l1‖v‖₁."""
    v = v.copy()
    if top <= 0.0:
        return v
    for _ in range(5):
        z = v + (u - B @ v) / top
        z = np.sign(z) * np.maximum(np.abs(z) - l1 / top, 0.0)
        norm = np.sqrt(np.sum(z * z))
        v = z * (1.0 - step / (top * norm)) if norm * top > step else np.zeros_like(z)
    return v


@compiled
def _violation(slope: np.ndarray, v: np.ndarray, u: np.ndarray, step: float, l1: float) -> float:
    """Return how far a group is from optimal, relative to its penalty (to ‖u‖ without one)."""
    norm = np.sqrt(np.sum(v * v))
    total = 0.0
    for i in range(v.size):
        pull = slope[i]
        if norm > 0.0:
            pull += step * v[i] / norm
        if v[i] != 0.0:
            pull += l1 * np.sign(v[i])
        else:
            pull = max(abs(pull) - l1, 0.0)
        total += pull * pull
    length = np.sqrt(total)
    if norm == 0.0:
        length = max(length - step, 0.0)
    scale = step + l1 if step + l1 > 0.0 else np.sqrt(np.sum(u * u))
    return length / scale if scale > 0.0 else 0.0


@compiled
def _worst_violation(
    H: np.ndarray,
    slope: np.ndarray,
    v: np.ndarray,
    starts: np.ndarray,
    steps: np.ndarray,
    l1: float,
) -> float:
    """Return the largest violation over the groups."""
    worst = 0.0
    for g in range(starts.size - 1):
        a, b = starts[g], starts[g + 1]
        u = -slope[a:b]
        if steps[g] + l1 == 0.0:
            u += H[a:b, a:b].astype(np.float64) @ v[a:b]
        worst = max(worst, _violation(slope[a:b], v[a:b], u, steps[g], l1))
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
) -> float:
    """Solve every group once in place; return the worst violation met on the way."""
    worst, at = 0.0, 0
    for g in range(starts.size - 1):
        a, b = starts[g], starts[g + 1]
        size = b - a
        B = H[a:b, a:b].astype(np.float64)
        u = B @ v[a:b] - slope[a:b]
        worst = max(worst, _violation(slope[a:b], v[a:b], u, steps[g], l1))
        if l1 > 0.0:
            fresh = _shrink_block(u, v[a:b], B, values[a:b].max(), steps[g], l1)
        else:
            basis = vectors[at : at + size * size].reshape(size, size)
            fresh = _solve_block(u, values[a:b], basis, steps[g])
        at += size * size
        for i in range(size):
            move = fresh[i] - v[a + i]
            if move != 0.0:
                v[a + i] = fresh[i]
                for j in range(slope.size):
                    slope[j] += H[a + i, j] * move
    return worst
