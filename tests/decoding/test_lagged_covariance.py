import numpy as np
import pytest

from bci_online.covariances import lag_covariances
from bci_online.decoding import lagged_covariance
from bci_online.decoding.lagged_covariance import LaggedCovariance, covariance_of_lags


def lags(n_channels: int, n_times: int) -> np.ndarray:
    """Return the covariances at each lag of mixed channels with slow drifts."""
    rng = np.random.default_rng(0)
    X = np.cumsum(rng.normal(size=(200, n_channels, n_times + 5)), axis=2)[:, :, 5:]
    mixed = rng.normal(size=(n_channels, n_channels)) @ X
    return lag_covariances(mixed / mixed.std())


@pytest.mark.parametrize(("n_channels", "n_times"), [(1, 1), (1, 2), (3, 1), (4, 7), (9, 16)])
def test_products_and_solutions_are_those_of_the_whole_matrix(n_channels, n_times):
    own = lags(n_channels, n_times)
    whole, used = covariance_of_lags(own), np.ones((n_channels, n_times), dtype=bool)
    values = np.random.default_rng(1).normal(size=(n_channels, n_times))

    product = LaggedCovariance(own).times(values)
    found = LaggedCovariance(own).solve(values, used)

    np.testing.assert_allclose(product.ravel(), whole @ values.ravel(), atol=1e-12)
    np.testing.assert_allclose(found.ravel(), np.linalg.solve(whole, values.ravel()), rtol=1e-5)


def solved_on_three_of_five() -> tuple[np.ndarray, np.ndarray]:
    own, values = lags(5, 6), np.random.default_rng(1).normal(size=(5, 6))
    used = np.zeros((5, 6), dtype=bool)
    used[[0, 2, 4]] = True

    found = LaggedCovariance(own).solve(values, used)

    assert not found[~used].any()
    places = np.flatnonzero(used)
    inside = covariance_of_lags(own)[np.ix_(places, places)]
    return found.ravel()[places], np.linalg.solve(inside, values.ravel()[places])


def test_a_solution_on_some_sensors_is_that_of_their_own_covariance():
    found, expected = solved_on_three_of_five()

    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_what_does_not_get_close_is_solved_at_once(monkeypatch):
    monkeypatch.setattr(lagged_covariance, "MOST_STEPS", 1)

    found, expected = solved_on_three_of_five()

    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_nothing_on_the_right_side_gives_nothing():
    own = LaggedCovariance(lags(2, 3))

    assert not own.solve(np.zeros((2, 3)), np.ones((2, 3), dtype=bool)).any()


@pytest.mark.parametrize("factor", [0.0, -1.0])
def test_a_covariance_without_an_inverse_is_refused(factor):
    with pytest.raises(ValueError, match="no inverse"):
        LaggedCovariance(factor * lags(2, 3))
