"""Systems that change little from step to step are solved with the factor of an earlier one."""

from collections.abc import Callable

import numpy as np
import scipy.linalg

# Conjugate gradients leave this share of the right side; at 1e-2 Newton needs more steps.
FINEST = 1e-3
# So many steps cost about as much as half a new factor of 700 unknowns.
_MAX_STEPS = 12


class KeptFactor:
    """Solver of symmetric positive definite systems that keeps one Cholesky factor.

    Between two Newton steps few rows cross the margin and the penalty bends a little differently.
    So the factor of an earlier matrix M is nearly that of this one, and conjugate gradients with it
    need few steps of O(K²). A new factor costs O(K³). It is computed where other unknowns are asked
    for, and where the old factor no longer helps.
    """

    def __init__(self) -> None:
        self._unknowns = np.empty(0, dtype=np.int64)
        self._factor: np.ndarray | None = None

    def solve(
        self,
        product: Callable[[np.ndarray], np.ndarray],
        build: Callable[[], np.ndarray],
        unknowns: np.ndarray,
        force: np.ndarray,
        enough: float = FINEST,
    ) -> np.ndarray | None:
        """Solve Mx = force, nearly; None where M is not positive definite.

        Parameters
        ----------
        product : callable
            ``product(x)`` is Mx.
        build : callable
            ``build()`` is M, shape (K, K), rows contiguous; it is overwritten.
        unknowns : ndarray of int, shape (K,)
            Names of the unknowns. A factor serves only the same ones, in the same order.
        force : ndarray, shape (K,)
            Of M's dtype.
        enough : float
            Share of the force that may be left.

        Returns
        -------
        x : ndarray, shape (K,), or None
        """
        if self._factor is not None and np.array_equal(self._unknowns, unknowns):
            # The factor of a matrix that is hardly definite may lead out of all numbers. What is
            # left is not finite then, never small enough, and a new factor is computed.
            with np.errstate(over="ignore", invalid="ignore"):
                x = self._conjugate_gradients(product, force, enough)
            if x is not None:
                return x
        M = build()
        factorize, solve = scipy.linalg.get_lapack_funcs(("potrf", "potrs"), (M,))
        # LAPACK wants columns contiguous; M is symmetric, so its transpose will do without a copy.
        factor, failed = factorize(M.T, overwrite_a=True, clean=False)
        if failed:
            self._factor = None
            return None
        self._unknowns, self._factor = unknowns, factor
        return solve(factor, force)[0]

    def _conjugate_gradients(
        self, product: Callable[[np.ndarray], np.ndarray], force: np.ndarray, enough: float
    ) -> np.ndarray | None:
        """Return x with ‖Mx − force‖ ≤ enough ‖force‖; None if it takes too many steps."""
        factor = self._factor
        triangle = scipy.linalg.get_blas_funcs("trsv", (factor,))
        x = triangle(factor, triangle(factor, force, trans=1))
        left = force - product(x)
        enough *= float(np.linalg.norm(force))
        along, before = np.zeros_like(force), np.inf
        for _ in range(_MAX_STEPS):
            if np.linalg.norm(left) <= enough:
                return x
            bent = triangle(factor, triangle(factor, left, trans=1))
            square = float(left @ bent)
            along = bent + square / before * along
            bend = product(along)
            curve = float(along @ bend)
            if not curve > 0.0:
                return None
            x = x + square / curve * along
            left = left - square / curve * bend
            before = square
        return None
