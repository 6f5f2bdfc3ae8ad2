"""Quadratic terms beside the penalty: they tie subjects together."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Quadratic(Protocol):
    """A convex quadratic R(w), its gradient, conjugate and Hessian."""

    def value(self, w: np.ndarray) -> float:
        """Return R(w)."""

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return u = ∇R(w)."""

    def conjugate(self, u: np.ndarray) -> tuple[float, float]:
        """Return (line, curve) with R*(t·u) = t·line + t²·curve/2 for a gradient u."""

    def curvature(self) -> float:
        """Return the largest eigenvalue of the Hessian."""

    def add_hessian(self, H: np.ndarray, positions: np.ndarray) -> None:
        """Add the Hessian among the weights at ``positions`` to H, in place."""

    @property
    def spares_mean(self) -> bool:
        """Whether R is flat along the subjects' mean and curved in all other directions."""


@dataclass(frozen=True)
class Nothing:
    """R = 0."""

    spares_mean = False

    def value(self, w: np.ndarray) -> float:
        """Return 0."""
        return 0.0

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return zeros."""
        return np.zeros(w.size)

    def conjugate(self, u: np.ndarray) -> tuple[float, float]:
        """Return no line and no curve."""
        return 0.0, 0.0

    def curvature(self) -> float:
        """Return 0."""
        return 0.0

    def add_hessian(self, H: np.ndarray, positions: np.ndarray) -> None:
        """Add nothing."""


@dataclass(frozen=True)
class Pull:
    """``R(w) = strength ‖w − centre‖²``: a new subject is drawn to the mean of learnt ones."""

    strength: float
    centre: np.ndarray
    spares_mean = False

    def value(self, w: np.ndarray) -> float:
        """Return strength ‖w − centre‖²."""
        return self.strength * float(np.sum((w - self.centre) ** 2))

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return 2 strength (w − centre)."""
        return 2 * self.strength * (w - self.centre)

    def conjugate(self, u: np.ndarray) -> tuple[float, float]:
        """Return uᵀcentre and ‖u‖²/(2 strength)."""
        return float(u @ self.centre), float(u @ u) / (2 * self.strength)

    def curvature(self) -> float:
        """Return 2 strength."""
        return 2 * self.strength

    def add_hessian(self, H: np.ndarray, positions: np.ndarray) -> None:
        """Add 2 strength on the diagonal."""
        H[np.diag_indices_from(H)] += 2 * self.strength


@dataclass(frozen=True)
class Similarity:
    """``R(w) = strength Σ_t ‖w_t − w̄‖²`` with w̄ the mean over the subjects.

    Attributes
    ----------
    strength : float
        Positive.
    columns : ndarray of int, shape (n_subjects, n_features)
        Where each subject's weights lie in w.
    """

    strength: float
    columns: np.ndarray
    spares_mean = True

    def value(self, w: np.ndarray) -> float:
        """Return strength Σ_t ‖w_t − w̄‖²."""
        W = w[self.columns]
        return self.strength * float(np.sum((W - W.mean(axis=0)) ** 2))

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return 2 strength (w_t − w̄) for every subject."""
        W, u = w[self.columns], np.empty_like(w)
        u[self.columns] = 2 * self.strength * (W - W.mean(axis=0))
        return u

    def conjugate(self, u: np.ndarray) -> tuple[float, float]:
        """Return no line and ‖u‖²/(2 strength); u sums to zero over the subjects."""
        return 0.0, float(u @ u) / (2 * self.strength)

    def curvature(self) -> float:
        """Return 2 strength."""
        return 2 * self.strength

    def add_hessian(self, H: np.ndarray, positions: np.ndarray) -> None:
        """Add 2 strength (1 − 1/m) for the same weight, −2 strength/m across subjects."""
        feature = np.empty(self.columns.size, dtype=int)
        feature[self.columns] = np.arange(self.columns.shape[1])
        same = feature[positions][:, None] == feature[positions]
        H -= (2 * self.strength / len(self.columns)) * same
        H[np.diag_indices_from(H)] += 2 * self.strength
