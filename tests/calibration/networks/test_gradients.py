import numpy as np
import pytest
import torch
from network_steps import batches, direct, made, parameters, trained

from calibration.networks.gradients import backward
from calibration.networks.loss_weighting import AdaMT, AlphaGrad, Fixed
from calibration.networks.shared_layer import shared_gradients


def relative_error(found, expected) -> float:
    return float((found - expected).norm() / expected.norm())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["min2net", "fbmsnet"])
def test_single_pass_and_direct_form_agree_on_the_weights_for_twenty_steps(name):
    once, _ = trained(name, "single pass")
    direct_form, _ = trained(name, "direct")

    assert np.abs(direct_form[-1] - 1).max() > 0.5
    np.testing.assert_allclose(once, direct_form, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["min2net", "fbmsnet"])
def test_single_pass_and_direct_form_agree_in_single_precision(name):
    once, gradients = trained(name, "single pass", n_steps=1, dtype=torch.float32)
    direct_form, expected = trained(name, "direct", n_steps=1, dtype=torch.float32)

    np.testing.assert_allclose(once, direct_form, atol=1e-6)
    largest = max(float(gradient.norm()) for gradient in expected.values())
    for parameter, gradient in expected.items():
        # A bias before batch normalisation has no gradient but round-off.
        if gradient.norm() > 1e-5 * largest:
            assert relative_error(gradients[parameter], gradient) < 1e-4, parameter


@pytest.mark.slow
@pytest.mark.parametrize("name", ["min2net", "fbmsnet"])
@pytest.mark.parametrize("size", [6, 40])
def test_every_gradient_is_that_of_the_direct_form(name, size):
    _, once = trained(name, "single pass", n_steps=4, size=size)
    _, expected = trained(name, "direct", n_steps=4, size=size)

    largest = max(float(gradient.norm()) for gradient in expected.values())
    for parameter, gradient in expected.items():
        if gradient.norm() > 1e-10 * largest:
            assert relative_error(once[parameter], gradient) < 1e-4, parameter


@pytest.mark.parametrize("size", [3, 30])
def test_norms_and_means_are_those_of_the_layers_own_gradients(size):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn((size, 7), generator=generator)
    arrived = torch.randn((2, size, 5), generator=generator)
    gradients = np.einsum("tbd,bk->tdk", arrived.double(), features.double())

    found = shared_gradients(arrived, features)

    np.testing.assert_allclose(found.norms, np.linalg.norm(gradients, axis=(1, 2)), rtol=1e-9)
    np.testing.assert_allclose(found.means, gradients.mean(axis=(1, 2)), rtol=1e-9)


def test_fixed_weights_have_the_same_gradients_with_and_without_the_cut():
    (x, y) = batches("min2net", 1, 8)[0]
    network, objective = made("min2net")
    backward(network, objective, Fixed([1.0, 1.0, 1.0]), x, y)
    plain = {name: p.grad.clone() for name, p in parameters(network, objective).items()}
    network, objective = made("min2net")

    # A step this small leaves the weights at 1.
    backward(network, objective, AlphaGrad([1.0, 1.0, 1.0], 1e-300), x, y)

    for name, parameter in parameters(network, objective).items():
        torch.testing.assert_close(parameter.grad, plain[name])


def test_no_gradient_flows_through_the_weights():
    (x, y) = batches("min2net", 1, 8)[0]
    network, objective = made("min2net")
    step = backward(network, objective, AlphaGrad([1.0, 1.0, 1.0], 0.5), x, y)
    once = {name: p.grad for name, p in parameters(network, objective).items()}
    network, objective = made("min2net")

    backward(network, objective, Fixed(step.weights), x, y)

    for name, parameter in parameters(network, objective).items():
        torch.testing.assert_close(parameter.grad, once[name])


def test_a_loss_that_misses_the_shared_layer_is_named():
    (x, y) = batches("min2net", 1, 8)[0]
    network, objective = made("min2net")

    class Blind:
        names = ("triplet", "blind", "classification")
        centres = None
        heads = objective.heads

        def __call__(self, latent, x, y):
            triplet, _, classification = objective(latent, x, y)
            return triplet, x.square().mean(), classification

    with pytest.raises(ValueError, match="'blind' does not depend on the shared layer") as caught:
        backward(network, Blind(), AlphaGrad([1.0, 1.0, 1.0]), x, y)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("weighting", [AlphaGrad([1.0, 1.0, 1.0]), AdaMT([1.0, 1.0, 1.0])])
def test_a_gradient_that_is_not_finite_freezes_the_weights_and_is_counted(weighting):
    (x, y) = batches("min2net", 1, 8)[0]
    network, objective = made("min2net")
    x[0, 0, 0] = torch.inf

    step = backward(network, objective, weighting, x, y)

    assert not step.is_finite
    assert weighting.n_frozen == 1
    np.testing.assert_array_equal(weighting.weights, 1.0)
    assert all(p.grad is None for p in network.parameters())


def test_norms_in_the_first_step_are_those_of_unweighted_losses():
    (x, y) = batches("fbmsnet", 1, 8)[0]
    network, objective = made("fbmsnet")
    step = backward(network, objective, AlphaGrad([0.1, 1.9]), x, y)
    network, objective = made("fbmsnet")

    _, norms = direct(network, objective, np.array([0.1, 1.9]), 0.01, x, y)

    np.testing.assert_allclose(step.norms, norms, rtol=1e-6)
