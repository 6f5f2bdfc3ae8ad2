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
        Largest violation of the optimality conditions to leave, relative to a group's penalty, or
        to the whole slope at the start where it has none.

    Returns
    -------
    v : ndarray, shape (K,)
    """
    v, slope = v.copy(), slope.copy()
    scales = np.where(steps + l1 > 0.0, steps + l1, max(float(np.linalg.norm(slope)), 1e-300))
    # Newton first: along a path the support hardly changes, and then no sweep is needed.
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
        norm = np.sqrt(np.sum(v[a:b] * v[a:b]))
        total = 0.0
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
        B = H[a:b, a:b].astype(np.float64)
        u = B @ v[a:b] - slope[a:b]
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
