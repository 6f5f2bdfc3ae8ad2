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
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path

import msgspec

from bci_online.atomic_write import write_atomically
from bci_online.errors import BciError
from bci_online.lab.job_news import JobReader
from bci_online.lab.job_record import Job, JobRecord
from bci_online.session.processes import last_error

__all__ = ["FOLDER", "Jobs"]

FOLDER = "jobs"
MOST_READ = 60
"""Older jobs are read only while they run: what came of the others is in the lab's folder."""
LARGEST_RECORD = 1_000_000
"""Bytes; no command is so long, but a file that somebody copied in may be."""

# A shell that waits writes down the exit code: a window that is opened later is no parent.
# With a trap it goes on waiting after a Ctrl-C, which the command gets too, and untrapped.
# It writes into bytes that the file has already: a full disk takes no new ones.
WAITS = 'trap : INT TERM; code=$1; shift; "$@"; echo $? 1<> "$code"'
NO_CODE = b"    \n"

# Of every window of this process: a job whose window is closed is still waited for.
_STARTED: list[subprocess.Popen[bytes]] = []


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
        self._over: set[str] = set()

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
            record = JobRecord(
                action=action, command=tuple(command), subject=subject, output=output, began=began
            )
            self._begin(name, record, {**os.environ, **(environment or {})})
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise BciError(f"{self._folder}: {action} cannot be started: {why}") from error
        return name

    def _begin(self, name: str, record: JobRecord, environment: Mapping[str, str]) -> None:
        """Start the command and keep its record, or neither: nothing runs that no window sees."""
        child: subprocess.Popen[bytes] | None = None
        try:
            child = self._spawn(name, record.command, environment)
            kept = msgspec.structs.replace(record, pid=child.pid)
            write_atomically(self._path(name, "json"), msgspec.json.encode(kept))
        except BaseException:
            if child is not None:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
            for kind in ("json", "jsonl", "log", "code", "in"):
                with suppress(OSError):
                    self._path(name, kind).unlink()
            raise
        _STARTED.append(child)

    def _spawn(
        self, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        self._path(name, "code").write_bytes(NO_CODE)
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
            return subprocess.Popen(
                ["/bin/sh", "-c", WAITS, "sh", code, *command],
                env=environment,
                stdin=stdin,
                stdout=out,
                stderr=log,
                start_new_session=True,
            )

    def read(self) -> list[Job]:
        """Return the newest jobs and all that run, the newest first."""
        _STARTED[:] = [child for child in _STARTED if child.poll() is None]
        try:
            with os.scandir(self._folder) as entries:
                # A folder of others may hold pipes, which never end, and links to anywhere.
                files = {one.name for one in entries if one.is_file(follow_symlinks=False)}
        except OSError:
            return []
        names = {name[:-5] for name in files if name.endswith(".json") and f"{name}l" in files}
        newest_first = sorted(names, reverse=True)
        # A clock that was set back, or a copied folder, may put many before one that runs.
        running = [name for name in newest_first[MOST_READ:] if self._runs(name)]
        found = [self._read(name) for name in (*newest_first[:MOST_READ], *running)]
        return [job for job in found if job is not None]

    def _runs(self, name: str) -> bool:
        """Return whether an old job runs; one that has ended is not looked at again."""
        if name in self._over:
            return False
        try:
            runs = _is_locked(self._path(name, "jsonl"))
        except OSError:
            runs = False
        if not runs:
            self._over.add(name)
        return runs

    def _read(self, name: str) -> Job | None:
        if name in self._ended:
            return self._ended[name]
        try:
            record = _record(self._path(name, "json"))
            # Before the lines: what it wrote last is then among them.
            is_running = _is_locked(self._path(name, "jsonl"))
        except (OSError, ValueError):
            # Copied half, not ours, or removed meanwhile.
            return None
        reader = self._readers.get(name)
        if reader is None:
            reader = JobReader(self._path(name, "jsonl"), has_ended=not is_running)
            self._readers[name] = reader
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


def _record(path: Path) -> JobRecord:
    with path.open("rb") as file:
        content = file.read(LARGEST_RECORD + 1)
    if len(content) > LARGEST_RECORD:
        raise ValueError(f"{path.name}: is larger than a record can be")
    return msgspec.json.decode(content, type=JobRecord)


def _is_locked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            # Shared, so that two windows that look at once do not take each other for the command.
            flock(file, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _code(path: Path) -> int | None:
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return int(file.read(len(NO_CODE)))
    except (OSError, ValueError):
        return None
