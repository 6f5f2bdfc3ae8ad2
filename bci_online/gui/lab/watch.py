"""Reads the lab's folder and its jobs in a thread: the window never waits for a disk."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from PySide6.QtCore import QObject, Signal

from bci_online.errors import BciError
from bci_online.lab.actions import Action
from bci_online.lab.contents import LabContents
from bci_online.lab.job_record import Job
from bci_online.lab.jobs import Jobs
from bci_online.lab.reading import LabReader

__all__ = ["LabWatch"]

log = logging.getLogger(__name__)

TICK_S = 0.3
FOLDER_EVERY_S = 2.0
PATIENCE_S = 5.0


class LabWatch(QObject):
    """Looks at a lab again and again, and does what takes time.

    Parameters
    ----------
    folder : Path
        The lab.

    See Also
    --------
    bci_online.gui.lab.window.LabWindow : Shows what it sees.

    Notes
    -----
    A defect of ours is said once and logged, and the watch goes on: a window that no longer follows
    its lab would show a session that has ended as one that runs.
    """

    seen = Signal(object, object)
    """The lab's contents and its jobs, when something has changed."""
    failed = Signal(str)
    """Why something that was asked for is not done."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._reader, self._jobs = LabReader(folder), Jobs(folder)
        self._asked: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._wake, self._stop = threading.Event(), threading.Event()
        self._lab, self._look_at = LabContents(folder=folder), 0.0
        self._shown: tuple[LabContents, list[Job]] | None = None
        self._running: set[str] = set()
        self._defects: set[str] = set()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="lab's folder", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def do(self, task: Callable[[], object]) -> None:
        """Have something done in the thread, and look again afterwards."""
        self._asked.put(task)
        self._wake.set()

    def begin(self, action: Action) -> None:
        """Start an action's command."""
        environment = {"LSLAPICFG": action.lsl_config} if action.lsl_config else {}
        self.do(
            lambda: self._jobs.start(
                action.name,
                action.command,
                subject=action.subject,
                output=action.output,
                environment=environment,
                is_steered=action.is_steered,
            )
        )

    def tell(self, job: Job, line: str) -> None:
        """Type a line into a job."""
        self.do(lambda: self._jobs.tell(job, line))

    def end(self, job: Job) -> None:
        """Ask a job to end in order."""
        self.do(lambda: self._jobs.stop(job))

    def close(self) -> None:
        """Look no more; jobs go on."""
        # In its order: what was asked for before is still done.
        self.do(self._stop.set)
        if self._thread.ident is not None:
            self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            has_done = self._do_asked()
            if self._stop.is_set():
                return
            with self._telling(each_look=True):
                self._look(has_done)
            self._wake.wait(TICK_S if self._running else FOLDER_EVERY_S)
            self._wake.clear()

    def _look(self, has_done: bool) -> None:
        """Read the jobs, and the lab where something may have changed."""
        jobs = self._jobs.read()
        is_running = {job.name for job in jobs if job.is_running}
        # What a job has written is there once it has ended.
        ended, self._running = self._running - is_running, is_running
        if has_done or ended or time.monotonic() >= self._look_at:
            self._lab = self._reader.read()
            self._look_at = time.monotonic() + FOLDER_EVERY_S
        if self._shown != (self._lab, jobs):
            self._shown = self._lab, jobs
            self.seen.emit(self._lab, jobs)

    def _do_asked(self) -> bool:
        has_done = False
        while not self._asked.empty():
            has_done = True
            with self._telling():
                self._asked.get()()
        return has_done

    @contextmanager
    def _telling(self, *, each_look: bool = False) -> Iterator[None]:
        """Say why something fails; what lasts, and would be said at each look, once."""
        trouble = ""
        try:
            yield
        except (BciError, OSError, ValueError) as error:
            trouble = str(error)
            if not (each_look and trouble == self._trouble):
                self.failed.emit(trouble)
        except Exception as error:
            defect = f"{type(error).__name__}: {error}"
            if defect not in self._defects:
                self._defects.add(defect)
                log.exception("the lab's watch goes on after a defect")
                self.failed.emit(f"a defect of bci-online, please report it: {defect}")
        if each_look:
            self._trouble = trouble
