"""Newton on the non-zero entries of the inner problem, where the group penalty is smooth."""

from typing import Protocol

import numpy as np

from calibration.sparse.compiled import compiled
from calibration.sparse.penalties.proximal import length
from calibration.sparse.solvers.kept_factor import FINEST

_MAX_STEPS = 10


class Hessian(Protocol):
    """The curvature H of the inner problem, symmetric and positive semidefinite."""

    def product(self, v: np.ndarray) -> np.ndarray:
        """Return Hv in float64."""

    def sweep(
        self, slope: np.ndarray, v: np.ndarray, starts: np.ndarray, steps: np.ndarray, l1: float
    ) -> None:
        """Bring every group once closer to its own solution, in place."""

    def solve(
        self,
        support: np.ndarray,
        x: np.ndarray,
        edges: np.ndarray,
        strength: np.ndarray,
        force: np.ndarray,
        enough: float = FINEST,
    ) -> np.ndarray:
        """Solve with H on the support plus the curvature of Σ strength_g ‖x_g‖ at x.

        The share ``enough`` of the force may be left.
        """


def newton_on_support(
    H: Hessian,
    slope: np.ndarray,
    v: np.ndarray,
    starts: np.ndarray,
    steps: np.ndarray,
    l1: float,
    tols: np.ndarray,
) -> None:
    """Take Newton steps on the non-zero and the unpenalised entries, in place.

    Parameters
    ----------
    H, slope, v, starts, steps, l1
        See `calibration.sparse.solvers.block_descent.solve_quadratic`; slope and v are changed.
    tols : ndarray, shape (n_groups,)
        Gradient to leave in each group. A step that would not descend ends the search before.
    """
    full, before, slow = np.zeros(v.size), np.inf, 0
    for _ in range(_MAX_STEPS):
        support, groups, edges = _find_support(v, starts, steps, l1)
        x, strength = v[support], steps[groups]
        force = _force(slope[support], x, edges, strength, l1)
        lengths = np.sqrt(np.add.reduceat(force * force, edges[:-1])) if x.size else force
        if np.all(lengths <= 0.5 * tols[groups]):
            return
        # No system is solved more finely than the goal, or than Newton itself is right.
        worst = float(np.max(lengths / tols[groups]))
        slow = slow + 1 if worst > 0.7 * before else 0
        if slow == 2:
            # A group is about to leave, which sweeps do at once.
            return
        before = worst
        enough = float(np.clip(0.1 / worst, FINEST, 0.1))
        move = -H.solve(support, x, edges, strength, force, enough).astype(np.float64)
        if not np.all(np.isfinite(move)):
            return
        # A step across a kink stops there: that of a group whose weights would turn round, and
        # that of a single weight where there is one.
        turned = np.repeat(np.add.reduceat(x * (x + move), edges[:-1]) < 0.0, np.diff(edges))
        across = (turned & np.repeat(strength > 0.0, np.diff(edges))) | (
            (l1 > 0.0) & (x * (x + move) < 0.0)
        )
        for goal in (np.where(across, -x, move), move) if across.any() else (move,):
            full[:] = 0.0
            full[support] = goal
            bent = H.product(full)
            t = _step_length(x, goal, slope[support], bent[support], edges, strength, l1)
            if t == 1.0:
                break
        if t == 0.0:
            return
        v[support] = np.where(goal == -x, (1.0 - t) * x, x + t * goal)
        slope += t * bent


@compiled
def _find_support(
    v: np.ndarray, starts: np.ndarray, steps: np.ndarray, l1: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the free entries, the groups that own some, and where each begins among them."""
    support = np.empty(v.size, dtype=np.int64)
    groups = np.empty(steps.size, dtype=np.int64)
    edges = np.zeros(steps.size + 1, dtype=np.int64)
    n, n_groups = 0, 0
    for g in range(steps.size):
        before = n
        for i in range(starts[g], starts[g + 1]):
            if v[i] != 0.0 or steps[g] + l1 == 0.0:
                support[n] = i
                n += 1
        if n > before:
            groups[n_groups] = g
            n_groups += 1
            edges[n_groups] = n
    return support[:n], groups[:n_groups], edges[: n_groups + 1]


@compiled
def _force(
    slope: np.ndarray, x: np.ndarray, edges: np.ndarray, strength: np.ndarray, l1: float
) -> np.ndarray:
    """Return the gradient of quadratic and penalty on the support."""
    force = slope.copy()
    for g in range(strength.size):
        height = strength[g] / length(x, edges[g], edges[g + 1]) if strength[g] > 0.0 else 0.0
        for i in range(edges[g], edges[g + 1]):
            force[i] += height * x[i] + l1 * np.sign(x[i])
    return force


@compiled
def _step_length(
    x: np.ndarray,
    move: np.ndarray,
    slope: np.ndarray,
    bent: np.ndarray,
    edges: np.ndarray,
    strength: np.ndarray,
    l1: float,
) -> float:
    """Return the largest of 1, ½, … that lowers the inner objective, or 0."""
    line, curve, t = 0.0, 0.0, 1.0
    for i in range(x.size):
        line += slope[i] * move[i]
        curve += bent[i] * move[i]
    z = np.empty(x.size)
    for _ in range(12):
        change = t * line + 0.5 * t * t * curve
        for i in range(x.size):
            z[i] = x[i] + t * move[i]
            change += l1 * (abs(z[i]) - abs(x[i]))
        for g in range(strength.size):
            a, b = edges[g], edges[g + 1]
            change += strength[g] * (length(z, a, b) - length(x, a, b))
        if change < 0.0:
            return t
        t *= 0.5
    return 0.0
