"""Minimum distance and tangent space, against pyriemann's, and online."""

import numpy as np
import pytest
from pyriemann.classification import MDM
from pyriemann.tangentspace import TangentSpace
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from bci_online.config import DecoderHeader, Preprocessing, WindowSpec
from bci_online.decoding.covariance import covariance_features, epoch_covariance
from bci_online.decoding.decoder_file import make_decoder
from bci_online.errors import DecoderMismatchError
from bci_online.preprocessing.window_covariances import compressed
from calibration.discriminants.many_features import equal_priors_lda
from calibration.discriminants.riemannian import MinimumDistance, TangentSpaceLDA

N = 60
RNG = np.random.default_rng(0)
Y = np.arange(N) % 3
GAINS = np.array([[2.0, 1.0, 1.0, 1.0], [1.0, 2.0, 1.0, 1.0], [1.0, 1.0, 2.0, 1.0]])
MIXING = RNG.normal(size=(4, 4))
X = [MIXING @ (GAINS[label][:, np.newaxis] * RNG.normal(size=(4, 100))) for label in Y]
COVARIANCES = np.stack([epoch_covariance(window, "window") for window in X])
HEADER = DecoderHeader(
    paradigm="motor_imagery",
    method="mdm",
    classes=("left_hand", "right_hand", "feet"),
    preprocessing=Preprocessing(
        ch_names=("C3", "Cz", "C4", "Pz"), sfreq=100.0, window=WindowSpec(length=1.0)
    ),
)


def values(classifier) -> np.ndarray:
    decoder = make_decoder(*classifier.fit(X, Y, np.arange(N)).to_decoder(HEADER))
    return np.stack([decoder.score(window) for window in X])


def test_the_distances_are_those_of_pyriemann() -> None:
    peer = MDM().fit(COVARIANCES, Y)

    np.testing.assert_allclose(values(MinimumDistance()), -(peer.transform(COVARIANCES) ** 2))


def test_the_tangent_space_is_that_of_pyriemann() -> None:
    fitted = TangentSpaceLDA().fit(X, Y, np.arange(N))

    found = np.stack([covariance_features(window, "window", fitted.arrays_) for window in X])

    np.testing.assert_allclose(found, TangentSpace().fit_transform(COVARIANCES), atol=1e-6)


@pytest.mark.parametrize("n_features", [5, 200])
def test_the_discriminant_is_that_of_scikit_learn(n_features) -> None:
    features = RNG.normal(size=(N, n_features)) * np.geomspace(0.1, 10, n_features)
    peer = LinearDiscriminantAnalysis("lsqr", shrinkage="auto", priors=np.full(3, 1 / 3))
    log_odds = peer.fit(features, Y).decision_function(features)

    coef, intercept = equal_priors_lda(features, Y)

    found = features @ coef.T + intercept
    np.testing.assert_allclose(
        found - found[:, :1], log_odds - log_odds[:, :1], atol=1e-8 * abs(log_odds).max()
    )


@pytest.mark.parametrize("classifier", [MinimumDistance(), TangentSpaceLDA()])
def test_the_louder_source_is_recognised(classifier) -> None:
    assert (values(classifier).argmax(axis=1) == Y).mean() > 0.9


def test_trials_count_alike_however_many_windows_they_have() -> None:
    once = MinimumDistance().fit(X, Y, np.arange(N))
    order = [*range(N), *([0] * 20)]

    often = MinimumDistance().fit([X[n] for n in order], Y[order], np.array(order))

    np.testing.assert_allclose(once.arrays_["centres"], often.arrays_["centres"])


def test_a_compressed_window_has_the_same_covariance() -> None:
    np.testing.assert_allclose(epoch_covariance(compressed(X[0], 1), "window"), COVARIANCES[0])


def test_an_average_reference_leaves_finite_values() -> None:
    referenced = [window - window.mean(axis=0) for window in X]

    decoder = make_decoder(*TangentSpaceLDA().fit(referenced, Y, np.arange(N)).to_decoder(HEADER))

    assert abs(np.stack([decoder.score(window) for window in referenced])).max() < 1e3


def test_arrays_of_two_kinds_are_refused() -> None:
    header, arrays = MinimumDistance().fit(X, Y, np.arange(N)).to_decoder(HEADER)

    with pytest.raises(DecoderMismatchError, match="one of 'whitening', 'projection' and"):
        make_decoder(header, arrays | {"whitening": np.eye(4)})
