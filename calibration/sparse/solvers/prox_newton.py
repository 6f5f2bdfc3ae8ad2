"""Proximal Newton for separate groups: the fastest solver to a certificate.

Each iteration finds the best bias and the certificate on the working groups, updates the Gram
matrix of the margin's rows, solves the inner quadratic problem and searches along its solution. The
full Xᵀ pass happens only when the working groups are solved. It either certifies the whole problem
or names the groups to add. Along a path the next λ starts where the last two solutions point, and
systems are solved with the factor of an earlier one as long as it helps.
"""

from dataclasses import dataclass

import numpy as np

from calibration.sparse.penalties.mixed_norms import Blocks
from calibration.sparse.penalties.proximal import group_norms, soft_threshold
from calibration.sparse.problem import Problem, Solution, duality_gap
from calibration.sparse.solvers.block_descent import solve_quadratic
from calibration.sparse.solvers.costs import is_apart
from calibration.sparse.solvers.dense_hessian import DenseHessian
from calibration.sparse.solvers.gram import WorkingGram
from calibration.sparse.solvers.joint_hessian import JointHessian
from calibration.sparse.solvers.kept_factor import KeptFactor
from calibration.sparse.solvers.support_newton import Hessian

# After so many iterations without a better gap or objective, rounding allows no better one.
_PATIENCE = 5
# Weights that may join at once from a zero start. Later as many groups as are not zero may join.
_FIRST_WEIGHTS = 64
# All groups are checked again when the working groups' gap is this share of the whole gap before.
_ENOUGH = 0.1


@dataclass
class _Point:
    """The state of the solver.

    Attributes
    ----------
    w, f, bias, residual
        Weights, Xw, best biases and (1 − y∘(f + b))₊.
    slope : ndarray, shape (n_weights,)
        Xᵀ(y∘a) minus the quadratic's gradient.
    complete : bool
        Whether ``slope`` was computed for all groups; outside the working ones it is zero if not.
    """

    w: np.ndarray
    f: np.ndarray
    bias: np.ndarray
    residual: np.ndarray
    slope: np.ndarray
    complete: bool


class ProxNewton:
    """Solver of one problem at falling λ; keeps its Gram matrix from one λ to the next.

    Parameters
    ----------
    problem : Problem
        Its penalty is a sum over separate groups.
    blocks : Blocks
        That sum.
    start : Solution
        Where the first λ starts.
    dtype : dtype
        Precision of the Gram matrix; gradient and certificate are always float64.
    """

    def __init__(
        self, problem: Problem, blocks: Blocks, start: Solution, dtype: type = np.float64
    ) -> None:
        self._problem = problem
        self._blocks = blocks
        self._gram = WorkingGram(problem.data, blocks.starts, np.dtype(dtype))
        self._feature_starts = blocks.starts // len(problem.data.blocks)
        several = len(problem.data.blocks) > 1
        self._is_joint = (
            several
            and blocks.l1 == blocks.ridge == 0.0
            and is_apart(len(problem.data.blocks), problem.quadratic.spares_mean)
            and self._gram.is_shared
        )
        self._factor = KeptFactor()
        self._runs: list[slice] | None = []
        f = problem.data.product(start.w, None if np.any(start.w) else [])
        self._point = self._before = self._at(start.w, f, start.bias)
        # λ of the last two solutions; infinite before there are any.
        self._lams = (np.inf, np.inf)
        self._complete(self._point)

    def solve(self, lam: float, *, tol: float, max_iter: int) -> Solution:
        """Minimise the problem at ``lam``, from the solution before, to a relative duality gap.

        Parameters
        ----------
        lam : float
            Positive.
        tol : float
        max_iter : int

        Returns
        -------
        solution : Solution
            Its gap exceeds ``tol`` when ``max_iter`` came first or rounding forbids better.
        """
        point, best, stalled, enough = self._predicted(lam), (np.inf, np.inf), 0, tol
        for n_iter in range(max_iter + 1):
            gap, primal = self._gap(point, lam)
            last = n_iter == max_iter or stalled == _PATIENCE
            if (gap <= enough or last) and not point.complete:
                self._complete(point)
                gap, primal = self._gap(point, lam)
            if gap <= tol or last:
                break
            # Rows first: the products of new groups then need only the rows inside the margin.
            self._gram.move(point.residual)
            if point.complete and self._join(point, lam):
                best, stalled, enough = (np.inf, np.inf), 0, max(tol, _ENOUGH * gap)
            # When rows cross the margin the gap may rise for a while although the objective falls.
            # So an iteration counts as stalled only if neither of them improved.
            stalled = 0 if gap < 0.9 * best[0] or primal < best[1] * (1 - 1e-12) else stalled + 1
            best = (min(gap, best[0]), min(primal, best[1]))
            point = self._step(point, lam, max(0.1 * tol, 0.15 * gap))
        self._before, self._point, self._lams = self._point, point, (self._lams[1], lam)
        return Solution(point.w, point.bias, lam, gap, n_iter)

    def _predicted(self, lam: float) -> _Point:
        """Return where to start: on the line through the last two solutions, if that is better."""
        earlier, last = self._lams
        before, point = self._before, self._point
        if not np.inf > earlier > last > lam:
            return point
        share = (last - lam) / (earlier - last)
        left = (point.w == 0.0) & (before.w != 0.0)
        move = share * np.where(left, 0.0, point.w - before.w)
        if left.any():
            along = self._problem.data.product(move, self._runs)
        else:
            along = share * (point.f - before.f)
        there = self._at(point.w + move, point.f + along, point.bias)
        values = [self._problem.value(at.w, at.residual, lam) for at in (there, point)]
        return there if values[0] < values[1] else point

    def _at(self, w: np.ndarray, f: np.ndarray, bias: np.ndarray) -> _Point:
        """Return the point at weights w, its slope not yet known."""
        bias = self._problem.data.biases(f, bias)
        residual = self._problem.data.residual(f, bias)
        return _Point(w, f, bias, residual, np.empty(0), False)

    def _find_runs(self) -> list[slice] | None:
        """Return the features of the working groups as few slices, None when they are most."""
        chosen = np.zeros(self._feature_starts.size + 1, dtype=bool)
        chosen[self._gram.groups + 1] = True
        if 2 * self._gram.positions.size > self._problem.data.n_weights:
            return None
        edges = np.flatnonzero(np.diff(chosen.astype(int)))
        places = self._feature_starts[edges]
        return [slice(a, b) for a, b in zip(places[::2], places[1::2], strict=True)]

    def _complete(self, point: _Point) -> None:
        data = self._problem.data
        slope = data.adjoint(data.dual(point.residual))
        point.slope = slope - self._problem.quadratic.gradient(point.w)
        point.complete = True

    def _slope_of_working(self, point: _Point) -> None:
        data, places = self._problem.data, self._gram.positions
        slope = data.adjoint(data.dual(point.residual), self._runs)
        slope[places] -= self._problem.quadratic.gradient(point.w)[places]
        point.slope = slope

    def _gap(self, point: _Point, lam: float) -> tuple[float, float]:
        """Return relative gap and objective; before `_complete` of the working groups alone."""
        if point.slope.size == 0 and self._runs is None:
            self._complete(point)
        elif point.slope.size == 0:
            self._slope_of_working(point)
        pull = self._problem.quadratic.gradient(point.w)
        primal, dual = duality_gap(self._problem, point.w, point.residual, point.slope + pull, lam)
        return max(primal - dual, 0.0) / primal, primal

    def _join(self, point: _Point, lam: float) -> bool:
        """Add non-zero groups and the worst violators to the working ones; return if any joined.

        Not all violators at once: far from the solution most of them would become zero again, but
        keep their place in the Gram matrix, which is what costs time.
        """
        blocks = self._blocks
        pulls = group_norms(soft_threshold(point.slope, lam * blocks.l1), blocks.starts, 2.0)
        joining = group_norms(point.w, blocks.starts, 2.0) > 0.0
        excess = pulls - lam * blocks.weights
        excess[joining] = 0.0
        excess[self._gram.groups] = 0.0
        first = max(_FIRST_WEIGHTS * excess.size // point.w.size, 1)
        room = max(int(np.count_nonzero(joining)), first)
        joining[self._gram.groups] = False
        joining |= (excess > 0.0) & (excess >= np.sort(excess)[-min(room, excess.size)])
        # A group without a norm (price 0) is never zero at the solution, even if its slope is zero
        # now. Such groups join at the first time, all of them.
        joining[blocks.weights == 0.0] = self._gram.groups.size == 0
        if joining.any():
            self._gram.join(np.flatnonzero(joining))
            self._runs = self._find_runs()
        return bool(joining.any())

    def _nonsmooth(self, w: np.ndarray, lam: float) -> float:
        """Return the part of λΩ that Newton's quadratic does not hold."""
        norms = group_norms(w, self._blocks.starts, 2.0)
        return lam * float(self._blocks.weights @ norms + self._blocks.l1 * np.sum(np.abs(w)))

    def _hessian(self, lam: float) -> Hessian:
        """Return the curvature of loss, quadratic and ridge on the working groups."""
        gram, quadratic = self._gram, self._problem.quadratic
        if self._is_joint:
            shift, places = quadratic.curvature(), np.stack(gram.places())
            return JointHessian(gram.hessians(), shift, quadratic.spares_mean, places)
        H = gram.hessian()
        quadratic.add_hessian(H, gram.positions)
        H[np.diag_indices_from(H)] += lam * self._blocks.ridge
        return DenseHessian(H, self._factor)

    def _step(self, point: _Point, lam: float, inner_tol: float) -> _Point:
        """Solve the quadratic model on the working groups and search along its solution."""
        problem, blocks, gram = self._problem, self._blocks, self._gram
        # All in the order of arrival in the working set, not in the order of w.
        places, H = gram.positions, self._hessian(lam)
        force = lam * blocks.ridge * point.w - point.slope
        steps = lam * blocks.weights[gram.groups]
        v = point.w.copy()
        v[places] = solve_quadratic(
            H, force[places], v[places], gram.local_starts, steps, lam * blocks.l1, inner_tol
        )
        move = v - point.w
        falling = float(force @ move) + self._nonsmooth(v, lam) - self._nonsmooth(point.w, lam)
        # Xw is linear: one product serves all steps of the search.
        along = problem.data.product(move, self._runs)
        primal = problem.value(point.w, point.residual, lam)
        for t in 0.5 ** np.arange(20):
            reached = self._at(point.w + t * move, point.f + t * along, point.bias)
            value = problem.value(reached.w, reached.residual, lam)
            # 1e-15 allows for rounding: near the solution a step changes only the last digits, and
            # without it no step would be accepted.
            if value <= primal + 1e-4 * t * falling + 1e-15 * primal:
                return reached
        return point
