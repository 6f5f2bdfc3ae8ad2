"""What was typed of a network's training: defaults stay with the training, half precision."""

import inspect

import numpy as np
import own_networks
import pytest

from bci_online.errors import BciError
from calibration import NetworkClassifier
from calibration.networks.network_options import NetworkOptions
from calibration.networks.network_training import NetworkTraining


def test_what_was_not_typed_is_as_the_training_has_it() -> None:
    assert NetworkOptions().training("min2net") == NetworkTraining(network="min2net")
    assert NetworkOptions().training("lda") is None


def test_everything_typed_arrives_at_the_network() -> None:
    options = NetworkOptions(
        loss_weighting="alphagrad", loss_weights="1,2,3", loss_step=0.1, max_epochs=9,
        scaling="global", device="cuda:1", threads=3, precision="bfloat16",
    )  # fmt: skip

    found = options.training("min2net").parameters()

    model = NetworkClassifier(**found)
    assert {name: getattr(model, name) for name in found} == found
    own = (model.loss_weighting, model.loss_weights, model.step, model.max_epochs)
    assert own == ("alphagrad", (1.0, 2.0, 3.0), 0.1, 9)
    how = (model.scaling, model.device, model.threads, model.precision)
    assert how == ("global", "cuda:1", 3, "bfloat16")


def test_a_training_has_no_parameter_that_the_classifier_lacks() -> None:
    known = set(inspect.signature(NetworkClassifier).parameters)

    assert set(NetworkTraining(network="eegnet").parameters()) <= known


@pytest.mark.parametrize("device", ["", "cpu", "cpu:0"])
def test_half_precision_is_refused_on_a_cpu(device) -> None:
    options = NetworkOptions(precision="bfloat16", device=device)

    with pytest.raises(BciError, match="--precision bfloat16: is for a GPU; add --device cuda"):
        options.training("eegnet")


@pytest.mark.parametrize("weighting", ["fixed", "alphagrad"])
def test_a_network_of_ones_own_learns_in_half_precision(weighting) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(24, 4, 80)), np.arange(24) % 2
    parameters = {"max_epochs": 1, "random_state": 0, "validation_fraction": 0.0}

    whole, half = (
        NetworkClassifier(own_networks.ThreeOutputs, weighting, precision=name, **parameters)
        .fit(X, y)
        .history_
        for name in ("float32", "bfloat16")
    )

    # bfloat16 has eight bits; losses and weights are in full precision.
    np.testing.assert_allclose(half.losses[0], whole.losses[0], rtol=0.05)
    assert (half.losses[0] != whole.losses[0]).any()
    np.testing.assert_allclose(half.weights.sum(axis=1), 3.0)
    assert half.n_not_finite == 0
