import math

import numpy as np
import pytest
import torch
from network_steps import batches, made

from calibration.networks.objectives import MIN2NetLosses


def test_the_official_softmax_cannot_fall_below_its_floor():
    network, _ = made("min2net")
    objective = MIN2NetLosses(network, official_softmax=True)
    (x, y) = batches("min2net", 1, 4)[0]
    latent = network.latent(network.features(x))
    with torch.no_grad():
        network.classifier.weight.zero_()
        network.classifier.bias.copy_(torch.tensor([1000.0, -1000.0]))

    loss = objective(latent, x, torch.zeros_like(y))[2]

    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1)))
    assert loss.item() == pytest.approx(0.3133, abs=1e-4)


def test_class_weights_count_in_the_classification_loss_alone():
    network, plain = made("min2net")
    weighted = MIN2NetLosses(network, torch.tensor([3.0, 1.0], dtype=torch.float64))
    (x, y) = batches("min2net", 1, 6)[0]
    latent = network.latent(network.features(x))

    same = np.isclose(*[[v.item() for v in f(latent, x, y)] for f in (plain, weighted)])

    np.testing.assert_array_equal(same, [True, True, False])
