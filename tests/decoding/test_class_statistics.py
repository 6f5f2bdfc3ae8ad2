"""Class means and covariance that follow labelled epochs, and the weights that they give."""

from types import SimpleNamespace

import numpy as np
import pytest
from small_discriminant import N_TIMES, epochs, trained

from bci_online.covariances import block_toeplitz_covariance, lag_covariances
from bci_online.decoding.class_statistics import (
    ClassStatistics,
    Discriminant,
    discriminant_of,
)
from bci_online.decoding.lagged_covariance import covariance_of_lags
from calibration.discriminants.block_toeplitz import BlockToeplitzLDA


def test_the_trained_statistics_give_the_trained_decoder_back() -> None:
    decoder = trained()
    own = discriminant_of(decoder)
    assert isinstance(own, Discriminant)
    # A copy, because the statistics themselves are known to be the decoder's.
    again = own.decoder(ClassStatistics(*own.trained))

    assert own.likeness == pytest.approx(1.0)
    np.testing.assert_allclose(again.arrays["coef"], decoder.arrays["coef"], rtol=1e-9)
    np.testing.assert_allclose(again.arrays["intercept"], decoder.arrays["intercept"], rtol=1e-9)


def test_weights_are_those_of_a_block_toeplitz_discriminant() -> None:
    X, y = epochs(1)
    model = BlockToeplitzLDA().fit(X, y)
    scaled = X / model.scale_[:, np.newaxis]
    means = np.stack([scaled[~y].mean(axis=0), scaled[y].mean(axis=0)])

    weights = ClassStatistics(means, lag_covariances(scaled - means[y.astype(int)])).weights()

    np.testing.assert_allclose(weights / model.scale_[:, np.newaxis], model.coef_, rtol=1e-6)


def test_following_forever_ends_at_the_new_statistics() -> None:
    own, (X, y) = ClassStatistics(np.zeros((2, 3, N_TIMES)), np.eye(3)[np.newaxis] * 0), epochs(2)
    own = ClassStatistics(own.means, np.zeros((N_TIMES, 3, 3)))
    X = np.clip(X, -5.0, 5.0)

    for _ in range(400):
        own = own.followed(X, y, gain=0.1)

    means = np.stack([X[~y].mean(axis=0), X[y].mean(axis=0)])
    residuals = X - means[y.astype(int)]
    np.testing.assert_allclose(own.means, means, atol=1e-9)
    features = residuals.transpose(0, 2, 1).reshape(len(X), -1)
    variance = np.trace(covariance_of_lags(own.lags))
    assert variance == pytest.approx(np.trace(features.T @ features / len(X)))
    assert np.trace(block_toeplitz_covariance(residuals)) == pytest.approx(variance)


def test_one_epoch_moves_nothing_far() -> None:
    own = discriminant_of(trained()).trained
    X, y = epochs(3, n=60)
    wild = X.copy()
    wild[0] = 1e9

    moved = own.followed(wild, y, 0.05).means - own.followed(X, y, 0.05).means

    assert np.abs(moved).max() <= 0.05 * 2 * 5.0 / y.sum() + 1e-9


def test_a_weaker_response_is_less_evidence() -> None:
    own = discriminant_of(trained())
    means = own.trained.means
    weak = ClassStatistics(
        means.mean(axis=0) + 0.5 * (means - means.mean(axis=0)), own.trained.lags
    )

    scores = own.scores(weak, means)
    before = own.scores(own.trained, means)

    # Half of the distance is a quarter of the expected log-likelihood ratio.
    assert np.ptp(scores) == pytest.approx(np.ptp(before) / 2)
    assert scores.mean() == pytest.approx(before.mean())


def test_what_is_no_discriminant_is_not_followed() -> None:
    decoder = trained()
    shuffled = np.random.default_rng(0).permutation(decoder.arrays["coef"].ravel())
    odd = SimpleNamespace(
        header=decoder.header,
        arrays=dict(decoder.arrays) | {"coef": shuffled.reshape(3, N_TIMES)},
    )
    flat = SimpleNamespace(
        header=decoder.header,
        arrays=dict(decoder.arrays) | {"class_means": np.zeros((2, 3, N_TIMES))},
    )

    assert "are not those of a linear discriminant" in discriminant_of(odd)
    assert discriminant_of(flat) == "the means of the classes do not differ"
