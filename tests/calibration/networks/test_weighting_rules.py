import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.networks.weighting_rules import (
    adamt_weights,
    alphagrad_weights,
    gradapprox_weights,
)

NORMS = st.lists(st.floats(0, 1e6), min_size=1, max_size=5).map(np.array)
STEPS = st.sampled_from([1.0, 0.1, 0.01, 1e-3, 1e-4])


def moved(norms, step, n_steps):
    weights = np.ones(len(norms))
    path = [weights]
    for _ in range(n_steps):
        weights = alphagrad_weights(weights, np.asarray(norms, dtype=float), step)
        path.append(weights)
    return np.array(path)


@given(norms=NORMS, step=STEPS)
def test_alphagrad_weights_sum_up_to_the_number_of_losses_and_stay_positive(norms, step):
    path = moved(norms, step, 30)

    np.testing.assert_allclose(path.sum(axis=1), len(norms))
    # The floor comes before the sum is restored, which can lower it a little.
    assert path.min() >= 1e-4 / (1 + 1e-3)


@given(norms=NORMS, step=STEPS, scale=st.floats(1e-20, 1e20))
def test_alphagrad_does_not_see_a_common_scale_of_all_losses(norms, step, scale):
    np.testing.assert_allclose(moved(norms * scale, step, 5), moved(norms, step, 5), atol=1e-9)


def test_alphagrad_takes_one_step_as_it_is_written_down():
    weights, norms = np.array([1.5, 0.5]), np.array([2.0, 8.0])
    weighted = weights * norms
    by_hand = weights - 0.1 * weighted / (np.sqrt((weighted**2).sum()) + 1e-7)
    by_hand *= 2 / by_hand.sum()

    np.testing.assert_allclose(alphagrad_weights(weights, norms, 0.1), by_hand, rtol=1e-6)


def test_the_loss_with_the_largest_gradient_falls_to_the_floor_without_rising():
    path = moved([3.17, 0.0064, 0.268], 0.01, 2000)

    above = path[:, 0] > 2e-4
    assert (np.diff(path[above, 0]) < 0).all()
    assert path[-1, 0] == pytest.approx(1e-4, rel=1e-2)
    assert path[-1].argmax() == 1


@pytest.mark.parametrize("step", [0.1, 0.01, 0.001])
def test_what_matters_is_the_step_times_the_number_of_steps(step):
    path = moved([3.17, 0.0064, 0.268], step, round(3 / step))

    n_steps = int(np.argmax(path[:, 0] < 0.01))

    assert n_steps * step == pytest.approx(1.49, abs=0.03 + step)


def test_equal_norms_leave_the_weights_equal():
    np.testing.assert_allclose(moved([2.0, 2.0, 2.0], 0.1, 10), 1.0)


def test_gradients_of_zero_leave_the_weights():
    weights = np.array([0.3, 1.7])

    np.testing.assert_array_equal(alphagrad_weights(weights, np.zeros(2), 0.1), weights)
    np.testing.assert_array_equal(adamt_weights(weights, np.zeros(2)), weights)


def test_adamt_shares_by_signed_means_above_a_floor():
    weights = adamt_weights(np.ones(3), np.array([3.0, 1.0, -2.0]))

    # Shares 1.5, 0.5 and -1, of which the last is lifted to 0.1.
    np.testing.assert_allclose(weights, 3 * np.array([1.5, 0.5, 0.1]) / 2.1, rtol=1e-6)


def test_gradapprox_returns_to_where_it_began_when_nothing_gains():
    initial = np.array([0.4, 1.6])

    assert gradapprox_weights(np.ones(2), np.array([-1.0, 0.0]), initial) is initial
    np.testing.assert_allclose(
        gradapprox_weights(np.array([1.0, 1.0]), np.array([1.0, -1.0]), initial), [2.0, 1e-5]
    )
