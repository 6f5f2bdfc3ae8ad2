from types import SimpleNamespace

import numpy as np
import pytest

from bci_online.config import DecoderHeader, EpochSpec, Preprocessing
from bci_online.decoding.lagged_covariance import covariance_of_lags
from bci_online.decoding.resolved_weights import ResolvedWeights

N_CHANNELS, N_TIMES = 4, 5
OWN = Preprocessing(
    ch_names=("Fz", "Cz", "Pz", "Oz"), sfreq=100.0, epoch=EpochSpec(tmax=0.2, step=0.05)
)
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(N_CHANNELS, N_CHANNELS, 300))


def lags() -> np.ndarray:
    """Return the covariances at each lag of correlated, coloured channels."""
    mixed = RNG.normal(size=(N_CHANNELS, N_CHANNELS)) @ RNG.normal(size=(N_CHANNELS, 20_000))
    signal = mixed[:, 2:] + 0.7 * mixed[:, 1:-1] + 0.3 * mixed[:, :-2]
    n = signal.shape[1]
    found = [signal[:, : n - lag] @ signal[:, lag:].T / n for lag in range(N_TIMES)]
    found[0] += 0.5 * np.eye(N_CHANNELS)
    return np.stack(found)


LAGS = lags()
MEANS = np.stack([np.zeros((N_CHANNELS, N_TIMES)), RNG.normal(size=(N_CHANNELS, N_TIMES))])
COVARIANCE = covariance_of_lags(LAGS)


def weights(coef: np.ndarray) -> ResolvedWeights:
    arrays = {"coef": coef, "intercept": np.array([0.3]), "class_means": MEANS, "lags": LAGS}
    header = DecoderHeader(method="lda", preprocessing=OWN)
    return ResolvedWeights(SimpleNamespace(header=header, arrays=arrays))


def discriminant(rows: np.ndarray) -> np.ndarray:
    """Return the weights of a linear discriminant on some features."""
    inside = COVARIANCE[np.ix_(rows, rows)]
    return np.linalg.solve(inside, (MEANS[1] - MEANS[0]).ravel()[rows])


def kept(*lost: int) -> np.ndarray:
    return np.flatnonzero(~np.repeat(np.isin(np.arange(N_CHANNELS), lost), N_TIMES))


LDA = discriminant(kept()).reshape(N_CHANNELS, N_TIMES)


def test_the_covariance_depends_on_lags_alone_and_can_be_inverted():
    cube = COVARIANCE.reshape(N_CHANNELS, N_TIMES, N_CHANNELS, N_TIMES)

    np.testing.assert_allclose(COVARIANCE, COVARIANCE.T)
    np.testing.assert_array_equal(cube[1, 0, 2, 1], cube[1, 3, 2, 4])
    assert np.linalg.eigvalsh(COVARIANCE).min() > 0


@pytest.mark.parametrize("lost", [(1,), (0, 3), (0, 1, 2)])
def test_a_discriminant_without_sensors_is_the_discriminant_of_the_others(lost):
    found = weights(LDA).without(lost)

    own = discriminant(kept(*lost))
    np.testing.assert_allclose(found.coef.ravel()[kept(*lost)], own)
    assert not found.coef[list(lost)].any()
    difference = (MEANS[1] - MEANS[0]).ravel()
    share = (own @ difference[kept(*lost)]) / (LDA.ravel() @ difference)
    assert found.worth == pytest.approx(np.sqrt(share))


@pytest.mark.parametrize("coef", [LDA, MEANS[1], RNG.normal(size=MEANS[1].shape) + 2 * MEANS[1]])
@pytest.mark.parametrize("lost", [(), (2,), (0, 3)])
def test_scores_without_a_sensor_keep_the_meaning_that_the_evidence_gives_them(coef, lost):
    found = weights(coef).without(lost)

    def figures(coef, intercept):
        others, targets = (float(np.vdot(coef, mean)) + intercept for mean in MEANS)
        return others, targets, float(coef.ravel() @ COVARIANCE @ coef.ravel())

    others, targets, variance = figures(coef, 0.3)
    now_others, now_targets, now_variance = figures(found.coef, found.intercept)
    assert now_targets + now_others == pytest.approx(targets + others)
    # The slope of the log-likelihood ratio of two normal densities.
    assert (now_targets - now_others) / now_variance == pytest.approx((targets - others) / variance)


def test_a_sensor_without_weights_gets_none():
    coef = LDA.copy()
    coef[3] = 0

    assert not weights(coef).without((1,)).coef[3].any()


def test_without_any_sensor_nothing_is_left():
    assert weights(LDA).without((0, 1, 2, 3)) is None
