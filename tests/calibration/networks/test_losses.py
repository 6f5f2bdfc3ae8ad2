import pytest
import torch
from pytorch_metric_learning import distances, losses, miners, reducers

from calibration.networks.losses import centre_loss, triplet_loss


def oracle(latent, y):
    distance = distances.LpDistance(normalize_embeddings=True, p=2, power=1)
    miner = miners.TripletMarginMiner(margin=1.0, distance=distance, type_of_triplets="semihard")
    loss = losses.TripletMarginLoss(
        margin=1.0, distance=distance, reducer=reducers.AvgNonZeroReducer()
    )
    return loss(latent, y, miner(latent, y))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "n_classes"), [(10, 2), (31, 4)])
def test_the_triplet_loss_and_its_gradient_are_those_of_metric_learnings(seed, n, n_classes):
    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(n_classes, (n,), generator=generator)
    latent = torch.randn((n, 6), generator=generator, dtype=torch.float64) + 0.5 * y[:, None]
    ours, theirs = latent.clone().requires_grad_(), latent.clone().requires_grad_()

    found, expected = triplet_loss(ours, y), oracle(theirs, y)
    found.backward()
    expected.backward()

    assert found.item() == pytest.approx(expected.item(), rel=1e-9)
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_a_batch_of_one_class_has_no_triplet_loss_and_no_gradient():
    latent = torch.randn((5, 3), generator=torch.Generator().manual_seed(0), requires_grad=True)

    loss = triplet_loss(latent, torch.zeros(5, dtype=torch.long))
    loss.backward()

    assert loss.item() == 0.0
    assert not latent.grad.any()


def test_epochs_in_one_place_give_finite_gradients():
    latent = torch.ones((4, 3), requires_grad=True)

    triplet_loss(latent, torch.tensor([0, 0, 1, 1])).backward()

    assert torch.isfinite(latent.grad).all()


def test_the_centre_loss_is_half_the_mean_squared_distance():
    features = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
    centres = torch.tensor([[1.0, 0.0], [3.0, 4.0]])

    assert float(centre_loss(features, torch.tensor([0, 1]), centres)) == (4 + 25) / 4
