"""What a network's input is divided by, and which loss then has the smallest gradient."""

from typing import cast

import numpy as np
from numpy.typing import NDArray

from calibration.method_names import ScalingName
from calibration.networks.weighting_rules import Floats

__all__ = ["SMALL", "SPREAD", "center_and_scale", "described_norms", "scaling_for", "smallest"]

SPREAD = 10.0
"""Of all channels together after "global": about that of EEG in microvolts from 8 to 30 Hz."""

SMALL = 50.0
"""So many times smaller than every other gradient is a note."""


def scaling_for(network: str, loss_weighting: str, scaling: str | None) -> ScalingName:
    """Return the scaling that was chosen, or the one that was best for a network and a weighting.

    Parameters
    ----------
    network, loss_weighting : str
        Their names.
    scaling : str, optional
        A name of `calibration.method_names.SCALINGS`; None: the one that was best on recordings of
        imagery (docs/loss-weighting.md).

    Returns
    -------
    scaling : str
        One of the names.

    See Also
    --------
    center_and_scale : What it does.

    Examples
    --------
    >>> scaling_for("min2net", "alphagrad", None), scaling_for("min2net", "fixed", None)
    ('global', 'channel')
    """
    best = "global" if (network, loss_weighting) == ("min2net", "alphagrad") else "channel"
    return cast(ScalingName, scaling or best)


def center_and_scale(
    train: NDArray[np.float64], scaling: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what is subtracted from each channel, and what it is divided by after that.

    Parameters
    ----------
    train : ndarray, shape (n_epochs, ..., n_channels, n_times)
        Training epochs; those held out take no part.
    scaling : {"channel", "microvolts", "global"}
        "channel": mean and spread of each channel (and band), so that each spread is 1.
        "microvolts": nothing is changed. "global": one mean and one factor for all of them, so
        that loud channels stay louder and the spread of all together is `SPREAD`; the same
        as "microvolts" in size, for recordings in any unit.

    Returns
    -------
    center, scale : ndarray, shape (n_channels,) or (n_bands, n_channels)
        In the unit of ``train``; a channel without any spread is divided by 1.

    See Also
    --------
    calibration.networks.network_classifier.NetworkClassifier : Applies them.

    Examples
    --------
    >>> train = np.array([[[1.0, 3.0], [0.0, 20.0]]])  # one epoch of two channels
    >>> [each.tolist() for each in center_and_scale(train, "channel")]
    [[2.0, 10.0], [1.0, 10.0]]
    >>> [each.tolist() for each in center_and_scale(train, "global")]
    [[6.0, 6.0], [0.8154753215150045, 0.8154753215150045]]
    >>> [each.tolist() for each in center_and_scale(train, "microvolts")]
    [[0.0, 0.0], [1.0, 1.0]]
    """
    per_channel = train.shape[1:-1]
    if scaling == "microvolts":
        return np.zeros(per_channel), np.ones(per_channel)
    if scaling == "global":
        spread = np.full(per_channel, train.std() / SPREAD)
        center = np.full(per_channel, train.mean())
    else:
        center, spread = train.mean(axis=(0, -1)), train.std(axis=(0, -1))
    return center, np.where(spread > 0, spread, 1.0)


def smallest(names: tuple[str, ...], norms: Floats) -> tuple[str, float]:
    """Return the loss with the smallest gradient, and how many times the next one is larger.

    Parameters
    ----------
    names : tuple of str
        The losses.
    norms : ndarray, shape (T,)
        Of their gradients in the shared layer.

    Returns
    -------
    name : str
        Empty where there is nothing to compare: a single loss, or norms that were not measured.
    times : float
        At least 1; not finite where the smallest norm is 0.

    See Also
    --------
    calibration.networks.gradients.unweighted_norms : Measures the norms.

    Examples
    --------
    >>> smallest(("triplet", "reconstruction", "classification"), np.array([2.0, 0.004, 0.8]))
    ('reconstruction', 200.0)
    """
    if len(names) < 2 or not np.isfinite(norms).all():
        return "", 1.0
    order = np.argsort(norms)
    least, following = norms[order[:2]]
    with np.errstate(divide="ignore", invalid="ignore"):
        return names[order[0]], float(following / least)


def described_norms(names: tuple[str, ...], norms: Floats, weighting: str) -> tuple[str, ...]:
    """Return lines about the gradients of the first batch; that one loss is weighed by nothing.

    Parameters
    ----------
    names : tuple of str
        The losses.
    norms : ndarray, shape (T,)
        Of their gradients in the shared layer.
    weighting : str
        Name of the loss weighting.

    Returns
    -------
    lines : tuple of str
        The norms, and a warning where one is `SMALL` times smaller than the others.

    See Also
    --------
    smallest : Which one it is.

    Examples
    --------
    >>> for line in described_norms(("centre", "classification"), np.array([90.0, 1.5]), "fixed"):
    ...     print(line)
    gradients at the first batch: centre 90, classification 1.5
    the gradient of classification is 60 times smaller there than every other
    >>> described_norms(("triplet", "classification"), np.array([0.0, 1.5]), "alphagrad")[1]
    'the gradient of triplet is 0 there'
    >>> described_norms(("classification",), np.array([1.5]), "adamt")
    ('the network has one loss, classification: adamt has nothing to weigh',)
    """
    name, times = smallest(names, norms)
    if len(names) == 1 and weighting != "fixed":
        return (f"the network has one loss, {names[0]}: {weighting} has nothing to weigh",)
    if not name:
        return ()
    each = ", ".join(f"{loss} {norm:.2g}" for loss, norm in zip(names, norms, strict=True))
    lines = (f"gradients at the first batch: {each}",)
    if times < SMALL:
        return lines
    if not np.isfinite(times):
        # No triplet in the batch, for instance.
        return (*lines, f"the gradient of {name} is 0 there")
    text = f"the gradient of {name} is {times:.0f} times smaller there than every other"
    if weighting == "alphagrad":
        text += ": alphagrad gives it most of the weight; try another --scaling"
    return (*lines, text)
