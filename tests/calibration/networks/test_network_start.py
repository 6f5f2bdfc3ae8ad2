"""A network that goes on from another one."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from sklearn.base import clone

from bci_online.config import DecoderHeader, NetworkSpec, Preprocessing, WindowSpec
from bci_online.decoding.network.decoder import weights_of
from bci_online.errors import BciError
from calibration import NetworkClassifier
from calibration.commands.named_networks import read_beginning
from calibration.networks import network_start
from calibration.networks.network_start import NetworkStart, start_from, with_earlier

CLASSES = ("left_hand", "right_hand")


def subject(n: int, seed: int, shift: float = 0.0):
    """Return noise in which the channel of its class carries 10 Hz, at a subject's own phase."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    X = rng.normal(size=(n, 4, 80))
    phase = rng.uniform(0, 2 * np.pi, size=(n, 1))
    X[np.arange(n), y] += 1.5 * np.sin(2 * np.pi * 0.1 * np.arange(80) + phase + shift)
    return X, np.array(CLASSES)[y]


def header() -> DecoderHeader:
    own = Preprocessing(
        ch_names=("C3", "Cz", "C4", "CPz"), sfreq=100.0, window=WindowSpec(0.8, 0.1, recentre=False)
    )
    return DecoderHeader(
        method="eegnet", paradigm="motor_imagery", classes=CLASSES, preprocessing=own
    )


def start_of(model: NetworkClassifier) -> NetworkStart:
    return start_from("group.decoder", *model.to_decoder(header()))


@pytest.fixture(scope="module")
def group() -> NetworkClassifier:
    return NetworkClassifier("eegnet", max_epochs=25, random_state=0).fit(*subject(160, 0))


def test_a_network_that_cannot_learn_stays_the_one_it_began_as(group) -> None:
    X, y = subject(20, 1)
    still = NetworkClassifier(
        "eegnet", "fixed", start=start_of(group), tune="head", learning_rate=1e-12, max_epochs=1,
        random_state=0,
    )  # fmt: skip

    still.fit(X, y, validation=np.arange(20) >= 10)
    scaled = (X - still.center_[:, np.newaxis]) / still.scale_[:, np.newaxis]
    as_it_came = scaled * group.scale_[:, np.newaxis] + group.center_[:, np.newaxis]

    np.testing.assert_allclose(
        still.decision_function(X), group.decision_function(as_it_came), atol=1e-5
    )


def test_with_its_head_alone_no_other_weight_moves(group) -> None:
    X, y = subject(20, 1)

    tuned = NetworkClassifier(
        "eegnet", "fixed", start=start_of(group), tune="head", max_epochs=2, random_state=0
    ).fit(X, y)

    before, after = (weights_of(one.network_) for one in (group, tuned))
    moved = {name for name, value in after.items() if not np.array_equal(value, before[name])}
    assert moved == {"classifier.weight", "classifier.bias"}


@pytest.mark.slow
def test_few_trials_are_enough_for_a_network_that_knows_others(group) -> None:
    X, y = subject(210, 2, shift=1.0)
    few, rest = slice(0, 10), slice(10, None)
    model = NetworkClassifier("eegnet", "fixed", max_epochs=5, random_state=0)

    alone = clone(model).fit(X[few], y[few]).score(X[rest], y[rest])
    gone_on = clone(model).set_params(start=start_of(group)).fit(X[few], y[few])

    assert gone_on.score(X[rest], y[rest]) > max(0.85, alone + 0.2)


def test_scores_come_in_the_order_of_the_new_recordings(group) -> None:
    start = start_of(group)

    turned = start.ordered(CLASSES[::-1])

    weight = turned.weights["classifier.weight"]
    np.testing.assert_array_equal(weight, start.weights["classifier.weight"][::-1])
    assert turned.classes == CLASSES[::-1]
    with pytest.raises(BciError, match="its classes are left_hand, right_hand, those of the"):
        start.ordered(("feet", "left_hand"))
    assert start.ordered(CLASSES).weights.keys() == start.weights.keys()
    spec = msgspec.structs.replace(start.spec, name="own", entry_point="lab:Net")
    own = msgspec.structs.replace(start, spec=spec)
    with pytest.raises(BciError, match="which of its weights are whose is not known"):
        # Its scores would silently be those of the other class.
        own.ordered(CLASSES[::-1])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"network": "min2net"}, "network must be 'eegnet' as start, got 'min2net'"),
        ({"tune": "head", "loss_weighting": "alphagrad"}, "loss_weighting must be 'fixed' with"),
        ({"start": None, "tune": "head"}, "tune must be 'all' without a start, got 'head'"),
        ({"sfreq": 128.0}, r"takes epochs of \(4, 80\) with 2 classes at 100 Hz, X has .* 128 Hz"),
    ],
)
def test_a_start_that_does_not_fit_is_one_line(group, changes, said) -> None:
    model = NetworkClassifier("eegnet", "fixed", start=start_of(group)).set_params(**changes)

    with pytest.raises(ValueError, match=said):
        model.fit(*subject(20, 1))


def test_a_recording_that_the_network_knows_is_refused(group) -> None:
    start = msgspec.structs.replace(start_of(group), trained_on=((4, "ab"),))

    assert with_earlier(((5, "cd"),), start) == ((5, "cd"), (4, "ab"))
    with pytest.raises(BciError, match=r"recording 2: group\.decoder has learnt from it"):
        with_earlier(((5, "cd"), (4, "ab")), start)


def test_a_network_without_the_shared_layer_is_refused_before_it_is_trained(monkeypatch) -> None:
    # Its training would end with the name of a parameter that is no option.
    sizes = {"n_channels": 4, "n_times": 80, "n_classes": 2, "n_bands": 9, "bank": "signal"}
    spec = NetworkSpec(name="fbmsnet", shared_layer=False, **sizes)
    start = NetworkStart(name="group", spec=spec, classes=CLASSES, weights={})
    monkeypatch.setattr(network_start, "read_start", lambda path: (start, header()))

    assert read_beginning(Path("group"), None, "auto", "fixed", pools=False) == (start, header())
    with pytest.raises(BciError, match="--loss-weighting adamt: group has no layer that all"):
        read_beginning(Path("group"), None, "auto", "adamt", pools=False)
