"""Gram matrices of the working groups of all subjects."""

import numpy as np

from calibration.sparse.datafit.squared_hinge import SquaredHinge
from calibration.sparse.solvers.margin_gram import MarginGram


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
    def only(self) -> MarginGram:
        """The Gram matrix of the first subject."""
        return self._parts[0]

    def product(self, v: np.ndarray) -> np.ndarray:
        """Return Xw for weights that are ``v`` on the working positions and zero elsewhere."""
        parts = zip(self._parts, self.places(), strict=True)
        return np.concatenate([part.product(v[places]) for part, places in parts])

    def carried(
        self, v: np.ndarray, rises: np.ndarray, along: np.ndarray, signed: tuple[np.ndarray, ...]
    ) -> np.ndarray | None:
        """Return the change of the loss's slope on the positions; see `MarginGram.carried`.

        ``signed`` are y∘r before and after.
        """
        change, (before, after) = np.empty(v.size), signed
        for t, (part, places, rows) in enumerate(
            zip(self._parts, self.places(), self._data.rows, strict=True)
        ):
            own = part.carried(v[places], rises[t], along[rows], before[rows], after[rows])
            if own is None:
                return None
            change[places] = own
        return change / self._data.y.size

    @property
    def is_shared(self) -> bool:
        """Whether every group holds the weights of the same features of each subject."""
        group = np.repeat(np.arange(self._starts.size - 1), np.diff(self._starts))
        of_subjects = group[self._data.columns]
        return bool(np.all(of_subjects == of_subjects[0]))

    def hessian(self) -> np.ndarray:
        """Return ``(G_t − m_t m_tᵀ/Σs)/n`` of every subject t on the diagonal, shape (K, K)."""
        n = self._data.y.size
        H = np.zeros((self.positions.size, self.positions.size))
        for part, places in zip(self._parts, self.places(), strict=True):
            H[np.ix_(places, places)] = part.curvature(n)
        return H

    def hessians(self) -> np.ndarray:
        """Return these blocks alone, shape (n_subjects, d, d); the groups are shared."""
        return np.stack([part.curvature(self._data.y.size) for part in self._parts])

    def places(self) -> list[np.ndarray]:
        """Return where the working weights of each subject lie among ``positions``."""
        owner = self._owner[self.positions]
        return [np.flatnonzero(owner == t) for t in range(len(self._parts))]
