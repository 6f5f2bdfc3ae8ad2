"""The squared hinge loss of one or several subjects, each with its own bias."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.sparse.compiled import compiled

Runs = Sequence[slice]


@compiled
def best_bias(f: np.ndarray, y: np.ndarray, s: np.ndarray, bias: float) -> float:
    """Return the b that minimises Σ s_i (1 − y_i (f_i + b))₊², searched from ``bias``.

    Newton on the monotone piecewise-linear derivative, kept inside a bracket (far from the root
    the plain iteration can cycle between two pieces).
    """
    low, high = -np.inf, np.inf
    for _ in range(100):
        slope, curvature = 0.0, 0.0
        for i in range(f.size):
            r = 1.0 - y[i] * (f[i] + bias)
            if r > 0.0:
                slope += s[i] * y[i] * r
                curvature += s[i]
        if slope == 0.0:
            break
        low = bias if slope > 0.0 else low
        high = bias if slope < 0.0 else high
        proposal = bias + slope / curvature
        if not low < proposal < high:
            proposal = 0.5 * (low + high)
            if not low < proposal < high:
                break
        if abs(proposal - bias) <= 1e-16 * (1.0 + abs(bias)):
            bias = proposal
            break
        bias = proposal
    return bias


@dataclass(frozen=True)
class SquaredHinge:
    """``1/(2n) Σ_i s_i (1 − y_i f_i)₊²`` with ``f = X_t w_t + b_t`` on the rows of subject t.

    Attributes
    ----------
    blocks : tuple of ndarray, shape (n_t, n_features)
        One matrix per subject, columns contiguous in memory.
    y : ndarray, shape (n,)
        Labels −1 and 1 of all subjects' rows, one subject after the other.
    s : ndarray, shape (n,)
        Sample weights with Σ s = n; all positive.
    columns : ndarray of int, shape (n_subjects, n_features)
        ``w[columns[t]]`` are the weights of subject t. The weights of one group lie together,
        subject after subject, so that a group is one slice of w.
    """

    blocks: tuple[np.ndarray, ...]
    y: np.ndarray
    s: np.ndarray
    columns: np.ndarray

    @functools.cached_property
    def rows(self) -> list[slice]:
        """The rows of each subject."""
        edges = np.cumsum([0, *(len(block) for block in self.blocks)])
        return [slice(a, b) for a, b in itertools.pairwise(edges)]

    @property
    def n_weights(self) -> int:
        """Length of w."""
        return self.columns.size

    def product(self, w: np.ndarray, runs: Runs | None = None) -> np.ndarray:
        """Return Xw, the decision values without the bias, shape (n,).

        ``runs`` are the slices of features outside which w is zero; all features by default.
        """
        if runs is None and len(self.blocks) == 1:
            return self.blocks[0] @ w
        f = np.zeros(self.y.size)
        for X, columns, rows in zip(self.blocks, self.columns, self.rows, strict=True):
            for run in [slice(None)] if runs is None else runs:
                f[rows] += X[:, run] @ w[columns[run]]
        return f

    def adjoint(self, a: np.ndarray, runs: Runs | None = None) -> np.ndarray:
        """Return Xᵀa, shape (n_weights,); only on ``runs`` of features, zero elsewhere."""
        if runs is None and len(self.blocks) == 1:
            return self.blocks[0].T @ a
        c = np.zeros(self.n_weights)
        for X, columns, rows in zip(self.blocks, self.columns, self.rows, strict=True):
            for run in [slice(None)] if runs is None else runs:
                c[columns[run]] = X[:, run].T @ a[rows]
        return c

    def biases(self, f: np.ndarray, start: np.ndarray) -> np.ndarray:
        """Return every subject's best bias for the decision values ``f``, shape (n_subjects,)."""
        return np.array(
            [
                best_bias(f[rows], self.y[rows], self.s[rows], b)
                for rows, b in zip(self.rows, start, strict=True)
            ]
        )

    def residual(self, f: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Return (1 − y∘(f + b))₊, shape (n,)."""
        if bias.size == 1:
            return np.maximum(1.0 - self.y * (f + bias[0]), 0.0)
        spread = np.repeat(bias, [len(block) for block in self.blocks])
        return np.maximum(1.0 - self.y * (f + spread), 0.0)

    def value(self, residual: np.ndarray) -> float:
        """Return the loss of a residual."""
        return float(residual @ (self.s * residual)) / (2 * residual.size)

    def dual(self, residual: np.ndarray) -> np.ndarray:
        """Return y∘a with a = s∘r/n; the loss's gradient in w is ``−adjoint`` of it."""
        return self.y * self.s * residual / residual.size

    def lipschitz(self, n_iter: int = 30) -> float:
        """Return max_t ‖diag(√s_t) X_t‖₂²/n by power iteration (from below, within some %)."""
        top = 0.0
        for X, rows in zip(self.blocks, self.rows, strict=True):
            v = np.asarray(np.random.default_rng(0).normal(size=X.shape[1]))
            norm = float(np.linalg.norm(v))
            for _ in range(n_iter):
                if norm == 0.0:
                    break
                pushed = self.s[rows] * (X @ (v / norm))
                v = X.T @ pushed
                norm = float(np.linalg.norm(v))
            top = max(top, norm / self.y.size)
        return top


def runs_of(starts: np.ndarray, kept: np.ndarray) -> Runs | None:
    """Return the features of the kept groups as few slices, None where they are most of all.

    Parameters
    ----------
    starts : ndarray of int, shape (n_groups + 1,)
        Features of each group.
    kept : ndarray of bool, shape (n_groups,)
    """
    if 2 * np.sum(np.diff(starts)[kept]) > starts[-1]:
        return None
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]).astype(int)))
    places = starts[edges]
    return [slice(a, b) for a, b in zip(places[::2], places[1::2], strict=True)]


def squared_hinge(
    blocks: Sequence[np.ndarray],
    labels: Sequence[np.ndarray],
    weights: Sequence[np.ndarray],
    starts: np.ndarray,
) -> SquaredHinge:
    """Stack the subjects' trials into one data term.

    Parameters
    ----------
    blocks : sequence of ndarray, shape (n_t, n_features)
        Scaled features of each subject, the same features in the same order.
    labels : sequence of ndarray, shape (n_t,)
        −1 or 1; both occur in every subject.
    weights : sequence of ndarray, shape (n_t,)
        Positive sample weights, rescaled here to a mean of one over all subjects' trials.
    starts : ndarray of int, shape (n_groups + 1,)
        First feature of each group, and the number of features.

    Returns
    -------
    data : SquaredHinge
        Matrices are copied only where they were not float64 with contiguous columns.
    """
    s = np.concatenate([np.asarray(part, dtype=float) for part in weights])
    return SquaredHinge(
        blocks=tuple(np.asfortranarray(block, dtype=np.float64) for block in blocks),
        y=np.concatenate([np.asarray(part, dtype=float) for part in labels]),
        s=s * (s.size / s.sum()),
        columns=_interleaved(starts, len(blocks)),
    )


def _interleaved(starts: np.ndarray, n_subjects: int) -> np.ndarray:
    """Return where feature j of subject t lies when each group holds its subjects in turn."""
    sizes = np.diff(starts)
    group = np.repeat(np.arange(sizes.size), sizes)
    within = np.arange(starts[-1]) - starts[group]
    offsets = starts[group] * n_subjects + within
    return offsets + np.arange(n_subjects)[:, None] * sizes[group]
