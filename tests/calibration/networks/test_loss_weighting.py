import numpy as np
import pytest
import torch

from calibration.networks.loss_weighting import (
    AdaMT,
    AlphaGrad,
    Fixed,
    GradApprox,
    SharedGradients,
    weighting_for,
)


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
    weighting = GradApprox([1.0, 1.0], n_points=10, warm_up=2)
    lines = [(8.0, 6.0, 8.0, 6.0), (6.0, 5.0, 6.0, 4.0), (4.5, 4.0, 4.6, 3.9), (3.5, 3.0, 4.5, 3.8)]
    path = []
    for tr_0, tr_1, va_0, va_1 in lines:
        weighting.end_epoch(np.array([tr_0, tr_1]), np.array([va_0, va_1]))
        path.append(weighting.weights)

    np.testing.assert_array_equal(path[:2], 1.0)
    assert not np.array_equal(path[3], path[1])
    np.testing.assert_allclose(path[3].sum(), 2.0, rtol=1e-3)


def test_fixed_weights_are_fixed():
    weighting = Fixed([0.5, 2.0])
    weighting.observe(SharedGradients(np.ones(2), np.ones(2)))
    weighting.end_epoch(np.ones(2), np.ones(2))

    np.testing.assert_array_equal(weighting.weights, [0.5, 2.0])


@pytest.mark.parametrize("name", ["uw", "dwa"])
def test_strategies_of_torchjd_give_the_slopes_that_they_minimise_with(name):
    pytest.importorskip("torchjd")
    weighting = weighting_for(name, [1.0, 1.0], step=0.0, n_batches=1, warm_up=0)
    for losses in ([4.0, 1.0], [3.0, 0.2]):
        for _ in range(2):
            weighting.total([torch.tensor(x, requires_grad=True) for x in losses])
        weighting.end_epoch(np.ones(2), np.ones(2))
    losses = [torch.tensor(x, requires_grad=True) for x in (2.0, 0.1)]

    weighting.total(losses).backward()

    np.testing.assert_allclose(weighting.weights, [float(loss.grad) for loss in losses])
    # Uncertainties are learnt by the optimiser; averages by how fast the losses fell.
    assert (weighting.weights[0] > weighting.weights[1]) == (name == "dwa")
