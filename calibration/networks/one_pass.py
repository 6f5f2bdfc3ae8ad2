"""One pass of a training over its epochs: steps, validation, and one reading of their numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score
from torch import Tensor, nn
from torch.nn import functional

from bci_online.decoding.network.layers import project_max_norms
from calibration.networks.batches import Data, batches
from calibration.networks.gradients import Step, backward
from calibration.networks.history import EpochRecord, Steps
from calibration.networks.objectives import Objective
from calibration.networks.shared_layer import numbers_of, read_all, stays_there
from calibration.networks.trainee import Trainee
from calibration.networks.training_state import give_back, state_of
from calibration.networks.weighting_rules import Floats, Numbers

__all__ = ["Passed", "one_pass"]

CENTRE_LEARNING_RATE = 0.1


class Passed(NamedTuple):
    """What a pass has done, as numbers of this computer.

    Parameters
    ----------
    steps : Steps
        Of each mini-batch.
    record : EpochRecord
        Of the pass.

    See Also
    --------
    one_pass : Makes it.
    """

    steps: Steps
    record: EpochRecord


def one_pass(
    trainee: Trainee, training: Data, held_out: Data, random: np.random.Generator, number: int
) -> Passed:
    """Pass once over the epochs, in a new order, then validate.

    On a GPU no number is asked for before the pass is over, so that it never waits for this
    computer. If a step turns out not to be finite then, the pass is taken back, and made again
    with a look at each step, as are all later ones.

    Parameters
    ----------
    trainee : Trainee
        Learns.
    training, held_out : Data
        What the gradients come from, and what is validated on.
    random : numpy.random.Generator
        Order of the epochs.
    number : int
        Of the pass, from 1.

    Returns
    -------
    passed : Passed
        Its steps and its record.

    See Also
    --------
    calibration.networks.descent.descend : Makes all of them.

    Examples
    --------
    >>> from bci_online.decoding.network.eegnet import EEGNet
    >>> from calibration.networks.loss_weighting import Fixed
    >>> from calibration.networks.objectives import ClassificationLoss
    >>> from calibration.networks.batches import Schedule
    >>> network = EEGNet(n_channels=2, n_times=64, n_classes=2)
    >>> schedule = Schedule(2, 3, 3, 1e-3, "classification", False, False)
    >>> trainee = Trainee(network, ClassificationLoss(network), Fixed([1.0]), schedule)
    >>> data = Data(torch.randn(6, 2, 64), torch.tensor([0, 1, 0, 1, 0, 1]))
    >>> one_pass(trainee, data, data, np.random.default_rng(0), 1).steps.losses.shape
    (3, 1)
    """
    before = None
    if stays_there(training.x.device) and not trainee.is_checked:
        before = state_of(trainee, random)
    is_checked = before is None
    steps = _train(trainee, training, random, is_checked)
    losses, predicted = _validate(trainee, held_out)
    columns = [_stacked([step[n] for step in steps]) for n in range(len(Step._fields))]
    *found, losses, predicted, weights = read_all(
        [*columns, losses, predicted, trainee.weighting.weights]
    )
    taken = Steps(found[0], found[1], found[2], found[3].astype(bool))
    if before is not None and not taken.is_finite.all():
        give_back(before, trainee, random)
        trainee.is_checked = True
        return one_pass(trainee, training, held_out, random, number)
    accuracy = _accuracy(held_out.labels, predicted.astype(int))
    return Passed(taken, _record(trainee, taken, losses, weights, accuracy, number))


def _train(
    trainee: Trainee, data: Data, random: np.random.Generator, is_checked: bool
) -> list[Step]:
    """Pass once over the epochs, in a new order."""
    _begin_learning(trainee.network)
    objective, schedule, steps = trainee.objective, trainee.schedule, []
    is_mixed = schedule.precision != "float32"
    # Batch norms learn in the forward pass, before it is known that a step must be left out.
    running = list(trainee.network.buffers()) if is_checked else []
    for rows in batches(data, schedule, random):
        trainee.optimiser.zero_grad()
        if objective.centres is not None:
            objective.centres.grad = None
        x, y = data.x[rows], data.y[rows]
        before = [buffer.clone() for buffer in running]
        step = backward(trainee.network, objective, trainee.weighting, x, y, is_mixed)
        steps.append(step)
        if is_checked and not bool(step.is_finite):
            for buffer, kept in zip(running, before, strict=True):
                buffer.copy_(kept)
            continue
        trainee.optimiser.step()
        project_max_norms(trainee.network)
        _move_centres(objective, step, y)
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
    centres, weight = objective.centres, step.weights[0]
    if centres is None or centres.grad is None:
        return
    with torch.no_grad():
        # Not bincount: it makes a GPU wait.
        counts = functional.one_hot(y, len(centres)).sum(dim=0)
        moved = centres.grad * (1.0 / (1 + counts).to(centres))[:, None]
        if isinstance(weight, Tensor):
            centres.sub_(moved * (CENTRE_LEARNING_RATE / weight).to(moved))
        elif weight:
            centres.sub_(moved, alpha=CENTRE_LEARNING_RATE / float(weight))


@torch.no_grad()
def _validate(trainee: Trainee, data: Data) -> tuple[Numbers, Numbers]:
    """Return unweighted losses, means over batches as in training, and predicted classes."""
    network, n_rows = trainee.network.eval(), trainee.schedule.batch_size
    losses, predicted = [], []
    for x, y in zip(data.x.split(n_rows), data.y.split(n_rows), strict=True):
        features = network.features(x)
        latent = features if network.latent is None else network.latent(features)
        losses.append(torch.stack(trainee.objective(latent, x, y)))
        predicted.append(network.classifier(latent).argmax(dim=1))
    every = torch.stack(losses)
    if not stays_there(every.device):
        every = every.cpu()
    return numbers_of(every.double().mean(dim=0)), numbers_of(torch.cat(predicted))


def _stacked(values: Sequence[Numbers]) -> Numbers:
    return torch.stack(list(values)) if isinstance(values[0], Tensor) else np.array(values)


def _accuracy(truth: NDArray[np.int64], predicted: NDArray[np.int64]) -> tuple[float, float]:
    """Return the share of validation data right, and the macro F1."""
    f1 = f1_score(truth, predicted, average="macro", zero_division=0.0)
    return float(accuracy_score(truth, predicted)), float(f1)


def _record(
    trainee: Trainee,
    taken: Steps,
    losses: Floats,
    weights: Floats,
    accuracies: tuple[float, float],
    number: int,
) -> EpochRecord:
    """Return the record of a pass."""
    schedule, (accuracy, macro_f1) = trainee.schedule, accuracies
    return EpochRecord(
        names=trainee.objective.names,
        number=number,
        of=schedule.max_epochs,
        training=taken.means,
        validation=losses,
        weights=weights,
        watched=_watched(schedule.monitor, losses, weights, accuracy),
        accuracy=accuracy,
        macro_f1=macro_f1,
        learning_rate=float(trainee.optimiser.param_groups[0]["lr"]),
    )


def _watched(monitor: str, losses: Floats, weights: Floats, accuracy: float) -> float:
    """Return what is lowest in the best pass."""
    if monitor == "val_acc":
        return 1.0 - accuracy
    return float(losses[-1] if monitor == "classification" else weights @ losses)
