"""Systems that change little from step to step are solved with the factor of an earlier one."""

import numpy as np
import scipy.linalg

# Conjugate gradients leave this share of the right side; at 1e-2 Newton needs more steps.
_RESIDUAL = 1e-3
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

    def solve(self, M: np.ndarray, unknowns: np.ndarray, force: np.ndarray) -> np.ndarray | None:
        """Solve Mx = force, nearly; None where M is not positive definite.

        Parameters
        ----------
        M : ndarray, shape (K, K)
            Rows contiguous; it is overwritten where a new factor is needed.
        unknowns : ndarray of int, shape (K,)
            Names of the unknowns. A factor serves only the same ones, in the same order.
        force : ndarray, shape (K,)

        Returns
        -------
        x : ndarray, shape (K,), or None
        """
        force = force.astype(M.dtype)
        if self._factor is not None and np.array_equal(self._unknowns, unknowns):
            x = self._conjugate_gradients(M, force)
            if x is not None:
                return x
        factorize, solve = scipy.linalg.get_lapack_funcs(("potrf", "potrs"), (M,))
        # LAPACK wants columns contiguous; M is symmetric, so its transpose will do without a copy.
        factor, failed = factorize(M.T, overwrite_a=True, clean=False)
        if failed:
            self._factor = None
            return None
        self._unknowns, self._factor = unknowns, factor
        return solve(factor, force)[0]

    def _conjugate_gradients(self, M: np.ndarray, force: np.ndarray) -> np.ndarray | None:
        """Return x with ‖Mx − force‖ ≤ 1e-3 ‖force‖; None if it takes too many steps."""
        factor = self._factor
        triangle = scipy.linalg.get_blas_funcs("trsv", (M,))
        x = triangle(factor, triangle(factor, force, trans=1))
        left = force - M @ x
        enough = _RESIDUAL * np.linalg.norm(force)
        along, before = np.zeros_like(force), np.inf
        for _ in range(_MAX_STEPS):
            if np.linalg.norm(left) <= enough:
                return x
            bent = triangle(factor, triangle(factor, left, trans=1))
            square = float(left @ bent)
            along = bent + square / before * along
            product = M @ along
            curve = float(along @ product)
            if not curve > 0.0:
                return None
            x = x + square / curve * along
            left = left - square / curve * product
            before = square
        return None
