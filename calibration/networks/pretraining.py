"""A network that learns other subjects first: a training with pooled recordings goes on from it."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from calibration.networks.input_scale import center_and_scale, scaling_for
from calibration.networks.judged_training import fit_judged
from calibration.networks.network_start import NetworkStart
from calibration.networks.network_training import NetworkTraining

__all__ = ["Subject", "pretrained"]


class Subject(msgspec.Struct, frozen=True, eq=False):
    """Another subject's epochs.

    Parameters
    ----------
    X : ndarray, shape (n_epochs, ..., n_channels, n_times)
        On the new subject's channels, in its order; in any unit.
    y : ndarray of int, shape (n_epochs,)
        Number of the class.
    groups : ndarray of int, shape (n_epochs,)
        Epochs of one group (a trial, a stretch of time) are validated on together.

    See Also
    --------
    pretrained : Learns several.
    """

    X: NDArray[np.float64]
    y: NDArray[np.int64]
    groups: NDArray[np.int64]


def pretrained(
    training: NetworkTraining,
    subjects: Sequence[Subject],
    classes: Sequence[str],
    **parameters: Any,
) -> NetworkTraining:
    """Return a training that goes on from a network of other subjects.

    Each subject's epochs are scaled with its own numbers, as the new subject's will be: amplifiers
    and heads differ in the size of their signals.

    Parameters
    ----------
    training : NetworkTraining
        How the network is trained, on the others and then on the new subject.
    subjects : sequence of Subject
        At least one.
    classes : sequence of str
        Names of the classes 0, 1, …
    **parameters : object
        Further ones of `NetworkClassifier`.

    Returns
    -------
    training : NetworkTraining
        With a start.

    Raises
    ------
    ValueError
        As `NetworkClassifier.fit`; if the subjects' epochs are of several shapes.

    See Also
    --------
    calibration.networks.network_start.NetworkStart : What it goes on from.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> others = [
    ...     Subject(size * rng.normal(size=(20, 2, 64)), np.arange(20) % 2, np.arange(20) // 2)
    ...     for size in (1.0, 40.0)
    ... ]
    >>> asked = NetworkTraining(network="eegnet", max_epochs=1)
    >>> pretrained(asked, others, ("left", "right")).name
    'eegnet (pooled)'
    """
    # Only now: they import PyTorch.
    from bci_online.decoding.network.decoder import weights_of
    from calibration.networks.network_classifier import NetworkClassifier

    scaling = scaling_for(training.network, training.loss_weighting, training.scaling)
    shapes = {one.X.shape[1:] for one in subjects}
    if len(shapes) > 1:
        raise ValueError(f"epochs of all pooled subjects must be of one shape, got {shapes}")
    X = np.concatenate([_scaled(one.X, scaling) for one in subjects])
    y = np.concatenate([one.y for one in subjects])
    groups = np.concatenate([number * 10**6 + one.groups for number, one in enumerate(subjects)])
    # What is scaled already stays as it is.
    own = training.parameters() | parameters | {"scaling": "microvolts"}
    model = fit_judged(NetworkClassifier(**own), X, y, groups)
    start = NetworkStart(
        name="--pool",
        is_pool=True,
        spec=msgspec.structs.replace(model.spec_, scaling=scaling),
        classes=tuple(classes),
        weights={name: value.numpy() for name, value in weights_of(model.network_).items()},
    )
    return msgspec.structs.replace(training, start=start)


def _scaled(X: NDArray[np.float64], scaling: str) -> NDArray[np.float64]:
    center, scale = center_and_scale(X, scaling)
    return (X - center[..., np.newaxis]) / scale[..., np.newaxis]
