from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh
from sklearn.base import clone
from sklearn.covariance import ledoit_wolf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from bci_online.config import read_config
from bci_online.covariances import block_toeplitz_covariance, shrunk_covariance
from bci_online.metrics import auc
from calibration import BlockToeplitzLDA, ShrinkageLDA, XdawnLDA
from calibration.discriminants.class_means import class_means
from calibration.discriminants.estimators import SummedDiscriminant
from calibration.discriminants.linear import discriminant
from calibration.discriminants.scaled_epochs import EpochPool
from calibration.discriminants.sensor_elimination import eliminated
from calibration.discriminants.xdawn_filters import xdawn_filters, xdawn_pencil
from calibration.p300.recorded_epochs import epochs_of

CONFIGS = Path(__file__).resolve().parents[3] / "configs"

EVERY = {
    "lda": ShrinkageLDA(),
    "btlda": BlockToeplitzLDA(),
    "xdawn-lda": XdawnLDA(covariance="shrunk"),
    "xdawn-bt": XdawnLDA(covariance="block-toeplitz"),
    "xdawn": XdawnLDA(),
    "sum": SummedDiscriminant([BlockToeplitzLDA(), XdawnLDA(n_filters=2)]),
}


@pytest.fixture(params=EVERY)
def model(request):
    return EVERY[request.param]


def responses(n=240, n_channels=6, n_times=8, seed=0, height=1.0):
    """Coloured noise that channels share, and a response of two of them in one epoch in six."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(n_channels, n_channels))
    noise = np.cumsum(rng.normal(size=(n, n_channels, n_times + 5)), axis=2)
    X = np.einsum("cd,ndt->nct", mixing, noise[..., 5:] - noise[..., :-5])
    y = np.arange(n) % 6 == 0
    X[y, :2, 2:5] += 5 * height
    return X, y


def test_scores_do_not_depend_on_the_units_of_channels(model):
    X, y = responses()
    units = np.array([1e-6, 1.0, 1e3, 0.5, 2.0, 1e6])[:, np.newaxis]

    plain = clone(model).fit(X, y).decision_function(X)

    np.testing.assert_allclose(clone(model).fit(X * units, y).decision_function(X * units), plain)


def test_a_constant_channel_has_no_say(model):
    X, y = responses()
    X[:, 3] = 7.0

    fitted = clone(model).fit(X, y)

    assert np.isfinite(fitted.coef_).all()
    moved = X.copy()
    moved[:, 3] = 7.1
    np.testing.assert_allclose(fitted.decision_function(moved), fitted.decision_function(X), atol=2)


def test_labels_may_be_anything_and_the_second_is_above_zero(model):
    X, y = responses(height=3)

    named = clone(model).fit(X, np.where(y, "target", "other"))

    assert list(named.classes_) == ["other", "target"]
    np.testing.assert_array_equal(named.predict(X) == "target", named.decision_function(X) > 0)
    assert np.mean((named.predict(X) == "target") == y) > 0.95


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        (np.zeros((4, 3)), [0, 1, 0, 1], "n_epochs, n_channels, n_times"),
        (np.ones((4, 2, 3)), [1, 1, 1, 1], "two labels"),
        (np.ones((6, 2, 3)), [0, 1, 2, 0, 1, 2], "two labels"),
    ],
)
def test_what_is_no_epochs_of_two_classes_is_refused(model, X, y, said):
    with pytest.raises(ValueError, match=said):
        clone(model).fit(X, np.array(y))


@given(
    n=st.integers(2, 40), n_channels=st.integers(1, 4), n_times=st.integers(1, 5),
    seed=st.integers(0, 1000),
)  # fmt: skip
@settings(deadline=None, max_examples=40)
def test_a_block_toeplitz_covariance_is_the_mean_over_lags_and_never_negative(
    n, n_channels, n_times, seed
):
    residuals = np.random.default_rng(seed).normal(size=(n, n_channels, n_times))
    features = residuals.transpose(0, 2, 1).reshape(n, -1)
    shrunk, _ = ledoit_wolf(features, assume_centered=True)
    blocks = shrunk.reshape(n_times, n_channels, n_times, n_channels)

    found = block_toeplitz_covariance(residuals)

    for lag in range(n_times):
        mean = sum(blocks[t, :, t + lag] for t in range(n_times - lag)) / n_times
        for t in range(n_times - lag):
            block = found.reshape(blocks.shape)[t, :, t + lag]
            np.testing.assert_allclose(block, mean, atol=1e-12)
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    assert np.linalg.eigvalsh(found).min() > -1e-10
    np.testing.assert_allclose(shrunk_covariance(residuals), shrunk, atol=1e-12)


def test_elimination_spares_the_sensor_without_which_the_ratios_stay_largest():
    X, y = responses(n_channels=9)
    spread = (X - X.mean(axis=0)).std(axis=(0, 2))[:, np.newaxis]
    response, noise = xdawn_pencil(X / spread, y)

    def worth(sensors):
        seen = response[sensors] @ response[sensors].T
        return eigh(seen, noise[np.ix_(sensors, sensors)], eigvals_only=True)[-4:].sum()

    left = list(range(9))
    while len(left) > 3:
        rests = [[other for other in left if other != sensor] for sensor in left]
        left = max(rests, key=worth)

    assert eliminated(X, y, 3).tolist() == left
    assert eliminated(X * np.geomspace(1e-6, 1e6, 9)[:, np.newaxis], y, 3).tolist() == left


def test_xdawn_is_the_sum_of_its_two_discriminants():
    X, y = responses()
    parts = [XdawnLDA(covariance="shrunk"), XdawnLDA(covariance="block-toeplitz")]

    both, summed = XdawnLDA().fit(X, y), SummedDiscriminant(parts).fit(X, y)

    np.testing.assert_allclose(both.coef_, summed.coef_, rtol=1e-9)
    assert both.intercept_ == pytest.approx(summed.intercept_)


def test_shrinkage_lda_is_that_of_scikit_learn():
    X, y = responses(n=90)
    scaled = X / (X - X.mean(axis=0)).std(axis=(0, 2))[:, np.newaxis]
    known = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    known.fit(scaled.reshape(len(X), -1), y)

    found = ShrinkageLDA().fit(X, y).decision_function(X)

    np.testing.assert_allclose(found, known.decision_function(scaled.reshape(len(X), -1)))


def test_folds_that_share_their_figures_are_those_that_are_fitted_alone():
    X, y = responses(n=90)
    pool, folds = EpochPool(X, y), [np.arange(70), np.arange(20, 90)]

    together = [ShrinkageLDA().fit_scaled(part) for part in pool.parts(folds)]

    for rows, found in zip(folds, together, strict=True):
        alone = ShrinkageLDA().fit(X[rows], y[rows])
        np.testing.assert_allclose(found.coef_, alone.coef_, rtol=1e-9)
        assert found.intercept_ == pytest.approx(alone.intercept_)


def test_block_toeplitz_needs_fewer_epochs_where_lags_are_all_there_is():
    aucs = {"lda": [], "btlda": []}
    for seed in range(8):
        X, y = responses(n=400, n_channels=8, n_times=16, seed=seed, height=0.7)
        for name, found in aucs.items():
            fitted = clone(EVERY[name]).fit(X[:90], y[:90])
            found.append(auc(y[90:], fitted.decision_function(X[90:])))

    assert np.mean(aucs["btlda"]) > np.mean(aucs["lda"]) + 0.02


def test_the_filters_have_the_largest_ratios_of_response_to_signal():
    X, y = responses()
    filters = xdawn_filters(X, y, n_filters=3, identity=0.1)

    response = X[y].mean(axis=0)
    samples = np.cov(X.transpose(1, 0, 2).reshape(6, -1))
    noise = 0.9 * samples + 0.1 * np.trace(samples) / 6 * np.eye(6)
    power = response @ response.T / response.shape[1]
    ratios = eigh(power, noise, eigvals_only=True)[::-1][:3]
    for vector, ratio in zip(filters, ratios, strict=True):
        np.testing.assert_allclose(power @ vector, ratio * noise @ vector, atol=1e-8)


def test_xdawn_is_a_discriminant_of_what_its_filters_let_through():
    X, y = responses()
    scale = (X - X.mean(axis=0)).std(axis=(0, 2))[:, np.newaxis]
    filters = xdawn_filters(X / scale, y, n_filters=4)
    filtered = np.einsum("fc,nct->nft", filters, X / scale)
    means, residuals = class_means(filtered, y)
    weights, intercept = discriminant(means, shrunk_covariance(residuals), y.mean())

    fitted = XdawnLDA(covariance="shrunk").fit(X, y)

    by_hand = np.tensordot(filtered, weights, axes=2) + intercept
    np.testing.assert_allclose(fitted.decision_function(X), by_hand, atol=1e-8)


def test_both_is_the_sum_of_two_scores_of_the_same_spread():
    X, y = responses()
    scores = {name: clone(EVERY[name]).fit(X, y).decision_function(X) for name in EVERY}

    total = scores["xdawn-lda"] / scores["xdawn-lda"].std()
    total += scores["xdawn-bt"] / scores["xdawn-bt"].std()

    np.testing.assert_allclose(scores["xdawn"], total, atol=1e-8)


def test_fewer_channels_than_filters_are_all_used():
    X, y = responses(n_channels=2)

    assert XdawnLDA(n_filters=4).fit(X, y).coef_.shape == (2, 8)


@pytest.mark.slow
def test_another_run_of_a_matrix_speller_is_decoded_better_through_xdawn(data_dir):
    config = read_config(CONFIGS / "p300_wadsworth.toml")
    paths = sorted((data_dir / "p300_wadsworth").glob("*ses-10*.xdf"))
    epochs = epochs_of(paths, config).all()
    train, test = epochs.run == 0, epochs.run == 1

    found = {
        name: auc(epochs.y[test], clone(EVERY[name]).fit(epochs.X[train], epochs.y[train])
                  .decision_function(epochs.X[test]))
        for name in ("lda", "xdawn")
    }  # fmt: skip

    assert found["xdawn"] > found["lda"] + 0.015
