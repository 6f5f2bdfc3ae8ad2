"""Commands that run by themselves: started, found again, and stopped.

A job's files are in the folder ``jobs`` of the lab. The command has a process group of its own, so
it goes on where the window dies. Its output is a file that is locked as long as the command runs.
So any window sees whether it runs, also after a restart of the computer, when another process has
its id.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path

import msgspec

from bci_online.atomic_write import write_atomically
from bci_online.errors import BciError
from bci_online.lab.job_news import JobNews, JobReader
from bci_online.session.processes import last_error

__all__ = ["FOLDER", "Job", "JobRecord", "Jobs"]

FOLDER = "jobs"
MOST_READ = 60
"""Older jobs are not read: what came of them is in the lab's folder."""

# A shell that waits writes down the exit code: a window that is opened later is no parent.
# With a trap it goes on waiting after a Ctrl-C, which the command gets too, and untrapped.
WAITS = 'trap : INT TERM; code=$1; shift; "$@"; echo $? > "$code"'

# Of every window of this process: a job whose window is closed is still waited for.
_STARTED: list[subprocess.Popen[bytes]] = []


class JobRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What was started.

    Parameters
    ----------
    action : str
        Which of the lab's actions.
    command : tuple of str
        Program and arguments.
    subject : str
        Of whom; empty where it is of no one.
    output : str
        The folder or file that it writes; empty if it writes none.
    began : float
        In seconds since 1970.
    pid : int
        Of its process group.

    See Also
    --------
    Jobs.start : Writes it.
    """

    action: str
    command: tuple[str, ...]
    subject: str = ""
    output: str = ""
    began: float = 0.0
    pid: int = 0


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job, and how it stands.

    Parameters
    ----------
    name : str
        Of its files.
    record : JobRecord
        What was started.
    is_running : bool
        Whether it runs.
    code : int or None
        The exit code; None while it runs, and where it was killed.
    error : str
        Its last error.
    news : JobNews
        What its lines say.

    See Also
    --------
    Jobs : Reads it.

    Examples
    --------
    >>> killed = Job(name="1", record=JobRecord(action="spell", command=()), is_running=False)
    >>> killed.has_failed
    True
    """

    name: str
    record: JobRecord
    is_running: bool
    code: int | None = None
    error: str = ""
    news: JobNews = JobNews()

    @property
    def has_failed(self) -> bool:
        """Whether it ended, and not as it should."""
        return not self.is_running and self.code != 0


class Jobs:
    """The jobs of a lab.

    Parameters
    ----------
    lab : Path
        The lab's folder.

    See Also
    --------
    bci_online.lab.actions.Action : What is started.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as lab:
    ...     jobs = Jobs(Path(lab))
    ...     name = jobs.start("echo", ["echo", '{"type": "summary"}'])
    ...     while (job := jobs.read()[0]).is_running:
    ...         time.sleep(0.01)
    >>> job.code, job.news.summary
    (0, {'type': 'summary'})
    """

    def __init__(self, lab: Path) -> None:
        self._folder = lab / FOLDER
        self._readers: dict[str, JobReader] = {}
        self._ended: dict[str, Job] = {}

    def start(
        self,
        action: str,
        command: Sequence[str],
        *,
        subject: str = "",
        output: str = "",
        environment: Mapping[str, str] | None = None,
        is_steered: bool = False,
    ) -> str:
        """Start a command that goes on by itself; return the job's name.

        Parameters
        ----------
        action, subject, output : str
            As `JobRecord` has them.
        command : sequence of str
            Program and arguments.
        environment : mapping of str to str, optional
            What is added to this process's own.
        is_steered : bool
            Whether it reads commands from its standard input: see `tell`.

        Raises
        ------
        BciError
            If the lab's folder cannot be written to, or there is no such program.
        """
        began = time.time()
        name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(began))}-{action}"
        try:
            self._folder.mkdir(exist_ok=True)
            if output:
                Path(output).parent.mkdir(parents=True, exist_ok=True)
            while self._path(name, "jsonl").exists():
                name += "+"
            if is_steered:
                os.mkfifo(self._path(name, "in"), 0o600)
            pid = self._spawn(name, command, {**os.environ, **(environment or {})})
            record = JobRecord(
                action=action, command=tuple(command), subject=subject, output=output,
                began=began, pid=pid,
            )  # fmt: skip
            write_atomically(self._path(name, "json"), msgspec.json.encode(record))
        except OSError as error:
            raise BciError(f"{self._folder}: {error.strerror or error}") from error
        return name

    def _spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> int:
        with ExitStack() as opened:
            out = opened.enter_context(self._path(name, "jsonl").open("xb"))
            log = opened.enter_context(self._path(name, "log").open("xb"))
            line = self._path(name, "in")
            # Open for both ways the line never ends, whichever windows come and go.
            stdin = os.open(line if line.exists() else os.devnull, os.O_RDWR)
            opened.callback(os.close, stdin)
            # The lock belongs to the open file, which the command shares: it ends with the last
            # process that has it.
            flock(out, LOCK_EX)
            code = str(self._path(name, "code"))
            child = subprocess.Popen(
                ["/bin/sh", "-c", WAITS, "sh", code, *command],
                env=environment,
                stdin=stdin,
                stdout=out,
                stderr=log,
                start_new_session=True,
            )
        _STARTED.append(child)
        return child.pid

    def read(self) -> list[Job]:
        """Return the newest jobs, the newest first."""
        _STARTED[:] = [child for child in _STARTED if child.poll() is None]
        try:
            with os.scandir(self._folder) as entries:
                # A folder of others may hold pipes, which never end, and links to anywhere.
                files = {one.name for one in entries if one.is_file(follow_symlinks=False)}
        except OSError:
            return []
        names = {name[:-5] for name in files if name.endswith(".json") and f"{name}l" in files}
        found = [self._read(name) for name in sorted(names, reverse=True)[:MOST_READ]]
        return [job for job in found if job is not None]

    def _read(self, name: str) -> Job | None:
        if name in self._ended:
            return self._ended[name]
        try:
            record = msgspec.json.decode(self._path(name, "json").read_bytes(), type=JobRecord)
            # Before the lines: what it wrote last is then among them.
            is_running = _is_locked(self._path(name, "jsonl"))
        except (OSError, msgspec.MsgspecError):
            # Copied half, or removed meanwhile.
            return None
        reader = self._readers.setdefault(name, JobReader(self._path(name, "jsonl")))
        job = Job(
            name=name,
            record=record,
            is_running=is_running,
            code=None if is_running else _code(self._path(name, "code")),
            error=last_error(self._path(name, "log")),
            news=reader.read(),
        )
        if not is_running:
            self._ended[name] = job
            with suppress(OSError):
                self._path(name, "in").unlink()
            del self._readers[name]
        return job

    def stop(self, job: Job) -> None:
        """Ask a job to end, as Ctrl-C does: a session ends in order and keeps its recording."""
        # Only while its output is locked is the process group certainly its own.
        # Group 0 is this process's own: no job has it, but a file may say so.
        if job.record.pid > 1 and _is_locked(self._path(job.name, "jsonl")):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(job.record.pid, signal.SIGINT)

    def tell(self, job: Job, line: str) -> None:
        """Type a line into a job that reads its standard input.

        Raises
        ------
        BciError
            If it reads nothing, or has ended.
        """
        text = " ".join(line.split()) + "\n"
        try:
            typed = os.open(self._path(job.name, "in"), os.O_WRONLY | os.O_NONBLOCK)
            with os.fdopen(typed, "wb", buffering=0) as file:
                file.write(text.encode())
        except OSError as error:
            raise BciError(f"{job.record.action}: it does not listen: {error.strerror}") from error

    def _path(self, name: str, kind: str) -> Path:
        return self._folder / f"{name}.{kind}"


def _is_locked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            # Shared, so that two windows that look at once do not take each other for the command.
            flock(file, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _code(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii")) if path.is_file() else None
    except (OSError, ValueError):
        return None


def running(jobs: Iterable[Job], *actions: str) -> Job | None:
    """Return the newest job of one of these actions that runs; None if none does."""
    return next((job for job in jobs if job.is_running and job.record.action in actions), None)
