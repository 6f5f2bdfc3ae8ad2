"""What is carried from step to step is what a pass over the matrix would give."""

import warnings

import numpy as np
import pytest

from calibration.sparse.datafit.squared_hinge import squared_hinge
from calibration.sparse.penalties.mixed_norms import GroupNorm
from calibration.sparse.penalties.quadratics import Similarity
from calibration.sparse.problem import Problem, Solution, lambda_max
from calibration.sparse.solvers.dense_hessian import DenseHessian
from calibration.sparse.solvers.gram import WorkingGram
from calibration.sparse.solvers.kept_factor import KeptFactor
from calibration.sparse.solvers.margin_gram import MarginGram
from calibration.sparse.solvers.margin_hessian import MarginHessian
from calibration.sparse.solvers.path import EarlyStopWarning, solve_path
from calibration.sparse.solvers.points import measured, relative_gap

N, STARTS = 200, np.arange(11) * 3


def subject(seed=0):
    rng = np.random.default_rng(seed)
    y = np.where(rng.permutation(N) < N // 3, 1.0, -1.0)
    X = rng.normal(size=(N, STARTS[-1])) + 0.5 * rng.normal(size=(N, 1))
    X[y > 0, :6] += 0.6
    return X, y, rng.uniform(0.3, 2.0, N)


def problem(n_subjects=1, similarity=0.0):
    parts = [subject(seed) for seed in range(n_subjects)]
    data = squared_hinge(*zip(*parts, strict=True), STARTS)
    penalty = GroupNorm(STARTS * n_subjects, np.linspace(0.8, 1.4, 10))
    if similarity:
        return Problem(data, penalty, Similarity(similarity, data.columns))
    return Problem(data, penalty)


def test_late_rows_count_in_products_sums_and_in_the_matrix():
    rng = np.random.default_rng(1)
    X, _, s = subject()
    gram = MarginGram(np.asfortranarray(X), s, np.dtype(np.float64))
    inside = rng.random(N) < 0.8
    gram.move(inside)
    gram.join(np.array([4, 5, 0, 1, 2, 3, 9, 8]))
    for _ in range(6):
        inside = inside.copy()
        inside[rng.integers(0, N)] ^= True
        gram.move(inside)
        rows = X[inside][:, [4, 5, 0, 1, 2, 3, 9, 8]]
        matrix = rows.T @ (s[inside][:, None] * rows)
        v = rng.normal(size=8)

        np.testing.assert_allclose(gram.bend(v), matrix @ v, rtol=1e-10)
        np.testing.assert_allclose(gram.sums, s[inside] @ rows, rtol=1e-10, atol=1e-10)

    np.testing.assert_allclose(gram.matrix, matrix, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(gram.bend(v), matrix @ v, rtol=1e-10)


@pytest.mark.parametrize("n_subjects", [1, 3])
def test_a_carried_slope_is_that_of_a_pass(n_subjects):
    rng = np.random.default_rng(2)
    data = problem(n_subjects).data
    gram = WorkingGram(data, STARTS * n_subjects, np.dtype(np.float64))
    w, move = 0.2 * rng.normal(size=(2, data.n_weights))
    outside = np.ones(data.n_weights, dtype=bool)
    f, start = data.product(w), np.zeros(n_subjects)
    bias = data.biases(f, start)
    before = data.residual(f, bias)
    gram.move(before)
    gram.join(np.array([7, 2, 3]))
    outside[gram.positions] = False
    move[outside] = 0.0
    along = gram.product(0.1 * move[gram.positions])
    reached = data.biases(f + along, bias)
    after = data.residual(f + along, reached)

    signed = (data.y * before, data.y * after)
    change = gram.carried(0.1 * move[gram.positions], reached - bias, along, signed)

    np.testing.assert_allclose(along, data.product(0.1 * move), atol=1e-12)
    full = data.adjoint(data.dual(after)) - data.adjoint(data.dual(before))
    np.testing.assert_allclose(change, full[gram.positions], atol=1e-9)
    far = gram.carried(move[gram.positions], bias, along, (data.y * before, 9.0 - data.y * after))
    assert far is None


def test_products_and_solutions_of_one_subject_are_those_of_the_dense_matrix():
    rng = np.random.default_rng(3)
    X, _, s = subject()
    gram = MarginGram(np.asfortranarray(X), s, np.dtype(np.float64))
    inside = rng.random(N) < 0.8
    gram.move(inside)
    gram.join(np.arange(9))
    gram.move(inside ^ (np.arange(N) == 5))
    H = MarginHessian(gram, N, 0.3, KeptFactor())
    x, support = rng.normal(size=6), np.array([0, 1, 2, 6, 7, 8])
    edges, strength, force = np.array([0, 3, 6]), np.array([0.4, 0.9]), rng.normal(size=6)
    v = rng.normal(size=9)
    bent = H.product(v)
    found = [H.solve(support, x, edges, strength, force)]
    # The second time by the factor of the first.
    found.append(H.solve(support, x, edges, strength, force, 1e-12))
    dense = DenseHessian(gram.curvature(N) + 0.3 * np.eye(9))

    np.testing.assert_allclose(bent, dense.product(v), rtol=1e-10)
    expected = dense.solve(support, x, edges, strength, force)
    for one in found:
        np.testing.assert_allclose(one, expected, rtol=1e-8)


@pytest.mark.parametrize(("n_subjects", "similarity"), [(1, 0.0), (3, 0.0), (3, 0.1)])
def test_certificates_at_once_are_those_of_each(n_subjects, similarity):
    joint = problem(n_subjects, similarity)
    rng = np.random.default_rng(4)
    lams = [0.3, 0.1, 0.02]
    some = [
        Solution(0.1 * rng.normal(size=joint.data.n_weights), np.zeros(n_subjects), lam, np.inf, 1)
        for lam in lams
    ]

    together = measured(joint, some)

    for one, point in zip(some, together, strict=True):
        alone = measured(joint, [one])[0]
        f = joint.data.product(one.w)
        np.testing.assert_allclose(point.f, f, atol=1e-12)
        np.testing.assert_allclose(point.slope, alone.slope, atol=1e-12)
        assert relative_gap(joint, point, one.lam) == pytest.approx(
            relative_gap(joint, alone, one.lam)
        )


@pytest.mark.parametrize("n_subjects", [1, 3])
@pytest.mark.parametrize("n_lams", [1, 20, 60])
def test_every_gap_of_a_path_is_that_of_its_weights_and_small_enough(n_subjects, n_lams):
    joint = problem(n_subjects, 0.05 if n_subjects > 1 else 0.0)
    lams = (lambda_max(joint) * np.geomspace(0.8, 1e-3, n_lams)).tolist()

    path = solve_path(joint, lams, method="newton")

    for found, point in zip(path, measured(joint, path), strict=True):
        gap = relative_gap(joint, point, found.lam)[0]
        assert gap <= 1e-6
        assert found.gap == pytest.approx(gap, abs=1e-12)
        np.testing.assert_allclose(found.bias, point.bias, atol=1e-9)


def test_a_wrong_carried_slope_is_found_and_solved_again(monkeypatch):
    """The certificates are computed from the weights: what was carried cannot make them lie."""
    honest = MarginGram.carried

    def wrong(self, *given):
        change = honest(self, *given)
        return None if change is None else change + 0.05 * np.abs(change).max()

    monkeypatch.setattr(MarginGram, "carried", wrong)
    single = problem()
    lams = (lambda_max(single) * np.geomspace(0.8, 0.02, 12)).tolist()

    path = solve_path(single, lams)

    points = measured(single, path)
    gaps = [relative_gap(single, point, lam)[0] for point, lam in zip(points, lams, strict=True)]
    assert max(gaps) <= 1e-6


def test_too_few_steps_are_said_with_the_gap_of_the_weights():
    single = problem()
    lam = 0.02 * lambda_max(single)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EarlyStopWarning)
        found = solve_path(single, [lam], max_iter=1)[0]

    gap = relative_gap(single, measured(single, [found])[0], lam)[0]

    assert found.gap == pytest.approx(gap, rel=1e-6)
    assert found.gap > 1e-6


def test_rounding_of_what_is_carried_ends_with_one_reading_of_the_data(monkeypatch):
    honest = MarginGram.carried

    def rounded(self, *given):
        change = honest(self, *given)
        return None if change is None else change + 3e-6

    single = problem()
    lams = (lambda_max(single) * np.geomspace(0.8, 0.02, 12)).tolist()
    exact = [one.n_iter for one in solve_path(single, lams)]
    monkeypatch.setattr(MarginGram, "carried", rounded)

    path = solve_path(single, lams)

    assert max(one.gap for one in path) <= 1e-6
    # A step that rounding spoils, the reading, a step after it.
    assert max(one.n_iter - n for one, n in zip(path, exact, strict=True)) <= 3
