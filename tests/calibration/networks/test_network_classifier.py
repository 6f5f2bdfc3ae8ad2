"""The estimator's contract, and what is true of its trainings."""

import itertools
import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score

from bci_online.decoding.network.epochs import filter_epochs
from calibration import NetworkClassifier
from calibration.networks import network_classifier
from calibration.networks.bank import bank_sections
from calibration.networks.gradients import backward
from calibration.networks.weighting_choice import weighting_for

N_CHANNELS, N_TIMES = 4, 80
SHORT = {"random_state": 0, "max_epochs": 3}


def epochs(n=40, n_classes=2, seed=0):
    """Return noise in which channel c carries 10 Hz in epochs of class c."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    X = rng.normal(size=(n, N_CHANNELS, N_TIMES))
    phase = rng.uniform(0, 2 * np.pi, size=n)
    X[np.arange(n), y] += 2 * np.sin(2 * np.pi * 0.1 * np.arange(N_TIMES) + phase[:, np.newaxis])
    return X, y


@pytest.mark.slow
@pytest.mark.parametrize(("network", "n"), [("min2net", 150), ("fbmsnet", 30), ("eegnet", 100)])
def test_a_network_overfits_eight_epochs(network, n):
    X, y = epochs(8)
    model = NetworkClassifier(
        network, validation_fraction=0, max_epochs=n, patience=n, batch_size=8, random_state=0,
    )  # fmt: skip

    assert model.fit(X, y).score(X, y) == 1.0
    # MIN2Net's bounded layers keep its logits small.
    assert model.history_.best.validation[-1] < 0.7 * model.history_.epochs[0].training[-1]


@pytest.mark.slow
@pytest.mark.parametrize("network", ["min2net", "fbmsnet", "eegnet"])
def test_the_same_seed_gives_the_same_network_to_the_last_bit(network):
    X, y = epochs()

    first, second = (NetworkClassifier(network, **SHORT).fit(X, y) for _ in range(2))
    other = NetworkClassifier(network, max_epochs=3, random_state=1).fit(X, y)

    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    np.testing.assert_array_equal(first.history_.weights, second.history_.weights)
    assert not np.array_equal(first.predict_proba(X), other.predict_proba(X))


def test_training_takes_no_number_from_the_global_generators():
    X, y = epochs()
    np.random.seed(0)  # noqa: NPY002 - this very generator must not be touched
    torch.manual_seed(0)
    expected = (np.random.random(), float(torch.rand(1)))  # noqa: NPY002 - likewise
    np.random.seed(0)  # noqa: NPY002 - likewise
    torch.manual_seed(0)

    NetworkClassifier("eegnet", **SHORT).fit(X, y)

    assert (np.random.random(), float(torch.rand(1))) == expected  # noqa: NPY002 - likewise


@pytest.mark.slow
def test_networks_learn_what_tells_the_classes():
    X, y = epochs(90)

    model = NetworkClassifier("fbmsnet", max_epochs=12, random_state=0).fit(X[:60], y[:60])

    assert model.score(X[60:], y[60:]) >= 0.8


def flicker(n=64, seed=0):
    """Return epochs at the back of the head that follow one of four flickers, and a harmonic."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 4
    frequency = np.array([12.0, 8.57, 6.67, 5.45])[y][:, np.newaxis, np.newaxis]
    phase = rng.uniform(0, 2 * np.pi, size=(n, 1, 1))
    angle = 2 * np.pi * frequency * np.arange(200) / 100.0 + phase
    gain = np.linspace(0.3, 1.0, N_CHANNELS)[:, np.newaxis]
    response = gain * (np.sin(angle) + 0.5 * np.sin(2 * angle))
    return response + 0.8 * rng.normal(size=(n, N_CHANNELS, 200)), y


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "n_epochs", "learning_rate"), [("fbmsnet", 8, 1e-3), ("eegnet", 30, 1e-2)]
)
def test_networks_tell_flickers_apart(network, n_epochs, learning_rate):
    X, y = flicker(80)
    n = 48

    model = NetworkClassifier(
        network, max_epochs=n_epochs, learning_rate=learning_rate, random_state=0
    ).fit(X[:n], y[:n])

    assert model.predict_proba(X[n:]).shape == (32, 4)
    assert model.score(X[n:], y[n:]) >= 0.8


@pytest.mark.parametrize(("threads", "own"), [(1, 3), (2, 1)])
def test_training_takes_the_stated_threads_and_gives_back_what_the_caller_had(threads, own):
    before, seen = torch.get_num_threads(), []
    model = NetworkClassifier(
        "eegnet",
        max_epochs=1,
        threads=threads,
        progress=lambda _: seen.append(torch.get_num_threads()),
    )
    torch.set_num_threads(own)

    try:
        model.fit(*epochs())
        after = torch.get_num_threads()
    finally:
        torch.set_num_threads(before)

    assert (seen, after) == ([threads], own)


def test_the_estimator_can_be_cloned_searched_and_pickled():
    X, y = epochs(24)
    model = NetworkClassifier("eegnet", **SHORT)
    labels = np.array(["left", "right"])[y]

    assert clone(model).get_params() == model.get_params()
    search = GridSearchCV(model, {"learning_rate": [1e-3, 1e-2]}, cv=2).fit(X, labels)
    again = pickle.loads(pickle.dumps(search.best_estimator_))

    assert cross_val_score(model, X, labels, cv=2).shape == (2,)
    assert set(search.predict(X)) <= {"left", "right"}
    np.testing.assert_array_equal(again.predict_proba(X), search.predict_proba(X))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_odds_and_labels_agree(n_classes):
    X, y = epochs(36, n_classes)
    model = NetworkClassifier("min2net", **SHORT).fit(X, y)

    proba, odds = model.predict_proba(X), model.decision_function(X)

    assert odds.shape == ((36,) if n_classes == 2 else (36, 3))
    np.testing.assert_allclose(proba.sum(axis=1), 1.0)
    np.testing.assert_array_equal(model.predict(X), proba.argmax(axis=1))
    against_first = np.log(proba / proba[:, :1])
    np.testing.assert_allclose(
        odds, against_first[:, 1] if n_classes == 2 else against_first, atol=1e-9
    )


def test_inputs_stay_as_they_are():
    X, y = epochs()
    before = X.copy()

    NetworkClassifier("fbmsnet", **SHORT).fit(X, y).predict(X)

    np.testing.assert_array_equal(X, before)


def test_standardising_knows_nothing_of_validation_or_test():
    X, y = epochs()
    held_out = np.arange(40) >= 30
    model = NetworkClassifier("eegnet", **SHORT).fit(X, y, validation=held_out)
    louder = np.where(held_out[:, None, None], 100 * X, X)

    again = NetworkClassifier("eegnet", **SHORT).fit(louder, y, validation=held_out)

    np.testing.assert_allclose(model.center_, X[:30].mean(axis=(0, 2)))
    np.testing.assert_array_equal(again.scale_, model.scale_)


def test_windows_of_one_trial_are_on_one_side_of_the_validation_split(monkeypatch):
    X = epochs(40)[0]
    trials = np.arange(40) // 4
    labels = trials % 2
    seen = []

    train = network_classifier.train_network

    def watched(estimator, X, y, held_out, random):
        seen.append(held_out)
        return train(estimator, X, y, held_out, random)

    monkeypatch.setattr(network_classifier, "train_network", watched)
    NetworkClassifier("eegnet", **SHORT).fit(X, labels, groups=trials)

    assert 0 < seen[0].sum() < 40
    assert not set(trials[seen[0]]) & set(trials[~seen[0]])


@pytest.mark.slow
@pytest.mark.parametrize("monitor", ["classification", "weighted"])
def test_the_best_epochs_network_and_weights_are_kept(monitor):
    X, y = epochs()
    model = NetworkClassifier("min2net", step=0.1, max_epochs=8, random_state=0, monitor=monitor)

    best = model.fit(X, y).history_.best

    watched = best.validation[-1] if monitor == "classification" else best.weights @ best.validation
    assert best.watched == watched

    assert watched == min(epoch.watched for epoch in model.history_.epochs)
    np.testing.assert_array_equal(model.loss_weights_, best.weights)


def test_training_stops_early_when_nothing_gets_better():
    X, y = epochs()

    model = NetworkClassifier("eegnet", learning_rate=1e-12, patience=3, random_state=0).fit(X, y)

    assert len(model.history_.epochs) == model.history_.best.number + 3 < 100


def test_by_accuracy_an_equal_pass_is_no_step_back_and_the_first_best_is_kept():
    X, y = epochs()
    still = {"monitor": "val_acc", "learning_rate": 1e-12, "random_state": 0}

    model = NetworkClassifier("eegnet", patience=3, max_epochs=12, **still).fit(X, y)

    accuracies = [epoch.accuracy for epoch in model.history_.epochs]
    best = max(accuracies)
    assert model.history_.best.number == 1 + accuracies.index(best)
    last_good = len(accuracies) - accuracies[::-1].index(best)
    assert len(accuracies) == min(12, last_good + 3)


def test_no_training_ends_before_the_fewest_passes():
    X, y = epochs()
    still = {"learning_rate": 1e-12, "patience": 2, "random_state": 0}

    model = NetworkClassifier("eegnet", min_epochs=9, **still).fit(X, y)

    assert len(model.history_.epochs) >= 9


def test_history_holds_every_step():
    X, y = epochs()
    told = []

    model = NetworkClassifier("min2net", progress=told.append, **SHORT).fit(X, y)

    history = model.history_
    assert told == list(history.epochs)
    assert history.names == ("triplet", "reconstruction", "classification")
    # 32 of 40 epochs train, in batches of 10.
    assert history.weights.shape == history.norms.shape == history.losses.shape == (12, 3)
    assert np.isfinite(history.norms).all()
    np.testing.assert_allclose(history.weights.sum(axis=1), 3.0)


@pytest.mark.parametrize("strategy", ["adamt", "gradapprox", "fixed", "uw", "dwa"])
@pytest.mark.parametrize("network", ["min2net", "fbmsnet"])
def test_every_strategy_trains_either_network(network, strategy):
    X, y = epochs(30)

    model = NetworkClassifier(network, strategy, max_epochs=4, random_state=0).fit(X, y)

    assert np.isfinite(model.history_.weights).all()
    assert np.isfinite(model.predict_proba(X)).all()
    assert np.isfinite(model.history_.norms).all() == (strategy == "adamt")


def test_fixed_weights_are_the_papers_own_unless_given():
    X, y = epochs(20)

    own = NetworkClassifier("fbmsnet", "fixed", **SHORT).fit(X, y)
    given = NetworkClassifier("fbmsnet", "fixed", (1, 1), **SHORT).fit(X, y)

    np.testing.assert_array_equal(own.loss_weights_, [0.0005, 1.0])
    np.testing.assert_array_equal(given.loss_weights_, [1.0, 1.0])
    assert own.network_.latent is None


def test_under_sampling_takes_as_many_of_each_class():
    X, y = epochs(40)
    rare = np.flatnonzero((y == 0) | (np.arange(40) < 12))

    model = NetworkClassifier(
        "eegnet", undersample=True, batch_size=4, validation_fraction=0, **SHORT
    ).fit(X[rare], y[rare])

    # 6 targets and 20 others: 12 epochs in 3 batches, three times.
    assert len(model.history_.losses) == 9


@pytest.mark.slow
def test_balanced_classes_weigh_the_rare_one_more():
    X, y = epochs(40)
    kept = np.flatnonzero((y == 0) | (np.arange(40) < 10))
    fit = {"validation_fraction": 0, "max_epochs": 30, "random_state": 0}

    plain = NetworkClassifier("eegnet", **fit).fit(X[kept], y[kept])
    balanced = NetworkClassifier("eegnet", class_weight="balanced", **fit).fit(X[kept], y[kept])

    assert balanced.predict_proba(X)[:, 1].mean() > plain.predict_proba(X)[:, 1].mean()


@pytest.mark.slow
def test_bands_made_inside_are_those_given_from_outside():
    X, y = epochs()
    bands = filter_epochs(bank_sections(100.0), X)

    inside = NetworkClassifier("fbmsnet", **SHORT).fit(X, y)
    outside = NetworkClassifier("fbmsnet", **SHORT).fit(bands, y)

    np.testing.assert_array_equal(inside.predict_proba(X), outside.predict_proba(bands))


@pytest.mark.parametrize("network", ["min2net", "fbmsnet", "eegnet"])
def test_a_step_without_finite_gradients_is_left_out_said_and_leaves_no_trace(
    network, monkeypatch, caplog
):
    X, y = epochs(20)
    model = NetworkClassifier(network, validation_fraction=0, **SHORT)
    n_steps = itertools.count()

    def overflowing(trained, objective, weighting, x, labels, is_mixed):
        x = torch.full_like(x, torch.inf) if next(n_steps) == 2 else x
        return backward(trained, objective, weighting, x, labels, is_mixed)

    monkeypatch.setattr("calibration.networks.one_pass.backward", overflowing)
    model.fit(X, y)

    assert model.history_.n_not_finite == 1
    assert "1 of" in caplog.text
    assert "not finite" in caplog.text
    assert np.isfinite(model.predict_proba(X)).all()


def test_a_training_without_a_finite_step_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(
        "calibration.networks.one_pass.backward",
        lambda network, objective, weighting, x, y, is_mixed: backward(
            network, objective, weighting, torch.full_like(x, torch.inf), y
        ),
    )

    with pytest.raises(ValueError, match=r"gradients that are not finite.*lower learning_rate"):
        NetworkClassifier("eegnet", validation_fraction=0, **SHORT).fit(*epochs(20))


def test_gradapprox_counts_the_batches_that_under_sampling_leaves(monkeypatch):
    X, y = epochs(60)
    kept = np.flatnonzero((y == 0) | (np.arange(60) < 20))
    asked = []

    def noted(name, start, **options):
        asked.append(options["n_points"][0])
        return weighting_for(name, start, **options)

    monkeypatch.setattr("calibration.networks.weighting_choice.weighting_for", noted)
    model = NetworkClassifier(
        "eegnet", loss_weighting="gradapprox", undersample=True, batch_size=4, **SHORT
    ).fit(X[kept], y[kept])

    n_epochs = len(model.history_.epochs)
    assert asked == [len(model.history_.losses) // n_epochs]


@pytest.mark.parametrize(
    ("scaling", "same"),
    [("channel", np.array([2.0, 5.0, 1.0, 9.0])), ("global", 7.0), ("microvolts", 1.0)],
)
def test_each_scaling_forgets_its_own_factors(scaling, same):
    X, y = epochs(30)
    factors = np.broadcast_to(same, 4)[:, np.newaxis]
    options = {"scaling": scaling, **SHORT}

    model = NetworkClassifier("min2net", **options).fit(X, y)
    again = NetworkClassifier("min2net", **options).fit(factors * X, y)

    np.testing.assert_allclose(
        again.decision_function(factors * X), model.decision_function(X), atol=1e-4
    )
    assert model.spec_.scaling == scaling


def test_the_first_gradients_are_measured_for_any_weighting_and_change_nothing():
    X, y = epochs(40)
    weightings = ("alphagrad", "fixed", "dwa")
    short = SHORT | {"scaling": "channel"}
    models = [NetworkClassifier("min2net", name, **short).fit(X, y) for name in weightings]

    first = [model.history_.first_norms for model in models]

    np.testing.assert_allclose(first[0], models[0].history_.norms[0], rtol=1e-5)
    np.testing.assert_array_equal(first[1], first[0])
    np.testing.assert_array_equal(first[2], first[0])
    assert np.isnan(models[1].history_.norms).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"network": "resnet"}, "network must be one of"),
        ({"loss_weighting": "magic"}, "loss_weighting must be one of"),
        ({"scaling": "volts"}, "scaling must be one of"),
        ({"subsampling": 0}, "subsampling must be None or a whole number from 1"),
        ({"step": 0}, "step must be positive, got 0"),
        ({"batch_size": 0}, "batch_size must be a whole number from 1"),
        ({"max_epochs": 2.5}, "max_epochs must be a whole number from 1, got 2.5"),
        ({"class_weight": "Balanced"}, "class_weight must be None"),
        ({"validation_fraction": 0.9}, "validation_fraction must be within 0 and 0.5"),
        ({"loss_weights": (1, 2)}, "loss_weights must be 3 numbers"),
        ({"loss_weights": (-1, 2, 2)}, "loss_weights must be 3 numbers"),
        ({"checkpoint": "nowhere/a.training"}, "checkpoint must lie in a folder that exists"),
        ({"device": "abacus"}, "device 'abacus' cannot be used"),
        ({"loss_weighting": "gradapprox", "validation_fraction": 0}, "must not be 0"),
        ({"network": "fbmsnet", "shared_layer": False}, "needs a layer that all losses pass"),
        ({"network": "fbmsnet", "sfreq": 60.0}, "half of sfreq=60 Hz"),
    ],
)
def test_a_wrong_parameter_is_one_line(change, message):
    X, y = epochs(20)

    with pytest.raises(ValueError, match=message) as caught:
        NetworkClassifier(**{**SHORT, **change}).fit(X, y)

    assert "\n" not in str(caught.value)


def test_data_that_do_not_fit_are_refused():
    X, y = epochs(20)
    model = NetworkClassifier("eegnet", **SHORT)

    with pytest.raises(NotFittedError):
        model.predict(X)
    with pytest.raises(ValueError, match=r"X must be \(n_epochs, n_channels, n_times\)"):
        model.fit(X[:, 0], y)
    with pytest.raises(ValueError, match="at least two labels"):
        model.fit(X, np.zeros(20))
    with pytest.raises(ValueError, match=r"too few to hold 0\.2 of them out"):
        model.fit(X[:3], [0, 0, 1])
    with pytest.raises(ValueError, match="32 samples"):
        model.fit(X[..., :20], y)
    with pytest.raises(ValueError, match="as in fit"):
        model.fit(X, y).predict(X[..., :40])
