import numpy as np
import pytest
from sklearn.base import clone

from bci_online.config import DecoderHeader, FilterSpec, Preprocessing, WindowSpec
from bci_online.decoding.decoder_file import make_decoder
from bci_online.preprocessing.window_covariances import covariance
from calibration import CspLDA
from calibration.discriminants.csp_lda import FilterBankCsp


def windows(n_classes=2, n=60, n_channels=6, seed=0, n_bands=1):
    """Sources of which each class quietens one, mixed; in the last band only."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(n_channels, n_channels))
    y = np.arange(n) % n_classes
    sources = rng.normal(size=(n, n_bands, n_channels, 200))
    for label in range(n_classes):
        sources[y == label, -1, label] *= 0.4
    X = mixing @ sources
    return X.reshape(n, n_bands * n_channels, 200), y, mixing


@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_windows_that_differ_in_the_power_of_a_source_are_distinguished(n_classes):
    X, y, _ = windows(n_classes, n=120)

    fitted = CspLDA(n_filters=8).fit(X[:60], y[:60])

    assert np.mean(fitted.predict(X[60:]) == y[60:]) > 0.9


def test_the_filters_undo_the_mixing():
    X, y, mixing = windows(n=200)

    fitted = CspLDA(n_filters=2, shrinkage=0.0).fit(X, y)

    # Each filter sees one of the two sources that change, and little of the others.
    seen = np.abs(fitted.filters_[0] @ mixing)
    seen /= seen.max(axis=1, keepdims=True)
    assert set(seen.argmax(axis=1)) == {0, 1}
    assert np.sort(seen, axis=1)[:, -2].max() < 0.2


def test_a_filter_bank_finds_the_band_that_matters():
    X, y, _ = windows(n=120, n_bands=2)

    fitted = CspLDA(n_filters=2, n_bands=2).fit(X, y)

    weights = np.abs(fitted.coef_[1]).reshape(2, 2)
    assert weights[1].min() > 3 * weights[0].max()


def test_idle_windows_have_no_filters_of_their_own_and_are_distinguished_by_those_of_the_classes():
    X, y, _ = windows(n_classes=3, n=180)
    # The third group quietens neither source of the other two.
    own = y < 2

    fitted = CspLDA(idle=2).fit(X[:120], y[:120])
    without = CspLDA().fit(X[:120][own[:120]], y[:120][own[:120]])

    np.testing.assert_array_equal(fitted.filters_, without.filters_)
    assert fitted.coef_.shape == (3, 4)
    assert np.mean(fitted.predict(X[120:]) == y[120:]) > 0.9


def test_any_mixing_of_the_sensors_gives_the_same_scores_without_shrinkage():
    X, y, _ = windows()
    other = np.random.default_rng(7).normal(size=(6, 6))

    ours = CspLDA(shrinkage=0.0).fit(X, y).decision_function(X)
    theirs = CspLDA(shrinkage=0.0).fit(other @ X, y).decision_function(other @ X)

    # Windows are scaled to one trace in each, which is all that differs.
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99


def test_it_is_a_scikit_learn_classifier():
    X, y, _ = windows()
    labels = np.array(["left", "right"])[y]

    fitted = clone(CspLDA(n_filters=2)).fit(X, labels)

    assert set(fitted.predict(X)) == {"left", "right"}
    assert fitted.score(X, labels) > 0.9
    assert fitted.get_params()["n_filters"] == 2


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_online_form_gives_the_same_log_odds(n_classes):
    X, y, _ = windows(n_classes, n_bands=2)
    header = DecoderHeader(
        method="csp-lda",
        classes=tuple("abc"[:n_classes]),
        preprocessing=Preprocessing(
            ch_names=tuple("123456"),
            sfreq=128.0,
            filter=FilterSpec(l_freq=8.0, h_freq=16.0, band_width=4.0),
            window=WindowSpec(),
        ),
    )
    fitted = CspLDA(n_bands=2).fit(X, y)

    decoder = make_decoder(*fitted.to_decoder(header))

    values = np.stack([decoder.score(window) for window in X])
    expected = fitted.decision_function(X)
    found = values[:, 1] - values[:, 0] if n_classes == 2 else values
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_one_class_is_refused():
    X, y, _ = windows()

    with pytest.raises(ValueError, match="two classes"):
        CspLDA().fit(X, np.zeros_like(y))
    with pytest.raises(ValueError, match="at least two classes"):
        CspLDA(idle=1).fit(X, y)


def test_windows_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="n_windows, n_rows, n_times"):
        CspLDA().fit(np.zeros((4, 4)), np.array([0, 1, 0, 1]))


@pytest.mark.slow
def test_the_filters_of_two_classes_are_those_of_pyriemann():
    # Loads torch, among others.
    from pyriemann.spatialfilters import CSP

    X, y, _ = windows(n=80)
    covariances = np.concatenate([covariance(window, 1) for window in X])
    covariances /= np.trace(covariances, axis1=1, axis2=2)[:, np.newaxis, np.newaxis]

    ours = CspLDA(n_filters=6, shrinkage=0.0).fit(X, y).filters_[0]
    theirs = CSP(nfilter=6, log=False).fit(covariances, y).filters_

    # Each of their filters is one of ours, but for its sign.
    alike = np.abs(normed(ours) @ normed(theirs).T)
    np.testing.assert_allclose(alike.max(axis=0), 1.0, atol=1e-9)
    assert sorted(alike.argmax(axis=0)) == list(range(6))


def normed(filters: np.ndarray) -> np.ndarray:
    return filters / np.linalg.norm(filters, axis=1, keepdims=True)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_filter_bank_weighs_only_powers_of_the_band_that_differs(n_classes):
    X, y, _ = windows(n_classes, n=120, n_bands=3)

    model = FilterBankCsp(n_filters=2 * n_classes, n_bands=3, n_best=2).fit(X[:60], y[:60])

    weighed = (model.coef_ != 0).any(axis=0).reshape(3, -1)
    assert not weighed[:2].any()
    assert weighed[2].any()
    assert np.mean(model.predict(X[60:]) == y[60:]) > 0.9


def test_a_power_is_never_weighed_without_its_partners():
    X, y, _ = windows(n_bands=3)

    model = FilterBankCsp(n_filters=4, n_bands=3, n_best=3).fit(X, y, np.arange(len(y)) // 3)

    weighed = (model.coef_ != 0).any(axis=0).reshape(3, 4)
    np.testing.assert_array_equal(weighed, np.roll(weighed, 2, axis=1))


def test_a_filter_bank_that_takes_every_power_is_csp_on_a_bank():
    X, y, _ = windows(n_bands=2)

    every = FilterBankCsp(n_bands=2, n_best=8).fit(X, y)

    np.testing.assert_allclose(every.coef_, CspLDA(n_bands=2).fit(X, y).coef_)
