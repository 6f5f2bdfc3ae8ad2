"""A lab's own recordings, subject by subject."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from bci_online.config import Config
from bci_online.errors import RecordingError
from calibration.p300.epochs import EpochSet
from calibration.p300.recorded_epochs import epochs_of
from calibration.recordings import contents_of

__all__ = ["checked_files", "described", "read_subjects", "subjects_of"]

ONLY_SUBJECT = "01"


def subjects_of(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the recordings of each subject, in the order given.

    The subject follows ``sub-`` in the name of the file, or of the nearest folder that has it, as
    in BIDS. Recordings without it are of one subject.

    Parameters
    ----------
    paths : sequence of Path
        Recordings.

    Returns
    -------
    subjects : dict of str to list of Path
        Those without a subject are together.

    See Also
    --------
    read_subjects : Reads them.

    Examples
    --------
    >>> found = subjects_of([Path("sub-01/a.xdf"), Path("sub-02_b.xdf"), Path("sub-01/c.xdf")])
    >>> {subject: [path.name for path in paths] for subject, paths in found.items()}
    {'01': ['a.xdf', 'c.xdf'], '02': ['sub-02_b.xdf']}
    """
    found: dict[str, list[Path]] = {}
    for path in paths:
        names = [path.name, *(parent.name for parent in path.absolute().parents)]
        labels = [match[1] for name in names if (match := re.search(r"sub-([A-Za-z0-9]+)", name))]
        found.setdefault(labels[0] if labels else ONLY_SUBJECT, []).append(path)
    return found


def read_subjects(
    paths: Sequence[Path], config: Config, progress: Callable[[str], None] = lambda _: None
) -> dict[str, EpochSet]:
    """Run every subject's recordings through the online chain.

    Parameters
    ----------
    paths : sequence of Path
        XDF files.
    config : Config
        Streams, markers, filter, latencies.
    progress : callable
        Called with the name of each recording.

    Returns
    -------
    subjects : dict of str to EpochSet
        In the order in which they are first met.

    Raises
    ------
    RecordingError
        If a recording is not there, cannot be read, or is given twice.

    See Also
    --------
    subjects_of : Whose recording is whose.
    calibration.p300.recorded_epochs.epochs_of : The epochs of one subject; has an example.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> read_subjects([Path("sub-01/run-1.xdf")], Config())
    Traceback (most recent call last):
    bci_online.errors.RecordingError: sub-01/run-1.xdf: no such file
    """
    checked_files(paths)
    return {
        subject: epochs_of(own, config, opened=progress).all()
        for subject, own in subjects_of(paths).items()
    }


def checked_files(paths: Sequence[Path]) -> None:
    """Refuse a recording that is not there or given twice.

    Parameters
    ----------
    paths : sequence of Path
        Recordings.

    Raises
    ------
    RecordingError
        Naming it.

    See Also
    --------
    calibration.recordings.contents_of : Finds files of the same content.

    Examples
    --------
    >>> checked_files([Path("sub-01/run-1.xdf")])
    Traceback (most recent call last):
    bci_online.errors.RecordingError: sub-01/run-1.xdf: no such file
    """
    for path in paths:
        if not path.is_file():
            raise RecordingError(f"{path}: no such file")
    contents_of(paths)


def described(subjects: dict[str, EpochSet]) -> list[str]:
    """Return one line per subject: its flashes, and what was rejected or lost.

    Parameters
    ----------
    subjects : dict of str to EpochSet
        Flashes by subject.

    Returns
    -------
    lines : list of str
        One for each subject.

    See Also
    --------
    read_subjects : Reads them.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import Preprocessing
    >>> epochs = EpochSet(
    ...     X=np.zeros((2, 1, 3)), y=np.array([True, False]), letter=np.zeros(2, dtype=int),
    ...     run=np.zeros(2, dtype=int), code=np.ones(2, dtype=int), time=np.arange(2.0),
    ...     peak_to_peak=np.ones((2, 1)), rejected={"gap": 3}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    ... )
    >>> described({"01": epochs})[0].split(";")[1]
    ' rejected: 3 gap'
    """
    lines = []
    for subject, epochs in subjects.items():
        rejected = ", ".join(f"{n} {why}" for why, n in epochs.rejected.items()) or "none"
        lines.append(
            f"subject {subject}: {len(epochs)} flashes, {int(epochs.y.sum())} of them targets, "
            f"{len(set(epochs.run.tolist()))} runs, {len(epochs.preprocessing.ch_names)} sensors; "
            f"rejected: {rejected}; {epochs.lost_samples} samples lost in {epochs.gaps} gaps"
        )
    return lines
