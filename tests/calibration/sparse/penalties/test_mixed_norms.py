"""The laws of the penalties, by their definitions."""

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.sparse.penalties.mixed_norms import (
    GroupNorm,
    Ridge,
    SensorTime,
    SparseGroup,
    conjugate_exponent,
)

STARTS = np.array([0, 3, 4, 8, 12])
WEIGHTS = np.array([1.0, 0.3, 2.0, 1.5])

NORMS = {
    **{f"q={q}": GroupNorm(STARTS, WEIGHTS, q) for q in (1.0, 1.1, 1.5, 2.0, 3.0, 10.0, np.inf)},
    "sparse-group": SparseGroup(STARTS, WEIGHTS, 0.7),
    "sensor-time": SensorTime(WEIGHTS, 3, 0.8),
}

numbers = st.floats(-10, 10).map(lambda value: round(value, 6))
vectors = st.lists(numbers, min_size=12, max_size=12).map(np.array)
steps = st.floats(1e-3, 5.0)


@pytest.mark.parametrize("name", NORMS)
@settings(max_examples=40, deadline=None)
@given(v=vectors, step=steps)
def test_prox_minimises_its_definition(name, v, step):
    norm = NORMS[name]
    around = np.random.default_rng(0).normal(size=(20, v.size)) * 10.0 ** -np.arange(20)[:, None]

    x = norm.prox(v, step)

    def objective(z):
        return 0.5 * np.sum((z - v) ** 2) + step * norm.value(z)

    lowest = objective(x) - 1e-9 * (1.0 + v @ v)
    assert all(objective(x + move) >= lowest for move in around)
    assert objective(v) >= lowest
    assert objective(0 * v) >= lowest


@pytest.mark.parametrize("name", NORMS)
@settings(max_examples=40, deadline=None)
@given(v=vectors, step=steps)
def test_what_prox_takes_off_is_a_subgradient(name, v, step):
    norm = NORMS[name]

    x = norm.prox(v, step)

    # Alternating projections stop short where a group is just about to leave.
    slack = 1e-4 if name == "sensor-time" else 1e-9
    assert norm.dual_norm(v - x) <= step * (1 + slack) + 1e-9
    assert (v - x) @ x == pytest.approx(step * norm.value(x), rel=1e-7, abs=1e-9 * (1 + v @ v))


@pytest.mark.parametrize("name", NORMS)
@settings(max_examples=40, deadline=None)
@given(c=vectors, w=vectors)
def test_dual_norm_bounds_every_product(name, c, w):
    norm = NORMS[name]

    assert c @ w <= norm.dual_norm(c) * norm.value(w) * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize("name", NORMS)
@settings(max_examples=40, deadline=None)
@given(c=vectors)
def test_prox_is_zero_from_the_dual_norm_on(name, c):
    norm = NORMS[name]
    level = norm.dual_norm(c)

    slack = 1e-3 if name == "sensor-time" else 1e-7
    assert np.linalg.norm(norm.prox(c, level * (1 + 1e-9))) <= slack * np.linalg.norm(c)
    if level > 1e-6:
        assert np.any(norm.prox(c, 0.999 * level))


@given(v=vectors, step=steps)
def test_ridge_prox_solves_its_equation(v, step):
    starts = np.array([0, v.size])

    x = Ridge(starts).prox(v, step)

    np.testing.assert_allclose(x + step * x, v, atol=1e-12)


def test_a_tiny_step_leaves_the_vector_and_a_zero_vector_stays_zero():
    v = np.arange(12.0) - 5

    for norm in NORMS.values():
        np.testing.assert_allclose(norm.prox(v, 1e-12), v, atol=1e-9)
        assert not np.any(norm.prox(0 * v, 0.5))


def test_prox_does_not_overflow_at_extreme_exponents():
    v = np.array([1e-200, 3.0, -2.0, 1e150])

    for q in (1.001, 1.01, 50.0, 500.0):
        x = GroupNorm(np.array([0, 3, 4]), np.ones(2), q).prox(v, 0.5)

        assert np.all(np.isfinite(x))
        assert np.all(np.abs(x) <= np.abs(v))


def test_exponents_near_one_two_and_infinity_agree_with_the_closed_forms():
    v = np.random.default_rng(1).normal(size=12) * 3

    for near, exact, atol in ((1.0001, 1.0, 1e-2), (2.0 + 1e-9, 2.0, 1e-7), (2000.0, np.inf, 1e-2)):
        approached = GroupNorm(STARTS, WEIGHTS, near).prox(v, 0.4)

        np.testing.assert_allclose(approached, NORMS[f"q={exact}"].prox(v, 0.4), atol=atol)


def test_sparse_group_without_l1_is_the_group_norm():
    v = np.random.default_rng(2).normal(size=12)
    plain, sparse = NORMS["q=2.0"], SparseGroup(STARTS, WEIGHTS, 0.0)

    np.testing.assert_array_equal(sparse.prox(v, 0.3), plain.prox(v, 0.3))
    assert sparse.dual_norm(v) == pytest.approx(plain.dual_norm(v), rel=1e-12)


def test_sensor_time_with_dear_sensors_shrinks_them_all():
    V = np.random.default_rng(3).normal(size=(4, 3))
    norm = SensorTime(np.array([1.0, 1.0, 1e3, 1.0]), 3, 0.1)

    W = norm.prox(V.ravel(), 0.1).reshape(4, 3)

    assert not np.any(W[2])
    assert np.all(np.linalg.norm(W[[0, 1, 3]], axis=1) > 0)


def test_conjugate_exponents_pair_up():
    for q in (1.0, 1.5, 2.0, 3.0, np.inf):
        assert conjugate_exponent(conjugate_exponent(q)) == pytest.approx(q)


@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")
@pytest.mark.parametrize(("n_subjects", "kappa"), [(1, 0.6), (1, 3.0), (3, 1.0)])
def test_the_dual_norm_of_overlapping_groups_is_that_of_a_slow_reference(n_subjects, kappa):
    n_channels, n_times = 8, 5
    rng = np.random.default_rng(n_subjects)
    weights, c = (
        rng.uniform(0.5, 2.0, n_channels),
        rng.normal(size=(n_channels, n_subjects, n_times)),
    )
    rows, level = cp.Variable((n_channels, n_subjects * n_times)), cp.Variable()
    columns = c.reshape(n_channels, -1) - rows
    of_times = [
        cp.norm(cp.vec(columns[:, t::n_times], order="C")) <= kappa * level for t in range(n_times)
    ]
    tight = {f"tol_{name}": 1e-12 for name in ("gap_abs", "gap_rel", "feas")}

    found = SensorTime(weights, n_times, kappa, n_subjects).dual_norm(c.ravel())

    split = cp.Problem(cp.Minimize(level), [cp.norm(rows, axis=1) <= level * weights, *of_times])
    assert found == pytest.approx(split.solve(cp.CLARABEL, **tight), rel=1e-8)
