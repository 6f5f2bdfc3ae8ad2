"""All steps of a training: passes, learning rate, early stop, and the network of the best pass."""

import copy
import logging
import math
from collections.abc import Callable

import numpy as np

from bci_online.decoding.network.layers import project_max_norms
from calibration.networks.batches import Data, batches, mixed
from calibration.networks.course import Course, TrainingFile
from calibration.networks.gradients import unweighted_norms
from calibration.networks.history import EpochRecord, History
from calibration.networks.one_pass import one_pass
from calibration.networks.trainee import Trainee
from calibration.networks.weighting_rules import Floats

__all__ = ["descend"]

_log = logging.getLogger(__name__)


def descend(
    trainee: Trainee,
    training: Data,
    validation: Data | None,
    random: np.random.Generator,
    progress: Callable[[EpochRecord], object] | None = None,
    file: TrainingFile | None = None,
) -> History:
    """Train in place; the network and the weighting end as they were in the best epoch.

    Parameters
    ----------
    trainee : Trainee
        Trained in place.
    training : Data
        What the gradients come from.
    validation : Data, optional
        None: the training losses are watched.
    random : numpy.random.Generator
        Order of the epochs.
    progress : callable, optional
        Called with the record of each pass; what is true ends the training.
    file : TrainingFile, optional
        What a killed training goes on from.

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
    >>> import torch
    >>> from bci_online.decoding.network.eegnet import EEGNet
    >>> from calibration.networks.batches import Schedule
    >>> from calibration.networks.loss_weighting import Fixed
    >>> from calibration.networks.objectives import ClassificationLoss
    >>> network = EEGNet(n_channels=2, n_times=64, n_classes=2)
    >>> data = Data(torch.randn(6, 2, 64), torch.tensor([0, 1, 0, 1, 0, 1]))
    >>> schedule = Schedule(2, 3, 3, 1e-3, "classification", False, False)  # batches of 2, 3 passes
    >>> trainee = Trainee(network, ClassificationLoss(network), Fixed([1.0]), schedule)
    >>> descend(trainee, data, None, np.random.default_rng(0)).losses.shape  # 3 times 3 batches
    (9, 1)
    """
    network, weighting = trainee.network, trainee.weighting
    # As published, the first step already finds bounded filters.
    project_max_norms(network)
    held_out = training if validation is None else mixed(validation, random)
    course = Course(trainee.objective.names, _first_norms(trainee, training, random))
    if file is not None:
        file.resume(course, trainee, random)
    stopped: object = False
    while not (stopped or course.is_over(trainee.schedule)):
        passed = one_pass(trainee, training, held_out, random, course.n_passes + 1)
        course.add(passed, trainee)
        record = passed.record
        weighting.end_epoch(record.weights * record.training, record.weights * record.validation)
        trainee.plateau.step(record.watched)
        stopped = progress is not None and progress(record)
        if file is not None:
            file.keep(course, trainee, random)
    if file is not None:
        file.end()
    network.load_state_dict(course.kept)
    weighting.weights = course.kept_weights
    history = course.history()
    _check_left_out(history)
    return history


def _first_norms(trainee: Trainee, data: Data, random: np.random.Generator) -> Floats:
    """Return the norms of the losses' gradients at the batch that will be the first."""
    rows = next(batches(data, trainee.schedule, copy.deepcopy(random)))
    return unweighted_norms(trainee.network, trainee.objective, data.x[rows], data.y[rows])


def _check_left_out(history: History) -> None:
    left_out, n_steps = history.n_not_finite, len(history.losses)
    is_watched = math.isfinite(history.best.watched)
    if not left_out and not is_watched:
        raise ValueError(
            "every training step was finite, and no loss to validate by was: look at what the "
            "network gives when it does not learn, and at the epochs' amplitudes"
        )
    if left_out == n_steps or not is_watched:
        each = zip(history.names, history.losses.T, strict=True)
        lost = [name for name, values in each if not np.isfinite(values).any()]
        what = f"; the loss {' and '.join(lost)} never was" if lost else ""
        raise ValueError(
            f"{left_out} of {n_steps} training steps had gradients that are not finite, and no "
            f"loss to validate by was{what}; lower learning_rate, or look at the epochs' amplitudes"
        )
    if left_out:
        _log.warning(
            "%d of %d training steps were left out: not finite gradients", left_out, n_steps
        )
