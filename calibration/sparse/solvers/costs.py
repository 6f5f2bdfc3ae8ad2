"""What a step of each solver costs, and when Newton should follow first-order steps.

Times are those of one core of a usual computer, from the sizes alone and not from a clock: the same
problem is always solved in the same way. Measured on 2 to 100 subjects (docs/benchmark-solver.md).
"""

import itertools
from collections.abc import Sequence

import numpy as np

from calibration.sparse.datafit.squared_hinge import SquaredHinge
from calibration.sparse.penalties.proximal import group_norms
from calibration.sparse.problem import Problem

# Seconds for each entry of the data matrices in a first-order step: within the cache, and beyond.
_PER_ENTRY = (1e-9, 2e-9)
_CACHE_ENTRIES = 1_000_000
# Seconds for each subject in a first-order step, and for each entry of a Gram matrix and row.
_PER_SUBJECT = 2e-5
_PER_PRODUCT = 5e-11
# Seconds for d³ of a Newton step: one matrix of all subjects, one for each, with and without mean.
# Most steps use the factor of an earlier one.
_DENSE, _ALONE, _COUPLED = 1e-11, 6e-11, 2e-10
# Seconds of a Newton step whatever its size.
_PER_NEWTON_STEP = 2e-3
# Newton's steps at any λ, and further ones for each factor of e from the λ before.
_NEWTON_STEPS, _PER_FACTOR = 1.5, 4.0
# First-order steps at λ_max, and the power of λ_max/λ with which their number grows.
_FIRST_STEPS, _GROWTH = 20, 0.7
# Newton is taken if it needs this share of the time that is expected of first-order steps: the
# number of those is known to some 30 %.
_SURELY = 0.7


def is_apart(n_subjects: int, has_mean: bool) -> bool:
    """Return whether a Newton step is cheaper with one matrix per subject than with one of all."""
    return n_subjects**2 * _DENSE > (_COUPLED if has_mean else _ALONE)


def first_order_step(data: SquaredHinge) -> float:
    """Return the cost of one first-order step."""
    entries = data.y.size * data.columns.shape[1]
    return _PER_ENTRY[entries > _CACHE_ENTRIES] * entries + _PER_SUBJECT * len(data.blocks)


def first_order_steps(top: float, lam: float) -> float:
    """Return how many such steps a λ usually needs; ``top`` is λ_max."""
    return _FIRST_STEPS * float(max(top / lam, 1.0) ** _GROWTH)


def newton_steps(before: float, lam: float) -> float:
    """Return how many steps Newton usually needs to go from one λ to another."""
    return _NEWTON_STEPS + _PER_FACTOR * abs(float(np.log(before / lam)))


def gram(problem: Problem, n_features: int) -> float:
    """Return the cost of a Gram matrix of so many features of each subject."""
    return _PER_PRODUCT * problem.data.y.size * n_features**2


def newton_step(problem: Problem, n_features: int) -> float:
    """Return the cost of one of its steps, once the Gram matrix is there."""
    m, has_mean = len(problem.data.blocks), problem.quadratic.spares_mean
    cubes = m**3 * _DENSE
    if m > 1 and is_apart(m, has_mean):
        cubes = m * (_COUPLED if has_mean else _ALONE)
    return _PER_NEWTON_STEP + cubes * n_features**3 + first_order_step(problem.data)


class Watch:
    """Whether first-order steps should give up, because Newton would now end sooner.

    Parameters
    ----------
    problem : Problem
    starts : ndarray of int, shape (n_groups + 1,)
        Groups of w.
    tol : float
        Relative duality gap to reach.
    lams : sequence of float
        This λ and all later ones.
    before, top : float
        The λ of the start, and λ_max.
    pace : float
        First-order steps at all λ before, as a share of the usual number.

    Notes
    -----
    A later λ is assumed to need more first-order steps than this one by the usual growth, and
    Newton to need all features there. The gap is assumed to fall by the same factor in each step:
    that of the last twenty steps, or of all steps if that is faster. The gap falls unevenly, so one
    slow stretch says little.
    """

    def __init__(
        self,
        problem: Problem,
        starts: np.ndarray,
        tol: float,
        lams: Sequence[float],
        before: float,
        top: float,
        pace: float = 1.0,
    ) -> None:
        self._problem, self._starts, self._tol = problem, starts, tol
        self._n_features = problem.data.columns.shape[1]
        self._step = first_order_step(problem.data)
        self._usual = [first_order_steps(top, lam) for lam in lams]
        self._pace = pace
        self._newtons = [newton_steps(*pair) for pair in itertools.pairwise([before, *lams])]
        self._seen: list[tuple[int, float]] = []

    def is_newtons_at_once(self) -> bool:
        """Return whether Newton on all features surely ends before first-order steps would."""
        step = newton_step(self._problem, self._n_features)
        whole = gram(self._problem, self._n_features) + sum(self._newtons) * step
        return whole < _SURELY * self._pace * sum(self._usual) * self._step

    def __call__(self, n_iter: int, gap: float, w: np.ndarray) -> bool:
        """Take what a step's certificate says; return whether to give up."""
        self._seen.append((n_iter, gap))
        if len(self._seen) < 3:
            return False
        now, close = self._seen[-1]
        rate = max(
            np.log(gap / close) / (now - before) for before, gap in (self._seen[-3], self._seen[0])
        )
        left = np.log(close / self._tol) / rate if rate > 0.0 else np.inf
        working = np.count_nonzero(group_norms(w, self._starts, 2.0))
        n_features = round(working / (self._starts.size - 1) * self._n_features)
        steps = left + (now + left) / self._usual[0] * sum(self._usual[1:])
        newton = gram(self._problem, n_features)
        newton += self._newtons[0] * newton_step(self._problem, n_features)
        newton += sum(self._newtons[1:]) * newton_step(self._problem, self._n_features)
        return _SURELY * steps * self._step > newton
