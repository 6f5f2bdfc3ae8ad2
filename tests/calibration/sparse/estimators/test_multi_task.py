"""What several subjects gain from each other, and the estimators' contract."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score

from calibration.sparse.estimators.group_svm import GroupSVM
from calibration.sparse.estimators.multi_task import MultiTaskGroupSVM
from calibration.sparse.estimators.multi_task_cv import MultiTaskGroupSVMCV

N_CHANNELS, N_TIMES = 8, 5
WAVE = np.random.default_rng(42).normal(size=(3, N_TIMES))


def recording(seed, n):
    """Return one subject's epochs: a common response on three sensors, and a little of its own."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.permutation(n) < n // 4, 1, 0)
    X = rng.normal(size=(n, N_CHANNELS, N_TIMES))
    own = 0.4 * np.random.default_rng(1000 + seed % 10).normal(size=WAVE.shape)
    X[y == 1, :3] += 0.8 * (WAVE + own)
    return X, y


def cohort(sizes):
    parts = [recording(seed, n) for seed, n in enumerate(sizes)]
    X, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return X, y, np.repeat([f"s{t}" for t in range(len(sizes))], sizes)


@pytest.fixture(scope="module")
def data():
    return cohort([160, 160, 160, 40])


def test_all_subjects_share_their_sensors(data):
    model = MultiTaskGroupSVM(similarity=0.0, alpha=0.3).fit(*data)

    chosen = [decoder.sensors_ for decoder in model.decoders_]
    assert all(np.array_equal(own, model.sensors_) for own in chosen)
    assert set(model.sensors_) >= {0, 1, 2}
    assert model.coef_.shape == (4, N_CHANNELS, N_TIMES)
    assert model.gap_ <= 1e-6


def test_decisions_are_each_subjects_weights_times_its_raw_input(data):
    X, y, subjects = data
    model = MultiTaskGroupSVM().fit(X, y, subjects)

    values = model.decision_function(X, subjects)

    which = np.searchsorted(model.subjects_, subjects)
    by_hand = np.sum(model.coef_[which] * X, axis=(1, 2)) + model.intercept_[which]
    np.testing.assert_allclose(values, by_hand, atol=1e-10)
    np.testing.assert_array_equal(model.predict(X, subjects), (values > 0).astype(int))
    own = subjects == "s1"
    np.testing.assert_allclose(model.decision_function(X[own], "s1"), values[own])


def test_similar_weights_help_the_subject_with_few_trials(data):
    X_new, y_new = recording(13, 600)

    alone = MultiTaskGroupSVM(similarity=0.0).fit(*data)
    similar = MultiTaskGroupSVM(similarity=1.0).fit(*data)

    scores = [roc_auc_score(y_new, m.decision_function(X_new, "s3")) for m in (alone, similar)]
    assert scores[1] > scores[0] + 0.01


def test_one_subject_alone_is_a_group_svm():
    X, y = recording(0, 200)

    joint = MultiTaskGroupSVM(tol=1e-10).fit(X, y, np.zeros(len(y)))
    single = GroupSVM(tol=1e-10).fit(X, y)

    np.testing.assert_allclose(joint.coef_[0], single.coef_, atol=1e-6)
    assert joint.intercept_[0] == pytest.approx(single.intercept_, abs=1e-6)


def test_a_huge_similarity_gives_all_the_same_scaled_weights(data):
    model = MultiTaskGroupSVM(similarity=1e5).fit(*data)

    weights = np.stack([decoder.coef_scaled_ for decoder in model.decoders_])

    np.testing.assert_allclose(weights, np.broadcast_to(weights[0], weights.shape), atol=1e-3)


def test_a_pooled_svm_is_one_svm_on_everyones_scaled_trials(data):
    X, y, subjects = data
    model = MultiTaskGroupSVM(sharing="pooled", penalty="l2", tol=1e-10).fit(X, y, subjects)
    scaled = np.empty_like(X)
    for decoder, subject in zip(model.decoders_, model.subjects_, strict=True):
        own = subjects == subject
        scaled[own] = (X[own] - decoder.center_) / decoder.scale_[:, None]

    plain = GroupSVM(penalty="l2", tol=1e-10).fit(scaled, y)

    np.testing.assert_allclose(
        model.decision_function(X, subjects), plain.decision_function(scaled), atol=1e-3
    )


def test_a_new_subject_is_drawn_to_the_learnt_ones_and_they_stay_untouched(data):
    sources = MultiTaskGroupSVM().fit(*cohort([160, 160, 160]))
    before = pickle.dumps(sources)
    X, y = recording(3, 40)
    X_new, y_new = recording(13, 600)

    drawn = sources.fit_target(X, y)
    alone = GroupSVM().fit(X, y)

    assert pickle.dumps(sources) == before
    scores = [roc_auc_score(y_new, m.decision_function(X_new)) for m in (alone, drawn)]
    assert scores[1] > scores[0] + 0.01


def test_the_pull_fades_as_the_new_subjects_trials_grow():
    sources = MultiTaskGroupSVM().fit(*cohort([160, 160]))

    def distance(n):
        X, y = recording(3, n)
        drawn, alone = sources.fit_target(X, y), GroupSVM().fit(X, y)
        return np.linalg.norm(drawn.coef_scaled_ - alone.coef_scaled_)

    assert distance(2000) < 0.5 * distance(60)


def test_without_similarity_the_new_subject_is_alone():
    sources = MultiTaskGroupSVM(similarity=0.0, tol=1e-10).fit(*cohort([80, 80]))
    X, y = recording(3, 100)

    drawn, alone = sources.fit_target(X, y), GroupSVM(tol=1e-10).fit(X, y)

    np.testing.assert_allclose(drawn.coef_, alone.coef_, atol=1e-6)


def test_cross_validation_splits_within_every_subject(data):
    X, y, subjects = data
    letters = np.arange(len(y)) // 4

    model = MultiTaskGroupSVMCV(alphas=[0.5, 0.2, 0.05], similarities=(1.0, 0.0), cv=3)
    model.fit(X, y, subjects, groups=letters)

    assert model.cv_scores_.shape == (3, 3, 2, 4)
    mean = model.cv_scores_.mean(axis=(1, 3))
    chosen = mean[list(model.alphas_).index(model.alpha_), (1.0, 0.0).index(model.similarity_)]
    assert chosen == mean.max() > 0.7
    assert model.coef_.shape == (4, N_CHANNELS, N_TIMES)
    assert model.fit_target(*recording(3, 40)).coef_.shape == (N_CHANNELS, N_TIMES)
    assert 0.7 < model.score(X, y, subjects) <= 1.0


@pytest.mark.parametrize(
    "options",
    [
        {"penalty": "sparse-group", "l1_ratio": 0.3},
        {"penalty": "sensor-time"},
        {"adaptive": True},
        {"refit": "lda"},
        {"refit": "l2", "adaptive": True},
    ],
)
@pytest.mark.parametrize("sharing", ["sensors", "pooled"])
def test_one_subject_alone_is_a_group_svm_with_every_option(options, sharing):
    X, y = recording(0, 200)

    joint = MultiTaskGroupSVM(tol=1e-10, sharing=sharing, **options).fit(X, y, np.zeros(len(y)))
    single = GroupSVM(tol=1e-10, **options).fit(X, y)

    np.testing.assert_allclose(joint.coef_[0], single.coef_, atol=1e-5)
    np.testing.assert_array_equal(joint.sensors_, single.sensors_)


def test_sensors_and_times_are_shared_by_all_subjects():
    rng, y, subjects = np.random.default_rng(0), np.arange(240) % 2, np.repeat(["a", "b"], 120)
    X = rng.normal(size=(240, N_CHANNELS, N_TIMES))
    X[y == 1, :3, 1:3] += 1.0

    model = MultiTaskGroupSVM(penalty="sensor-time", alpha=0.5).fit(X, y, subjects)

    used = model.coef_ != 0.0  # subjects, channels, times
    assert np.all(used == used[0])
    assert np.flatnonzero(used[0].any(axis=1)).tolist() == [0, 1, 2]
    assert np.flatnonzero(used[0].any(axis=0)).tolist() == [1, 2]


def test_an_adaptive_refit_search_finds_the_shared_sensors(data):
    X, y, subjects = data

    model = MultiTaskGroupSVMCV(
        alphas=[0.5, 0.2], similarities=(1.0,), cv=2, adaptive=True, refit="lda"
    ).fit(X, y, subjects)

    assert set(model.sensors_) <= {0, 1, 2}
    assert model.best_estimator_.adaptive_alpha in (0.5, 0.2)


def test_the_pull_of_a_new_subject_is_that_of_the_joint_problem():
    """Without a norm, the joint optimum of one subject is its own when the others stay."""
    X, y, subjects = cohort([400, 440, 360])
    joint = MultiTaskGroupSVM(alpha=1e-6, similarity=3.0, tol=1e-11).fit(X, y, subjects)
    known = subjects != "s2"
    sources = MultiTaskGroupSVM(alpha=1e-6, similarity=3.0).fit(X[known], y[known], subjects[known])
    coefs = np.stack([decoder.coef_scaled_.ravel() for decoder in joint.decoders_[:2]])
    sources.sources_ = replace(sources.sources_, centre=coefs.mean(axis=0))

    drawn = sources.set_params(tol=1e-11).fit_target(X[~known], y[~known])

    np.testing.assert_allclose(drawn.coef_, joint.coef_[2], atol=1e-4)


def test_the_strength_of_a_new_subjects_penalty_does_not_depend_on_the_pull():
    sources = MultiTaskGroupSVM().fit(*cohort([160, 160]))
    X, y = recording(3, 60)

    found = [sources.fit_target(X, y, similarity=pull) for pull in (0.0, 1.0, 100.0)]

    assert {decoder.lambda_ for decoder in found} == {GroupSVM().fit(X, y).lambda_}


def test_with_an_infinite_pull_the_weights_are_the_sources_mean():
    sources = MultiTaskGroupSVM().fit(*cohort([160, 160]))
    X, y = recording(3, 60)

    near, at = (sources.fit_target(X, y, similarity=pull) for pull in (1e6, np.inf))

    np.testing.assert_array_equal(at.coef_scaled_, sources.mean_coef_scaled_)
    np.testing.assert_allclose(near.coef_, at.coef_, atol=1e-3)


@pytest.mark.parametrize("alpha", [0.1, 1.0, 10.0])
def test_a_new_subject_of_a_pooled_svm_keeps_all_sensors(alpha):
    sources = MultiTaskGroupSVM(sharing="pooled", penalty="l2", alpha=alpha)
    sources.fit(*cohort([160, 160]))
    X, y = recording(3, 60)

    drawn = sources.fit_target(X, y)

    assert drawn.sensors_.size == N_CHANNELS
    alone = GroupSVM(penalty="l2", alpha=alpha, tol=1e-10).fit(X, y)
    own = sources.set_params(tol=1e-10).fit_target(X, y, similarity=0.0)
    np.testing.assert_allclose(own.coef_, alone.coef_, atol=1e-6)


def test_a_two_dimensional_input_works_with_groups(data):
    X, y, subjects = data
    groups = np.repeat(np.arange(N_CHANNELS), N_TIMES)

    flat = MultiTaskGroupSVM(groups=groups).fit(X.reshape(len(X), -1), y, subjects)
    whole = MultiTaskGroupSVM().fit(X, y, subjects)

    np.testing.assert_allclose(flat.coef_, whole.coef_.reshape(4, -1), atol=1e-12)
    target = flat.fit_target(X[:60].reshape(60, -1), y[:60])
    np.testing.assert_array_equal(target.coef_, whole.fit_target(X[:60], y[:60]).coef_.ravel())


@pytest.mark.parametrize("model", [MultiTaskGroupSVM(), MultiTaskGroupSVMCV(alphas=[0.2], cv=2)])
def test_the_scikit_learn_contract_holds(model, data):
    X, y, subjects = data

    assert clone(model).get_params() == model.get_params()
    for use in (model.predict, model.decision_function):
        with pytest.raises(NotFittedError):
            use(X, subjects)
    with pytest.raises(NotFittedError):
        model.fit_target(X, y)
    fitted = clone(model)
    assert fitted.fit(X, y, subjects) is fitted
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X, subjects), fitted.predict(X, subjects))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sharing": "none"}, r"sharing must be one of .* got 'none'"),
        ({"similarity": -1.0}, r"similarity must satisfy 0 <= similarity < inf, got -1.0"),
        ({"penalty": "l2"}, r"penalty='l2' needs sharing='pooled'"),
        ({"penalty": "l0"}, r"penalty must be one of .*, got 'l0'"),
        ({"alpha": -0.1}, r"alpha must satisfy 0 < alpha < inf"),
        ({"similarity": None}, r"similarity must satisfy .* got None"),
        ({"q": 0.0}, r"q must satisfy"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_rule_and_value(options, message, data):
    with pytest.raises(ValueError, match=message):
        MultiTaskGroupSVM(**options).fit(*data)


@pytest.mark.parametrize("n_groups", [519, 521])
def test_groups_that_are_not_one_per_epoch_are_refused(data, n_groups):
    X, y, subjects = data
    groups = np.arange(n_groups)
    search = MultiTaskGroupSVMCV(alphas=[0.2], similarities=(0.0,), cv=2)

    with pytest.raises(ValueError, match=rf"inconsistent numbers of samples: \[520, {n_groups}\]"):
        search.fit(X, y, subjects, groups)
    with pytest.raises(ValueError, match=rf"inconsistent numbers of samples: \[520, {n_groups}\]"):
        search.fit(X, y, subjects).fit_target(X, y, groups)


def test_wrong_data_is_refused_in_one_clear_line(data):
    X, y, subjects = data
    model = MultiTaskGroupSVM().fit(X, y, subjects)

    with pytest.raises(ValueError, match=r"subjects must have one label per epoch \(520\)"):
        MultiTaskGroupSVM().fit(X, y, subjects[:-1])
    with pytest.raises(ValueError, match=r"every subject needs epochs of both classes, .*'s3'"):
        MultiTaskGroupSVM().fit(X, np.where(subjects == "s3", 0, y), subjects)
    missing = [None, *subjects[1:]]
    with pytest.raises(ValueError, match=r"subjects must be labels of one type .* got NoneType"):
        MultiTaskGroupSVM().fit(X, y, missing)
    with pytest.raises(ValueError, match=r"subjects must have one label per epoch \(520\)"):
        model.predict(X, subjects[:-1])
    with pytest.raises(ValueError, match=r"cv must be a whole number from 2, got None"):
        MultiTaskGroupSVMCV(cv=None).fit(X, y, subjects)
    with pytest.raises(ValueError, match=r"got \['x'\]; learn a new subject with fit_target"):
        model.predict(X, "x")
    with pytest.raises(ValueError, match=r"epochs of shape \(8, 5\) as in fit, got \(8, 4\)"):
        model.fit_target(X[..., :4], y)
    with pytest.raises(ValueError, match=r"y must hold .* as in fit"):
        model.fit_target(X, y + 1)
