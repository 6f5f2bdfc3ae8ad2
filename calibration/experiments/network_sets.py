"""Public sets as trials at 100 Hz, for networks.

MOABB loads them. Filter and windows are the online chain's, so that a public set is seen as a
recording would be.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import (
    Config,
    EegStream,
    EpochSpec,
    EvidenceSpec,
    FilterSpec,
    Preprocessing,
    Presentation,
    WindowSpec,
)
from bci_online.decoding.network.epochs import at_rate
from bci_online.errors import RecordingError
from bci_online.markers import Cue, Flash
from calibration.experiments.moabb_sets import events_of, known_subjects, load_subject
from calibration.experiments.public_sets import PublicSet
from calibration.experiments.raw_source import RawSource
from calibration.motor_imagery.windows import labelled_windows
from calibration.networks.bank import BANK
from calibration.p300.labelled_epochs import labelled_epochs

__all__ = ["TrialSet", "content", "described", "read_trials"]

SFREQ = 100.0
ORDER = 4

TrainingPart = Callable[[int, int, str, Collection[str]], bool]
Kept = Callable[[int, Callable[[], "TrialSet"]], "TrialSet"]


def first_session(session: int, n_sessions: int, run: str, runs: Collection[str]) -> bool:
    """Return whether a run is of the first session, or where there is one, called train."""
    return session == 0 if n_sessions > 1 else "train" in run


class TrialSet(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """One subject's labelled trials, at 100 Hz.

    Parameters
    ----------
    X : ndarray of float32, shape (n_trials, n_channels, n_times)
        Or (n_trials, 9, n_channels, n_times) where the running signal went through a filter bank.
    y : ndarray of int, shape (n_trials,)
        Index into `classes`.
    training : ndarray of bool, shape (n_trials,)
        Whether a trial is of the training session.
    classes : tuple of str
        Their names.
    preprocessing : Preprocessing
        What made the trials.
    rejected : dict of str to int
        How many trials were left out, by reason.

    See Also
    --------
    read_trials : Loads them.
    """

    X: NDArray[np.float32]
    y: NDArray[np.int64]
    training: NDArray[np.bool_]
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    rejected: dict[str, int]

    def __len__(self) -> int:
        return self.y.size


def content(trials: TrialSet) -> str:
    """Return a hash of everything in a subject's trials that a result can depend on.

    Parameters
    ----------
    trials : TrialSet
        Of one subject.

    Returns
    -------
    digest : str
        SHA-256, in hexadecimal digits.

    See Also
    --------
    calibration.experiments.network_protocols.plan : Names the data of cells so.
    """
    digest = hashlib.sha256(msgspec.json.encode([trials.preprocessing, trials.classes]))
    for array in (trials.X, trials.y, trials.training):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def described(subjects: Mapping[str, TrialSet]) -> list[str]:
    """Return lines with the number of trials, and of those that were left out.

    Parameters
    ----------
    subjects : mapping of str to TrialSet
        Trials by subject.

    Returns
    -------
    lines : list of str
        First all subjects together, then those of whom trials were left out.

    See Also
    --------
    read_trials : Loads the trials.
    """
    one = next(iter(subjects.values()))
    each_of = [np.bincount(t.y, minlength=len(t.classes)) for t in subjects.values()]
    counts = np.sum(each_of, axis=0).tolist()
    each = ", ".join(f"{n} {name}" for n, name in zip(counts, one.classes, strict=True))
    n_training = sum(int(trials.training.sum()) for trials in subjects.values())
    lines = [
        f"{len(subjects)} subject{'s' * (len(subjects) > 1)}, {each}; "
        f"{n_training} of them in training sessions; "
        f"{len(one.preprocessing.ch_names)} channels, {one.X.shape[-1]} samples at {SFREQ:g} Hz"
    ]
    for subject, trials in subjects.items():
        if trials.rejected:
            lost = ", ".join(f"{n} {why}" for why, n in trials.rejected.items())
            lines.append(f"subject {subject}: trials left out: {lost}")
    return lines


def read_trials(
    dataset: Any,
    subjects: Sequence[int],
    preset: PublicSet,
    bank: bool,
    progress: Callable[[str], None] = lambda _: None,
    training_part: TrainingPart = first_session,
    kept: Kept = lambda subject, make: make(),
) -> dict[str, TrialSet]:
    """Load subjects one by one and run them through the online chain.

    Parameters
    ----------
    dataset : moabb.datasets.base.BaseDataset
        From `open_dataset`.
    subjects : sequence of int
        Empty means all.
    preset : PublicSet
        The part of the set to use.
    bank : bool
        Nine bands instead of one, for FBMSNet.
    progress : callable
        Called with the name of what is loaded.
    training_part : callable
        Given session and number of sessions, run and names of all runs, whether it trains.
    kept : callable
        Given a subject and what makes its trials, returns them; it may have them from before.

    Returns
    -------
    subjects : dict of str to TrialSet
        All sessions and runs of each.

    Raises
    ------
    BciError
        If a subject is not in the set or has no trial, or the files can neither be found nor
        fetched.

    See Also
    --------
    calibration.experiments.moabb_sets.read_dataset : Epochs of flashes instead of trials.
    """
    is_erp = dataset.paradigm == "p300"
    config = _config(preset, bank, is_erp)
    found = {}
    for subject in known_subjects(dataset, subjects):
        progress(f"{dataset.code} {subject}")
        make = partial(_subject, dataset, subject, config, preset.classes, training_part)
        found[str(subject)] = kept(subject, make)
    return found


def _subject(
    dataset: Any,
    subject: int,
    config: Config,
    classes: tuple[str, ...],
    training_part: TrainingPart,
) -> TrialSet:
    sessions = load_subject(dataset, subject)
    parts = []
    runs_of = {run for runs in sessions.values() for run in runs}
    for number, (session, runs) in enumerate(sessions.items()):
        for run, raw in runs.items():
            is_training = training_part(number, len(sessions), run, runs_of)
            name = f"{dataset.code} {subject}, session {session}, run {run}"
            parts += _run(dataset, raw, name, config, classes, is_training)
    if not parts:
        raise RecordingError(f"{dataset.code}, subject {subject}: holds no trial")
    return _joined(parts)


def _config(preset: PublicSet, bank: bool, is_erp: bool) -> Config:
    (low, high), (start, stop) = preset.band, preset.window
    band = FilterSpec(l_freq=low, h_freq=high, order=ORDER)
    eeg = EegStream(channels=preset.channels)
    if is_erp:
        # Flashes overlap, windows of trials do not; the bank filters each epoch then.
        epoch = EpochSpec(tmin=start, tmax=stop - 1 / SFREQ, step=1 / SFREQ)
        return Config(eeg=eeg, filter=band, epoch=epoch)
    return Config(
        paradigm="motor_imagery",
        eeg=eeg,
        filter=BANK if bank else band,
        window=WindowSpec(length=stop - start, step=1.0),
        evidence=EvidenceSpec(tmin=start, tmax=stop),
        # A class called rest counts only if requested.
        presentation=Presentation(classes=preset.classes),
    )


def _run(
    dataset: Any, raw: Any, name: str, config: Config, classes: Sequence[str], is_training: bool
) -> list[TrialSet]:
    """Return one run's trials, none where it has no event."""
    onsets, labels = events_of(dataset, raw, classes)
    if not onsets.size:
        return []
    if config.paradigm == "p300":
        texts = [Flash(0, label == "Target").text() for label in labels]
        epochs = labelled_epochs([(name, RawSource(raw, onsets, texts, 0.0))], config)
        X, preprocessing, rejected = epochs.X, epochs.preprocessing, dict(epochs.rejected)
        y = np.where(epochs.y, classes.index("Target"), classes.index("NonTarget"))
    else:
        texts = [Cue(label).text() for label in labels]
        windows = labelled_windows([(name, RawSource(raw, onsets, texts, 0.0))], config)
        preprocessing, rejected = windows.preprocessing, dict(windows.rejected)
        X = np.stack([at_rate(window, preprocessing.sfreq, SFREQ) for window in windows.X])
        # A run may lack a class, and its own numbers count only the classes that it has.
        y = np.array([classes.index(windows.classes[number]) for number in windows.y])
        if len(config.filter.bands) > 1:
            X = X.reshape(len(X), len(config.filter.bands), -1, X.shape[-1])
    if overlapping := onsets.size - len(X) - sum(rejected.values()):
        # A cue ends the windows of the one before it.
        rejected["overlap"] = overlapping
    return [
        TrialSet(
            X=X.astype(np.float32),
            y=y,
            training=np.full(len(X), is_training),
            classes=tuple(classes),
            preprocessing=preprocessing,
            rejected=rejected,
        )
    ]


def _joined(parts: Sequence[TrialSet]) -> TrialSet:
    rejected = sum((Counter(part.rejected) for part in parts), Counter())
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("X", "y", "training")
    }
    return msgspec.structs.replace(parts[0], **arrays, rejected=dict(rejected))
