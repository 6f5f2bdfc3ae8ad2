"""The networks' sizes, and the decoder that runs one."""

import copy
import subprocess
import sys
from fractions import Fraction

import msgspec
import numpy as np
import pytest
import torch
from scipy.signal import resample_poly

from bci_online.config import (
    DecoderHeader,
    EpochSpec,
    FilterSpec,
    NetworkSpec,
    Preprocessing,
    WindowSpec,
)
from bci_online.decoding.decoder_file import read_decoder, write_decoder
from bci_online.decoding.network.decoder import NetworkDecoder, build_network
from bci_online.decoding.network.eegnet import EEGNet
from bci_online.decoding.network.epochs import at_rate, filter_epochs, resampled_times
from bci_online.decoding.network.fbmsnet import FBMSNet
from bci_online.decoding.network.folded import folded
from bci_online.decoding.network.layers import SameConv1d, project_max_norms
from bci_online.decoding.network.min2net import MIN2Net
from bci_online.errors import DecoderMismatchError
from bci_online.preprocessing.filters import FilterBank
from calibration import NetworkClassifier
from calibration.motor_imagery.window_classifier import WindowClassifier
from calibration.networks.bank import BANK, bank_sections

NAMES = ("C3", "Cz", "C4", "Pz")


def header(**changes) -> DecoderHeader:
    """Return a header for epochs of 4 sensors x 80 samples at 100 Hz."""
    preprocessing = Preprocessing(
        ch_names=NAMES, sfreq=250.0, filter=FilterSpec(l_freq=8, h_freq=30),
        epoch=EpochSpec(tmax=0.79, step=0.01),
    )  # fmt: skip
    return DecoderHeader(
        method="network", preprocessing=msgspec.structs.replace(preprocessing, **changes)
    )


def windows(**changes) -> DecoderHeader:
    return header(window=WindowSpec(length=0.8, step=0.1), **changes)


def trained(network: str, shape=(4, 80), n_classes=2, **parameters):
    rng = np.random.default_rng(0)
    y = np.arange(24) % n_classes
    X = rng.normal(size=(24, *shape)) * (1 + y.reshape(-1, *[1] * len(shape)))
    return NetworkClassifier(network, random_state=0, max_epochs=2, **parameters).fit(X, y), X


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (MIN2Net(20, 400, 2), 55_232),
        (EEGNet(20, 400, 2, variant="alphagrad"), 4_402),
        (MIN2Net(22, 1000, 2), 66_783),
        (MIN2Net(22, 1000, 4), 79_039),
        (FBMSNet(20, 400, 2, shared_layer=False), 13_349),
        (FBMSNet(22, 1000, 4, shared_layer=False), 16_231),
        (FBMSNet(20, 400, 2), 13_349 + 1_328_256),
    ],
)
def test_a_network_has_as_many_parameters_as_published(network, expected):
    assert sum(parameter.numel() for parameter in network.parameters()) == expected


@pytest.mark.parametrize("n_times", [400, 401, 403, 250, 80])
@pytest.mark.parametrize("name", ["min2net", "fbmsnet", "eegnet"])
def test_networks_take_epochs_of_any_length(name, n_times):
    is_bank = name == "fbmsnet"
    network = build_network(
        NetworkSpec(
            name=name, n_channels=5, n_times=n_times, n_classes=3,
            n_bands=9 * is_bank, bank="epoch" if is_bank else "none",
        )
    )  # fmt: skip
    x = torch.zeros((2, 9, 5, n_times) if is_bank else (2, 5, n_times))

    assert network(x).shape == (2, 3)
    if isinstance(network, MIN2Net):
        assert network.decoder(network.latent(network.features(x))).shape == x.shape


def test_filters_are_never_longer_than_their_bound():
    network = MIN2Net(4, 100, 2)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(100.0)
    before = network.classifier.weight.clone()

    project_max_norms(network)

    bounds = {"encoder.0": 2.0, "encoder.4": 2.0, "latent": 0.5, "decoder.0": 0.5,
              "decoder.2": 1.0, "decoder.5": 1.0, "classifier": 0.5}  # fmt: skip
    for name, bound in bounds.items():
        norms = network.get_submodule(name).weight.flatten(1).norm(dim=1)
        torch.testing.assert_close(norms, torch.full_like(norms, bound))
    ratio = network.classifier.weight / before
    torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio))


def test_fbmsnet_sees_no_mean_and_only_the_log_of_the_power():
    torch.manual_seed(0)
    network = FBMSNet(4, 80, 2, shared_layer=False).eval()
    features = network.features(torch.zeros(1, 9, 4, 80))

    torch.testing.assert_close(features, torch.full_like(features, float(np.log(1e-6))))


def test_cut_epochs_are_filtered_as_a_signal_that_begins_there():
    epoch = np.random.default_rng(0).normal(size=(4, 300)) + 50

    cut = filter_epochs(bank_sections(100.0), epoch)
    running = FilterBank(BANK, 100.0)
    parts = np.concatenate([running.process(p) for p in np.split(epoch, [7, 90], axis=1)], axis=1)

    np.testing.assert_allclose(cut.reshape(-1, 300), parts, atol=1e-9)


def test_filters_are_causal():
    rng = np.random.default_rng(0)
    epoch = rng.normal(size=(4, 200))
    changed = np.concatenate([epoch[:, :120], rng.normal(size=(4, 80))], axis=1)

    first, second = (filter_epochs(bank_sections(100.0), x) for x in (epoch, changed))

    np.testing.assert_array_equal(first[..., :120], second[..., :120])


@pytest.mark.parametrize("sfreq", [100.0, 128.0, 250.0, 500.0, 512.0])
def test_windows_at_any_rate_hold_the_same_oscillation(sfreq):
    n_times = round(2 * sfreq)
    window = np.sin(2 * np.pi * 10 * np.arange(n_times) / sfreq)[np.newaxis]

    resampled = at_rate(window, sfreq, 100.0)

    assert resampled.shape[1] == resampled_times(n_times, sfreq, 100.0) == 200
    expected = np.sin(2 * np.pi * 10 * np.arange(200) / 100)
    np.testing.assert_allclose(resampled[0, 20:-20], expected[20:-20], atol=0.02)


@pytest.mark.parametrize(("sfreq", "n_times"), [(512.0, 2048), (250.0, 77), (160.0, 9), (50.0, 31)])
def test_resampling_is_scipys_at_the_edges_as_well(sfreq, n_times):
    X = np.random.default_rng(0).normal(size=(2, 3, n_times))
    ratio = Fraction(100.0 / sfreq).limit_denominator(1000)

    expected = resample_poly(X, ratio.numerator, ratio.denominator, axis=-1)

    np.testing.assert_allclose(at_rate(X, sfreq, 100.0), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "network",
    [
        MIN2Net(4, 120, 3),
        EEGNet(4, 120, 3),
        EEGNet(4, 120, 3, variant="alphagrad"),
        FBMSNet(4, 121, 3, shared_layer=False),
        FBMSNet(4, 121, 3),
    ],
    ids=lambda network: type(network).__name__,
)
def test_a_folded_network_gives_the_same_logits(network):
    torch.manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            for value, low, high in (
                (layer.running_mean, -1, 1), (layer.bias.data, -1, 1),
                (layer.running_var, 0.5, 2), (layer.weight.data, 0.5, 2),
            ):  # fmt: skip
                value.uniform_(low, high)
    network.eval().requires_grad_(False)
    shape = (9, 4, 121) if isinstance(network, FBMSNet) else (4, 120)
    x = torch.randn(5, *shape)
    if isinstance(network, FBMSNet):
        found = network.log_variances(network.by_layers(x))
        expected = network.classifier(found if network.latent is None else network.latent(found))
    else:
        expected = network(x)

    found = folded(network)(x)

    assert (found - expected).abs().max() <= 2e-6 * expected.abs().max()


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("n_times", [65, 203])
@pytest.mark.parametrize(
    "make",
    [
        lambda n: FBMSNet(3, n, 2, shared_layer=False),
        lambda n: EEGNet(3, n, 2, dropout=0.0),
        lambda n: SameConv1d(3, 2, 64),
        lambda n: SameConv1d(3, 2, 31),
    ],
    ids=["fbmsnet", "eegnet", "even", "odd"],
)
def test_by_spectra_everything_is_as_layer_by_layer(make, n_times, is_training):
    torch.manual_seed(0)
    network = make(n_times).double().train(is_training)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            for value in (layer.running_var, layer.weight.data, layer.bias.data):
                value.uniform_(0.5, 2)
    shape = (9, 3, n_times) if isinstance(network, FBMSNet) else (3, n_times)
    x = torch.randn(5, *shape).double().cumsum(-1)

    found = []
    for name in ("by_layers", "by_spectra"):
        own = copy.deepcopy(network)
        signals = getattr(own, name)(x)
        (signals.square() * torch.arange(5.0).view(5, *[1] * (signals.ndim - 1))).sum().backward()
        gradients = [each.grad for each in own.parameters() if each.grad is not None]
        found.append((signals, gradients, list(own.buffers())))

    torch.testing.assert_close(found[1], found[0], rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize("network", ["min2net", "fbmsnet", "eegnet"])
def test_a_decoder_from_its_file_scores_as_the_classifier_did(network, tmp_path):
    model, X = trained(network)
    write_decoder(tmp_path / "d", *model.to_decoder(header()))

    decoder = read_decoder(tmp_path / "d")
    scores = np.array([decoder.score(epoch) for epoch in X])

    assert decoder.header.kind == "network"
    assert decoder.header.network == model.spec_
    np.testing.assert_array_equal(scores[:, 0], 0.0)
    np.testing.assert_allclose(scores[:, 1], model.decision_function(X), atol=1e-5)


def test_a_decoder_of_bands_takes_the_rows_of_the_running_bank():
    model, X = trained("fbmsnet", (9, 4, 80))
    bank = msgspec.structs.replace(BANK)

    decoder = NetworkDecoder(*model.to_decoder(header(filter=bank)))
    scores = [decoder.score(bands.reshape(36, 80))[1] for bands in X]

    np.testing.assert_allclose(scores, model.decision_function(X), atol=1e-5)


@pytest.mark.parametrize("network", ["min2net", "fbmsnet"])
def test_windows_come_with_every_sample_and_are_brought_to_the_networks_rate(network):
    model, _ = trained(network)
    rows = np.random.default_rng(1).normal(size=(4, 200))

    decoder = NetworkDecoder(*model.to_decoder(windows()))

    expected = model.decision_function(at_rate(rows, 250.0, 100.0)[np.newaxis])
    np.testing.assert_allclose(decoder.score(rows)[1:], expected, atol=1e-5)


@pytest.mark.parametrize(("network", "band"), [("min2net", FilterSpec()), ("fbmsnet", BANK)])
def test_windows_of_the_chain_are_scored_online_as_in_training(network, band):
    stated = windows(filter=band)
    rng = np.random.default_rng(0)
    cut = [rng.normal(size=(4 * len(band.bands), 200)) for _ in range(20)]
    model = WindowClassifier(stated.preprocessing, network=network, random_state=0, max_epochs=2)
    model.fit(cut, np.arange(20) // 2 % 2, np.arange(20) // 2)

    decoder = NetworkDecoder(*model.to_decoder(stated))

    scores = [decoder.score(window)[1] for window in cut]
    np.testing.assert_allclose(scores, model.decision_function(cut), atol=1e-5)


def test_more_than_two_classes_score_against_the_first():
    model, X = trained("min2net", n_classes=3)
    three = msgspec.structs.replace(header(), classes=("a", "b", "c"))

    scores = NetworkDecoder(*model.to_decoder(three)).score(X[0])

    np.testing.assert_allclose(scores, model.decision_function(X[:1])[0], atol=1e-5)


def test_labels_that_are_texts_become_the_decoders_classes():
    model, X = trained("eegnet")
    model.fit(X, np.where(np.arange(24) % 2, "right_hand", "feet"))

    assert model.to_decoder(header())[0].classes == ("feet", "right_hand")


def test_scoring_takes_one_thread_and_gives_it_back():
    model, X = trained("eegnet")
    decoder = NetworkDecoder(*model.to_decoder(header()))
    before, seen = torch.get_num_threads(), []
    decoder._network.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    torch.set_num_threads(3)

    try:
        decoder.score(X[0])
        after = torch.get_num_threads()
    finally:
        torch.set_num_threads(before)

    assert (seen, after) == ([1], 3)


def test_scoring_leaves_the_epoch_as_it_is_and_repeats_itself():
    model, X = trained("fbmsnet")
    decoder = NetworkDecoder(*model.to_decoder(header()))
    before = X[0].copy()

    first, second = decoder.score(X[0]), decoder.score(X[0])

    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(X[0], before)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda h, a: a.pop("network.classifier.weight"), "is missing"),
        (lambda h, a: a.update(scale=np.zeros(4)), "'scale' must be positive"),
        (lambda h, a: a.update(center=np.zeros(5)), "must be float of shape"),
        (lambda h, a: a.update({"network.latent.bias": np.full(4, np.nan)}), "must be finite"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(tmp_path, spoil, message):
    model, _ = trained("min2net")
    stated, arrays = model.to_decoder(header())
    spoil(stated, arrays)
    write_decoder(tmp_path / "d", stated, arrays)

    with pytest.raises(DecoderMismatchError, match=message) as caught:
        read_decoder(tmp_path / "d")

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ch_names": NAMES[:3]}, "the network is for 4 channels, 80 samples and 2 classes"),
        ({"epoch": EpochSpec(tmax=0.5, step=0.01)}, "the header for 4, 51 and 2"),
        ({"filter": BANK}, "filter has 9 bands"),
    ],
)
def test_a_header_for_other_epochs_is_refused(changes, message):
    model, _ = trained("eegnet")

    with pytest.raises(DecoderMismatchError, match=message):
        NetworkDecoder(*model.to_decoder(header(**changes)))


def test_torch_is_loaded_only_for_a_network_and_its_absence_is_one_line(tmp_path):
    model, _ = trained("eegnet")
    write_decoder(tmp_path / "d", *model.to_decoder(header()))
    code = (
        "import sys; from pathlib import Path; sys.modules['torch'] = None\n"
        "from bci_online.decoding.decoder_file import read_decoder\n"
        "from bci_online.errors import DecoderMismatchError\n"
        "try: read_decoder(Path(sys.argv[1]))\n"
        "except DecoderMismatchError as error: print(error)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "d"], capture_output=True, text=True, check=True
    )

    assert ended.stdout.endswith(
        "holds a network, and PyTorch is not installed: pip install 'bci-online[networks]'\n"
    )
    assert ended.stdout.count("\n") == 1
