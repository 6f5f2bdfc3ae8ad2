"""The penalties Ω: value, proximal operator, dual norm.

Weights are one vector w cut into groups by ``starts``; with several subjects a group holds one
sensor's weights of all of them. ``prox(v, step)`` is ``argmin_x ½‖x − v‖² + step Ω(x)``. λ_max, the
smallest λ with an all-zero solution, is the dual norm of the gradient at zero (see `problem`).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from calibration.sparse.penalties.proximal import (
    group_norms,
    prox_groups,
    soft_threshold,
    split_sensors_times,
)

_MAX_SWEEPS = 2000
_MAX_STEPS = 200


class Penalty(Protocol):
    """What a solver asks of Ω."""

    def value(self, w: np.ndarray) -> float:
        """Return Ω(w)."""

    def prox(self, v: np.ndarray, step: float) -> np.ndarray:
        """Return argmin_x ½‖x − v‖² + step Ω(x)."""

    def dual_norm(self, c: np.ndarray) -> float:
        """Return max_w cᵀw over Ω(w) ≤ 1; infinite where Ω is not a norm."""

    def dual(self, c: np.ndarray, lam: float, w: np.ndarray) -> tuple[float, float]:
        """Describe the conjugate of λΩ along t·c: finite while t·level ≤ λ, there t²·curve/2.

        Returns
        -------
        level : float
            The dual norm, or a bound above it that is tight when (w, c) are the solutions at λ.
        curve : float
            Zero for norms.
        """

    def blocks(self) -> "Blocks | None":
        """Return Ω as a sum over separate groups, or None where it is not such a sum."""


@dataclass(frozen=True)
class Blocks:
    """``Ω(w) = Σ_g weights_g ‖w_g‖₂ + l1 ‖w‖₁ + ½ ridge ‖w‖²``, the form Newton works on."""

    starts: np.ndarray
    weights: np.ndarray
    l1: float = 0.0
    ridge: float = 0.0


@dataclass(frozen=True)
class Ridge:
    """``Ω(w) = ½‖w‖₂²``: the plain SVM."""

    starts: np.ndarray

    def value(self, w: np.ndarray) -> float:
        """Return ½‖w‖²."""
        return 0.5 * float(w @ w)

    def prox(self, v: np.ndarray, step: float) -> np.ndarray:
        """Return v / (1 + step)."""
        return v / (1.0 + step)

    def dual_norm(self, c: np.ndarray) -> float:
        """Return infinity: no λ makes all weights zero."""
        return np.inf if np.any(c) else 0.0

    def dual(self, c: np.ndarray, lam: float, w: np.ndarray) -> tuple[float, float]:
        """Return no constraint and the curvature ‖c‖²/λ."""
        return 0.0, float(c @ c) / lam

    def blocks(self) -> Blocks:
        """Return one unpenalised group per sensor beside the ridge."""
        return Blocks(self.starts, np.zeros(self.starts.size - 1), ridge=1.0)


@dataclass(frozen=True)
class GroupNorm:
    """``Ω(w) = Σ_g weights_g ‖w_g‖_q``: GSVM-q, SVM-1 (q = 1), GSVM-a (weights 1/‖w*_g‖₂).

    Attributes
    ----------
    starts : ndarray of int, shape (n_groups + 1,)
    weights : ndarray, shape (n_groups,)
        Positive: the price of each group.
    q : float
        1 ≤ q ≤ ∞.
    """

    starts: np.ndarray
    weights: np.ndarray
    q: float = 2.0

    def value(self, w: np.ndarray) -> float:
        """Return Σ_g weights_g ‖w_g‖_q."""
        return float(self.weights @ group_norms(w, self.starts, self.q))

    def prox(self, v: np.ndarray, step: float) -> np.ndarray:
        """Shrink every group, to zero where its dual norm is at most step·weight."""
        return prox_groups(v, self.starts, step * self.weights, self.q)

    def dual_norm(self, c: np.ndarray) -> float:
        """Return max_g ‖c_g‖_q′ / weights_g with 1/q + 1/q′ = 1."""
        return float(np.max(self.pulls(c)))

    def pulls(self, c: np.ndarray) -> np.ndarray:
        """Return ‖c_g‖_q′ / weights_g of each group: above λ the group leaves zero."""
        norms: np.ndarray = group_norms(c, self.starts, conjugate_exponent(self.q))
        return norms / self.weights

    def dual(self, c: np.ndarray, lam: float, w: np.ndarray) -> tuple[float, float]:
        """Return the dual norm and no curvature."""
        return self.dual_norm(c), 0.0

    def blocks(self) -> Blocks | None:
        """Return the groups for q = 2, groups of one for q = 1."""
        if self.q == 1.0:
            sizes = np.diff(self.starts)
            return Blocks(np.arange(self.starts[-1] + 1), np.repeat(self.weights, sizes))
        return Blocks(self.starts, self.weights) if self.q == 2.0 else None


@dataclass(frozen=True)
class SparseGroup:
    """``Ω(w) = Σ_g weights_g ‖w_g‖₂ + l1 ‖w‖₁``: few sensors, and few times within them."""

    starts: np.ndarray
    weights: np.ndarray
    l1: float

    def value(self, w: np.ndarray) -> float:
        """Return the sum of both norms."""
        norms = group_norms(w, self.starts, 2.0)
        return float(self.weights @ norms + self.l1 * np.sum(np.abs(w)))

    def prox(self, v: np.ndarray, step: float) -> np.ndarray:
        """Soft-threshold every entry, then every group."""
        shrunk = soft_threshold(v, step * self.l1)
        return prox_groups(shrunk, self.starts, step * self.weights, 2.0)

    def dual_norm(self, c: np.ndarray) -> float:
        """Return max over groups of the root ν of ‖soft(c_g, ν l1)‖₂ = ν weights_g."""
        roots = [
            _sparse_group_root(np.abs(c[a:b]), weight, self.l1)
            for a, b, weight in zip(self.starts[:-1], self.starts[1:], self.weights, strict=True)
        ]
        return max(roots)

    def dual(self, c: np.ndarray, lam: float, w: np.ndarray) -> tuple[float, float]:
        """Return the dual norm and no curvature."""
        return self.dual_norm(c), 0.0

    def blocks(self) -> Blocks:
        """Return the groups with the ℓ1 part beside them."""
        return Blocks(self.starts, self.weights, l1=self.l1)


@dataclass(frozen=True)
class SensorTime:
    """``Ω(W) = Σ_c weights_c ‖W[c, :]‖₂ + kappa Σ_t ‖W[:, t]‖₂``: whole sensors and whole times.

    The groups overlap; w is the matrix W (n_channels, n_times) row by row. Duplicating columns
    instead would give the *latent* overlap norm, another penalty.

    Attributes
    ----------
    weights : ndarray, shape (n_channels,)
    n_times : int
    kappa : float
    n_subjects : int
        A row of W holds the times of each subject in turn, and a time's group is that of all.
    """

    weights: np.ndarray
    n_times: int
    kappa: float
    n_subjects: int = 1

    def value(self, w: np.ndarray) -> float:
        """Return the sum over sensors and times."""
        W = w.reshape(-1, self.n_subjects * self.n_times)
        rows = self.weights @ np.linalg.norm(W, axis=1)
        return float(rows + self.kappa * np.sum(self._of_times(W)))

    def prox(self, v: np.ndarray, step: float) -> np.ndarray:
        """Return v minus the nearest sum of a row part and a column part.

        A sensor or a time is zero, exactly, where its part lies inside of its ball.
        """
        rows, columns = self._split(v, step)
        x = v.reshape(rows.shape) - rows - columns
        # On the ball up to rounding; without this, rounding errors would look like chosen sensors.
        x[np.linalg.norm(rows, axis=1) < step * self.weights * (1 - 1e-12)] = 0.0
        inside = self._of_times(columns) < step * self.kappa * (1 - 1e-12)
        x[:, np.tile(inside, self.n_subjects)] = 0.0
        return x.ravel()

    def dual_norm(self, c: np.ndarray) -> float:
        """Return max_w cᵀw / Ω(w), to a relative error of about 1e-10.

        Any w bounds it from below, any split of c into a row part and a column part from above.
        Both come closer by proximal steps from w towards c. Short ones are solved fast, long ones
        come closer where many w are nearly as good; so they grow. At c alone, without w, the
        proximal operator is nearly zero, and all rounding errors are seen.
        """
        top = float(np.max(np.abs(c)))
        if top == 0.0:
            return 0.0
        c = w = c / top
        low, high, inertia = float(c @ c) / self.value(c), np.inf, 0.03
        for _ in range(_MAX_STEPS):
            ahead = c + inertia * float(np.linalg.norm(c) / np.linalg.norm(w)) * w
            rows, columns = self._split(ahead, low)
            high = min(high, self._level(c, columns))
            w = ahead - (rows + columns).ravel()
            low = max(low, float(c @ w) / self.value(w))
            if high - low <= 1e-10 * high:
                break
            inertia = max(0.7 * inertia, 1e-3)
        return top * high

    def dual(self, c: np.ndarray, lam: float, w: np.ndarray) -> tuple[float, float]:
        """Return a bound of the dual norm, tight when c is a subgradient of λΩ at w.

        Any split of c into a row part and a column part bounds its norm. At the optimum the split
        of c + μw, for any μ > 0, is also a split of c, and is found much faster than from c alone.
        """
        top = float(np.linalg.norm(w))
        mu = float(np.linalg.norm(c)) / top if top > 0.0 else 0.0
        _, columns = self._split(c + mu * w, lam)
        return self._level(c, columns), 0.0

    def blocks(self) -> None:
        """Return None: rows and columns share their entries."""
        return None

    def _split(self, v: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        V = v.reshape(self.weights.size, -1)
        radii = np.full(self.n_times, level * self.kappa)
        return split_sensors_times(V, level * self.weights, radii, _MAX_SWEEPS)

    def _level(self, c: np.ndarray, columns: np.ndarray) -> float:
        """Return the bound of the dual norm by a column part; the rows hold the rest of c."""
        rows = c.reshape(columns.shape) - columns
        level = np.max(np.linalg.norm(rows, axis=1) / self.weights)
        return float(max(level, np.max(self._of_times(columns)) / self.kappa))

    def _of_times(self, W: np.ndarray) -> np.ndarray:
        """Return the length of each time's group, shape (n_times,)."""
        squares = np.sum(W * W, axis=0).reshape(self.n_subjects, self.n_times)
        return np.sqrt(squares.sum(axis=0))


def conjugate_exponent(q: float) -> float:
    """Return q′ with 1/q + 1/q′ = 1."""
    if q == 1.0:
        return np.inf
    return 1.0 if q == np.inf else q / (q - 1.0)


def _sparse_group_root(a: np.ndarray, weight: float, l1: float) -> float:
    """Return ν with Σ (a_i − ν l1)₊² = ν² weight², exactly: a quadratic between two entries."""
    if l1 == 0.0:
        return float(np.linalg.norm(a)) / weight
    a = np.sort(a)[::-1]
    sums, squares = np.cumsum(a), np.cumsum(a * a)
    kept = np.arange(1, a.size + 1)
    # Excess of the left side at ν = a_k / l1, where entries after k have just left the sum.
    thresholds = np.append(a[1:], 0.0) / l1
    excess = squares - 2 * thresholds * l1 * sums + kept * (thresholds * l1) ** 2
    k = int(np.argmax(excess >= (thresholds * weight) ** 2))
    curve = kept[k] * l1**2 - weight**2
    half = l1 * sums[k]
    # The smaller root of curve ν² − 2 half ν + squares = 0, written without cancellation.
    return float(squares[k] / (half + np.sqrt(max(half**2 - curve * squares[k], 0.0)) or 1.0))
