"""Sensors ranked along the path, and which of them come again in resamples."""

import numpy as np
import pytest
from epochs_in_letters import INFORMATIVE, N_SENSORS, epochs

from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.group_svm_cv import GroupSVMCV
from calibration.sparse.sensor_ranking import rank_sensors, selection_frequency


@pytest.fixture(scope="module")
def data():
    return epochs()


MODELS = {
    "gsvm-2": GroupSVM(),
    "svm-1": GroupSVM(q=1.0),
    "gsvm-q": GroupSVM(q=np.inf, tol=1e-4),
    "gsvm-a": GroupSVM(adaptive=True, alpha=0.1),
    "gsvm-time": GroupSVM(penalty="sensor-time", tol=1e-4),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_informative_sensors_enter_first(data, name) -> None:
    X, y, _ = data

    found = rank_sensors(MODELS[name], X, y, 3)

    assert set(found.sensors[:3]) == set(INFORMATIVE)


def test_what_has_entered_at_a_lambda_are_the_sensors_of_that_solution(data) -> None:
    X, y, _ = data

    found = rank_sensors(GroupSVM(), X, y)

    for k in (1, 3, 6):
        alpha = found.alphas[k - 1]
        solution = GroupSVM(alpha=alpha).fit(X, y)
        assert set(solution.sensors_) <= set(found.sensors[found.alphas >= alpha])
        assert found.sensors[k - 1] in solution.sensors_
        assert found.lambdas[k - 1] == pytest.approx(solution.lambda_)


@pytest.mark.parametrize("most", [1, 4, 12])
def test_a_ranking_stopped_early_is_the_beginning_of_the_whole_one(data, most) -> None:
    X, y, _ = data

    whole = rank_sensors(GroupSVM(), X, y)
    part = rank_sensors(GroupSVM(), X, y, most)

    n = part.sensors.size
    assert min(most, whole.sensors.size) <= n <= whole.sensors.size
    np.testing.assert_array_equal(part.sensors, whole.sensors[:n])
    np.testing.assert_array_equal(part.alphas, whole.alphas[:n])


@pytest.mark.parametrize("model", [GroupSVM(), GroupSVM(adaptive=True, alpha=0.1)])
def test_the_ranking_does_not_depend_on_the_order_or_the_unit_of_the_channels(data, model) -> None:
    X, y, _ = data
    rng = np.random.default_rng(3)
    order = rng.permutation(N_SENSORS)
    gains = 10.0 ** rng.integers(-6, 6, N_SENSORS)

    as_it_is = rank_sensors(model, X, y)
    changed = rank_sensors(model, (X * gains[:, None])[:, order], y)

    np.testing.assert_array_equal(order[changed.sensors], as_it_is.sensors)


def test_a_sensor_that_costs_more_enters_later(data) -> None:
    X, y, _ = data
    costs = np.ones(N_SENSORS)
    costs[INFORMATIVE[0]] = 20.0

    found = rank_sensors(GroupSVM(sensor_weights=costs), X, y)

    assert set(found.sensors[:2]) == set(INFORMATIVE[1:])


def test_an_adaptive_ranking_has_only_the_sensors_of_its_first_solution(data) -> None:
    X, y, _ = data

    first = GroupSVM(alpha=0.5).fit(X, y)
    found = rank_sensors(GroupSVM(adaptive=True, adaptive_alpha=0.5), X, y)

    assert set(found.sensors) <= set(first.sensors_)
    assert found.sensors.size < N_SENSORS


def test_a_penalty_that_chooses_no_sensors_has_no_ranking(data) -> None:
    with pytest.raises(ValueError, match="penalty must be one that chooses sensors, got 'l2'"):
        rank_sensors(GroupSVM(penalty="l2"), *data[:2])


def test_ranking_changes_neither_the_model_nor_the_data(data) -> None:
    X, y, _ = data
    model, before = GroupSVM(alpha=0.3), X.copy()

    rank_sensors(model, X, y)

    assert not [name for name in vars(model) if name.endswith("_")]
    np.testing.assert_array_equal(X, before)


def test_resampled_letters_choose_the_informative_sensors_again(data) -> None:
    X, y, letters = data

    shares = selection_frequency(GroupSVM(), X, y, letters, k=3, n_resamples=10)
    again = selection_frequency(GroupSVM(), X, y, letters, k=3, n_resamples=10)

    assert np.all(shares[INFORMATIVE] >= 0.8)
    assert shares.sum() == pytest.approx(3.0)
    np.testing.assert_array_equal(shares, again)


def test_letters_without_both_classes_cannot_be_resampled(data) -> None:
    X, y, _ = data

    with pytest.raises(ValueError, match="units must hold one with both classes"):
        selection_frequency(GroupSVM(), X, y, units=y, k=3)


def test_only_a_model_with_a_path_is_ranked_and_only_whole_data_resampled(data) -> None:
    X, y, letters = data

    with pytest.raises(ValueError, match="model must be a GroupSVM, got GroupSVMCV"):
        rank_sensors(GroupSVMCV(), X, y)
    with pytest.raises(ValueError, match="n_resamples must be a whole number from 1, got 0"):
        selection_frequency(GroupSVM(), X, y, letters, k=3, n_resamples=0)
    with pytest.raises(ValueError, match=r"units must have one label .* got shape \(9,\)"):
        selection_frequency(GroupSVM(), X, y, letters[:9], k=3)
