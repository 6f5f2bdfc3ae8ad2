"""The whole equation, its λ_max, and the certificate of a solution."""

from dataclasses import dataclass, field

import numpy as np

from calibration.sparse.datafit.squared_hinge import SquaredHinge
from calibration.sparse.penalties.mixed_norms import Penalty
from calibration.sparse.penalties.quadratics import Nothing, Quadratic


@dataclass(frozen=True)
class Problem:
    """``P(w, b) = 1/(2n) Σ s_i (1 − y_i f_i)₊² + λ Ω(w) + R(w)``; λ is given when solving."""

    data: SquaredHinge
    penalty: Penalty
    quadratic: Quadratic = field(default_factory=Nothing)

    def value(self, w: np.ndarray, residual: np.ndarray, lam: float) -> float:
        """Return P at weights w with residual (1 − y∘f)₊."""
        penalty = lam * self.penalty.value(w) + self.quadratic.value(w)
        return self.data.value(residual) + penalty


@dataclass(frozen=True)
class Solution:
    """Weights at one λ, and a bound on how good they are.

    Attributes
    ----------
    w : ndarray, shape (n_weights,)
    bias : ndarray, shape (n_subjects,)
    lam : float
    gap : float
        Duality gap relative to the objective: P(w) is at most this fraction above the optimum.
    n_iter : int
    """

    w: np.ndarray
    bias: np.ndarray
    lam: float
    gap: float
    n_iter: int


def duality_gap(
    problem: Problem, w: np.ndarray, residual: np.ndarray, slope: np.ndarray, lam: float
) -> tuple[float, float]:
    """Bound how far P(w) lies above the optimum.

    Parameters
    ----------
    problem : Problem
    w : ndarray, shape (n_weights,)
    residual : ndarray, shape (n,)
        (1 − y∘f)₊ at the best bias of w, where yᵀa = 0 for every subject.
    slope : ndarray, shape (n_weights,)
        Xᵀ(y∘a) with a = s∘r/n, minus the loss's gradient.
    lam : float

    Returns
    -------
    primal, dual : float
        P(w) and the largest dual value on the ray t·(a, u): ``tA − t²B/2 − R*(tu) − (λΩ)*(tv)``
        with u = ∇R(w), v = slope − u, A = Σa and B = nΣa²/s.
    """
    pull = problem.quadratic.gradient(w)
    line, curve = problem.quadratic.conjugate(pull)
    level, bend = problem.penalty.dual(slope - pull, lam, w)
    s = problem.data.s
    rise = float(s @ residual) / residual.size - line
    fall = float(residual @ (s * residual)) / residual.size + curve + bend
    t = max(rise, 0.0) / fall if fall > 0.0 else 0.0
    if t * level > lam:
        t = lam / level
    return problem.value(w, residual, lam), t * rise - 0.5 * t * t * fall


def slope_at_zero(problem: Problem) -> np.ndarray:
    """Return minus the gradient of loss and quadratic at w = 0 and the best bias."""
    data = problem.data
    zero = np.zeros(data.n_weights)
    f = np.zeros(data.y.size)
    residual = data.residual(f, data.biases(f, np.zeros(len(data.blocks))))
    return data.adjoint(data.dual(residual)) - problem.quadratic.gradient(zero)


def lambda_max(problem: Problem) -> float:
    """Return the smallest λ at which all weights are zero; infinite for the ridge."""
    return problem.penalty.dual_norm(slope_at_zero(problem))


def lambda_unit(problem: Problem) -> float:
    """Return the λ of ``alpha = 1``.

    λ_max; for the ridge, which has none, the mean variance of a feature, so that alpha reads as
    in shrinkage LDA: how much of the mean eigenvalue is added to the diagonal. Features without
    information give 1: their weights are zero at any λ.
    """
    top = lambda_max(problem)
    if np.isfinite(top):
        return top or 1.0
    data = problem.data
    power = sum(
        float(np.einsum("ij,ij,i->", X, X, data.s[rows]))
        for X, rows in zip(data.blocks, data.rows, strict=True)
    )
    return power / (data.y.size * data.columns.shape[1]) or 1.0
