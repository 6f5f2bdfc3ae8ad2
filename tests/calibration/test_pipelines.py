"""Fitted pipelines of others score alike as decoders, or are refused with the step."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from mne.decoding import CSP as MneCSP
from mne.decoding import Vectorizer
from pyriemann.estimation import Covariances, ERPCovariances, XdawnCovariances
from pyriemann.spatialfilters import CSP, Xdawn
from pyriemann.tangentspace import TangentSpace
from recorded_signal import RecordedSignal, ran
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from bci_online.config import DecoderHeader, EpochSpec, Preprocessing, read_config
from bci_online.decoding.decoder_file import make_decoder, read_decoder, write_decoder
from bci_online.errors import BciError
from bci_online.messages import Epoch
from bci_online.runtime.no_calibration import uncalibrated_decoder
from calibration import to_decoder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

CONFIGS = Path(__file__).resolve().parents[2] / "configs"

HEADER = DecoderHeader(
    method="theirs",
    preprocessing=Preprocessing(
        ch_names=("C3", "Cz", "C4", "Pz"), sfreq=250.0, epoch=EpochSpec(tmax=0.29, step=0.01)
    ),
)


def epochs(n=80, seed=0, size=1.0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    X = rng.normal(size=(n, 4, 30)) * (1.0 + 0.8 * y[:, None, None] * np.eye(4)[0][:, None])
    X[y == 1, 2, 10:20] += 1.0
    return size * (X + 0.2), y


PIPELINES = {
    "linear": lambda: make_pipeline(Vectorizer(), StandardScaler(), LinearDiscriminantAnalysis()),
    "selected": lambda: make_pipeline(
        Vectorizer(), SelectKBest(k=20), PCA(5), SVC(kernel="linear")
    ),
    "xdawn": lambda: make_pipeline(Xdawn(2), Vectorizer(), LogisticRegression()),
    "tangent": lambda: make_pipeline(Covariances("oas"), TangentSpace(), LogisticRegression()),
    "tangent, scm": lambda: make_pipeline(
        Covariances("scm"), TangentSpace(), PCA(3), SVC(kernel="linear")
    ),
    "xdawn, tangent": lambda: make_pipeline(
        XdawnCovariances(2, estimator="lwf"), TangentSpace(), StandardScaler(), LogisticRegression()
    ),
    "erp, tangent": lambda: make_pipeline(
        ERPCovariances(estimator="oas", svd=2), TangentSpace(), LogisticRegression()
    ),
    "filtered, tangent": lambda: make_pipeline(
        Xdawn(2), Covariances("cov"), TangentSpace(), LogisticRegression()
    ),
    "within another": lambda: make_pipeline(
        make_pipeline(Covariances("lwf"), TangentSpace()), StandardScaler(), RidgeClassifier()
    ),
    "searched": lambda: GridSearchCV(
        make_pipeline(Covariances("lwf"), TangentSpace(), LogisticRegression()),
        {"logisticregression__C": [0.1, 1.0]},
    ),
    "csp": lambda: make_pipeline(Covariances("cov"), CSP(nfilter=2), LinearDiscriminantAnalysis()),
    "mne's csp": lambda: make_pipeline(MneCSP(2), LinearDiscriminantAnalysis()),
}


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize("size", [1e-6, 30.0])
def test_a_pipeline_scores_alike_as_a_decoder_file(name, size, tmp_path):
    X, y = epochs(size=size)
    pipeline = PIPELINES[name]().fit(X, y)
    new, _ = epochs(seed=1, size=size)

    write_decoder(tmp_path / "theirs.decoder", *to_decoder(pipeline, X, HEADER))
    decoder = read_decoder(tmp_path / "theirs.decoder")

    scores = np.array([decoder.score(epoch) for epoch in new])
    wanted = pipeline.decision_function(new)
    np.testing.assert_allclose(scores[:, 1] - scores[:, 0], wanted, atol=1e-6 * wanted.std())


@pytest.mark.parametrize(
    ("pipeline", "said"),
    [
        (
            lambda: make_pipeline(Vectorizer(), SVC()),
            r"svc \(SVC\): is not linear",
        ),
        (lambda: make_pipeline(Vectorizer(), GaussianNB()), r"gaussiannb \(GaussianNB\): has no"),
        (
            lambda: make_pipeline(Covariances("oas"), TangentSpace(), SVC()),
            r"svc \(SVC\): is not linear",
        ),
        (
            lambda: make_pipeline(Covariances("sch"), TangentSpace(), LogisticRegression()),
            r"covariances \(Covariances\): its estimator 'sch'",
        ),
        (
            lambda: make_pipeline(Covariances(), TangentSpace("logeuclid"), LogisticRegression()),
            r"tangentspace \(TangentSpace\): its metric 'logeuclid'",
        ),
        (
            lambda: make_pipeline(
                Covariances("oas"), TangentSpace(), PCA(3), QuadraticDiscriminantAnalysis()
            ),
            r"quadraticdiscriminantanalysis \(Quadratic",
        ),
        (
            lambda: make_pipeline(MneCSP(2, log=False), LogisticRegression()),
            r"csp \(CSP\): its log",
        ),
        (
            lambda: make_pipeline(Vectorizer(), MinMaxScaler(clip=True), LogisticRegression()),
            r"minmaxscaler \(MinMaxScaler\): is not linear",
        ),
    ],
)
def test_what_cannot_go_live_is_refused_with_its_step(pipeline, said):
    X, y = epochs()

    with pytest.raises(BciError, match=said):
        to_decoder(pipeline().fit(X, y), X, HEADER)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda X: np.where(np.arange(30) == 3, np.nan, X), r"finite, got NaN .* in epoch 0"),
        (lambda X: X + 1j, "X must be real"),
        (lambda X: 0 * X, "X must be epochs that differ"),
    ],
)
def test_epochs_that_cannot_compare_are_refused(change, said):
    X, y = epochs()
    pipeline = PIPELINES["linear"]().fit(X, y)

    with pytest.raises(BciError, match=said):
        to_decoder(pipeline, change(X), HEADER)


@pytest.mark.parametrize(
    ("pipeline", "said"),
    [
        (PIPELINES["linear"](), "Pipeline: cannot score X: This Pipeline instance is not fitted"),
        (LogisticRegression, "has no decision_function"),
        (None, "has no decision_function"),
    ],
)
def test_what_is_not_fitted_is_refused(pipeline, said):
    with pytest.raises(BciError, match=said) as told:
        to_decoder(pipeline, epochs()[0], HEADER)

    assert "\n" not in str(told.value)


def test_epochs_and_classes_must_be_those_of_the_header():
    X, y = epochs()
    pipeline = PIPELINES["linear"]().fit(X, y)

    with pytest.raises(BciError, match=r"shape \(4, 30\)"):
        to_decoder(pipeline, X[:, :3], HEADER)
    three = DecoderHeader(method="m", classes=("a", "b", "c"), preprocessing=HEADER.preprocessing)
    with pytest.raises(BciError, match="scores 2 classes, the header names 3"):
        to_decoder(pipeline, X, three)
    with pytest.raises(BciError, match="linear in the epochs: classes must be two, got 3"):
        to_decoder(PIPELINES["linear"]().fit(X, np.arange(len(X)) % 3), X, three)


@pytest.mark.parametrize("kind", [str, object])
def test_names_of_classes_must_be_in_the_headers_order(kind):
    X, y = epochs()
    names = np.where(y, "deviant", "standard").astype(kind)
    pipeline = make_pipeline(Vectorizer(), LogisticRegression()).fit(X, names)
    order = ("standard", "deviant")

    with pytest.raises(BciError, match="classes are deviant, standard, in this order"):
        to_decoder(pipeline, X, msgspec.structs.replace(HEADER, classes=order))

    header, _ = to_decoder(pipeline, X, msgspec.structs.replace(HEADER, classes=order[::-1]))
    assert header.kind == "linear"


def test_a_recording_is_decided_alike_however_it_is_cut(data_dir):
    config = read_config(CONFIGS / "p300_bci2000.toml")
    signal = RecordedSignal.of(data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf")
    cold = uncalibrated_decoder(config, signal.spec)
    found = ran(cold, signal, dynamic=False).of(Epoch)
    X = np.stack([epoch.data for epoch in found])
    y = np.array([epoch.marker.text.endswith("/target") for epoch in found])
    pipeline = PIPELINES["erp, tangent"]().fit(X, y)
    header = DecoderHeader(
        method="theirs", preprocessing=cold.header.preprocessing, layout=cold.header.layout
    )
    decoder = make_decoder(*to_decoder(pipeline, X, header))
    assert decoder.header.kind == "covariance"

    small, large = (ran(decoder, signal, chunk_n, dynamic=False) for chunk_n in (61, 1000))

    scores = np.array([small.scores[epoch.marker].values for epoch in found])
    wanted = pipeline.decision_function(X)
    np.testing.assert_allclose(scores[:, 1] - scores[:, 0], wanted, atol=1e-6 * wanted.std())
    assert [list(one.values) for one in small.scores.values()] == [
        list(one.values) for one in large.scores.values()
    ]
    assert small.letters == large.letters == "".join(one.truth for one in small.decisions)


def test_points_are_asked_for_in_parts_and_none_of_what_is_not_linear(monkeypatch):
    monkeypatch.setattr("calibration.affine_maps.POINTS", 7)
    X, y = epochs()
    linear, tangent = (PIPELINES[name]().fit(X, y) for name in ("linear", "tangent"))
    n_asked = []
    score = tangent.decision_function
    tangent.decision_function = lambda X: n_asked.append(len(X)) or score(X)

    decoder = make_decoder(*to_decoder(linear, X, HEADER))
    header, _ = to_decoder(tangent, X, HEADER)

    scores = np.array([decoder.score(epoch)[1] for epoch in X])
    np.testing.assert_allclose(scores, linear.decision_function(X), atol=1e-6 * scores.std())
    assert header.kind == "covariance"
    # The whole, and whether it is linear: halves, and their means.
    assert sum(n_asked) == len(X) + 3 * (len(X) // 2)
