"""Other subjects' recordings of imagery: a network learns them before the new subject."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from bci_online.config import Config
from bci_online.errors import BciError
from bci_online.sensor_names import sensor_place
from calibration.chain_runs import sources_of
from calibration.common_sensors import common_sensors
from calibration.motor_imagery.networks import network_method
from calibration.motor_imagery.trial_length import trial_seconds, with_trial_length
from calibration.motor_imagery.window_set import NO_CLASS, WindowSet
from calibration.motor_imagery.windows import windows_of
from calibration.networks.network_training import NetworkTraining
from calibration.networks.pretraining import Subject, pretrained
from calibration.pools import Pool, cap_of, other_reference, parse_pool
from calibration.progress import NO_PROGRESS, TrainingProgress
from calibration.training_request import TrainingRequest

if TYPE_CHECKING:
    # Importing it imports PyTorch, which is not installed everywhere.
    from calibration.motor_imagery.window_classifier import WindowClassifier

__all__ = ["with_pools"]


def with_pools(
    request: TrainingRequest, progress: TrainingProgress = NO_PROGRESS
) -> tuple[TrainingRequest, tuple[str, ...]]:
    """Return a request whose network goes on from one of the pooled subjects.

    Parameters
    ----------
    request : TrainingRequest
        Its ``pools`` are read as `parse_pool` reads them.
    progress : TrainingProgress
        Called while recordings are read, and with the passes of the network.

    Returns
    -------
    request : TrainingRequest
        On the sensors that all recordings have; the same request if nothing is pooled.
    notes : tuple of str
        What the user should know, one line each.

    Raises
    ------
    BciError
        If a recording cannot be read, or the recordings differ in classes or share too few sensors.

    See Also
    --------
    calibration.networks.pretraining.pretrained : Learns the others.
    calibration.p300.pooling.recordings.pooled_with : The same for flashes.

    Examples
    --------
    >>> from pathlib import Path
    >>> request = TrainingRequest(
    ...     recordings=(Path("run.xdf"),), config=Config(paradigm="motor_imagery"),
    ...     output=Path("my.decoder"), method="eegnet",
    ... )
    >>> with_pools(request) == (request, ())  # nothing is pooled
    True
    """
    network = request.network
    if not request.pools or network is None:
        return request, ()
    pools = [parse_pool(text, request.config) for text in request.pools]
    caps = {pool.name: cap_of(pool) for pool in pools}
    own = cap_of(Pool(request.recordings, request.config))
    try:
        named = {name: cap.ch_names for name, cap in caps.items()}
        common, notes = common_sensors(own.ch_names, named)
    except BciError as error:
        raise type(error)(f"--pool: {error}") from None
    config, _ = network_method(network).configured(_on(request.config, common))
    found = []
    for pool in pools:
        cap = caps[pool.name]
        spelled = {sensor_place(name): name for name in cap.ch_names}
        theirs = tuple(spelled[sensor_place(name)] for name in common)
        windows = _windows(pool, _on(pool.config, theirs), config, progress.opened)
        notes += (_said(pool, windows), *other_reference(pool.name, cap, own))
        found.append(windows)
    network = _learnt(network.watched(progress.passed, ends=progress.ends), found)
    request = msgspec.structs.replace(request, network=network, config=_on(request.config, common))
    return request, notes


def _on(config: Config, ch_names: tuple[str, ...]) -> Config:
    eeg = msgspec.structs.replace(config.eeg, channels=ch_names, exclude=())
    return msgspec.structs.replace(config, eeg=eeg)


def _windows(pool: Pool, theirs: Config, own: Config, opened: Callable[[str], None]) -> WindowSet:
    """Return a pool's windows of known class, cut as the new subject's."""
    eeg = msgspec.structs.replace(theirs.eeg, reference=own.eeg.reference)
    same = {"filter": own.filter, "window": own.window, "evidence": own.evidence, "eeg": eeg}
    config = msgspec.structs.replace(theirs, **same)
    config, _ = with_trial_length(config, trial_seconds(sources_of(pool.paths, config), config))
    windows = windows_of(pool.paths, config, opened=opened)
    return windows[np.flatnonzero(windows.y != NO_CLASS)]


def _said(pool: Pool, windows: WindowSet) -> str:
    n_trials = np.unique(windows.trial).size
    own = windows.preprocessing
    return (
        f"{pool.name}: {n_trials} trials pooled ({', '.join(windows.classes)}), {own.sfreq:g} Hz "
        f"in {own.unit}; each subject is scaled on its own"
    )


def _learnt(training: NetworkTraining, found: list[WindowSet]) -> NetworkTraining:
    """Return the training that goes on from a network of these windows."""
    from calibration.motor_imagery.window_classifier import WindowClassifier

    classes = found[0].classes
    subjects = []
    for windows in found:
        if windows.classes != classes:
            raise BciError(
                f"--pool: one has the classes {', '.join(classes)}, another one "
                f"{', '.join(windows.classes)}; pool recordings of the same classes"
            )
        subjects.append(_subject(windows, WindowClassifier(windows.preprocessing)))
    try:
        return pretrained(training, subjects, classes)
    # torch raises RuntimeError where a GPU has no memory left.
    except (ValueError, RuntimeError) as error:
        raise BciError(f"--pool: {training.network}: {error}") from None


def _subject(windows: WindowSet, cutter: "WindowClassifier") -> Subject:
    epochs, kept = cutter.fresh(windows.X, windows.trial)
    return Subject(epochs, windows.y[kept], windows.trial[kept])
