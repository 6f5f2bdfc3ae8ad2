"""Which way is taken follows from sizes and λ alone, and is the faster one of those measured."""

import numpy as np
import pytest

from calibration.sparse.datafit.squared_hinge import SquaredHinge
from calibration.sparse.penalties.mixed_norms import GroupNorm
from calibration.sparse.penalties.quadratics import Nothing, Similarity
from calibration.sparse.problem import Problem
from calibration.sparse.solvers.costs import Watch

ONE, PATH = [0.1], np.geomspace(1.0, 0.03, 8).tolist()


def of_size(n_subjects, n, n_features, similarity):
    """Return a problem of this size; nobody looks at its numbers."""
    block = np.broadcast_to(0.0, (n, n_features))
    columns = np.arange(n_subjects * n_features).reshape(n_subjects, -1)
    data = SquaredHinge((block,) * n_subjects, *np.ones((2, n_subjects * n)), columns)
    tie = Similarity(similarity, columns) if similarity else Nothing()
    return Problem(data, GroupNorm(np.array([0, columns.size]), np.ones(1)), tie)


@pytest.mark.parametrize(
    ("size", "similarity", "lams", "is_newtons"),
    [
        ((2, 540, 256), 0.0, ONE, False),
        ((2, 540, 256), 1.0, ONE, False),
        ((2, 540, 256), 0.0, PATH, True),
        ((2, 540, 256), 1.0, PATH, True),
        ((5, 300, 256), 0.0, ONE, False),
        ((5, 300, 256), 0.0, PATH, True),
        ((5, 300, 256), 1.0, PATH, False),
        ((8, 1500, 256), 0.0, ONE, True),
        ((8, 1500, 256), 1.0, PATH, True),
        ((15, 100, 310), 0.0, PATH, False),
        ((100, 200, 256), 0.0, ONE, False),
        ((100, 200, 256), 1.0, ONE, False),
    ],
)
def test_newton_is_taken_at_once_where_it_was_the_faster_way(size, similarity, lams, is_newtons):
    problem = of_size(*size, similarity)

    watch = Watch(problem, np.array([0, problem.data.n_weights]), 1e-6, lams, 1.0, 1.0)

    assert watch.is_newtons_at_once() == is_newtons


def test_newton_is_not_taken_at_once_where_first_order_steps_were_fewer_than_usual():
    problem = of_size(5, 300, 256, 1.0)
    groups = np.array([0, problem.data.n_weights])

    usual = Watch(problem, groups, 1e-6, [0.03], 0.05, 1.0)
    faster = Watch(problem, groups, 1e-6, [0.03], 0.05, 1.0, 0.8)

    assert usual.is_newtons_at_once()
    assert not faster.is_newtons_at_once()


def test_first_order_steps_are_given_up_when_their_gap_stands_still():
    problem = of_size(2, 540, 256, 1.0)
    w = np.ones(problem.data.n_weights)
    falling, standing = (
        Watch(problem, np.array([0, w.size]), 1e-6, ONE, 1.0, 1.0) for _ in range(2)
    )

    assert not any(falling(10 * k, 10.0 ** (-k), w) for k in range(6))
    assert any(standing(10 * k, 0.1 - 1e-4 * k, w) for k in range(6))
