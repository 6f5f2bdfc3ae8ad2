"""What a session's folder says of its runs: names, summary, sums."""

import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from bci_online.errors import BciError
from bci_online.lab.contents import NOBODY, RecordedRun
from bci_online.session.checksums import kept_sums
from bci_online.session.folder import LABELS, SessionFolder, recordings_in
from bci_online.session.processes import last_error

__all__ = ["RECENT_S", "read_runs"]

# The first chunk of an XDF file says when it was recorded.
HEADER_BYTES = 4096
RECORDED_AT = re.compile(rb"<datetime>([^<]{10,40})</datetime>")
LARGEST = 10_000_000
NO_RECORDING = "nothing was recorded"
NO_SUMMARY = "it was cut short: it has no summary"
RECENT_S = 10.0
"""A recording that grew so lately is still being made."""


class _Engine(msgspec.Struct):
    """The figures of a summary that the window shows."""

    presented: int = 0
    known: int = 0
    correct: int = 0
    auc: float | None = None
    counted_s: float = 0.0
    lost_samples: int = 0


class _Screen(msgspec.Struct):
    """Those of the screen."""

    trials: int = 0


class _Summary(msgspec.Struct):
    """A summary; a part of the session that died has left nothing in it."""

    mode: Literal["", "calibration", "copy", "free", "feedback"] = ""
    calibration: bool = False
    ended: str | None = None
    engine: _Engine | None = None
    screen: _Screen | None = None


def read_runs(folder: Path) -> list[RecordedRun]:
    """Return the runs in a session's folder, those too that something is wrong with.

    Parameters
    ----------
    folder : Path
        Of the session.

    Returns
    -------
    runs : list of RecordedRun
        Run by run; one with a fault where nothing was recorded.

    See Also
    --------
    bci_online.lab.reading : Reads a whole lab.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [run.fault for run in read_runs(Path(folder))]
    ['nothing was recorded']
    """
    runs = []
    for recording in recordings_in(folder):
        if LABELS.match(recording.name):
            try:
                runs.append(_run(recording))
            except (BciError, OSError, ValueError) as error:
                runs.append(_named(recording, fault=str(error) or type(error).__name__))
    return runs or [_nothing(folder)]


def _nothing(folder: Path) -> RecordedRun:
    """Return a session that recorded nothing; the folders above may name its subject."""
    labels = dict(part.split("-", 1) for part in folder.parts if re.match("(sub|ses)-.", part))
    log = folder / "session.log"
    why = last_error(log)
    return RecordedRun(
        folder=folder,
        subject=labels.get("sub", NOBODY),
        session=labels.get("ses", NOBODY),
        began=log.stat().st_mtime if log.exists() else 0.0,
        fault=f"{NO_RECORDING}: {why}" if why else NO_RECORDING,
    )


def _named(recording: Path, **more: Any) -> RecordedRun:
    """Return what the recording's name and its first bytes say."""
    labels = LABELS.match(recording.name)
    assert labels is not None
    subject, session, task, run = labels.groups()
    return RecordedRun(
        folder=recording.parent,
        recording=recording,
        subject=subject,
        session=session,
        task=task,
        run=int(run),
        began=_recorded_at(recording),
        **more,
    )


def _run(recording: Path) -> RecordedRun:
    if not recording.is_file():
        # A pipe or a device would never end.
        raise ValueError(f"{recording.name}: is not a file")
    place = SessionFolder.of(recording)
    if not place.summary.is_file():
        is_recent = time.time() - recording.stat().st_mtime < RECENT_S
        return _named(recording, is_open=is_recent, fault="" if is_recent else NO_SUMMARY)
    if place.summary.stat().st_size > LARGEST:
        raise ValueError(f"{place.summary.name}: is larger than a summary can be")
    try:
        summary = msgspec.json.decode(place.summary.read_bytes(), type=_Summary)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{place.summary.name}: is no summary: {error}") from None
    engine, screen = summary.engine or _Engine(), summary.screen or _Screen()
    sums = kept_sums(place.folder)
    return _named(
        recording,
        mode=summary.mode or ("calibration" if summary.calibration else ""),
        ended=summary.ended or "",
        sha256=sums.get(recording.name, ""),
        decoder=sums.get(place.decoder.name, ""),
        shown=engine.presented or screen.trials,
        known=engine.known,
        correct=engine.correct,
        auc=engine.auc,
        seconds=engine.counted_s / engine.presented if engine.presented else None,
        lost_samples=engine.lost_samples,
    )


def _recorded_at(recording: Path) -> float:
    """Return when it was recorded: by its first chunk, or else by the file's own time."""
    if not recording.is_file():
        return 0.0
    written = recording.stat().st_mtime
    try:
        with recording.open("rb") as file:
            found = RECORDED_AT.search(file.read(HEADER_BYTES))
        return written if found is None else datetime.fromisoformat(found[1].decode()).timestamp()
    except (OSError, ValueError, OverflowError):
        # It belongs to somebody else, or has no such time.
        return written
