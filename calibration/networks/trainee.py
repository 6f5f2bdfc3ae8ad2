"""A network with everything that learns beside it."""

from dataclasses import dataclass, field
from typing import Any

import torch

from bci_online.decoding.network.decoder import Network
from calibration.networks.batches import Schedule
from calibration.networks.loss_weighting import LossWeighting
from calibration.networks.objectives import Objective

__all__ = ["Trainee"]

PLATEAU: dict[str, Any] = {"factor": 0.5, "patience": 5, "min_lr": 1e-4}


@dataclass
class Trainee:
    """Everything that learns, and how.

    Parameters
    ----------
    network : Network
        Trained in place.
    objective : Objective
        Its losses.
    weighting : LossWeighting
        Moves the losses' weights after each batch or pass.
    schedule : Schedule
        How long and how fast.

    Attributes
    ----------
    optimiser : torch.optim.Adam
        Of everything that learns.
    plateau : ReduceLROnPlateau
        Of its learning rate.
    is_checked : bool
        Whether each step is looked at before it is taken.

    See Also
    --------
    calibration.networks.descent.descend : Trains it.

    Examples
    --------
    >>> from bci_online.decoding.network.eegnet import EEGNet
    >>> from calibration.networks.loss_weighting import Fixed
    >>> from calibration.networks.objectives import ClassificationLoss
    >>> network = EEGNet(n_channels=2, n_times=64, n_classes=2)
    >>> schedule = Schedule(2, 3, 3, 1e-3, "classification", False, False)
    >>> trainee = Trainee(network, ClassificationLoss(network), Fixed([1.0]), schedule)
    >>> trainee.optimiser.param_groups[0]["lr"]
    0.001
    """

    network: Network
    objective: Objective
    weighting: LossWeighting
    schedule: Schedule
    optimiser: torch.optim.Optimizer = field(init=False)
    plateau: torch.optim.lr_scheduler.ReduceLROnPlateau = field(init=False)
    is_checked: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        if self.objective.centres is not None:
            self.objective.centres.requires_grad_(self.schedule.learn_centres)
        own = [each for each in self.network.parameters() if each.requires_grad]
        learnt = [*own, *self.weighting.parameters]
        self.optimiser = torch.optim.Adam(learnt, lr=self.schedule.learning_rate)
        self.plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(self.optimiser, **PLATEAU)
