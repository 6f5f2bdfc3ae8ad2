"""An old factor serves a new matrix, and never a wrong one."""

import numpy as np
import pytest

from calibration.sparse.solvers.kept_factor import KeptFactor


def definite(seed, size=30):
    A = np.random.default_rng(seed).normal(size=(2 * size, size))
    return A.T @ A / size


def solved(kept, M, unknowns, force):
    return kept.solve(M.__matmul__, M.copy, unknowns, force.astype(M.dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("change", [0.0, 0.05, 100.0], ids=["same", "near", "far"])
def test_the_solution_is_that_of_the_new_matrix(dtype, change):
    kept, unknowns, force = KeptFactor(), np.arange(30), np.random.default_rng(2).normal(size=30)
    solved(kept, definite(0).astype(dtype), unknowns, force)
    M = (definite(0) + change * definite(1)).astype(dtype)
    x = solved(kept, M, unknowns, force)
    assert np.linalg.norm(M @ x - force) <= 1.1e-3 * np.linalg.norm(force)


def test_other_unknowns_get_a_factor_of_their_own():
    kept = KeptFactor()
    solved(kept, definite(0), np.arange(30), np.ones(30))
    x = solved(kept, definite(1), np.arange(1, 31), np.ones(30))
    np.testing.assert_allclose(definite(1) @ x, np.ones(30), rtol=1e-9)


def test_a_matrix_that_is_not_definite_has_no_solution_here_and_spoils_no_later_one():
    kept, unknowns = KeptFactor(), np.arange(30)
    assert solved(kept, definite(0), unknowns, np.ones(30)) is not None
    assert solved(kept, -definite(1), unknowns, np.ones(30)) is None
    x = solved(kept, definite(1), unknowns, np.ones(30))
    np.testing.assert_allclose(definite(1) @ x, np.ones(30), rtol=1e-9)


def test_a_factor_that_leads_out_of_all_numbers_is_given_up():
    kept, unknowns = KeptFactor(), np.arange(30)
    hardly = np.diag([4e-39, *np.ones(29)]).astype(np.float32)
    solved(kept, hardly, unknowns, np.append(0.0, np.ones(29)))
    M = 4 * definite(1).astype(np.float32)
    x = solved(kept, M, unknowns, np.ones(30))
    np.testing.assert_allclose(M @ x, np.ones(30), rtol=1e-4)
