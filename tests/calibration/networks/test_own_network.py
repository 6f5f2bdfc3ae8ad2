"""Networks that users bring: trained like ours, and imported only where the user allows it."""

import inspect
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import msgspec
import numpy as np
import own_networks
import pytest
import torch
from sklearn.base import clone
from torch import nn

from bci_online.config import DecoderHeader, EpochSpec, FilterSpec, NetworkSpec, Preprocessing
from bci_online.decoding.decoder_file import read_decoder, write_decoder
from bci_online.decoding.network import allowed_code
from bci_online.decoding.network.allowed_code import ALLOWED_VARIABLE, allowed_network
from bci_online.decoding.network.own_network import OwnNetwork
from bci_online.errors import DecoderMismatchError
from bci_online.markers import Flash
from bci_online.messages import Epoch, Marker, StreamSpec
from bci_online.preprocessing.epoching import Served
from bci_online.runtime.scoring import Scoring
from bci_online.stimulus_findings import causes_of
from calibration import NetworkClassifier
from calibration.networks.gradients import backward, unweighted_norms
from calibration.networks.loss_weighting import AlphaGrad, Fixed
from calibration.networks.own_losses import OwnLosses

ENTRY = "own_networks:ThreeOutputs"
SIZES = {"n_chans": 4, "n_outputs": 2, "n_times": 80, "sfreq": 100.0}
SPEC = NetworkSpec(name="own", entry_point=ENTRY, n_channels=4, n_times=80, n_classes=2)
READ = """
from pathlib import Path
from bci_online.decoding.decoder_file import read_decoder
read_decoder(Path("d"))
"""


def epochs(n=40):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = rng.normal(size=(n, 4, 80))
    X[np.arange(n), y] += 2 * np.sin(0.6 * np.arange(80) + rng.uniform(0, 6, size=(n, 1)))
    return X, y


def header() -> DecoderHeader:
    own = Preprocessing(
        ch_names=("C3", "Cz", "C4", "Pz"), sfreq=250.0, filter=FilterSpec(l_freq=8, h_freq=30),
        epoch=EpochSpec(tmax=0.79, step=0.01),
    )  # fmt: skip
    return DecoderHeader(method="own", preprocessing=own)


@pytest.fixture
def nothing_allowed(monkeypatch):
    """Forget what other tests allowed in this process."""
    monkeypatch.setattr(allowed_code, "_allowed_here", {})
    allowed_code._say_changed.cache_clear()
    monkeypatch.delenv(ALLOWED_VARIABLE, raising=False)


@pytest.mark.parametrize("network", [own_networks.ThreeOutputs, ENTRY])
def test_a_class_of_modules_learns_with_the_losses_of_what_it_returns(network) -> None:
    X, y = epochs(60)
    model = NetworkClassifier(network, "alphagrad", max_epochs=25, random_state=0)

    fitted = clone(model).fit(X[:40], y[:40])

    assert fitted.history_.names == ("triplet", "reconstruction", "classification")
    assert fitted.score(X[40:], y[40:]) >= 0.8
    # Weights move, and their sum is kept.
    assert np.ptp(fitted.history_.weights, axis=0).max() > 0.1
    np.testing.assert_allclose(fitted.history_.weights.sum(axis=1), 3.0)
    again = clone(model).fit(X[:40], y[:40])
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))


def test_gradients_in_the_shared_layer_are_those_of_autograd() -> None:
    torch.manual_seed(0)
    module = own_networks.ThreeOutputs(**SIZES).double()
    network, (x, y) = OwnNetwork(module), (torch.randn(10, 4, 80).double(), torch.arange(10) % 2)
    losses = OwnLosses(network, network.features(x))
    weighting = AlphaGrad([1.0, 1.0, 1.0], step=0.1)

    norms = unweighted_norms(network, losses, x, y)
    step = backward(network, losses, weighting, x, y)
    found = module.encoder[0].weight.grad.clone()

    outputs = network.features(x)
    each = losses(outputs, x, y)
    direct = [
        torch.autograd.grad(loss, module.latent.weight, retain_graph=True)[0] for loss in each
    ]
    np.testing.assert_allclose(norms, [float(one.norm()) for one in direct], rtol=1e-9)
    np.testing.assert_allclose(step.norms, norms, rtol=1e-9)
    total = sum(w * loss for w, loss in zip(step.weights.tolist(), each, strict=True))
    (wanted,) = torch.autograd.grad(total, module.encoder[0].weight)
    torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-12)


def test_a_module_may_name_losses_of_its_own_and_the_classification_is_the_last() -> None:
    network = OwnNetwork(own_networks.NamedLosses(**SIZES))
    x, y = torch.ones(4, 4, 80), torch.arange(4) % 2

    losses = OwnLosses(network, network.features(x))
    outputs = network.features(x)

    assert losses.names == ("length", "classification")
    torch.testing.assert_close(losses(outputs, x, y)[0], outputs[1].square().mean())
    assert np.isnan(backward(network, losses, Fixed([1.0, 1.0]), x, y).norms).all()


@pytest.mark.usefixtures("nothing_allowed")
def test_a_file_carries_it_and_imports_nothing_until_its_user_allows_it(
    tmp_path, monkeypatch, caplog
) -> None:
    X, y = epochs()
    fitted = NetworkClassifier(own_networks.ThreeOutputs, "fixed", max_epochs=2).fit(X, y)
    write_decoder(tmp_path / "d", *fitted.to_decoder(header()))
    here = read_decoder(tmp_path / "d").score(X[0])
    allowed_code._allowed_here.clear()

    with pytest.raises(DecoderMismatchError) as refused:
        read_decoder(tmp_path / "d")
    monkeypatch.setenv(ALLOWED_VARIABLE, f"other:Net, {ENTRY}")
    with caplog.at_level("WARNING"):
        allowed = read_decoder(tmp_path / "d").score(X[0])
        with monkeypatch.context() as unread:
            unread.setattr(inspect, "getsource", lambda module: "")
            read_decoder(tmp_path / "d")
    quiet = caplog.text
    source = Path(own_networks.__file__).read_text() + "# another line\n"
    monkeypatch.setattr(inspect, "getsource", lambda module: source)
    with caplog.at_level("WARNING"):
        read_decoder(tmp_path / "d")

    assert f"allow it: {ALLOWED_VARIABLE}={ENTRY}" in str(refused.value)
    assert "\n" not in str(refused.value)
    np.testing.assert_allclose(allowed[1], fitted.decision_function(X[:1]), atol=1e-5)
    np.testing.assert_array_equal(allowed, here)
    assert quiet == ""
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith(f"the code of {ENTRY} is not that of the training")


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("nan live", "every training step was finite, and no loss to validate by was"),
        ("nan for one class", r"not finite for 20 of 40 training epochs \(of right\): live these"),
        ("random", "scores an epoch in another way each time"),
        ("of the batch", "scores an epoch in another way without the others of its batch"),
        ("counting", "changes count when it scores"),
        ("squeezed", r"of 1 epochs alone it returned \(2,\): let it keep the first axis"),
        ("complex", "must return logits that are real numbers, got complex64"),
        ("whole numbers", "must return logits that are real numbers, got int64"),
    ],
)
def test_a_network_that_would_score_otherwise_live_is_refused(monkeypatch, way, said) -> None:
    monkeypatch.setattr(own_networks.Odd, "way", way)
    X, y = epochs()
    X[y == 1] += 9e3 * (way == "nan for one class")
    model = NetworkClassifier(
        own_networks.Odd, "fixed", max_epochs=1, batch_size=8, scaling="microvolts"
    )

    with pytest.raises(ValueError, match=said) as caught:
        model.fit(X, np.array(["left", "right"])[y])

    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return the file of a network whose code is about to change."""
    path = tmp_path_factory.mktemp("own") / "d"
    fitted = NetworkClassifier(own_networks.Odd, "fixed", max_epochs=1).fit(*epochs())
    write_decoder(path, *fitted.to_decoder(header()))
    return path


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("squeezed", r"gives real scores of shape \(2,\) for an epoch, not \(1, 2\)"),
        ("nan live", r"score of nontarget, target is no number \(nan\), on noise as large as its"),
        ("random", "scores the same epoch in another way each time: live and replay would differ"),
        ("complex", "gives complex scores"),
        ("fails", "fails on float32 epochs .*: KeyError: 'no such epoch'; mend its code, or train"),
    ],
)
def test_a_network_whose_code_has_changed_since_its_training_is_refused(
    written, monkeypatch, way, said
) -> None:
    monkeypatch.setattr(own_networks.Odd, "way", way)

    with pytest.raises(DecoderMismatchError, match=said) as caught:
        read_decoder(written)

    assert str(caught.value).startswith(f"{written}: the ")
    assert "\n" not in str(caught.value)


def test_a_network_whose_code_has_lost_a_layer_since_is_refused(written, monkeypatch) -> None:
    monkeypatch.setattr(own_networks.Odd, "__init__", own_networks.ThreeOutputs.__init__)

    with pytest.raises(DecoderMismatchError, match=r"has no module\.count, which the training had"):
        read_decoder(written)


def test_a_score_that_is_no_number_gives_no_evidence_and_is_told_once(written, monkeypatch) -> None:
    monkeypatch.setattr(own_networks.Odd, "way", "large epochs")
    spec = StreamSpec(
        name="amp", sfreq=250.0, ch_names=("C3", "C4", "Cz", "Pz"), ch_types=("EEG",) * 4
    )
    scoring = Scoring(("C3", "Cz", "C4", "Pz"), read_decoder(written), spec)
    small, large = np.ones((4, 80)), np.full((4, 80), 1e6)

    def outcome(data):
        marker = Marker("flash/1", 1.0)
        served = Served(Flash(1), marker, 1.0, Epoch(data, marker, 9, 1.0, np.ones(4)), 9)
        return scoring.outcome(served), list(scoring.learn(served, ()))

    found = [outcome(data) for data in (small, large, large, small)]

    assert [type(one).__name__ for one, _ in found] == ["Score", "Rejected", "Rejected", "Score"]
    assert found[1][0].reason == "not_finite"
    ((alarm,),) = [said for _, said in found if said]
    assert alarm.level == "alarm"
    assert alarm.text.startswith("the decoder's score of target is no number (")
    assert [one.text for one in causes_of({"not_finite": 2}, "flash")] == [
        "2 not_finite: the decoder's score of them is no number; mend the network's code, or "
        "train the decoder again"
    ]


@pytest.mark.slow
def test_reading_a_file_that_is_not_allowed_runs_nothing_of_it(tmp_path) -> None:
    (tmp_path / "evil.py").write_text("open('ran', 'w').close()\nclass Net: pass\n")
    spec = msgspec.structs.replace(SPEC, entry_point="evil:Net")
    write_decoder(
        tmp_path / "d", msgspec.structs.replace(header(), kind="network", network=spec), {}
    )

    done = subprocess.run(
        [sys.executable, "-c", READ], cwd=tmp_path, text=True,
        env={"PATH": "", "PYTHONPATH": f"{tmp_path}:" + ":".join(sys.path)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip

    assert "DecoderMismatchError: d: holds the network evil:Net, code" in done.stdout
    assert not (tmp_path / "ran").exists()


def test_a_network_hides_in_no_decoder_of_another_kind() -> None:
    # Such a file was read as a linear decoder, and training --from it imported the code.
    with pytest.raises(ValueError, match="kind 'linear' takes no network, got 'own'"):
        msgspec.structs.replace(header(), network=SPEC)


@pytest.mark.parametrize(
    "entry",
    [
        "os",
        "os:",
        ":system",
        "os:system ",
        "os:system\n",
        "../x:y",
        "os:path.join",
        "a b:c",
        "os;x:y",
    ],
)
def test_an_entry_point_is_a_plain_name_in_a_module(entry) -> None:
    text = msgspec.json.encode({**msgspec.to_builtins(SPEC), "entry_point": entry})

    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=NetworkSpec)


@pytest.mark.usefixtures("nothing_allowed")
@pytest.mark.parametrize(
    "stated", ["", "own_networks", "own_networks:*", "own_networks:Three", "*"]
)
def test_only_the_very_name_is_allowed(monkeypatch, stated) -> None:
    monkeypatch.setenv(ALLOWED_VARIABLE, stated)

    with pytest.raises(DecoderMismatchError, match="code that is not part of this program"):
        allowed_network(SPEC)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ("own_networks:no_module", r"own_networks:no_module must return a torch\.nn\.Module"),
        ("own_networks:fails", "cannot be made with .*: no weights for such epochs"),
        ("own_networks:Nothing", "own_networks:Nothing cannot be imported"),
        ("own_networks:Complex", "has complex numbers in phase; a file holds only real ones"),
        ("own_networks:nn", "own_networks:nn cannot be called: it is module"),
        (lambda **sizes: torch.nn.Linear(80, 3), r"must return logits \(n_epochs, 2\) first"),
        (lambda **sizes: torch.nn.Flatten(), "has no parameter that learns"),
        (lambda **sizes: torch.nn.LazyLinear(2), r"has a lazy layer \(weight\): give its sizes"),
        ("own_networks:leaves", "cannot be made with .*: SystemExit: 3"),
    ],
)
def test_code_that_is_no_network_is_one_line(network, said) -> None:
    with pytest.raises(ValueError, match=said):
        NetworkClassifier(network, "fixed", max_epochs=1).fit(*epochs())


def test_a_network_that_cannot_be_imported_is_not_written() -> None:
    def make(n_chans, n_outputs, n_times, sfreq):
        return own_networks.ThreeOutputs(n_chans, n_outputs, n_times, sfreq)

    fitted = NetworkClassifier(make, "fixed", max_epochs=1).fit(*epochs())

    with pytest.raises(ValueError, match="cannot be imported where the decoder runs"):
        fitted.to_decoder(header())


def test_callbacks_are_called_and_can_end_a_training() -> None:
    calls = []
    watch = SimpleNamespace(
        on_train_begin=lambda network: calls.append("begin"),
        on_epoch_end=lambda network, record: calls.append(record.number) or record.number == 2,
        on_train_end=lambda network, history: calls.append(len(history.epochs)),
    )

    NetworkClassifier("eegnet", max_epochs=9, random_state=0, callbacks=[watch]).fit(*epochs())

    assert calls == ["begin", 1, 2, 2]


class _Failing(nn.Module):
    def __init__(self, n_chans, n_outputs, n_times, sfreq, what):
        super().__init__()
        self.latent = nn.Linear(n_chans * n_times, n_outputs)
        self.what = what
        self.losses = {}
        if what == "a loss of many numbers":
            self.losses = {"mine": lambda outputs, x, y: outputs[0].sum(dim=1)}
        if what == "a loss of no tensor":
            self.losses = {"mine": lambda outputs, x, y: 1.0}
        if what == "a loss that fails":
            self.losses = {"mine": lambda outputs, x, y: outputs[1].mean()}
        if what == "a loss with a number as its name":
            self.losses = {3: lambda outputs, x, y: outputs[0].mean()}
        if what == "a list of losses":
            self.losses = [torch.nn.MSELoss()]
        if what == "a loss that is nan":
            self.losses = {"mine": lambda outputs, x, y: outputs[0].mean() * float("nan")}
        if what == "a loss that changes the epochs":
            self.losses = {
                "mine": lambda outputs, x, y: outputs[0].mean() + x.detach().zero_().sum()
            }
        if what == "double precision":
            self.double()

    def forward(self, x):
        logits = self.latent(x.flatten(1))
        if self.what == "a reconstruction of another shape":
            return logits, logits, logits
        if self.what == "its own error":
            raise KeyError("two\nlines")
        if self.what == "an end":
            raise SystemExit(3)
        if self.what == "other epochs":
            x.mul_(2.0)
        if self.what == "its own error in training" and self.training:
            raise KeyError("two\nlines")
        return {"nothing": None, "a mapping": {"logits": logits}}.get(self.what, logits)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("nothing", "must return a tensor, or a tuple of tensors, got NoneType"),
        ("a mapping", "must return a tensor, or a tuple of tensors, got dict"),
        ("its own error in training", r"fails on float32 epochs of shape \(\d+, 3, 64\): KeyError"),
        ("a loss that fails", "loss 'mine' fails: IndexError: tuple index out of range"),
        ("a loss with a number as its name", "losses must be functions by name, got .* by 3"),
        ("a list of losses", "losses must be functions by name, got list"),
        ("a loss that is nan", "gradients that are not finite.*; the loss mine never was; lower"),
        ("double precision", r"fails on float32 epochs .*RuntimeError: mat1 and mat2 must have"),
        ("its own error", r"fails on float32 epochs .*KeyError"),
        ("a reconstruction of another shape", r"must be \(2, 3, 64\) as the epochs, got \(2, 2\)"),
        ("a loss of many numbers", r"loss 'mine' must return a tensor of one number, got \(\d+,\)"),
        ("an end", r"fails on float32 epochs .*SystemExit: 3"),
        ("other epochs", r"changes the epochs that it is given: let it copy them first"),
        ("a loss that changes the epochs", r"loss 'mine' changes the epochs that it is given"),
        ("a loss of no tensor", r"loss 'mine' must return a tensor of one number, got float"),
    ],
)
def test_what_is_wrong_with_a_network_is_said_in_one_line(what, said):
    X, y = np.random.default_rng(0).normal(size=(12, 3, 64)), np.tile([0, 1], 6)

    def failing(**sizes):
        return _Failing(**sizes, what=what)

    with pytest.raises(ValueError, match=said) as caught:
        NetworkClassifier(failing, "fixed", max_epochs=1).fit(X, y)

    assert "\n" not in str(caught.value)


class _Hidden(own_networks.ThreeOutputs):
    @property
    def losses(self):
        return {"mine": self.not_there}


def test_a_property_of_losses_that_fails_is_not_taken_for_none() -> None:
    # nn.Module makes any AttributeError look as if there were no losses at all.
    with pytest.raises(
        ValueError, match=r"losses fail: AttributeError: .* no attribute 'not_there"
    ):
        NetworkClassifier(_Hidden, "fixed", max_epochs=1).fit(*epochs())


class _Beside(own_networks.ThreeOutputs):
    """One loss that does not pass the shared layer, as a penalty on weights does not."""

    @property
    def losses(self):
        return {"size": lambda outputs, x, y: self.encoder[0].weight.square().mean()}


class _Twice(own_networks.ThreeOutputs):
    def forward(self, x):
        self.latent(self.encoder(x))
        return super().forward(x)


@pytest.mark.parametrize(
    ("network", "said"),
    [(_Beside, "loss 'size' does not depend on the shared layer"), (_Twice, "must be passed once")],
)
def test_only_a_weighting_that_needs_the_shared_layer_refuses_one_that_is_none(
    network, said
) -> None:
    fitted = NetworkClassifier(network, "fixed", max_epochs=1, random_state=0).fit(*epochs())

    assert np.isnan(fitted.history_.first_norms).all()
    with pytest.raises(ValueError, match=said):
        NetworkClassifier(network, "alphagrad", max_epochs=1).fit(*epochs())
