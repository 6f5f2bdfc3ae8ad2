"""Sensors ranked along the path, what each number of them is worth, and which come again."""

import numpy as np
import pytest

from bci_online.metrics import auc
from calibration.baselines import ShrinkageLDA
from calibration.folds import grouped
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.sensor_path import SensorPath, sensor_path
from calibration.sparse.sensor_ranking import Ranking, rank_sensors, selection_frequency

N_SENSORS, N_TIMES, N_LETTERS, INFORMATIVE = 12, 4, 10, [1, 4, 7]


def epochs(strength=5.0, seed=0):
    """Return X (240, 12, 4), labels and letters; INFORMATIVE is the truth."""
    rng = np.random.default_rng(seed)
    letters = np.repeat(np.arange(N_LETTERS), 24)
    y = rng.random(letters.size) < 0.25
    X = 8.0 * rng.normal(size=(letters.size, N_SENSORS, N_TIMES)) + 50.0
    X[np.ix_(y, INFORMATIVE)] += strength * np.sin(np.linspace(0.3, 3, N_TIMES))
    return X, y, letters


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


@pytest.fixture(scope="module")
def path(data):
    X, y, letters = data
    return sensor_path(GroupSVM(), X, y, grouped(letters, 5), letters)


def test_the_last_number_of_sensors_is_shrinkage_lda_on_all(data, path) -> None:
    X, y, letters = data
    scores = np.empty(len(y))
    for train, test in grouped(letters, 5):
        fold = ShrinkageLDA().fit(X[train], y[train])
        known = fold.decision_function(X[train])
        scores[test] = (fold.decision_function(X[test]) - known.mean()) / known.std()

    assert path.sizes[-1] == N_SENSORS
    # scikit-learn shrinks the correlations, the path the covariance.
    assert path.auc[-1] == pytest.approx(auc(y, scores), abs=0.01)


def test_three_informative_sensors_are_worth_as_much_as_all(path) -> None:
    three = path.auc[path.sizes == 3][0]

    assert three > path.auc[-1] - 0.01
    assert three > path.auc[0] + 0.03
    assert np.all(path.low < path.auc)
    assert np.all(path.auc < path.high)
    assert path.smallest_within_one_error() in (2, 3)


@pytest.mark.parametrize("refit", ["lda", "l2"])
def test_noise_is_worth_nothing_at_any_number_of_sensors(refit) -> None:
    X, y, letters = epochs(strength=0.0, seed=5)

    found = sensor_path(GroupSVM(), X, y, grouped(letters, 5), letters, refit)

    # Ranked with the held-out letters, the best of twelve noise sensors would look like 0.6.
    assert np.all(found.low < 0.5)
    assert np.all(found.auc < 0.58)


def test_the_curve_does_not_depend_on_the_channels_order(data, path) -> None:
    X, y, letters = data
    order = np.random.default_rng(4).permutation(N_SENSORS)

    found = sensor_path(GroupSVM(), X[:, order], y, grouped(letters, 5), letters)

    np.testing.assert_allclose(found.auc, path.auc, atol=1e-9)


def test_the_smallest_number_within_one_standard_error_of_the_best_is_taken() -> None:
    nobody = Ranking(np.empty(0, int), np.empty(0), np.empty(0))
    sizes, best = np.array([1, 2, 4, 8]), np.array([0.6, 0.79, 0.82, 0.81])
    wide, narrow = 1.96 * 0.04, 1.96 * 0.001

    by_wide = SensorPath(nobody, sizes, best, best - wide, best + wide)
    by_narrow = SensorPath(nobody, sizes, best, best - narrow, best + narrow)
    unknown = SensorPath(nobody, sizes, best, best * np.nan, best * np.nan)

    assert by_wide.smallest_within_one_error() == 2
    assert by_narrow.smallest_within_one_error() == 4
    assert unknown.smallest_within_one_error() == 4


def test_a_refit_that_is_none_is_refused(data) -> None:
    X, y, letters = data

    with pytest.raises(ValueError, match="refit must be 'lda' or 'l2', got None"):
        sensor_path(GroupSVM(), X, y, grouped(letters, 5), letters, None)


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
