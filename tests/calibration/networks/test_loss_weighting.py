import numpy as np
import pytest
import torch

from calibration.networks.grad_approx import GradApprox
from calibration.networks.loss_weighting import AdaMT, AlphaGrad, Fixed
from calibration.networks.weighting_choice import weighting_for
from calibration.networks.weighting_rules import SharedGradients


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("kind", [AlphaGrad, AdaMT])
def test_a_norm_that_is_not_finite_freezes_one_step_and_is_counted(kind, bad):
    weighting = kind([1.0, 1.0])
    weighting.observe(SharedGradients(np.array([1.0, bad]), np.array([1.0, bad])))
    frozen = weighting.weights

    weighting.observe(SharedGradients(np.array([1.0, 2.0]), np.array([1.0, 2.0])))

    np.testing.assert_array_equal(frozen, 1.0)
    assert weighting.n_frozen == 1
    assert weighting.weights[0] != 1.0


def test_gradapprox_waits_and_then_favours_what_gains_without_overfitting():
    weighting = GradApprox([1.0, 1.0], n_points=(10, 10), warm_up=2)
    lines = [(8.0, 6.0, 8.0, 6.0), (6.0, 5.0, 6.0, 4.0), (4.5, 4.0, 4.6, 3.9), (3.5, 3.0, 4.5, 3.8)]
    path = []
    for tr_0, tr_1, va_0, va_1 in lines:
        weighting.end_epoch(np.array([tr_0, tr_1]), np.array([va_0, va_1]))
        path.append(weighting.weights)

    np.testing.assert_array_equal(path[:2], 1.0)
    assert not np.array_equal(path[3], path[1])
    np.testing.assert_allclose(path[3].sum(), 2.0, rtol=1e-3)


def test_gradapprox_fits_training_and_validation_each_in_its_own_window():
    rng = np.random.default_rng(0)
    points = rng.uniform(1, 2, size=(9, 2, 1))
    n_training, n_validation = 4, 6
    weighting = GradApprox([1.0], (n_training, n_validation), warm_up=8)

    for training, validation in points:
        weighting.end_epoch(training, validation)

    def slope(end, side, n):
        last = points[:end][-n:, side, 0]
        return np.polyfit(np.arange(n), last, 1)[0]

    now = slope(9, 0, n_training), slope(9, 1, n_validation)
    before = slope(8, 0, n_training), slope(8, 1, n_validation)
    fresh = now if now[1] < before[1] else before
    np.testing.assert_allclose(weighting._references[:, 0], fresh)


def test_uncertainties_are_learnt_where_the_losses_are():
    pytest.importorskip("torchjd")

    weighting = weighting_for("uw", [1.0, 1.0], step=0.01, device="meta")

    assert {parameter.device.type for parameter in weighting.parameters} == {"meta"}


def test_fixed_weights_are_fixed():
    weighting = Fixed([0.5, 2.0])
    weighting.observe(SharedGradients(np.ones(2), np.ones(2)))
    weighting.end_epoch(np.ones(2), np.ones(2))

    np.testing.assert_array_equal(weighting.weights, [0.5, 2.0])


@pytest.mark.parametrize("name", ["uw", "dwa"])
def test_strategies_of_torchjd_give_the_slopes_that_they_minimise_with(name):
    pytest.importorskip("torchjd")
    weighting = weighting_for(name, [1.0, 1.0], step=0.0)
    for losses in ([4.0, 1.0], [3.0, 0.2]):
        for _ in range(2):
            weighting.total([torch.tensor(x, requires_grad=True) for x in losses])
        weighting.end_epoch(np.ones(2), np.ones(2))
    losses = [torch.tensor(x, requires_grad=True) for x in (2.0, 0.1)]

    weighting.total(losses).backward()

    np.testing.assert_allclose(weighting.weights, [float(loss.grad) for loss in losses])
    # Uncertainties are learnt by the optimiser; averages by how fast the losses fell.
    assert (weighting.weights[0] > weighting.weights[1]) == (name == "dwa")


def test_weights_that_are_learnt_are_where_the_losses_are():
    pytest.importorskip("torchjd")

    # "meta" stands for a GPU, which no test has.
    (learnt,) = weighting_for("uw", [1.0, 1.0], step=0.1, device="meta").parameters

    assert learnt.device.type == "meta"
