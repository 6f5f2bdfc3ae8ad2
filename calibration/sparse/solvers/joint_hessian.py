"""The curvature of several subjects: one matrix each, and a mean that couples them."""

import itertools

import numpy as np
import scipy.linalg

from calibration.sparse.compiled import compiled
from calibration.sparse.solvers.dense_hessian import block_length


class JointHessian:
    """``H_t`` of each subject, plus ``shift (w_t − w̄)``, or ``shift w_t`` without a mean.

    Subjects meet only in their mean and in the lengths of their common groups. So a system with H
    and the curvature of the groups costs one factorisation per subject, one of the mean and one of
    as many unknowns as groups: linear in the subjects, where one dense matrix of all would be
    cubic.

    Parameters
    ----------
    blocks : ndarray, shape (n_subjects, d, d)
        Symmetric, positive semidefinite, float32 or float64.
    shift : float
    coupled : bool
        Whether the mean is taken off.
    places : ndarray of int, shape (n_subjects, d)
        Where each subject's weights lie in the vectors that are given; within a group they lie
        subject after subject.
    """

    def __init__(self, blocks: np.ndarray, shift: float, coupled: bool, places: np.ndarray) -> None:
        self._blocks = blocks
        self._shift = shift
        self._coupled = coupled and shift > 0.0
        self._places = places
        self._subject = np.empty(places.size, dtype=np.int64)
        self._feature = np.empty(places.size, dtype=np.int64)
        for t, own in enumerate(places):
            self._subject[own], self._feature[own] = t, np.arange(own.size)
        self._eigen: tuple[np.ndarray, np.ndarray] | None = None

    def product(self, v: np.ndarray) -> np.ndarray:
        """Return Hv in float64."""
        V, out = v[self._places], np.empty(v.size)
        bent = np.matmul(self._blocks, V[:, :, None].astype(self._blocks.dtype))[:, :, 0]
        centre = V.mean(axis=0) if self._coupled else 0.0
        out[self._places] = bent + self._shift * (V - centre)
        return out

    def sweep(
        self, slope: np.ndarray, v: np.ndarray, starts: np.ndarray, steps: np.ndarray, l1: float
    ) -> None:
        """Bring every group once closer to its own solution, in place; ``l1`` is zero.

        A group is solved exactly, but without the mean. The mean only lowers the curvature, so the
        objective falls with every group.
        """
        edges = starts // len(self._places)
        if self._eigen is None:
            self._eigen = _eigen(self._blocks, edges)
        S, V = slope[self._places], v[self._places]
        shifts = np.array([self._shift, self._shift if self._coupled else 0.0])
        _sweep(self._blocks, shifts, S, V, edges, steps, *self._eigen)
        slope[self._places], v[self._places] = S, V

    def solve(
        self,
        support: np.ndarray,
        x: np.ndarray,
        edges: np.ndarray,
        strength: np.ndarray,
        force: np.ndarray,
        enough: float = 0.0,
    ) -> np.ndarray:
        """Solve exactly with H on the support plus the curvature of Σ strength_g ‖x_g‖ at x."""
        t, active = self._subject[support], np.unique(self._feature[support])
        column = np.searchsorted(active, self._feature[support])
        lengths = np.sqrt(np.add.reduceat(x * x, edges[:-1]))
        heights = np.where(strength > 0.0, strength / lengths, 0.0)
        group = np.repeat(np.arange(strength.size), np.diff(edges))
        lift = np.zeros(active.size)
        lift[column] = heights[group]
        # Column 0 is the force. The others are the groups' own directions, in which their curvature
        # is zero: it is taken off again below (Sherman, Morrison and Woodbury).
        bent = np.flatnonzero(strength > 0.0)
        number = np.zeros(strength.size, dtype=np.int64)
        number[bent] = np.arange(1, bent.size + 1)
        R = np.zeros((len(self._places), active.size, bent.size + 1))
        R[t, column, 0] = force
        penalised = number[group] > 0
        R[t[penalised], column[penalised], number[group][penalised]] = x[penalised]
        Y = self._solved(active, lift, R)
        if bent.size:
            Q = R[:, :, 1:]
            among = np.tensordot(Q, Y, axes=([0, 1], [0, 1]))
            K = np.diag(lengths[bent] ** 3 / strength[bent]) - among[:, 1:]
            Y[:, :, 0] += Y[:, :, 1:] @ np.linalg.lstsq(K, among[:, 0])[0]
        return Y[t, column, 0]

    def _solved(self, active: np.ndarray, lift: np.ndarray, R: np.ndarray) -> np.ndarray:
        """Return A⁻¹R, A being H on the active features of all subjects, its diagonal lifted."""
        Y = np.empty_like(R)
        own = np.zeros((active.size, active.size))
        factors = []
        for t, block in enumerate(self._blocks):
            # float64: the groups' directions are taken off again, and float32 would not survive it.
            B = block[np.ix_(active, active)].astype(np.float64)
            diagonal = np.einsum("ii->i", B)
            top = max(float(diagonal.max()), 1e-300)
            diagonal += lift + 32 * float(np.finfo(block.dtype).eps) * top
            bent = B.copy() if self._coupled else None
            diagonal += self._shift
            factor = scipy.linalg.cho_factor(B.T, overwrite_a=True, check_finite=False)
            Y[t] = scipy.linalg.cho_solve(factor, R[t], check_finite=False)
            if bent is not None:
                factors.append(factor)
                own += scipy.linalg.cho_solve(factor, bent, overwrite_b=True, check_finite=False)
        if self._coupled:
            # The solution is B⁻¹(R + shift z), z its mean: so (1 − shift mean(B⁻¹)) z = mean(B⁻¹R).
            # The left side is mean(B⁻¹(B − shift)), which loses no digits where shift is large.
            z = np.linalg.solve(own, Y.sum(axis=0)) * self._shift
            for t, factor in enumerate(factors):
                Y[t] += scipy.linalg.cho_solve(factor, z, check_finite=False)
        return Y


def _eigen(blocks: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues (m, d) and eigenvectors (m, Σ size²), one per row, of diagonal blocks."""
    sizes = np.diff(edges)
    at = np.concatenate([[0], np.cumsum(sizes * sizes)])
    values = np.empty(blocks.shape[:2])
    vectors = np.empty((len(blocks), at[-1]))
    for g, (a, b) in enumerate(itertools.pairwise(edges)):
        found, basis = np.linalg.eigh(blocks[:, a:b, a:b].astype(np.float64))
        values[:, a:b] = np.maximum(found, 0.0)
        vectors[:, at[g] : at[g + 1]] = basis.transpose(0, 2, 1).reshape(len(blocks), -1)
    return values, vectors


@compiled
def _sweep(
    blocks: np.ndarray,
    shifts: np.ndarray,
    S: np.ndarray,
    V: np.ndarray,
    edges: np.ndarray,
    steps: np.ndarray,
    values: np.ndarray,
    vectors: np.ndarray,
) -> None:
    """Solve every group once without the mean, in place; ``shifts`` are those of w_t and of w̄."""
    m, d = V.shape
    at = 0
    for g in range(edges.size - 1):
        a, b = edges[g], edges[g + 1]
        basis = vectors[:, at : at + (b - a) ** 2]
        at += (b - a) ** 2
        moves = _block_moves(
            blocks[:, a:b, a:b], shifts[0], S[:, a:b], V[:, a:b], steps[g], values[:, a:b], basis
        )
        for i in range(b - a):
            mean = 0.0
            for t in range(m):
                mean += moves[t, i] / m
            for t in range(m):
                S[t, a + i] += shifts[0] * moves[t, i] - shifts[1] * mean
                if moves[t, i] != 0.0:
                    V[t, a + i] += moves[t, i]
                    for j in range(d):
                        S[t, j] += blocks[t, a + i, j] * moves[t, i]


@compiled
def _block_moves(
    blocks: np.ndarray,
    shift: float,
    S: np.ndarray,
    V: np.ndarray,
    step: float,
    values: np.ndarray,
    basis: np.ndarray,
) -> np.ndarray:
    """Return how one group moves to its own solution without the mean, shape (m, size)."""
    m, size = V.shape
    turned, curves, square = np.zeros(m * size), np.empty(m * size), 0.0
    for t in range(m):
        for i in range(size):
            u = shift * V[t, i] - S[t, i]
            for j in range(size):
                u += blocks[t, i, j] * V[t, j]
            square += u * u
            for j in range(size):
                turned[t * size + j] += basis[t, j * size + i] * u
            curves[t * size + i] = values[t, i] + shift
    moves = -V
    if square <= step * step:
        return moves
    nu = block_length(turned, curves, step) if step > 0.0 else 1.0
    for t in range(m):
        for j in range(size):
            below = curves[t * size + j] * nu + step
            share = turned[t * size + j] * nu / below if below > 0.0 else 0.0
            for i in range(size):
                moves[t, i] += basis[t, j * size + i] * share
    return moves
