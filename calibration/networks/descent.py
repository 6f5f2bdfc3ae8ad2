"""All steps of a training: batches, validation, learning rate, early stop, best epoch."""

import copy
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score
from torch import Tensor, nn

from bci_online.decoding.network.decoder import Network
from bci_online.decoding.network.layers import project_max_norms
from calibration.networks.batches import Data, Schedule, batches, mixed
from calibration.networks.gradients import Step, backward, unweighted_norms
from calibration.networks.history import EpochRecord, History
from calibration.networks.loss_weighting import LossWeighting
from calibration.networks.objectives import Objective
from calibration.networks.weighting_rules import Floats

__all__ = ["descend"]

_log = logging.getLogger(__name__)

CENTRE_LEARNING_RATE = 0.1
PLATEAU: dict[str, Any] = {"factor": 0.5, "patience": 5, "min_lr": 1e-4}


@dataclass(frozen=True)
class _Trainee:
    """Everything that learns."""

    network: Network
    objective: Objective
    weighting: LossWeighting
    schedule: Schedule
    optimiser: torch.optim.Optimizer


def descend(
    network: Network,
    objective: Objective,
    weighting: LossWeighting,
    training: Data,
    validation: Data | None,
    schedule: Schedule,
    random: np.random.Generator,
    progress: Callable[[EpochRecord], object] | None = None,
) -> History:
    """Train in place; the network and the weighting end as they were in the best epoch.

    Parameters
    ----------
    network : Network
        Trained in place.
    objective : Objective
        Its losses.
    weighting : LossWeighting
        Moves the losses' weights after each batch or pass.
    training : Data
        What the gradients come from.
    validation : Data, optional
        None: the training losses are watched.
    schedule : Schedule
        How long and how fast.
    random : numpy.random.Generator
        Order of the epochs.
    progress : callable, optional
        Called with the record of each pass; what is true ends the training.

    Returns
    -------
    history : History
        Every step and every pass.

    Raises
    ------
    ValueError
        If not one step, or no loss to validate by, was finite.

    See Also
    --------
    calibration.networks.network_classifier.NetworkClassifier : Checks the data and calls this.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.decoding.network.eegnet import EEGNet
    >>> from calibration.networks.loss_weighting import Fixed
    >>> from calibration.networks.objectives import ClassificationLoss
    >>> network = EEGNet(n_channels=2, n_times=64, n_classes=2)
    >>> data = Data(torch.randn(6, 2, 64), torch.tensor([0, 1, 0, 1, 0, 1]))
    >>> schedule = Schedule(2, 3, 3, 1e-3, "classification", False, False)  # batches of 2, 3 passes
    >>> random = np.random.default_rng(0)
    >>> loss, weighting = ClassificationLoss(network), Fixed([1.0])
    >>> history = descend(network, loss, weighting, data, None, schedule, random)
    >>> history.losses.shape  # 3 passes of 3 batches, one loss
    (9, 1)
    """
    if objective.centres is not None:
        objective.centres.requires_grad_(schedule.learn_centres)
    own = [each for each in network.parameters() if each.requires_grad]
    learnt = [*own, *weighting.parameters]
    optimiser = torch.optim.Adam(learnt, lr=schedule.learning_rate)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, **PLATEAU)
    trainee = _Trainee(network, objective, weighting, schedule, optimiser)
    # As published, the first step already finds bounded filters.
    project_max_norms(network)
    held_out = training if validation is None else mixed(validation, random)
    first_norms = _first_norms(trainee, training, random)
    steps: list[Step] = []
    epochs: list[EpochRecord] = []
    lowest, best, as_good = math.inf, 0, 0
    for number in range(1, schedule.max_epochs + 1):
        taken = _train(trainee, training, random)
        steps += taken
        record = _evaluated(trainee, held_out, _means(taken), number)
        # The first epoch is kept even where no loss was finite: there is always a network.
        if record.watched < lowest or number == 1:
            lowest, best, as_good = record.watched, number, number
            kept = copy.deepcopy((network.state_dict(), weighting.weights))
        elif schedule.monitor == "val_acc" and record.watched == lowest:
            # As published: few trials have few accuracies, and an equal one is no step back.
            as_good = number
        epochs.append(record)
        weighting.end_epoch(record.weights * record.training, record.weights * record.validation)
        plateau.step(record.watched)
        stopped = progress is not None and progress(record)
        if stopped or (number >= schedule.min_epochs and number - as_good >= schedule.patience):
            break
    network.load_state_dict(kept[0])
    weighting.weights = kept[1]
    history = _history(objective.names, steps, first_norms, epochs, best)
    _check_left_out(history)
    return history


def _first_norms(trainee: _Trainee, data: Data, random: np.random.Generator) -> Floats:
    """Return the norms of the losses' gradients at the batch that will be the first."""
    rows = next(batches(data.y, trainee.schedule, copy.deepcopy(random)))
    return unweighted_norms(trainee.network, trainee.objective, data.x[rows], data.y[rows])


def _check_left_out(history: History) -> None:
    left_out, n_steps = history.n_not_finite, len(history.losses)
    if left_out == n_steps or not math.isfinite(history.best.watched):
        raise ValueError(
            f"{left_out} of {n_steps} training steps had gradients that are not finite, and no "
            "loss to validate by was; lower learning_rate, or look at the epochs' amplitudes"
        )
    if left_out:
        _log.warning(
            "%d of %d training steps were left out: not finite gradients", left_out, n_steps
        )


def _means(steps: list[Step]) -> Floats:
    """Return the unweighted losses' means over the steps that were taken."""
    taken = [step.losses for step in steps if step.is_finite]
    means: Floats = np.mean(taken, axis=0) if taken else np.full(steps[0].losses.size, np.nan)
    return means


def _evaluated(trainee: _Trainee, data: Data, trained: Floats, number: int) -> EpochRecord:
    """Return the record of an epoch."""
    schedule, weights = trainee.schedule, trainee.weighting.weights
    losses, predicted = _validate(trainee, data)
    truth = data.y.cpu().numpy()
    accuracy = float(accuracy_score(truth, predicted))
    return EpochRecord(
        names=trainee.objective.names,
        number=number,
        of=schedule.max_epochs,
        training=trained,
        validation=losses,
        weights=weights,
        watched=_watched(schedule.monitor, losses, weights, accuracy),
        accuracy=accuracy,
        macro_f1=float(f1_score(truth, predicted, average="macro", zero_division=0.0)),
        learning_rate=float(trainee.optimiser.param_groups[0]["lr"]),
    )


def _watched(monitor: str, losses: Floats, weights: Floats, accuracy: float) -> float:
    """Return what is lowest in the best pass."""
    if monitor == "val_acc":
        return 1.0 - accuracy
    return float(losses[-1] if monitor == "classification" else weights @ losses)


def _history(
    names: tuple[str, ...],
    steps: list[Step],
    first_norms: Floats,
    epochs: list[EpochRecord],
    best: int,
) -> History:
    return History(
        names=names,
        losses=np.array([step.losses for step in steps]),
        weights=np.array([step.weights for step in steps]),
        norms=np.array([step.norms for step in steps]),
        first_norms=first_norms,
        epochs=tuple(epochs),
        best=epochs[best - 1],
        n_not_finite=sum(not step.is_finite for step in steps),
    )


def _train(trainee: _Trainee, data: Data, random: np.random.Generator) -> list[Step]:
    """Pass once over the epochs, in a new order."""
    _begin_learning(trainee.network)
    objective, steps = trainee.objective, []
    # Batch norms learn in the forward pass, before it is known that a step must be left out.
    running = list(trainee.network.buffers())
    for rows in batches(data.y, trainee.schedule, random):
        trainee.optimiser.zero_grad()
        if objective.centres is not None:
            objective.centres.grad = None
        x, y = data.x[rows], data.y[rows]
        before = [buffer.clone() for buffer in running]
        step = backward(trainee.network, objective, trainee.weighting, x, y)
        steps.append(step)
        if step.is_finite:
            trainee.optimiser.step()
            project_max_norms(trainee.network)
            _move_centres(objective, step, y)
        else:
            for buffer, kept in zip(running, before, strict=True):
                buffer.copy_(kept)
    return steps


def _begin_learning(network: nn.Module) -> None:
    """Bring a network into training mode, but for the parts that do not learn."""
    network.train()
    for part in network.modules():
        own = list(part.parameters())
        if own and not any(each.requires_grad for each in own):
            # Its batch norms and its dropout stay as they are when it scores.
            part.eval()


def _move_centres(objective: Objective, step: Step, y: Tensor) -> None:
    """Move the centres to their classes, at a rate that does not depend on their loss's weight.

    As in the original, a centre of n epochs of the batch goes 1 / (1 + n) of its gradient.
    """
    centres = objective.centres
    if centres is None or centres.grad is None or not step.weights[0]:
        return
    with torch.no_grad():
        share = 1.0 / (1 + torch.bincount(y, minlength=len(centres))).to(centres)
        rate = CENTRE_LEARNING_RATE / float(step.weights[0])
        centres.sub_(centres.grad * share[:, None], alpha=rate)


@torch.no_grad()
def _validate(trainee: _Trainee, data: Data) -> tuple[Floats, NDArray[np.int64]]:
    """Return unweighted losses, means over batches as in training, and predicted classes."""
    network, n_rows = trainee.network.eval(), trainee.schedule.batch_size
    losses, predicted = [], []
    for x, y in zip(data.x.split(n_rows), data.y.split(n_rows), strict=True):
        features = network.features(x)
        latent = features if network.latent is None else network.latent(features)
        losses.append(torch.stack(trainee.objective(latent, x, y)).double())
        predicted.append(network.classifier(latent).argmax(dim=1))
    mean: Floats = torch.stack(losses).mean(dim=0).cpu().numpy()
    return mean, torch.cat(predicted).cpu().numpy()
