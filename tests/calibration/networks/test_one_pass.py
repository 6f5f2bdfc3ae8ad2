import numpy as np
import pytest
import torch
from network_steps import made

from calibration.networks.batches import Data, Schedule
from calibration.networks.history import Steps
from calibration.networks.one_pass import one_pass
from calibration.networks.trainee import Trainee
from calibration.networks.weighting_choice import weighting_for

SHAPES = {"min2net": (4, 120), "fbmsnet": (9, 4, 120)}


def prepared(name, weighting, device="cpu", n=24, precision="float32"):
    """Return a network that learns, and its epochs."""
    network, objective = made(name, dtype=torch.float32)
    if device != "cpu":
        network.to(device)
        if objective.centres is not None:
            objective.centres = torch.nn.Parameter(objective.centres.to(device))
            objective.heads = (*network.classifier.parameters(), objective.centres)
    schedule = Schedule(8, 3, 3, 1e-3, "classification", False, True, precision=precision)
    start = (1.0,) * len(objective.names)
    moved = weighting_for(weighting, start, step=0.1, n_points=(2, 2), device=device)
    generator = torch.Generator().manual_seed(2)
    x, y = torch.randn((n, *SHAPES[name]), generator=generator), torch.arange(n) % 2
    data = Data((x * (1 + y.view(-1, *[1] * (x.ndim - 1)))).to(device), y.to(device))
    data.__dict__["labels"] = y.numpy()
    return Trainee(network, objective, moved, schedule), data


def trained(name, weighting, n_passes=2, bad=(), precision="float32"):
    """Return the steps of some passes, and the network's weights behind them."""
    trainee, data = prepared(name, weighting, precision=precision)
    data.x[list(bad)] = torch.inf
    torch.manual_seed(0)
    random, found = np.random.default_rng(0), []
    for number in range(1, n_passes + 1):
        passed = one_pass(trainee, data, data, random, number)
        found.append(passed.steps)
        trainee.weighting.end_epoch(passed.record.training, passed.record.validation)
    steps = Steps(*(np.concatenate(each) for each in zip(*found, strict=True)))
    return steps, trainee.network.state_dict()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["min2net", "fbmsnet"])
@pytest.mark.parametrize("weighting", ["fixed", "alphagrad", "adamt", "uw", "dwa"])
def test_no_number_of_a_pass_is_asked_for_before_it_is_over(name, weighting, monkeypatch):
    if weighting in ("uw", "dwa"):
        pytest.importorskip("torchjd")
    # "meta" stands for a GPU, which no test has: no tensor there can be read, and none be mixed
    # with one that is somewhere else.
    trainee, data = prepared(name, weighting, device="meta")
    asked = []

    def over(values):
        asked.extend(values)
        raise EOFError

    monkeypatch.setattr("calibration.networks.one_pass.read_all", over)

    with pytest.raises(EOFError):
        one_pass(trainee, data, data, np.random.default_rng(0), 1)

    losses = asked[0]
    assert losses.device.type == "meta"
    assert losses.shape == (3, len(trainee.objective.names))


@pytest.mark.slow
@pytest.mark.parametrize("weighting", ["fixed", "alphagrad", "adamt", "uw"])
def test_a_pass_that_is_read_at_its_end_has_the_same_numbers(weighting, monkeypatch):
    if weighting == "uw":
        pytest.importorskip("torchjd")
    expected, network = trained("min2net", weighting)
    for room in ("one_pass", "shared_layer"):
        monkeypatch.setattr(f"calibration.networks.{room}.stays_there", lambda device: True)

    found, other = trained("min2net", weighting)

    for one, same in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, same, rtol=1e-4, atol=1e-7)
    for name in network:
        torch.testing.assert_close(other[name], network[name], rtol=1e-3, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("weighting", ["fixed", "alphagrad"])
def test_a_pass_with_a_step_that_is_not_finite_is_made_again_without_it(weighting, monkeypatch):
    expected, network = trained("min2net", weighting, bad=[3])
    for room in ("one_pass", "shared_layer"):
        monkeypatch.setattr(f"calibration.networks.{room}.stays_there", lambda device: True)

    found, other = trained("min2net", weighting, bad=[3])

    assert np.count_nonzero(~found.is_finite) == 2
    np.testing.assert_array_equal(found.is_finite, expected.is_finite)
    np.testing.assert_allclose(found.weights, expected.weights, rtol=1e-4)
    for name in network:
        assert torch.isfinite(other[name]).all()
        torch.testing.assert_close(other[name], network[name], rtol=1e-3, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["min2net", "fbmsnet"])
def test_layers_in_half_precision_leave_losses_norms_and_weights_whole(name):
    whole, _ = trained(name, "alphagrad", n_passes=1)

    found, network = trained(name, "alphagrad", n_passes=1, precision="bfloat16")

    assert found.is_finite.all()
    assert {each.dtype for each in network.values()} <= {torch.float32, torch.int64}
    # bfloat16 has eight bits: the first norms agree to a few per cent.
    np.testing.assert_allclose(found.norms[0], whole.norms[0], rtol=0.1)
    assert (found.norms[0] != whole.norms[0]).all()
    np.testing.assert_allclose(found.weights.sum(axis=1), len(found.weights[0]))
