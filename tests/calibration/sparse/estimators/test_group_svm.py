"""The estimators' contract, and what is true of their decoders."""

import pickle

import numpy as np
import pytest
from informative_sensors import INFORMATIVE, N_CHANNELS, N_TIMES, epochs
from sklearn.base import clone
from sklearn.covariance import ledoit_wolf_shrinkage
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from calibration import BlockToeplitzLDA
from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.group_svm_cv import GroupSVMCV
from calibration.sparse.sensor_ranking import rank_sensors


@pytest.fixture(scope="module")
def data():
    return epochs()


@pytest.mark.parametrize("model", [GroupSVM(), GroupSVMCV(cv=3)])
def test_the_informative_sensors_are_found_and_new_epochs_distinguished(model, data):
    X_new, y_new = epochs(seed=1)

    model = clone(model).fit(*data)

    assert set(INFORMATIVE) <= set(model.sensors_)
    assert roc_auc_score(y_new == "target", model.decision_function(X_new)) > 0.9
    assert model.score(X_new, y_new) > 0.8


@pytest.mark.parametrize("options", [{}, {"refit": "lda"}, {"refit": "l2"}, {"adaptive": True}])
def test_decisions_are_the_weights_times_the_raw_input(options, data):
    X, y = data

    model = GroupSVM(alpha=0.3, **options).fit(X, y)

    by_hand = np.sum(model.coef_ * X, axis=(1, 2)) + model.intercept_
    np.testing.assert_allclose(model.decision_function(X), by_hand, atol=1e-9)
    scaled = (X - model.center_) / model.scale_[:, None]
    bias = model.intercept_ + np.sum(model.coef_ * model.center_)
    by_scaled = np.sum(model.coef_scaled_ * scaled, axis=(1, 2)) + bias
    np.testing.assert_allclose(by_scaled, by_hand, atol=1e-9)
    chosen = np.flatnonzero(np.any(model.coef_, axis=1))
    np.testing.assert_array_equal(model.sensors_, chosen)


@pytest.mark.parametrize("scaling", ["sensor", "feature"])
@pytest.mark.parametrize(("least", "most"), [(1e-6, 1e3), (1e-250, 1e250)])
def test_the_choice_does_not_depend_on_a_sensors_unit(scaling, least, most, data):
    X, y = data
    factor = np.geomspace(least, most, N_CHANNELS)[:, None]
    model = GroupSVM(alpha=0.2, scaling=scaling)

    microvolts, mixed = clone(model).fit(X, y), clone(model).fit(X * factor, y)

    np.testing.assert_array_equal(microvolts.sensors_, mixed.sensors_)
    decisions = mixed.decision_function(X * factor)
    np.testing.assert_allclose(decisions, microvolts.decision_function(X), atol=1e-4)


def test_two_dimensional_input_with_groups_equals_three_dimensional(data):
    X, y = data
    groups = np.repeat(np.arange(N_CHANNELS), N_TIMES)
    shuffled = np.random.default_rng(0).permutation(groups.size)
    flat = X.reshape(len(X), -1)[:, shuffled]

    whole = GroupSVM(tol=1e-10).fit(X, y)
    model = GroupSVM(tol=1e-10, groups=groups[shuffled]).fit(flat, y)

    np.testing.assert_array_equal(model.sensors_, whole.sensors_)
    np.testing.assert_allclose(model.coef_, whole.coef_.ravel()[shuffled], atol=1e-6)
    assert model.scale_.shape == (N_CHANNELS,)


def test_groups_of_other_sizes_are_penalised_fairly():
    rng = np.random.default_rng(0)
    y = rng.permutation(np.repeat([0, 1], 200))
    X = rng.normal(size=(400, 21))
    X[:, [0, 20]] += 0.8 * y[:, None]

    model = GroupSVM(groups=[0] + [1] * 19 + [2], alpha=0.5).fit(X, y)

    np.testing.assert_array_equal(model.sensors_, [0, 2])


def test_labels_may_be_anything_with_two_values(data):
    X, y = data
    named = GroupSVM().fit(X, y)

    for low, high in ((0, 1), (-1, 1), (33282, 33285), (False, True)):
        model = GroupSVM().fit(X, np.where(y == "target", high, low))

        np.testing.assert_array_equal(model.classes_, [low, high])
        np.testing.assert_allclose(model.coef_, named.coef_)
        assert set(model.predict(X)) == {low, high}


@pytest.mark.parametrize("refit", [None, "lda", "l2"])
def test_weight_zero_is_a_trial_left_out_and_weight_two_is_a_trial_twice(data, refit):
    X, y = data
    weight = np.ones(len(y))
    weight[:60], weight[60:100] = 0, 2
    rows = np.concatenate([np.arange(60, len(y)), np.arange(60, 100)])

    weighted = GroupSVM(tol=1e-11, refit=refit).fit(X, y, sample_weight=weight)
    repeated = GroupSVM(tol=1e-11, refit=refit).fit(X[rows], y[rows])

    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-6)
    assert weighted.intercept_ == pytest.approx(repeated.intercept_, abs=1e-4)


def test_balanced_classes_and_the_same_weights_by_hand_agree(data):
    X, y = data
    share = np.mean(y == "target")

    balanced = GroupSVM(class_weight="balanced").fit(X, y)
    by_hand = GroupSVM(class_weight={"target": 0.5 / share, "other": 0.5 / (1 - share)}).fit(X, y)

    np.testing.assert_allclose(balanced.coef_, by_hand.coef_, atol=1e-12)


def test_dearer_sensors_are_chosen_later(data):
    prices = np.ones(N_CHANNELS)
    prices[INFORMATIVE[0]] = 50.0

    model = GroupSVM(alpha=0.3, sensor_weights=prices).fit(*data)

    assert INFORMATIVE[0] not in model.sensors_
    assert set(INFORMATIVE[1:]) <= set(model.sensors_)


@pytest.mark.parametrize("adaptive", [False, True])
def test_at_most_so_many_sensors_are_the_first_of_the_ranking(data, adaptive):
    model = GroupSVM(alpha=0.01, max_sensors=2, adaptive=adaptive, adaptive_alpha=0.1)

    ranking = rank_sensors(model, *data, most=2)

    chosen = clone(model).fit(*data).sensors_
    np.testing.assert_array_equal(chosen, np.sort(ranking.sensors[:2]))
    assert clone(model).set_params(max_sensors=None, adaptive=False).fit(*data).sensors_.size > 2


@parametrize_with_checks(
    [
        GroupSVM(tol=1e-13),
        GroupSVM(refit="l2"),
        GroupSVMCV(alphas=[0.3, 0.05], cv=2, scoring="accuracy", tol=1e-10),
    ]
)
@pytest.mark.slow
def test_scikit_learns_own_checks_pass(estimator, check):
    check(estimator)


def test_adaptive_chooses_a_subset(data):
    plain = GroupSVM(alpha=0.1).fit(*data)
    adaptive = GroupSVM(alpha=0.1, adaptive=True).fit(*data)

    assert set(adaptive.sensors_) < set(plain.sensors_)
    assert set(INFORMATIVE) <= set(adaptive.sensors_)


def test_an_lda_refit_without_scatter_is_refused_in_one_line():
    X = np.repeat([[[1.0, 2.0]], [[3.0, 5.0]]], 3, axis=0)

    with pytest.raises(ValueError, match="refit='lda' needs epochs that differ within a class"):
        GroupSVM(refit="lda").fit(X, np.repeat([0, 1], 3))


def test_nothing_is_chosen_at_lambda_max(data):
    X, y = data

    for refit in (None, "lda", "l2"):
        model = GroupSVM(alpha=1.0 + 1e-9, refit=refit).fit(X, y)

        assert model.sensors_.size == 0
        assert np.ptp(model.decision_function(X)) == 0
        assert set(model.predict(X)) == {"other"}
    assert GroupSVM(alpha=0.999).fit(X, y).sensors_.size > 0


def test_a_dead_sensor_is_never_chosen_and_a_constant_one_does_no_harm(data):
    X, y = data
    X = X.copy()
    X[:, 0], X[:, 2] = 0.0, 1e6

    model = GroupSVM(alpha=0.01).fit(X, y)

    assert {0, 2}.isdisjoint(model.sensors_)
    assert np.all(np.isfinite(model.coef_))


def test_block_toeplitz_refit_is_block_toeplitz_lda_on_the_chosen_sensors(data):
    X, y = data
    model = GroupSVM(alpha=0.3, refit="btlda").fit(X, y)

    alone = BlockToeplitzLDA().fit(X[:, model.sensors_], y)

    expected = alone.decision_function(X[:, model.sensors_])
    np.testing.assert_allclose(model.decision_function(X), expected, rtol=1e-9)


def test_lda_refit_is_shrinkage_lda_on_the_chosen_sensors(data):
    X, y = data
    model = GroupSVM(alpha=0.3, refit="lda").fit(X, y)
    scaled = ((X - model.center_) / model.scale_[:, None])[:, model.sensors_].reshape(len(X), -1)
    means = {label: scaled[y == label].mean(axis=0) for label in model.classes_}
    centred = scaled - np.stack([means[label] for label in y])
    gamma = ledoit_wolf_shrinkage(centred, assume_centered=True)
    covariance = centred.T @ centred / len(X)
    shrunk = (1 - gamma) * covariance + gamma * np.trace(covariance) / len(covariance) * np.eye(
        len(covariance)
    )
    lda = LinearDiscriminantAnalysis(solver="eigen").fit(scaled, y)

    expected = np.linalg.solve(shrunk, means["target"] - means["other"])

    np.testing.assert_allclose(model.coef_scaled_[model.sensors_].ravel(), expected, rtol=1e-9)
    agreement = np.corrcoef(lda.decision_function(scaled), model.decision_function(X))[0, 1]
    assert agreement > 0.98


def test_fit_leaves_its_input_alone(data):
    X, y = epochs(seed=3)
    X_before, y_before = X.copy(), y.copy()

    GroupSVM(refit="lda", adaptive=True).fit(X, y).predict(X)

    np.testing.assert_array_equal(X, X_before)
    np.testing.assert_array_equal(y, y_before)


@pytest.mark.slow
@pytest.mark.parametrize("model", [GroupSVM(q=3.0, refit="lda"), GroupSVMCV(cv=3, alphas=[0.2])])
def test_the_scikit_learn_contract_holds(model, data):
    X, y = data

    assert clone(model).get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        model.predict(X)
    with pytest.raises(NotFittedError):
        model.decision_function(X)
    fitted = clone(model)
    assert fitted.fit(X, y) is fitted
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    assert clone(fitted).set_params(tol=1e-3).tol == 1e-3
    np.testing.assert_array_equal(clone(model).fit(X, y).coef_, fitted.coef_)


def test_others_can_search_score_and_chain_it(data):
    X, y = data

    search = GridSearchCV(GroupSVM(), {"alpha": [0.5, 0.1], "q": [1.0, 2.0]}, cv=2).fit(X, y)
    scores = cross_val_score(GroupSVM(), X, y, cv=GroupKFold(3), groups=np.arange(len(y)) // 20)
    chain = make_pipeline(FunctionTransformer(np.tanh), GroupSVM()).fit(X / 100, y)

    assert search.best_score_ > 0.8
    assert scores.mean() > 0.8
    assert chain.predict(X / 100).shape == y.shape


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"penalty": "l0"}, r"penalty must be one of .* got 'l0'"),
        ({"q": 0.5}, r"q must satisfy 1 <= q <= inf, got 0.5"),
        ({"alpha": 0.0}, r"alpha must satisfy 0 < alpha < inf, got 0.0"),
        ({"alpha": np.nan}, r"alpha must satisfy"),
        ({"alpha": [0.1, 0.2]}, r"alpha must satisfy .* got \[0.1, 0.2\]"),
        ({"q": None}, r"q must satisfy 1 <= q <= inf, got None"),
        ({"penalty": ["group"]}, r"penalty must be one of"),
        ({"adaptive": "yes"}, r"adaptive must be True or False, got 'yes'"),
        ({"adaptive_alpha": -1.0}, r"adaptive_alpha must satisfy .* got -1.0"),
        ({"sensor_weights": "cheap"}, r"sensor_weights must be numbers, got str_"),
        ({"max_sensors": 0}, r"max_sensors must be a whole number from 1, got 0"),
        ({"max_sensors": 2, "penalty": "l2"}, r"max_sensors must be None for penalty='l2'"),
        ({"refit": "svm"}, r"refit must be one of"),
        ({"scaling": "none"}, r"scaling must be one of"),
        ({"tol": 0.0}, r"tol must satisfy 0 < tol < inf"),
        ({"max_iter": 0}, r"max_iter must be a whole number from 1, got 0"),
        ({"sensor_weights": [1.0]}, r"sensor_weights must have one price per sensor \(10\)"),
        ({"sensor_weights": [0.0] * 10}, r"sensor_weights must be positive and finite"),
        ({"penalty": "l2", "adaptive": True}, r"adaptive must be False for penalty='l2'"),
        ({"groups": [0] * 10}, r"groups must be None for a 3-D X"),
        ({"l1_ratio": 1.0}, r"l1_ratio must satisfy 0 <= l1_ratio < 1"),
        ({"kappa": 0.0}, r"kappa must satisfy"),
        ({"class_weight": "Balanced"}, r"class_weight must be None, 'balanced' or a factor"),
        (
            {"class_weight": {"target": -1}},
            r"class_weight must be positive .* -1 for label 'target'",
        ),
        ({"class_weight": {"target": 0.0}}, r"class_weight must be positive and finite, got 0.0"),
        ({"class_weight": {"target": np.nan}}, r"class_weight must be positive"),
        ({"class_weight": {"others": 2.0}}, r"must name labels among other, target, got 'others'"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_rule_and_value(options, message, data):
    with pytest.raises(ValueError, match=message):
        GroupSVM(**options).fit(*data)


def test_wrong_data_is_refused_in_one_clear_line(data):
    X, y = data
    fitted = GroupSVM().fit(X, y)

    with pytest.raises(ValueError, match="X must have no axis of length zero"):
        GroupSVM().fit(X[:, :0], y)
    with pytest.raises(ValueError, match=r"X must be \(n_epochs, n_channels, n_times\) or"):
        GroupSVM().fit(X[..., None], y)
    with pytest.raises(ValueError, match=r"must hold two classes, got one class"):
        GroupSVM().fit(X, np.zeros(len(X)))
    with pytest.raises(ValueError, match=r"Only binary classification is supported"):
        GroupSVM().fit(X, np.arange(len(X)) % 3)
    with pytest.raises(ValueError, match="y must have one label per epoch"):
        GroupSVM().fit(X, y[:-1])
    with pytest.raises(ValueError, match="NaN"):
        GroupSVM().fit(np.where(X > 60, np.nan, X), y)
    with pytest.raises(ValueError, match=r"X must lie within ±1e\+300, got 1e\+308"):
        GroupSVM().fit(np.where(X > 60, 1e308, X), y)
    with pytest.raises(ValueError, match="none of 'target'"):
        GroupSVM().fit(X, y, sample_weight=(y != "target").astype(float))
    with pytest.raises(ValueError, match=r"y must be labels of one type .* got int and str"):
        GroupSVM().fit(X, np.where(y == "target", np.array(1, dtype=object), y))
    flat = X.reshape(len(X), -1)
    with pytest.raises(ValueError, match="groups must have one label per column"):
        GroupSVM(groups=[1, 2]).fit(flat, y)
    with pytest.raises(ValueError, match="groups must have no missing label, got one at position"):
        GroupSVM(groups=[*range(flat.shape[1] - 1), np.nan]).fit(flat, y)
    with pytest.raises(ValueError, match=r"groups must be labels of one type .* got list"):
        GroupSVM(groups=[[0, 1], [1]]).fit(flat, y)
    with pytest.raises(ValueError, match=r"epochs of shape \(10, 5\) as in fit, got \(10, 4\)"):
        fitted.predict(X[..., :4])
    with pytest.raises(ValueError, match=r"epochs of shape \(10, 5\) as in fit, got \(9, 5\)"):
        fitted.predict(X[:, :9])
