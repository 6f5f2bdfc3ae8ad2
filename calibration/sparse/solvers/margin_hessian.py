"""The curvature of one subject's loss, as products with its Gram matrix.

Most systems are solved by an earlier factor and such products (see `kept_factor`). The matrix
itself is built only where it is factorised, or where sweeps read it.
"""

import functools

import numpy as np
import scipy.linalg

from calibration.sparse.compiled import compiled
from calibration.sparse.penalties.proximal import length
from calibration.sparse.solvers.dense_hessian import RELATIVE_LIFT, DenseHessian, curved
from calibration.sparse.solvers.kept_factor import FINEST, KeptFactor
from calibration.sparse.solvers.margin_gram import MarginGram


class MarginHessian:
    """``G/n − m mᵀ + shift``, G the Gram matrix of the rows inside and m that of the bias.

    Parameters
    ----------
    gram : MarginGram
        It must not change while this is in use.
    n : int
        Number of all rows.
    shift : float
        What quadratic and ridge add to the diagonal.
    factor : KeptFactor
        That of the Hessian before.
    """

    def __init__(self, gram: MarginGram, n: int, shift: float, factor: KeptFactor) -> None:
        self._gram, self._n, self._factor = gram, n, factor
        self._centre = gram.centre(n)
        self._dtype = self._centre.dtype
        self._share, self._shift = self._dtype.type(1.0 / n), self._dtype.type(shift)

    @functools.cached_property
    def _dense(self) -> DenseHessian:
        H = self._gram.curvature(self._n)
        H[np.diag_indices_from(H)] += self._shift
        return DenseHessian(H)

    def _bend(self, v: np.ndarray) -> np.ndarray:
        """Return Hv in the precision of the Gram matrix; not finite where v is too large for it."""
        # Who asked then takes another way.
        with np.errstate(over="ignore", invalid="ignore"):
            bent = self._share * self._gram.bend(v) + self._shift * v
            bent -= (self._centre @ v) * self._centre
        return bent

    def product(self, v: np.ndarray) -> np.ndarray:
        """Return Hv in float64."""
        return self._bend(v.astype(self._dtype)).astype(np.float64)

    def sweep(
        self, slope: np.ndarray, v: np.ndarray, starts: np.ndarray, steps: np.ndarray, l1: float
    ) -> None:
        """Solve every group once, in place; slope and v are changed."""
        self._dense.sweep(slope, v, starts, steps, l1)

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
        whole = np.zeros(self._centre.size, dtype=self._dtype)
        lift = RELATIVE_LIFT * np.finfo(self._dtype).eps
        height = self._dtype.type(lift * (self._share * self._gram.top + self._shift))

        def product(move: np.ndarray) -> np.ndarray:
            whole[support] = move
            bent = self._bend(whole)[support]
            _bend_groups(bent, move, x, edges, strength, height)
            return bent

        def build() -> np.ndarray:
            return curved(self._dense.H, support, x, edges, strength, lift)

        move = self._factor.solve(product, build, support, force.astype(self._dtype), enough)
        if move is None:
            return scipy.linalg.lstsq(build(), force, check_finite=False)[0]
        return move


@compiled
def _bend_groups(
    bent: np.ndarray,
    move: np.ndarray,
    x: np.ndarray,
    edges: np.ndarray,
    strength: np.ndarray,
    lift: float,
) -> None:
    """Add the curvature of Σ strength_g ‖x_g‖ at x, and the lift of the diagonal, times a move."""
    for i in range(move.size):
        bent[i] += lift * move[i]
    for g in range(strength.size):
        a, b = edges[g], edges[g + 1]
        if strength[g] > 0.0:
            norm = length(x, a, b)
            height, ahead = strength[g] / norm, 0.0
            for i in range(a, b):
                ahead += x[i] / norm * move[i]
            for i in range(a, b):
                bent[i] += height * (move[i] - ahead * (x[i] / norm))
