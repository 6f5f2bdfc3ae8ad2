"""How λ and q are chosen."""

import inspect

import numpy as np
import pytest
from informative_sensors import INFORMATIVE, N_CHANNELS, epochs
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score

from calibration.sparse.estimators.cross_validation import jobs
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.group_svm_cv import GroupSVMCV
from calibration.sparse.estimators.multi_task_cv import MultiTaskGroupSVMCV
from calibration.sparse.estimators.sparse_svm import SparseSearch, SparseSVM


@pytest.fixture(scope="module")
def data():
    return epochs()


@pytest.mark.slow
def test_cross_validation_keeps_groups_on_one_side_and_reports_every_fold(data):
    X, y = data
    letters = np.arange(len(y)) // 12

    class Spy(GroupKFold):
        def split(self, X, y=None, groups=None):
            for train, test in super().split(X, y, groups):
                assert set(groups[train]).isdisjoint(groups[test])
                yield train, test

    model = GroupSVMCV(cv=Spy(4), alphas=np.geomspace(1, 0.05, 6), qs=(1.0, 2.0)).fit(X, y, letters)

    assert model.cv_scores_.shape == model.cv_n_sensors_.shape == (6, 4, 2)
    mean = model.cv_scores_.mean(axis=1)
    assert mean[list(model.alphas_).index(model.alpha_), (1.0, 2.0).index(model.q_)] == mean.max()
    assert np.all(model.cv_n_sensors_[0] <= model.cv_n_sensors_[-1])


def test_a_fold_of_the_search_is_a_fit_on_that_fold(data):
    X, y = data
    options = {"refit": "lda", "adaptive": True, "tol": 1e-9}
    model = GroupSVMCV(cv=GroupKFold(3), alphas=[0.3], **options)
    letters = np.arange(len(y)) // 12

    model.fit(X, y, letters)

    single = GroupSVM(alpha=0.3, **options)
    by_hand = cross_val_score(single, X, y, groups=letters, cv=GroupKFold(3), scoring="roc_auc")
    np.testing.assert_allclose(model.cv_scores_[:, :, 0].ravel(), by_hand, atol=1e-12)


@pytest.mark.slow
def test_folds_in_parallel_give_the_same_choice(data):
    serial = GroupSVMCV(cv=3, alphas=[0.5, 0.1]).fit(*data)
    parallel = GroupSVMCV(cv=3, alphas=[0.5, 0.1], n_jobs=2).fit(*data)

    np.testing.assert_allclose(parallel.cv_scores_, serial.cv_scores_, atol=1e-12)
    np.testing.assert_array_equal(parallel.coef_, serial.coef_)


def test_the_plain_svm_keeps_every_sensor_and_chooses_its_ridge(data):
    model = GroupSVMCV(penalty="l2", cv=3).fit(*data)

    assert model.sensors_.size == N_CHANNELS
    assert model.cv_scores_.mean(axis=1).max() > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("adaptive", [False, True])
def test_folds_without_a_target_to_test_have_no_say(adaptive, data):
    X, y = data
    order = np.argsort(y, kind="stable")[::-1]
    X, y = X[order], y[order]
    # All targets in two of ten groups: of five folds three have none.
    groups = np.where(y == "target", np.arange(len(y)) % 2, 2 + np.arange(len(y)) % 8)

    model = GroupSVMCV(cv=5, adaptive=adaptive).fit(X, y, groups)

    assert np.isnan(model.cv_scores_).any()
    assert set(INFORMATIVE) <= set(model.sensors_)


def test_a_search_without_any_score_is_refused_with_the_way_out(data):
    X, y = data
    train, test = np.arange(len(y)), np.flatnonzero(y == "other")

    with pytest.raises(ValueError, match="none of 1 folds has a score"):
        GroupSVMCV(cv=[(train, test)]).fit(X, y)


@pytest.mark.parametrize("asked", [{"penalty": "l2"}, {"qs": (2.0, np.inf), "adaptive": True}])
def test_a_search_without_scikit_learn_finds_the_same(asked, data):
    X, y = data
    asked = {
        "alphas": [0.5, 0.1],
        "refit": "lda",
        "sensor_weights": np.linspace(1, 2, N_CHANNELS),
    } | asked
    folds = list(GroupKFold(3).split(X, y, np.arange(len(y)) // 12))

    plain = SparseSearch(**asked).fit(X, y, folds, jobs(None))

    found = GroupSVMCV(cv=folds, **asked).fit(X, y)
    for name in ("alpha_", "q_", "lambda_", "sensors_"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(found, name))
    # With its refit: it is used where all sensors are kept.
    np.testing.assert_array_equal(plain.best.fit(X, y).coef_, found.coef_)
    assert (
        inspect.signature(SparseSVM).parameters.keys() == found.best_estimator_.get_params().keys()
    )
    assert vars(SparseSVM()) == vars(GroupSVM())


def test_without_a_scorer_the_accuracy_decides_and_an_unknown_one_is_refused(data):
    X, y = data
    search = GroupSVMCV(alphas=[0.5, 0.1], cv=2)

    found = clone(search).set_params(scoring=None).fit(X, y)

    by_name = clone(search).set_params(scoring="accuracy").fit(X, y)
    np.testing.assert_array_equal(found.cv_scores_, by_name.cv_scores_)
    with pytest.raises(ValueError, match="'nope' is not a valid scoring value"):
        clone(search).set_params(scoring="nope").fit(X, y)
    letters = np.r_[np.nan, np.arange(len(y) - 1) // 12]
    with pytest.raises(ValueError, match="groups must have no missing label, got one at position"):
        GroupSVMCV(cv=2, alphas=[0.5]).fit(X, y, groups=letters)
    with pytest.raises(ValueError, match="one_standard_error must be True or False, got 1"):
        clone(search).set_params(one_standard_error=1).fit(X, y)


@pytest.mark.parametrize("cv", [5, np.int64(5), None])
def test_any_number_of_folds_keeps_groups_whole(cv, data):
    X, y = data
    letters = np.arange(len(y)) // 12
    alphas = [0.5, 0.1]

    found = GroupSVMCV(cv=cv, alphas=alphas).fit(X, y, letters)
    other = GroupSVMCV(cv=5, alphas=alphas).fit(X, y)

    expected = GroupSVMCV(cv=5, alphas=alphas).fit(X, y, letters)
    np.testing.assert_array_equal(found.cv_scores_, expected.cv_scores_)
    assert not np.array_equal(found.cv_scores_, other.cv_scores_)


@pytest.mark.parametrize(
    "options", [{"sharing": "pooled", "penalty": "l2"}, {"sharing": "pooled"}, {}]
)
def test_epochs_that_never_change_give_a_constant_and_a_certificate(options):
    X, y = np.ones((40, 3, 4)), np.arange(40) % 4 == 0

    joint = MultiTaskGroupSVMCV(**options, alphas=[0.5], cv=2).fit(X, y, np.arange(40) // 20)
    alone = GroupSVM(penalty=options.get("penalty", "group")).fit(X, y)

    for model in (joint.best_estimator_, alone):
        assert np.max(model.gap_) == 0.0
        assert not np.any(model.coef_)
