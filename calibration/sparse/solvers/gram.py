"""Gram matrix of the rows inside the margin. It is updated, not computed again.

Between two Newton steps few rows enter or leave the margin, and few groups join the working set.
Only those are added or subtracted. To compute the matrix again would cost O(n K²) at every step.
"""

import numpy as np

from calibration.sparse.compiled import compiled
from calibration.sparse.datafit.squared_hinge import SquaredHinge


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
        self.size = 0

    @property
    def matrix(self) -> np.ndarray:
        """The Gram matrix, shape (size, size), in order of arrival; read, do not write."""
        return self._G[: self.size, : self.size]

    @property
    def sums(self) -> np.ndarray:
        """Weighted sum of the rows, shape (size,)."""
        return self._sums[: self.size]

    @property
    def mass(self) -> float:
        """Σ s over the rows inside."""
        # Computed again each time: O(n) is cheap here, and no rounding errors add up.
        return float(np.sum(self._root[self._inside] ** 2))

    def join(self, columns: np.ndarray) -> None:
        """Append columns of X to the working set."""
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
        """Count the rows ``inside`` (boolean, shape (n,)), and no others."""
        # The rows that enter are added and those that leave are subtracted. Near the solution few
        # rows change sides, so a step costs O(k K²) for k such rows instead of O(n K²).
        for rows, sign in ((inside & ~self._inside, 1), (self._inside & ~inside, -1)):
            where = np.flatnonzero(rows)
            if where.size and self.size:
                part = _gather(self._Z[:, : self.size], where)
                # float32 sums drift with every update. This is harmless: the matrix only sets
                # Newton's direction, and gradient and certificate are float64 each time.
                change = part.T @ part
                if sign > 0:
                    self.matrix[...] += change
                else:
                    self.matrix[...] -= change
                self.sums[...] += sign * (self._root[where] @ part)
        self._inside = inside


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


class WorkingGram:
    """Loss Hessian on the working groups of all subjects, with every bias eliminated.

    Parameters
    ----------
    data : SquaredHinge
    starts : ndarray of int, shape (n_groups + 1,)
        Groups of w.
    dtype : dtype
    """

    def __init__(self, data: SquaredHinge, starts: np.ndarray, dtype: np.dtype) -> None:
        self._data = data
        self._starts = starts
        self._parts = [
            MarginGram(X, data.s[rows], dtype)
            for X, rows in zip(data.blocks, data.rows, strict=True)
        ]
        owner = np.empty(data.n_weights, dtype=int)
        feature = np.empty(data.n_weights, dtype=int)
        for t, columns in enumerate(data.columns):
            owner[columns], feature[columns] = t, np.arange(columns.size)
        self._owner, self._feature = owner, feature
        self.groups = np.empty(0, dtype=int)
        self.positions = np.empty(0, dtype=int)

    @property
    def local_starts(self) -> np.ndarray:
        """Groups within ``positions``, shape (n_working + 1,)."""
        return np.concatenate([[0], np.cumsum(np.diff(self._starts)[self.groups])])

    def join(self, groups: np.ndarray) -> None:
        """Append groups that are not yet in the working set."""
        if groups.size == 0:
            return
        fresh = np.concatenate([np.arange(self._starts[g], self._starts[g + 1]) for g in groups])
        for t, part in enumerate(self._parts):
            part.join(self._feature[fresh[self._owner[fresh] == t]])
        self.groups = np.concatenate([self.groups, groups])
        self.positions = np.concatenate([self.positions, fresh])

    def move(self, residual: np.ndarray) -> None:
        """Count the rows with a positive residual."""
        inside = residual > 0.0
        for part, rows in zip(self._parts, self._data.rows, strict=True):
            part.move(inside[rows])

    @property
    def is_shared(self) -> bool:
        """Whether every group holds the weights of the same features of each subject."""
        group = np.repeat(np.arange(self._starts.size - 1), np.diff(self._starts))
        of_subjects = group[self._data.columns]
        return bool(np.all(of_subjects == of_subjects[0]))

    def hessian(self) -> np.ndarray:
        """Return ``(G_t − m_t m_tᵀ/Σs)/n`` of every subject t on the diagonal, shape (K, K)."""
        n = self._data.y.size
        # One subject owns all columns, so the block is the whole: no second K × K array.
        if len(self._parts) == 1:
            return _centred(self._parts[0], n)
        H = np.zeros((self.positions.size, self.positions.size))
        for part, places in zip(self._parts, self.places(), strict=True):
            H[np.ix_(places, places)] = _centred(part, n)
        return H

    def hessians(self) -> np.ndarray:
        """Return these blocks alone, shape (n_subjects, d, d); the groups are shared."""
        return np.stack([_centred(part, self._data.y.size) for part in self._parts])

    def places(self) -> list[np.ndarray]:
        """Return where the working weights of each subject lie among ``positions``."""
        owner = self._owner[self.positions]
        return [np.flatnonzero(owner == t) for t in range(len(self._parts))]


def _centred(part: MarginGram, n: int) -> np.ndarray:
    """Return one subject's Gram matrix over n, its bias eliminated.

    The bias is always at its best value. So the Hessian in w is the Schur complement of the bias:
    ``G − m mᵀ/Σs`` with m the weighted sum of the rows.
    """
    H = part.matrix * part.matrix.dtype.type(1.0 / n)
    mass = part.mass
    # Without a row inside there is no curvature, and no bias to eliminate. The divisor is split
    # between both factors, so the product is exactly symmetric.
    if mass > 0.0:
        scaled = (part.sums / np.sqrt(n * mass)).astype(H.dtype)
        H -= scaled[:, None] * scaled
    return H
