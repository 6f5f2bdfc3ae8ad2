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

    Raises
    ------
    RecordingError
        If a recording is not there, cannot be read, or is given twice.
    """
    checked_files(paths)
    return {
        subject: epochs_of(own, config, opened=progress).all()
        for subject, own in subjects_of(paths).items()
    }


def checked_files(paths: Sequence[Path]) -> None:
    """Refuse a recording that is not there or given twice.

    Raises
    ------
    RecordingError
        Naming it.
    """
    for path in paths:
        if not path.is_file():
            raise RecordingError(f"{path}: no such file")
    contents_of(paths)


def described(subjects: dict[str, EpochSet]) -> list[str]:
    """Return one line per subject: its flashes, and what was rejected or lost."""
    lines = []
    for subject, epochs in subjects.items():
        rejected = ", ".join(f"{n} {why}" for why, n in epochs.rejected.items()) or "none"
        lines.append(
            f"subject {subject}: {len(epochs)} flashes, {int(epochs.y.sum())} of them targets, "
            f"{len(set(epochs.run.tolist()))} runs, {len(epochs.preprocessing.ch_names)} sensors; "
            f"rejected: {rejected}; {epochs.lost_samples} samples lost in {epochs.gaps} gaps"
        )
    return lines
