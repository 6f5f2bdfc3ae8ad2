"""What a step of each solver costs, and when Newton should follow first-order steps.

Times are those of one core of a usual computer, from the sizes alone and not from a clock: the same
problem is always solved in the same way. Measured on 2 to 100 subjects (docs/benchmark-solver.md).
"""

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
_DENSE, _ALONE, _COUPLED = 4e-11, 7e-11, 3e-10
# Newton's steps, and those at a later λ of a path, where its Gram matrix is there.
_NEWTON_STEPS, _LATER_STEPS = 10, 3
# Seconds of a Newton step whatever its size.
_PER_NEWTON_STEP = 2e-3
# Newton is taken at once if it costs less than so many first-order steps: fewer are never enough.
_FEWEST_STEPS = 40


def is_apart(n_subjects: int, has_mean: bool) -> bool:
    """Return whether a Newton step is cheaper with one matrix per subject than with one of all."""
    return n_subjects**2 * _DENSE > (_COUPLED if has_mean else _ALONE)


def first_order_step(data: SquaredHinge) -> float:
    """Return the cost of one first-order step."""
    entries = data.y.size * data.columns.shape[1]
    return _PER_ENTRY[entries > _CACHE_ENTRIES] * entries + _PER_SUBJECT * len(data.blocks)


def newton(problem: Problem, n_features: int) -> float:
    """Return the cost of Newton's method on so many working features of each subject."""
    products = _PER_PRODUCT * problem.data.y.size * n_features**2
    return _NEWTON_STEPS * newton_step(problem, n_features) + products


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
    n_later : int
        How many λ of the path are still to come.

    Notes
    -----
    A later λ is assumed to need as many first-order steps as this one, and Newton to need all
    features. The gap is assumed to fall by the same factor in each step: that of the last twenty
    steps, or of all steps if that is faster. The gap falls unevenly, so one slow stretch says
    little.
    """

    def __init__(self, problem: Problem, starts: np.ndarray, tol: float, n_later: int) -> None:
        self._problem, self._starts, self._tol = problem, starts, tol
        self._n_later, self._n_features = n_later, problem.data.columns.shape[1]
        self._step = first_order_step(problem.data)
        self._later = n_later * _LATER_STEPS * newton_step(problem, self._n_features)
        self._seen: list[tuple[int, float]] = []

    def is_newtons_at_once(self) -> bool:
        """Return whether Newton on all features ends before a few first-order steps would."""
        steps = _FEWEST_STEPS * (1 + self._n_later)
        return newton(self._problem, self._n_features) + self._later < steps * self._step

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
        share = working / (self._starts.size - 1)
        steps = left + self._n_later * (now + left)
        n_features = round(share * self._n_features)
        return steps * self._step > newton(self._problem, n_features) + self._later
