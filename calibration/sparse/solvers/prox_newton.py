"""Proximal Newton for separate groups: the fastest solver to a certificate.

Each iteration finds the best bias and the certificate on the working groups, updates the Gram
matrix of the margin's rows, solves the inner quadratic problem and searches along its solution. The
full Xᵀ pass happens only when the working groups are solved. It either certifies the whole problem
or names the groups to add. Along a path the next λ starts where the last solutions point, and
systems are solved with the factor of an earlier one as long as it helps. Where it may, the slope is
carried: inside the margin it changes by the Gram matrix times the step, so only the rows that cross
are read.
"""

from collections.abc import Sequence

import numpy as np

from calibration.sparse.datafit.squared_hinge import Runs, runs_of
from calibration.sparse.penalties.mixed_norms import Blocks
from calibration.sparse.penalties.proximal import group_norms, soft_threshold
from calibration.sparse.problem import Problem, Solution
from calibration.sparse.solvers.block_descent import solve_quadratic
from calibration.sparse.solvers.costs import is_apart
from calibration.sparse.solvers.dense_hessian import DenseHessian
from calibration.sparse.solvers.gram import WorkingGram
from calibration.sparse.solvers.joint_hessian import JointHessian
from calibration.sparse.solvers.kept_factor import KeptFactor
from calibration.sparse.solvers.margin_hessian import MarginHessian
from calibration.sparse.solvers.points import Point, lagrange, measured, relative_gap
from calibration.sparse.solvers.support_newton import Hessian

# After so many iterations without a better gap or objective, rounding allows no better one.
_PATIENCE = 5
# Weights that may join at once from a zero start. Later as many groups as are not zero may join.
_FIRST_WEIGHTS = 64
# All groups are checked again when the working groups' gap is this share of the whole gap before.
_ENOUGH = 0.1


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
        self._is_carried = False
        # The features of the working groups, and those of all others, as slices; None for most.
        self._runs: Runs | None = []
        self._others: Runs | None = None
        self.restart(start)

    def restart(self, start: Solution) -> None:
        """Continue from a solution; the Gram matrix stays."""
        f = self._problem.data.product(start.w, None if np.any(start.w) else [])
        point = self._at(start.w, f, start.bias)
        self._complete(point)
        self.learn([(np.inf, point)])

    def learn(self, known: Sequence[tuple[float, Point]]) -> None:
        """Continue from the last of some solutions and their λ, predict by the last three."""
        self._known = list(known[-3:])

    @property
    def point(self) -> Point:
        """The last solution."""
        return self._known[-1][1]

    def solve(self, lam: float, *, tol: float, max_iter: int, carried: bool = False) -> Solution:
        """Minimise the problem at ``lam``, from the solution before, to a relative duality gap.

        Parameters
        ----------
        lam : float
            Positive.
        tol : float
        max_iter : int
        carried : bool
            Carry Xw and the slope of the working groups from step to step in the precision of the
            Gram matrix. The gap is then an estimate, to be confirmed by `points.measured`.

        Returns
        -------
        solution : Solution
            Its gap exceeds ``tol`` when ``max_iter`` came first or rounding forbids better.
        """
        self._is_carried = drifts = carried
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
            if stalled and drifts:
                # Of rounding errors of what was carried, which later λ would inherit.
                (point,), best, stalled = measured(self._problem, [point]), (np.inf, np.inf), 0
                drifts = False
            else:
                point = self._step(point, lam, gap, tol)
        self.learn([*self._known, (lam, point)])
        return Solution(point.w, point.bias, lam, gap, n_iter)

    def _predicted(self, lam: float) -> Point:
        """Return where to start: on the curve through the last solutions, if that is better."""
        last, known = self.point, [one for one in self._known if one[0] < np.inf]
        lams = [one for one, _ in known]
        if len(lams) < 2 or not (np.diff([*lams, lam]) < 0.0).all():
            return last
        there, line = self._along([one for _, one in known], lagrange(np.array(lams), lam))
        values = [self._problem.value(one.w, one.residual, lam) for one in (there, last)]
        if not values[0] < values[1]:
            return last
        if self._is_carried:
            there.slope, there.complete = line.slope.copy(), True
            self._carry(line, there)
        return there

    def _along(self, points: Sequence[Point], shares: np.ndarray) -> tuple[Point, Point]:
        """Return where the curve leads, and the point on it without the groups' zeros.

        Groups that the last solution left at zero stay there.
        """
        values = ([one.w, one.f, one.bias, one.residual, one.slope] for one in points)
        w, f, bias, residual, slope = (shares @ np.stack(of) for of in zip(*values, strict=True))
        line = Point(w, f, bias, residual, slope, complete=True)
        move = np.where(points[-1].w == 0.0, -line.w, 0.0)
        along = self._product(move) if move.any() else np.zeros(line.f.size)
        return self._at(line.w + move, line.f + along, line.bias), line

    def _at(self, w: np.ndarray, f: np.ndarray, bias: np.ndarray) -> Point:
        """Return the point at weights w, its slope not yet known."""
        bias = self._problem.data.biases(f, bias)
        residual = self._problem.data.residual(f, bias)
        return Point(w, f, bias, residual, np.empty(0), False)

    def _product(self, move: np.ndarray) -> np.ndarray:
        """Return X times a move of the working groups."""
        if self._is_carried:
            return self._gram.product(move[self._gram.positions])
        return self._problem.data.product(move, self._runs)

    def _carry(self, old: Point, new: Point) -> None:
        """Give a point its slope of the working groups, from that of an older point."""
        y, places = self._problem.data.y, self._gram.positions
        move = new.w - old.w
        signed = (y * old.residual, y * new.residual)
        change = self._gram.carried(move[places], new.bias - old.bias, new.f - old.f, signed)
        if change is None:
            new.slope[places] = self._slope(new, self._runs)[places]
            return
        gradient = self._problem.quadratic.gradient
        new.slope[places] = (old.slope - gradient(new.w) + gradient(old.w))[places] + change

    def _slope(self, point: Point, runs: Runs | None) -> np.ndarray:
        """Return the slope on some runs of features; elsewhere it means nothing."""
        data = self._problem.data
        pull = self._problem.quadratic.gradient(point.w)
        return data.adjoint(data.dual(point.residual), runs) - pull

    def _complete(self, point: Point) -> None:
        """Compute the slope of all groups that is not known."""
        places = self._gram.positions
        known = self._is_carried and point.slope.size > 0 and self._others is not None
        slope = self._slope(point, self._others if known else None)
        if known:
            slope[places] = point.slope[places]
        point.slope, point.complete = slope, True

    def _refresh(self, point: Point, groups: np.ndarray) -> None:
        """Compute the slope of some groups again."""
        fresh = self._slope(point, runs_of(self._feature_starts, groups))
        among = np.repeat(groups, np.diff(self._blocks.starts))
        point.slope = np.where(among, fresh, point.slope)

    def _gap(self, point: Point, lam: float) -> tuple[float, float]:
        """Return relative gap and objective; before `_complete` of the working groups alone."""
        if point.slope.size == 0 and self._runs is None:
            self._complete(point)
        elif point.slope.size == 0:
            places = self._gram.positions
            point.slope = np.zeros(point.w.size)
            point.slope[places] = self._slope(point, self._runs)[places]
        return relative_gap(self._problem, point, lam)

    def _join(self, point: Point, lam: float) -> bool:
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
            if self._is_carried:
                # The slope of a predicted point is a guess outside of the working groups.
                self._refresh(point, joining)
            chosen = np.zeros(excess.size, dtype=bool)
            chosen[self._gram.groups] = True
            starts = self._feature_starts
            self._runs, self._others = runs_of(starts, chosen), runs_of(starts, ~chosen)
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
        if len(self._problem.data.blocks) == 1:
            shift = quadratic.curvature() + lam * self._blocks.ridge
            return MarginHessian(gram.only, self._problem.data.y.size, shift, self._factor)
        H = gram.hessian()
        quadratic.add_hessian(H, gram.positions)
        H[np.diag_indices_from(H)] += lam * self._blocks.ridge
        return DenseHessian(H, self._factor)

    def _step(self, point: Point, lam: float, gap: float, tol: float) -> Point:
        """Solve the quadratic model on the working groups and search along its solution."""
        problem, blocks, gram = self._problem, self._blocks, self._gram
        # All in the order of arrival in the working set, not in the order of w.
        places, H = gram.positions, self._hessian(lam)
        force = lam * blocks.ridge * point.w - point.slope
        steps = lam * blocks.weights[gram.groups]
        v = point.w.copy()
        # The gap falls at least as the violation does, until rows cross the margin.
        left = max(0.1 * tol, 0.15 * gap), max(0.3 * tol / gap, 0.01)
        v[places] = solve_quadratic(
            H, force[places], v[places], gram.local_starts, steps, lam * blocks.l1, *left
        )
        move = v - point.w
        falling = float(force @ move) + self._nonsmooth(v, lam) - self._nonsmooth(point.w, lam)
        # Xw is linear: one product serves all steps of the search.
        along = self._product(move)
        primal = problem.value(point.w, point.residual, lam)
        for t in 0.5 ** np.arange(20):
            reached = self._at(point.w + t * move, point.f + t * along, point.bias)
            value = problem.value(reached.w, reached.residual, lam)
            # 1e-15 allows for rounding: near the solution a step changes only the last digits, and
            # without it no step would be accepted.
            if value <= primal + 1e-4 * t * falling + 1e-15 * primal:
                if self._is_carried:
                    reached.slope = np.zeros(point.slope.size)
                    self._carry(point, reached)
                return reached
        return point
