"""What a library says of the response, before a session without calibration begins."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bci_online.errors import BciError

__all__ = ["start_from"]

NOTE = "note: "
ERROR = "error: "


@contextmanager
def start_from(
    library: Path | None, subject: str, note: Callable[[str], None]
) -> Iterator[Path | None]:
    """Have a process read a library; yield the file that it wrote, which is gone afterwards.

    Parameters
    ----------
    library : Path or None
        The folder; None: nothing is read, and None is yielded.
    subject : str
        Code of the subject.
    note : callable
        Called with each line that a person should read.

    Yields
    ------
    start : Path or None
        As `bci_online.runtime.no_calibration.read_start` reads it.

    Raises
    ------
    BciError
        If the library cannot be used.

    See Also
    --------
    bci_online.session.plan.SessionPlan : Holds it.
    """
    if library is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        start = Path(folder) / "start.decoder"
        asked = ["library", "start", str(library), "--output", str(start), "--subject", subject]
        command = [sys.executable, "-m", "calibration", *asked]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = done.stderr.splitlines()
        if done.returncode:
            errors = [line.removeprefix(ERROR) for line in lines if line.startswith(ERROR)]
            raise BciError(f"--library: {errors[-1] if errors else 'its reader has ended'}")
        for line in lines:
            note(line.removeprefix(NOTE))
        yield start
