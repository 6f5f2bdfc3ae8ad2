"""One matrix per subject and a mean are the same curvature as one matrix of all."""

import numpy as np
import pytest

from calibration.sparse.solvers.dense_hessian import DenseHessian
from calibration.sparse.solvers.joint_hessian import JointHessian

N_SUBJECTS, SIZES = 4, (3, 2, 4)
D = sum(SIZES)
STARTS = np.concatenate([[0], np.cumsum(SIZES)]) * N_SUBJECTS


def places():
    """Return where each subject's weights lie: group by group, there subject after subject."""
    within = [
        np.arange(n * N_SUBJECTS).reshape(N_SUBJECTS, n) + a
        for n, a in zip(SIZES, STARTS, strict=False)
    ]
    return np.concatenate(within, axis=1)


def both(coupled, shift=0.7):
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(N_SUBJECTS, D, D + 2))
    blocks = roots @ roots.transpose(0, 2, 1) / D
    H = np.zeros((N_SUBJECTS * D, N_SUBJECTS * D))
    for block, own in zip(blocks, places(), strict=True):
        H[np.ix_(own, own)] = block + shift * np.eye(D)
    if coupled:
        for feature in places().T:
            H[np.ix_(feature, feature)] -= shift / N_SUBJECTS
    return DenseHessian(H), JointHessian(blocks, shift, coupled, places())


@pytest.mark.parametrize("coupled", [False, True])
def test_products_and_solutions_are_those_of_the_dense_matrix(coupled):
    dense, joint = both(coupled)
    rng = np.random.default_rng(1)
    v = rng.normal(size=STARTS[-1])
    v[STARTS[1] : STARTS[2]] = 0.0  # one group is zero
    support, strength = np.flatnonzero(v), np.array([0.8, 1.5])
    edges = np.array([0, STARTS[1], STARTS[1] + STARTS[3] - STARTS[2]])
    force = rng.normal(size=support.size)

    solved = [H.solve(support, v[support], edges, strength, force) for H in (dense, joint)]

    np.testing.assert_allclose(joint.product(v), dense.product(v), atol=1e-12)
    np.testing.assert_allclose(solved[1], solved[0], rtol=1e-8)


@pytest.mark.parametrize("coupled", [False, True])
def test_sweeps_fall_to_the_same_solution(coupled):
    steps = np.array([0.5, 3.0, 0.5])
    found = []
    for H in both(coupled):
        v = np.zeros(STARTS[-1])
        slope = -np.random.default_rng(2).normal(size=v.size)
        values = []
        for _ in range(300):
            H.sweep(slope, v, STARTS, steps, 0.0)
            lengths = np.sqrt(np.add.reduceat(v * v, STARTS[:-1]))
            start = -np.random.default_rng(2).normal(size=v.size)
            values.append(0.5 * (slope + start) @ v + steps @ lengths)
        assert np.all(np.diff(values) <= 1e-12)
        found.append(v)

    np.testing.assert_allclose(found[1], found[0], atol=1e-8)
    assert np.any(found[0])
    assert np.any(np.add.reduceat(np.abs(found[0]), STARTS[:-1]) == 0.0)
