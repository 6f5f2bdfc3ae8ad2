"""The inner problem of a Newton step: a quadratic with a group penalty.

``min_v ½ vᵀHv − hᵀv + Σ_g steps_g ‖v_g‖₂ + l1 ‖v‖₁``, known through ``slope = Hv − h``.
"""


import numpy as np
import scipy.linalg

from calibration.sparse.compiled import compiled

_MAX_ROUNDS = 50
_SWEEPS = 3
_MAX_NEWTON = 10


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
    _newton_on_support(H, slope, v, starts, steps, l1, tol)
    if _worst_violation(H, slope, v, starts, steps, l1) <= tol:
        return v
    values, vectors = _block_eigen(H, starts)
    for _ in range(_MAX_ROUNDS):
        for _ in range(_SWEEPS):
            if _sweep(H, slope, v, starts, steps, l1, values, vectors) <= tol:
                return v
        _newton_on_support(H, slope, v, starts, steps, l1, tol)
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
def _solve_block(
    u: np.ndarray, values: np.ndarray, basis: np.ndarray, step: float
) -> np.ndarray:
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
def _violation(
    slope: np.ndarray, v: np.ndarray, u: np.ndarray, step: float, l1: float
) -> float:
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


def _newton_on_support(
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
    for _ in range(_MAX_NEWTON):
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
