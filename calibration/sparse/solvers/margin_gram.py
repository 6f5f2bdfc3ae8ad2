"""Gram matrix of the rows inside the margin. It is updated, not computed again.

Between two Newton steps few rows enter or leave the margin, and few groups join the working set.
Only those are added or subtracted. To compute the matrix again would cost O(n K²) at every step.
"""

import numpy as np

from calibration.sparse.compiled import compiled


class MarginGram:
    """``Σ_{i∈S} s_i x_i x_iᵀ`` of one subject's working columns, and ``Σ_{i∈S} s_i x_i``.

    S are the rows inside the margin, those with a positive residual: the squared hinge bends only
    there.

    Parameters
    ----------
    X : ndarray, shape (n, n_features)
        Columns contiguous.
    s : ndarray, shape (n,)
        Sample weights.
    dtype : dtype
        Precision of the products; float32 is twice as fast and only changes Newton's direction.
    """

    def __init__(self, X: np.ndarray, s: np.ndarray, dtype: np.dtype) -> None:
        self._X = X
        # Each row is scaled by the root of its weight once, so no product needs the weights again.
        self._root = np.sqrt(s)
        # Room for all columns, yet the system gives memory only to pages that are written: the
        # working columns alone cost memory, and the arrays never have to be copied to grow.
        self._Z = np.empty(X.shape, dtype=dtype, order="F")
        self._G = np.empty((X.shape[1], X.shape[1]), dtype=dtype)
        self._sums = np.zeros(X.shape[1])
        self._inside = np.zeros(len(X), dtype=bool)
        # The rows that the matrix counts; the late ones are still to be added or subtracted.
        self._counted = self._inside
        self._late = np.empty((0, 0), dtype=dtype)
        self._signs = np.empty(0, dtype=dtype)
        self._late_sums = np.zeros(1)
        self.size = 0

    @property
    def matrix(self) -> np.ndarray:
        """The Gram matrix, shape (size, size), in order of arrival; read, do not write."""
        self._count()
        return self._G[: self.size, : self.size]

    @property
    def sums(self) -> np.ndarray:
        """Weighted sum of the rows, shape (size,)."""
        return self._sums[: self.size] + self._late_sums

    @property
    def top(self) -> float:
        """About the largest entry of the diagonal."""
        return float(self._G[: self.size, : self.size].diagonal().max(initial=0.0))

    def bend(self, v: np.ndarray) -> np.ndarray:
        """Return the Gram matrix times ``v``, both of its dtype."""
        bent = self._G[: self.size, : self.size] @ v
        if self._signs.size:
            bent += (self._signs * (self._late @ v)) @ self._late
        return bent

    @property
    def mass(self) -> float:
        """Σ s over the rows inside."""
        # Computed again each time: O(n) is cheap here, and no rounding errors add up.
        return float(np.sum(self._root[self._inside] ** 2))

    def product(self, v: np.ndarray) -> np.ndarray:
        """Return Xv of the working columns, shape (n,), in the precision of the Gram matrix."""
        return (self._Z[:, : self.size] @ v.astype(self._Z.dtype)) / self._root

    def carried(
        self, v: np.ndarray, rise: float, along: np.ndarray, before: np.ndarray, after: np.ndarray
    ) -> np.ndarray | None:
        """Return how ``Xᵀ(s∘y∘r)`` of the working columns changes; None where a pass is cheaper.

        The rows inside S change linearly: their part is ``−(Gv + rise Σ_S s x)``. What is left
        are the rows that crossed the margin, and few do.

        Parameters
        ----------
        v : ndarray, shape (size,)
            Change of the working weights.
        rise, along : float and ndarray, shape (n,)
            Change of the bias, and Xv.
        before, after : ndarray, shape (n,)
            y∘r before and after.
        """
        crossed, left = _left_over(before, after, along, rise, self._inside)
        if 4 * crossed.size > self._inside.size:
            return None
        bent = self.bend(v.astype(self._G.dtype)) + rise * self.sums
        return _pull(self._Z[:, : self.size], crossed, self._root[crossed] * left) - bent

    def centre(self, n: int) -> np.ndarray:
        """Return m with ``m mᵀ`` what the best bias takes off the curvature of n rows' mean.

        The bias is always at its best value. So the Hessian in w is the Schur complement of the
        bias: ``(G − Σ_S s x Σ_S s xᵀ / Σ_S s) / n``.
        """
        # Without a row inside there is no curvature, and no bias to eliminate.
        return (self.sums / (np.sqrt(n * self.mass) or np.inf)).astype(self._G.dtype)

    def curvature(self, n: int) -> np.ndarray:
        """Return that Hessian, shape (size, size)."""
        return _less_square(self.matrix, self._G.dtype.type(1.0 / n), self.centre(n))

    def join(self, columns: np.ndarray) -> None:
        """Append columns of X to the working set."""
        self._count()
        # At the end, never in between: products that are known keep their place. The rows inside
        # are those of the last `move`, so `join` and `move` may come in any order.
        old, new = self.size, self.size + columns.size
        fresh = self._Z[:, old:new]
        _weigh(self._X, columns, self._root, fresh)
        known = self._Z[:, :new]
        outside = np.flatnonzero(~self._inside)
        # The shorter side is gathered: products over the rows inside, or over all rows minus those
        # outside. At λ_max all rows are inside, at small λ fewer are.
        if 2 * outside.size > len(known):
            inside = np.flatnonzero(self._inside)
            part = _gather(known, inside)
            cross, sums = part.T @ part[:, old:], self._root[inside] @ part[:, old:]
        else:
            part = _gather(known, outside)
            cross = np.concatenate([known[:, :old].T @ fresh, fresh.T @ fresh])
            cross -= part.T @ part[:, old:]
            sums = self._root @ fresh - self._root[outside] @ part[:, old:]
        self._G[:new, old:new] = cross
        self._G[old:new, :old] = cross[:old].T
        self._sums[old:new] = sums
        self.size = new

    def move(self, inside: np.ndarray) -> None:
        """Let the rows ``inside`` (boolean, shape (n,)) be those that count, and no others."""
        # Near the solution few rows change sides. They wait until the matrix itself is needed, or
        # until they are so many that products with them take long.
        if np.array_equal(inside, self._inside):
            return
        self._inside = inside
        if self.size == 0:
            self._counted = inside
            return
        rows = np.flatnonzero(inside != self._counted)
        self._late = _gather(self._Z[:, : self.size], rows)
        self._signs = np.where(inside[rows], 1, -1).astype(self._late.dtype)
        self._late_sums = (self._signs * self._root[rows]) @ self._late
        if 2 * rows.size > self.size:
            self._count()

    def _count(self) -> None:
        """Add the late rows that are inside to the matrix, and subtract the others."""
        # float32 sums drift with every update. This is harmless: the matrix only sets Newton's
        # direction, and carried slopes are confirmed in float64.
        if self._signs.size:
            signed = self._late * self._signs[:, None]
            self._G[: self.size, : self.size] += signed.T @ self._late
        self._sums[: self.size] += self._late_sums
        self._counted, self._signs = self._inside, self._signs[:0]
        self._late_sums = np.zeros(1)


@compiled
def _weigh(X: np.ndarray, columns: np.ndarray, root: np.ndarray, out: np.ndarray) -> None:
    """Write root·X[:, columns] into ``out``."""
    for j in range(columns.size):
        source, target = X[:, columns[j]], out[:, j]
        for i in range(root.size):
            target[i] = root[i] * source[i]


@compiled
def _gather(Z: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return Z[rows] with contiguous columns, read column by column."""
    # numpy's Z[rows] takes row after row, and jumps through memory for each value of a column-major
    # array. Column after column, neighbours in memory are read one after the other.
    part = np.empty((Z.shape[1], rows.size), dtype=Z.dtype)
    for j in range(Z.shape[1]):
        for i in range(rows.size):
            part[j, i] = Z[rows[i], j]
    return part.T


@compiled
def _left_over(
    before: np.ndarray, after: np.ndarray, along: np.ndarray, rise: float, inside: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows whose y∘r did not change by ``−(along + rise)`` inside, and the rest."""
    rows, left, n = np.empty(after.size, dtype=np.int64), np.empty(after.size), 0
    for i in range(after.size):
        rest = after[i] - before[i]
        if inside[i]:
            rest += along[i] + rise
        # Residuals are of the order of one: less is rounding.
        if abs(rest) > 1e-10:
            rows[n], left[n] = i, rest
            n += 1
    return rows[:n], left[:n]


@compiled
def _pull(Z: np.ndarray, rows: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Return Z[rows]ᵀa, read column by column."""
    out = np.zeros(Z.shape[1])
    for j in range(Z.shape[1]):
        for i in range(rows.size):
            out[j] += Z[rows[i], j] * a[i]
    return out


@compiled
def _less_square(G: np.ndarray, share: float, m: np.ndarray) -> np.ndarray:
    """Return share G − m mᵀ, exactly symmetric."""
    H = np.empty(G.shape, dtype=G.dtype)
    for i in range(m.size):
        for j in range(m.size):
            H[i, j] = share * G[i, j] - m[i] * m[j]
    return H
