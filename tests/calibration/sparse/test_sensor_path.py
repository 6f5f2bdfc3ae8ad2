"""What each number of sensors along the path is worth."""

import numpy as np
import pytest
from epochs_in_letters import N_SENSORS, epochs
from sklearn.model_selection import StratifiedGroupKFold

from bci_online.metrics import auc
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.folds import grouped
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.sensor_path import SensorPath, sensor_path
from calibration.sparse.sensor_ranking import Ranking


@pytest.fixture(scope="module")
def data():
    return epochs()


@pytest.fixture(scope="module")
def path(data):
    X, y, letters = data
    return sensor_path(GroupSVM(), X, y, grouped(letters, 5), letters)


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("refit", ["lda", "l2"])
def test_noise_is_worth_nothing_at_any_number_of_sensors(refit) -> None:
    X, y, letters = epochs(strength=0.0, seed=5)

    found = sensor_path(GroupSVM(), X, y, grouped(letters, 5), letters, refit)

    # Ranked with the held-out letters, the best of twelve noise sensors would look like 0.6.
    assert np.all(found.low < 0.5)
    assert np.all(found.auc < 0.58)


@pytest.mark.slow
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


def test_wrong_units_and_folds_are_refused(data) -> None:
    X, y, letters = data
    beyond = [(np.arange(20), np.array([len(y)]))]

    with pytest.raises(ValueError, match=r"units must have one label .* got shape \(4,\)"):
        sensor_path(GroupSVM(), X, y, grouped(letters, 5), letters[:4])
    with pytest.raises(ValueError, match="cv must give one fold or more, got none"):
        sensor_path(GroupSVM(), X, y, [], letters)
    with pytest.raises(ValueError, match=f"cv must give rows among {len(y)} epochs, got {len(y)}"):
        sensor_path(GroupSVM(), X, y, beyond, letters)


@pytest.mark.slow
def test_a_number_of_folds_keeps_letters_whole(data) -> None:
    X, y, letters = data
    splits = list(StratifiedGroupKFold(3).split(X, y, letters))

    by_number = sensor_path(GroupSVM(tol=1e-3), X, y, 3, letters)

    np.testing.assert_array_equal(
        by_number.auc, sensor_path(GroupSVM(tol=1e-3), X, y, splits, letters).auc
    )
