"""The curvature of an inner problem as one dense matrix."""

import numpy as np
import scipy.linalg

from calibration.sparse.compiled import compiled
from calibration.sparse.penalties.proximal import length
from calibration.sparse.solvers.kept_factor import FINEST, KeptFactor

# With more weights than trials only the penalty bends H, and not in every direction. So its
# diagonal is raised by this times the precision of its largest entry.
RELATIVE_LIFT = 32


class DenseHessian:
    """A symmetric, positive semidefinite matrix H; see `calibration.sparse.solvers.block_descent`.

    Parameters
    ----------
    H : ndarray, shape (K, K)
        float32 or float64. It is kept, not copied.
    factor : KeptFactor, optional
        That of the Hessian before, of the same unknowns.
    """

    def __init__(self, H: np.ndarray, factor: KeptFactor | None = None) -> None:
        self.H = H
        self._factor = factor or KeptFactor()
        self._eigen: tuple[np.ndarray, np.ndarray] | None = None

    def product(self, v: np.ndarray) -> np.ndarray:
        """Return Hv in float64."""
        return (self.H @ v.astype(self.H.dtype)).astype(np.float64)

    def sweep(
        self, slope: np.ndarray, v: np.ndarray, starts: np.ndarray, steps: np.ndarray, l1: float
    ) -> None:
        """Solve every group once, in place; slope and v are changed."""
        if self._eigen is None:
            self._eigen = _block_eigen(self.H, starts)
        _sweep(self.H, slope, v, starts, steps, l1, *self._eigen)

    def solve(
        self,
        support: np.ndarray,
        x: np.ndarray,
        edges: np.ndarray,
        strength: np.ndarray,
        force: np.ndarray,
        enough: float = FINEST,
    ) -> np.ndarray:
        """Solve with H on the support plus the curvature of Σ strength_g ‖x_g‖ at x."""
        lift = RELATIVE_LIFT * float(np.finfo(self.H.dtype).eps)
        M = curved(self.H, support, x, edges, strength, lift)
        force = force.astype(M.dtype)
        # The factor is written over a copy: M is asked for products first.
        move = self._factor.solve(M.__matmul__, M.copy, support, force, enough)
        if move is None:
            return scipy.linalg.lstsq(M, force, check_finite=False)[0]
        return move


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
def block_length(u: np.ndarray, values: np.ndarray, step: float) -> float:
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
    nu = block_length(turned, values, step) if step > 0.0 else 1.0
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


@compiled
def curved(
    H: np.ndarray,
    support: np.ndarray,
    x: np.ndarray,
    edges: np.ndarray,
    strength: np.ndarray,
    lift: float,
) -> np.ndarray:
    """Return H on the support plus step (1/‖x_g‖ − x_g x_gᵀ/‖x_g‖³) per group.

    The diagonal is raised by ``lift`` times its largest entry: rounding may have lowered it so.
    """
    M = np.empty((support.size, support.size), dtype=H.dtype)
    top = 0.0
    for i in range(support.size):
        row = H[support[i]]
        for j in range(support.size):
            M[i, j] = row[support[j]]
        top = max(top, M[i, i])
    for i in range(support.size):
        M[i, i] += lift * top
    for g in range(strength.size):
        a, b = edges[g], edges[g + 1]
        if strength[g] > 0.0:
            norm = length(x, a, b)
            height = strength[g] / norm
            for i in range(a, b):
                M[i, i] += height
                for j in range(a, b):
                    M[i, j] -= height * (x[i] / norm) * (x[j] / norm)
    return M
