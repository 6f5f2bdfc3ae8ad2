"""The solvers against their certificate, a slow reference, and the laws of the problem."""

import itertools
import warnings

import numpy as np
import pytest

from calibration.sparse.datafit.squared_hinge import best_bias, squared_hinge
from calibration.sparse.penalties.mixed_norms import GroupNorm, Ridge, SensorTime, SparseGroup
from calibration.sparse.penalties.quadratics import Pull, Similarity
from calibration.sparse.problem import Problem, Solution, lambda_max, lambda_unit
from calibration.sparse.solvers.fista import fista_path
from calibration.sparse.solvers.path import EarlyStopWarning, solve_path
from calibration.sparse.solvers.screening import screened_path

N_CHANNELS, N_TIMES = 6, 4
STARTS = np.arange(N_CHANNELS + 1) * N_TIMES
PRICES = np.linspace(0.7, 1.6, N_CHANNELS)


def subject(seed=0, n=90, effect=0.7):
    rng = np.random.default_rng(seed)
    y = np.where(rng.permutation(n) < n // 3, 1.0, -1.0)
    X = rng.normal(size=(n, N_CHANNELS * N_TIMES))
    X += 0.6 * rng.normal(size=(n, 1))
    X[y > 0, :8] += effect * rng.normal(size=8)
    return X - X.mean(axis=0), y, rng.uniform(0.3, 2.0, n)


def single(penalty, quadratic=None, seed=0):
    X, y, s = subject(seed)
    data = squared_hinge([X], [y], [s], STARTS)
    return Problem(data, penalty) if quadratic is None else Problem(data, penalty, quadratic)


def joint(strength, n_subjects=3, q=2.0):
    parts = [subject(seed, n=50 + 20 * seed) for seed in range(n_subjects)]
    data = squared_hinge(*zip(*parts, strict=True), STARTS)
    penalty = GroupNorm(STARTS * n_subjects, PRICES, q)
    if strength == 0.0:
        return Problem(data, penalty)
    return Problem(data, penalty, Similarity(strength, data.columns))


CENTRE = 0.1 * np.random.default_rng(9).normal(size=STARTS[-1])

PROBLEMS = {
    "l2": single(Ridge(STARTS)),
    **{f"q={q}": single(GroupNorm(STARTS, PRICES, q)) for q in (1.0, 1.5, 2.0, 4.0, np.inf)},
    "sparse-group": single(SparseGroup(STARTS, 0.8 * PRICES, 0.2)),
    "sensor-time": single(SensorTime(PRICES, N_TIMES, 0.6)),
    "transfer": single(GroupNorm(STARTS, PRICES), Pull(0.05, CENTRE)),
    "multi-task": joint(0.0),
    "similarity": joint(0.03),
    "similarity of five": joint(0.03, n_subjects=5),
    "similarity, q=1.5": joint(0.03, q=1.5),
}


def reference(problem, lam):
    """Return the optimum by an interior-point solver."""
    import cvxpy as cp

    data, penalty = problem.data, problem.penalty
    w, n = cp.Variable(data.n_weights), data.y.size
    bias = cp.Variable(len(data.blocks))
    loss = 0.0
    for t, (X, rows) in enumerate(zip(data.blocks, data.rows, strict=True)):
        f = X @ w[data.columns[t]] + bias[t]
        margin = cp.pos(1 - cp.multiply(data.y[rows], f))
        loss += cp.sum(cp.multiply(data.s[rows], cp.square(margin))) / (2 * n)
    edges = STARTS * len(data.blocks)
    slices = [slice(a, b) for a, b in itertools.pairwise(edges)]
    match penalty:
        case Ridge():
            norm = 0.5 * cp.sum_squares(w)
        case GroupNorm():
            norm = sum(p * cp.pnorm(w[g], penalty.q) for p, g in zip(PRICES, slices, strict=True))
        case SparseGroup():
            norm = sum(p * cp.norm(w[g]) for p, g in zip(penalty.weights, slices, strict=True))
            norm += penalty.l1 * cp.norm1(w)
        case SensorTime():
            W = cp.reshape(w, (N_CHANNELS, N_TIMES), order="C")
            norm = PRICES @ cp.norm(W, axis=1) + penalty.kappa * cp.sum(cp.norm(W, axis=0))
    extra = 0.0
    match problem.quadratic:
        case Pull(strength=strength, centre=centre):
            extra = strength * cp.sum_squares(w - centre)
        case Similarity(strength=strength, columns=columns):
            mean = sum(w[c] for c in columns) / len(columns)
            extra = strength * sum(cp.sum_squares(w[c] - mean) for c in columns)
    tight = {f"tol_{name}": 1e-11 for name in ("gap_abs", "gap_rel", "feas")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cvxpy's remarks on its own canonicalization
        value = cp.Problem(cp.Minimize(loss + lam * norm + extra)).solve(cp.CLARABEL, **tight)
    return value, w.value


def objective(problem, solution):
    f = problem.data.product(solution.w)
    residual = problem.data.residual(f, solution.bias)
    return problem.value(solution.w, residual, solution.lam)


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_relative_gap_of_1e_9_is_reached(name):
    problem = PROBLEMS[name]
    unit = lambda_unit(problem)

    for method in ("auto", "newton"):
        lams = [0.5 * unit, 0.1 * unit, 0.02 * unit]
        solutions = solve_path(problem, lams, tol=1e-9, method=method)

        assert all(solution.gap <= 1e-9 for solution in solutions)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_slow_reference_finds_the_same_optimum(name):
    problem = PROBLEMS[name]
    lam = 0.15 * lambda_unit(problem)

    solutions = [solve_path(problem, [lam], tol=1e-10, method=m)[0] for m in ("auto", "newton")]
    value, w = reference(problem, lam)

    for solution in solutions:
        assert objective(problem, solution) == pytest.approx(value, rel=1e-6)
        np.testing.assert_allclose(solution.w, w, atol=2e-4)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_certificate_never_promises_too_much(name):
    problem = PROBLEMS[name]
    lam = 0.1 * lambda_unit(problem)
    best = objective(problem, solve_path(problem, [lam], tol=1e-10)[0])

    for tol in (1e-1, 1e-2, 1e-4):
        for method in ("newton", "fista"):
            rough = solve_path(problem, [lam], tol=tol, method=method)[0]

            value = objective(problem, rough)
            assert value - best <= rough.gap * value + 1e-12
            assert rough.gap <= tol


@pytest.mark.parametrize("name", [name for name in PROBLEMS if name not in ("l2", "transfer")])
def test_all_is_zero_at_lambda_max_and_not_just_below(name):
    problem = PROBLEMS[name]
    top = lambda_max(problem)

    at, below = solve_path(problem, [top * (1 + 1e-7), 0.999 * top], tol=1e-9)

    assert not np.any(at.w)
    assert np.any(below.w)


@pytest.mark.parametrize("name", ["l2", "q=1.0", "q=2.0", "sparse-group", "transfer", "similarity"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_newton_and_fista_agree(name, dtype):
    problem = PROBLEMS[name]
    lams = [fraction * lambda_unit(problem) for fraction in (0.4, 0.05)]

    newton = solve_path(problem, lams, tol=1e-11, method="newton", dtype=dtype)
    fista = solve_path(problem, lams, tol=1e-11, method="fista", max_iter=100_000)

    for one, other in zip(newton, fista, strict=True):
        np.testing.assert_allclose(one.w, other.w, atol=1e-5)
        np.testing.assert_allclose(one.bias, other.bias, atol=1e-5)


def test_groups_of_one_are_the_plain_l1_norm():
    singles = np.arange(STARTS[-1] + 1)
    ones = np.ones(singles.size - 1)
    of_one = single(GroupNorm(singles, ones, 2.0))
    plain = single(GroupNorm(STARTS, np.ones(N_CHANNELS), 1.0))
    lam = 0.2 * lambda_max(plain)

    assert lambda_max(of_one) == pytest.approx(lambda_max(plain))
    a, b = (solve_path(problem, [lam], tol=1e-12)[0] for problem in (of_one, plain))
    np.testing.assert_allclose(a.w, b.w, atol=1e-7)


def test_one_task_is_the_single_problem():
    X, y, s = subject()
    data = squared_hinge([X], [y], [s], STARTS)
    alone = Problem(data, GroupNorm(STARTS, PRICES))
    tied = Problem(data, GroupNorm(STARTS, PRICES), Similarity(5.0, data.columns))
    lam = 0.1 * lambda_max(alone)

    a, b = (solve_path(problem, [lam], tol=1e-11)[0] for problem in (alone, tied))

    np.testing.assert_allclose(a.w, b.w, atol=1e-7)


@pytest.mark.slow
def test_an_infinite_similarity_gives_everyone_the_pooled_weights():
    import cvxpy as cp

    parts = [subject(seed) for seed in range(3)]
    tied = Problem(joint(0.0).data, GroupNorm(3 * STARTS, PRICES))
    data = squared_hinge(*zip(*parts, strict=True), STARTS)
    tied = Problem(data, GroupNorm(3 * STARTS, PRICES), Similarity(1e4, data.columns))
    lam = 0.05 * lambda_max(tied)
    # One weight vector for all, each subject with its own bias: ‖W_g‖_F = √3 ‖w_g‖.
    w = cp.Variable(STARTS[-1])
    bias = cp.Variable(3)
    f = cp.hstack([X @ w + bias[t] for t, (X, _, _) in enumerate(parts)])
    loss = cp.sum(cp.multiply(data.s, cp.square(cp.pos(1 - cp.multiply(data.y, f)))))
    norms = sum(
        np.sqrt(3) * price * cp.norm(w[a : a + N_TIMES])
        for price, a in zip(PRICES, STARTS[:-1], strict=True)
    )
    cp.Problem(cp.Minimize(loss / (2 * data.y.size) + lam * norms)).solve(cp.CLARABEL)

    solution = solve_path(tied, [lam], tol=1e-10)[0]

    for columns in data.columns:
        np.testing.assert_allclose(solution.w[columns], w.value, atol=1e-3)


def test_lambda_max_has_its_closed_form_without_weights():
    X, y, _ = subject()
    problem = Problem(
        squared_hinge([X], [y], [np.ones(y.size)], STARTS), GroupNorm(STARTS, np.ones(N_CHANNELS))
    )
    n_plus, n = np.sum(y > 0), y.size
    difference = X[y > 0].mean(axis=0) - X[y < 0].mean(axis=0)
    norms = np.linalg.norm(difference.reshape(N_CHANNELS, N_TIMES), axis=1)

    expected = 2 * n_plus * (n - n_plus) / n**2 * norms.max()

    assert lambda_max(problem) == pytest.approx(expected)


def test_the_bias_is_where_both_classes_pull_equally():
    rng = np.random.default_rng(0)
    for scale in (1e-3, 1.0, 1e3):
        f, s = scale * rng.normal(size=200), rng.uniform(0.1, 3, 200)
        y = np.where(rng.random(200) < 0.2, 1.0, -1.0)

        b = best_bias(f, y, s, 1e3 * rng.normal())

        r = np.maximum(1 - y * (f + b), 0)
        assert abs(np.sum(y * s * r)) <= 1e-9 * np.sum(s * r)


def test_a_path_and_single_fits_agree():
    problem = PROBLEMS["q=2.0"]
    lams = lambda_max(problem) * np.geomspace(1, 0.02, 8)

    path = solve_path(problem, lams, tol=1e-11)

    for lam, found in zip(lams, path, strict=True):
        alone = solve_path(problem, [lam], tol=1e-11)[0]
        np.testing.assert_allclose(found.w, alone.w, atol=1e-6)


def test_lambdas_may_rise():
    problem = PROBLEMS["q=2.0"]
    top = lambda_max(problem)

    rising = solve_path(problem, [0.05 * top, 0.6 * top, 1.1 * top], tol=1e-10)

    assert all(solution.gap <= 1e-10 for solution in rising)
    assert not np.any(rising[-1].w)


@pytest.mark.parametrize("name", ["q=2.0", "q=1.5"])
def test_an_early_stop_is_said_with_the_gap_reached(name):
    problem = PROBLEMS[name]

    with pytest.warns(EarlyStopWarning, match=r"after 1 iterations at a relative .*gap of .*e-"):
        found = solve_path(problem, [0.01 * lambda_max(problem)], tol=1e-12, max_iter=1)[0]

    assert found.gap > 1e-12


def test_duplicated_and_dead_columns_do_no_harm():
    X, y, s = subject()
    X = np.hstack([X, X[:, :4], np.zeros((len(X), 4))])
    starts = np.arange(X.shape[1] // 4 + 1) * 4
    problem = Problem(
        squared_hinge([X], [y], [s], starts), GroupNorm(starts, np.ones(starts.size - 1))
    )

    found = solve_path(problem, [0.05 * lambda_max(problem)], tol=1e-9)[0]

    assert found.gap <= 1e-9
    assert not np.any(found.w[-4:])


def test_more_features_than_trials_are_solved_too():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 120)), np.repeat([1.0, -1.0], 20)
    starts = np.arange(31) * 4
    problem = Problem(
        squared_hinge([X], [y], [np.ones(40)], starts), GroupNorm(starts, np.ones(30))
    )

    path = solve_path(problem, lambda_max(problem) * np.geomspace(1, 1e-3, 10), tol=1e-8)

    assert all(solution.gap <= 1e-8 for solution in path)


@pytest.mark.parametrize("penalty", ["l2", "q=1", "q=2", "q=inf"])
def test_collinear_features_far_outnumbering_uneven_trials_are_solved(penalty):
    rng = np.random.default_rng(0)
    y = np.repeat([1.0, -1.0], [8, 32])
    X = np.cumsum(rng.normal(size=(40, 200)), axis=1) + y[:, None]
    X -= X.mean(axis=0)
    X /= X.std()
    starts = np.arange(26) * 8
    q = {"q=1": 1.0, "q=2": 2.0, "q=inf": np.inf}.get(penalty)
    norm = Ridge(starts) if q is None else GroupNorm(starts, np.ones(25), q)
    data = squared_hinge([X], [y], [rng.choice([0.2, 1.0, 5.0], 40)], starts)
    problem = Problem(data, norm)

    # First-order steps alone are slow here; Newton goes on to the end of the usual grid.
    lowest = 0.01 if norm.blocks() else 0.2
    path = solve_path(problem, lambda_unit(problem) * np.geomspace(1, lowest, 8), tol=1e-6)

    assert all(solution.gap <= 1e-6 for solution in path)


@pytest.mark.parametrize("name", ["q=1.5", "q=4.0", "q=inf", "multi-task"])
def test_screening_changes_nothing_but_the_time(name):
    problem = PROBLEMS[name]
    lams = lambda_unit(problem) * np.geomspace(1.0, 0.1, 8)
    zero = Solution(
        np.zeros(problem.data.n_weights), np.zeros(len(problem.data.blocks)), np.inf, np.inf, 0
    )

    plain = fista_path(problem, lams, zero, tol=1e-10, max_iter=10_000)
    screened = screened_path(problem, lams, zero, tol=1e-10, max_iter=10_000)

    for one, other in zip(plain, screened, strict=True):
        np.testing.assert_allclose(one.w, other.w, atol=1e-4)
        assert other.gap <= 1e-10


def test_groups_that_the_strong_rule_wrongly_leaves_out_join():
    problem = PROBLEMS["q=1.5"]
    lam = 0.6 * lambda_max(problem)
    # From so small a λ before, the rule keeps only what is drawn twice as hard as needed: nothing.
    start = Solution(np.zeros(problem.data.n_weights), np.zeros(1), 1e-9, np.inf, 0)

    found = screened_path(problem, [lam], start, tol=1e-10, max_iter=10_000)[0]

    expected = solve_path(problem, [lam], tol=1e-10)[0]
    assert np.any(found.w)
    assert found.gap <= 1e-10
    np.testing.assert_allclose(found.w, expected.w, atol=1e-4)
