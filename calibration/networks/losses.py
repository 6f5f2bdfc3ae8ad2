"""Losses of the latent space, of one mini-batch and unweighted."""

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["centre_loss", "classification_loss", "in_full", "triplet_loss"]

MARGIN = 1.0


def in_full(values: Tensor) -> Tensor:
    """Return values in single precision, if they have less: losses need it, layers do not.

    Parameters
    ----------
    values : Tensor
        Of a layer.

    Returns
    -------
    values : Tensor
        Themselves, in single or double precision.

    See Also
    --------
    calibration.networks.gradients.backward : Lets layers compute in half of it.

    Examples
    --------
    >>> half, double = torch.ones(1, dtype=torch.bfloat16), torch.ones(1, dtype=torch.float64)
    >>> in_full(half).dtype, in_full(double).dtype
    (torch.float32, torch.float64)
    """
    return values.float() if values.element_size() < 4 else values


def triplet_loss(latent: Tensor, y: Tensor) -> Tensor:
    """Return how much same-class epochs lack to be nearer than other ones by a margin.

    The mean of ``d_ap - d_an + 1`` over all triplets of an anchor, another epoch of its class and
    one of another class with ``0 < d_an - d_ap < 1`` (semi-hard), d being Euclidean distances
    between rows scaled to length 1; 0 where there is no such triplet.

    Parameters
    ----------
    latent : Tensor, shape (n_epochs, n_latent)
        What the encoder makes of each epoch.
    y : Tensor of int, shape (n_epochs,)
        Class of each epoch.

    Returns
    -------
    loss : Tensor, shape ()
        At least 0.

    See Also
    --------
    centre_loss : Another loss of the latent space.
    calibration.networks.network_classifier.NetworkClassifier : Trains with it.

    References
    ----------
    Schroff et al. (2015), FaceNet, arXiv 1503.03832.

    Examples
    --------
    Two classes at right angles: other-class epochs are far, so no triplet counts:

    >>> latent = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> float(triplet_loss(latent, torch.tensor([0, 0, 1, 1])))
    0.0
    """
    rows = functional.normalize(latent)
    distance = torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")
    with torch.no_grad():
        same = y[:, None] == y
        itself = torch.eye(len(y), dtype=torch.bool, device=y.device)
        nearer = distance[:, None, :] - distance[:, :, None]
        taken = (same & ~itself)[:, :, None] & ~same[:, None, :] & (nearer > 0) & (nearer < MARGIN)
        # A triplet adds one distance and takes another away: counting them spares the gradient
        # the way through n³ terms.
        times = taken.sum(dim=2).to(distance) - taken.sum(dim=1).to(distance)
        n_taken = taken.sum()
    return (distance * times).sum() / n_taken.clamp_min(1) + MARGIN * (n_taken > 0)


def centre_loss(features: Tensor, y: Tensor, centres: Tensor) -> Tensor:
    """Return half the mean squared distance of features (n_epochs, n) to their class's centre.

    Parameters
    ----------
    features : Tensor, shape (n_epochs, n_features)
        What the network makes of each epoch.
    y : Tensor of int, shape (n_epochs,)
        Class of each epoch.
    centres : Tensor, shape (n_classes, n_features)
        Centre of each class.

    Returns
    -------
    loss : Tensor, shape ()
        At least 0.

    See Also
    --------
    triplet_loss : Another loss of the latent space.

    References
    ----------
    Wen et al. (2016), ECCV, doi 10.1007/978-3-319-46478-7_31.

    Examples
    --------
    >>> features, centres = torch.tensor([[1.0, 0.0], [0.0, 3.0]]), torch.zeros(2, 2)
    >>> float(centre_loss(features, torch.tensor([0, 1]), centres))
    2.5
    """
    return (features - centres[y]).square().sum() / (2 * len(y))


def classification_loss(
    logits: Tensor, y: Tensor, class_weight: Tensor | None, official_softmax: bool = False
) -> Tensor:
    """Return the cross-entropy of logits (n_epochs, n_classes), a mean over the epochs.

    Parameters
    ----------
    logits : Tensor, shape (n_epochs, n_classes)
        What the network makes of each epoch.
    y : Tensor of int, shape (n_epochs,)
        Class of each epoch.
    class_weight : Tensor, shape (n_classes,), or None
        Factor of each class.
    official_softmax : bool
        Take the softmax twice, as the authors' port of MIN2Net does.

    Returns
    -------
    loss : Tensor, shape ()
        At least 0.

    See Also
    --------
    triplet_loss, centre_loss : Losses of the latent space.

    Examples
    --------
    >>> round(classification_loss(torch.zeros(3, 2), torch.tensor([0, 1, 1]), None).item(), 4)
    0.6931
    """
    # The published port feeds probabilities where logits are expected.
    logits = in_full(logits)
    scores = logits.softmax(dim=1) if official_softmax else logits
    return functional.cross_entropy(scores, y, class_weight)
