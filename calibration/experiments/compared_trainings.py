"""How the networks of a table are trained, and what AlphaGrad's authors set.

References
----------
Chaisaen et al. (2025), IEEE JBHI, doi 10.1109/JBHI.2025.3572197.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from calibration.experiments.compared_methods import FIXED, ONES
from calibration.experiments.network_splits import SUBJECT_DEPENDENT, SUBJECT_INDEPENDENT
from calibration.networks.network_classifier import NetworkClassifier
from calibration.networks.network_training import LOSSES

__all__ = ["ALPHAGRAD_PAPER", "PAPER_STRATEGIES", "Training", "described", "unfitted"]

BATCH = {SUBJECT_DEPENDENT: 10, SUBJECT_INDEPENDENT: 100}

_SAME = (
    "max_epochs", "min_epochs", "learning_rate", "monitor", "undersample", "learn_centres",
    "official_softmax", "subsampling", "variant", "scaling", "device", "threads",
    "precision",
)  # fmt: skip
"""Parameters of `NetworkClassifier` that a `Training` has under the same name."""


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters that are the same for all cells.

    Parameters
    ----------
    network : {"min2net", "fbmsnet", "eegnet"}
        Which network.
    monitor, variant, device : str
        As for `NetworkClassifier`.
    max_epochs, min_epochs : int
        Passes over the data.
    threads : int
        Of the CPU, for each cell.
    precision : {"float32", "bfloat16"}
        As for `NetworkClassifier`.
    learning_rate : float
        Adam's, at the start.
    loss_weights : tuple of float, optional
        At the start.
    step : float
        AlphaGrad's alone.
    learn_centres, official_softmax, undersample : bool
        As for `NetworkClassifier`.
    subsampling : int, optional
        As for `NetworkClassifier`.
    scaling : {"channel", "microvolts", "global"}
        The authors do not scale their microvolts.
    split : {"sessions", "phases", "paper"}
        Which trials train and which test; see `calibration.experiments.network_splits.split`.
    seed : int
        Of weights, order and folds.

    See Also
    --------
    calibration.networks.network_classifier.NetworkClassifier : Has the same parameters.
    """

    network: str
    monitor: str = "classification"
    max_epochs: int = 100
    min_epochs: int = 1
    learning_rate: float = 1e-3
    loss_weights: tuple[float, ...] | None = None
    step: float = 0.01
    learn_centres: bool = True
    official_softmax: bool = False
    subsampling: int | None = None
    variant: str = "own"
    scaling: str = "microvolts"
    device: str = "cpu"
    threads: int = 1
    precision: str = "float32"
    undersample: bool = False
    split: str = "sessions"
    seed: int = 0


ALPHAGRAD_PAPER: Mapping[str, Any] = {
    "monitor": "val_acc",
    "min_epochs": 50,
    "max_epochs": 100,
    "learning_rate": 1e-3,
    "step": 0.01,
    "learn_centres": False,
    "official_softmax": True,
    "variant": "alphagrad",
    "scaling": "microvolts",
    "split": "paper",
}
"""What AlphaGrad's authors set, in their published code."""

PAPER_STRATEGIES = (ONES, "alphagrad", "adamt", "gradapprox")
"""Their rows: their fixed weights are all 1."""


def unfitted(strategy: str, protocol: str, training: Training) -> NetworkClassifier:
    """Return an unfitted network; without its seed, which is the fold's.

    Parameters
    ----------
    strategy : str
        Loss weighting.
    protocol : str
        What is tested.
    training : Training
        What is the same for all cells.

    Returns
    -------
    model : NetworkClassifier
        With the batch size of the protocol.

    See Also
    --------
    calibration.experiments.network_protocols.trained : Fits it.

    Examples
    --------
    >>> unfitted(ONES, SUBJECT_INDEPENDENT, Training(network="min2net")).loss_weights
    (1.0, 1.0, 1.0)
    """
    is_ones = strategy == ONES
    own = (*_SAME, "step") if strategy == "alphagrad" else _SAME
    ones = (1.0,) * len(LOSSES[training.network])
    return NetworkClassifier(
        training.network,
        FIXED if is_ones else strategy,
        ones if is_ones else training.loss_weights,
        # Weightings are compared on one network, although some could do without this layer.
        shared_layer=True if training.network == "fbmsnet" else None,
        batch_size=BATCH[protocol],
        **{name: getattr(training, name) for name in own},
    )


def described(estimator: NetworkClassifier) -> str:
    """Return all parameters, defaults included: part of a cell.

    Parameters
    ----------
    estimator : NetworkClassifier
        Unfitted.

    Returns
    -------
    text : str
        Names and values.

    See Also
    --------
    unfitted : Makes it.

    Examples
    --------
    >>> "step=0.01" in described(NetworkClassifier())
    True
    """
    return " ".join(f"{name}={value}" for name, value in sorted(estimator.get_params().items()))
