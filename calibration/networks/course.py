"""The course of a training: its passes, the best of them, and the file that it can go on from."""

import logging
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from calibration.networks.batches import Schedule
from calibration.networks.history import EpochRecord, History, Steps
from calibration.networks.one_pass import Passed
from calibration.networks.trainee import Trainee
from calibration.networks.training_state import (
    State,
    give_back,
    of_part,
    read_state,
    state_of,
    write_state,
)
from calibration.networks.weighting_rules import Floats, Numbers

__all__ = ["Course", "TrainingFile"]

logger = logging.getLogger(__name__)

EVERY_S = 5.0


class Course:
    """The passes of a training until now, and a copy of the network of the best one.

    Parameters
    ----------
    names : tuple of str
        Of the losses.
    first_norms : ndarray, shape (T,)
        As in `History`.

    See Also
    --------
    calibration.networks.descent.descend : Follows it.

    Examples
    --------
    >>> Course(("classification",), np.array([np.nan])).n_passes
    0
    """

    def __init__(self, names: tuple[str, ...], first_norms: Floats) -> None:
        self.names, self.first_norms = names, first_norms
        self.steps: list[Steps] = []
        self.epochs: list[EpochRecord] = []
        self.lowest, self.best, self.as_good = math.inf, 0, 0
        self.kept: dict[str, torch.Tensor] = {}
        self.kept_weights: Numbers = np.zeros(len(names))

    @property
    def n_passes(self) -> int:
        """How many there are."""
        return len(self.epochs)

    def add(self, passed: Passed, trainee: Trainee) -> None:
        """Add a pass; if it is the best, its network is copied."""
        record, monitor = passed.record, trainee.schedule.monitor
        self.steps.append(passed.steps)
        self.epochs.append(record)
        # The first pass is kept even where no loss was finite: there is always a network.
        if record.watched < self.lowest or record.number == 1:
            self.lowest, self.best, self.as_good = record.watched, record.number, record.number
            state = trainee.network.state_dict()
            self.kept = {name: each.clone() for name, each in state.items()}
            self.kept_weights = record.weights
        elif monitor == "val_acc" and record.watched == self.lowest:
            # As published: few trials have few accuracies, and an equal one is no step back.
            self.as_good = record.number

    def is_over(self, schedule: Schedule) -> bool:
        """Return whether no pass is to follow."""
        waited = self.n_passes - self.as_good
        is_late = self.n_passes >= schedule.min_epochs and waited >= schedule.patience
        return is_late or self.n_passes >= schedule.max_epochs

    def history(self) -> History:
        """Return the record of it."""
        every = self._joined()
        return History(
            names=self.names,
            losses=every.losses,
            weights=every.weights,
            norms=every.norms,
            first_norms=self.first_norms,
            epochs=tuple(self.epochs),
            best=self.epochs[self.best - 1],
            n_not_finite=int(np.count_nonzero(~every.is_finite)),
        )

    def state(self) -> State:
        """Return it for a file."""
        arrays: dict[str, Any] = {f"kept/{name}": each for name, each in self.kept.items()}
        arrays |= {f"steps/{name}": each for name, each in self._joined()._asdict().items()}
        arrays["kept weights"] = self.kept_weights
        epochs = [
            {name: np.asarray(each).tolist() for name, each in vars(record).items()}
            for record in self.epochs
        ]
        best = {"lowest": self.lowest, "best": self.best, "as_good": self.as_good}
        return State(arrays, {"epochs": epochs, "best": best})

    def go_on_from(self, state: State) -> None:
        """Have the passes of a state."""
        self.kept = of_part(state.arrays, "kept/")
        self.steps = [Steps(*(state.arrays[f"steps/{name}"] for name in Steps._fields))]
        self.kept_weights = state.arrays["kept weights"]
        self.epochs = [_record(each) for each in state.numbers["epochs"]]
        for name, each in state.numbers["best"].items():
            setattr(self, name, each)

    def _joined(self) -> Steps:
        return Steps(*(np.concatenate(each) for each in zip(*self.steps, strict=True)))


def _record(values: dict[str, Any]) -> EpochRecord:
    arrays = {name: np.array(each) for name, each in values.items() if isinstance(each, list)}
    known: dict[str, Any] = values | arrays
    return EpochRecord(**(known | {"names": tuple(values["names"])}))


class TrainingFile:
    """A file from which a training that was killed goes on; it is gone when the training is over.

    Parameters
    ----------
    path : Path
        Its folder exists.
    key : str
        What decides the training: parameters, data, seed. The file of another one is not used.
    every_s : float
        Seconds between two writings, at least.

    See Also
    --------
    calibration.networks.network_classifier.NetworkClassifier : Its parameter ``checkpoint``.

    Examples
    --------
    >>> TrainingFile(Path("nowhere.training"), "a key").end()  # there is nothing to remove
    """

    def __init__(self, path: Path, key: str, every_s: float = EVERY_S) -> None:
        self._path, self._key, self._every_s = path, key, every_s
        self._written, self._is_usable = time.monotonic(), True

    def resume(self, course: Course, trainee: Trainee, random: np.random.Generator) -> None:
        """Bring a training to where its file stands; without one nothing changes."""
        state = read_state(self._path)
        if state is None or state.numbers.get("key") != self._key:
            return
        course.go_on_from(state)
        give_back(state, trainee, random)
        logger.info("%s: goes on behind pass %d", self._path, course.n_passes)

    def keep(self, course: Course, trainee: Trainee, random: np.random.Generator) -> None:
        """Write where a training stands, unless that was done a moment ago.

        Where it cannot be written, that is said once, and the training goes on without.
        """
        if not self._is_usable or time.monotonic() - self._written < self._every_s:
            return
        learning, past = state_of(trainee, random), course.state()
        numbers = learning.numbers | past.numbers | {"key": self._key}
        try:
            write_state(self._path, State(learning.arrays | past.arrays, numbers))
        except OSError as error:
            self._is_usable = False
            reason = error.strerror or error
            logger.warning("%s: %s; the training goes on, and keeps no more", self._path, reason)
        self._written = time.monotonic()

    def end(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)
