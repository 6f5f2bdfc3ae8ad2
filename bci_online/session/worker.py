"""One worker process of a session: it is asked by lines, answers by lines, and may die."""

import queue
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from bci_online.session.processes import last_error

__all__ = ["Worker"]

PATIENCE_S = 1.5


class Worker:
    """A process for what takes seconds: nothing of a session waits for it.

    Parameters
    ----------
    name : str
        Of its thread.
    command : sequence of str
        How it is started.
    log : Path
        Where its messages go.

    Attributes
    ----------
    n_open : int
        How many lines have no answer yet.

    See Also
    --------
    bci_online.session.promises.Promises : Has one.
    bci_online.session.supervision.Supervision : Has one.
    """

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self._name, self._command, self._log = name, command, log
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self.n_open = 0

    @property
    def is_started(self) -> bool:
        """Whether it was started, and not closed."""
        return self._process is not None

    @property
    def is_dead(self) -> bool:
        """Whether it has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        """Start it; a second call does nothing."""
        if self._process is not None:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout,), name=self._name, daemon=True
        )
        self._reader.start()

    def ask(self, line: str) -> None:
        """Send a line; one that is dead is not told from one that answers late."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
            self.n_open += 1

    def answers(self) -> Iterator[bytes]:
        """Yield the lines that came since the last call, without waiting."""
        while not self._answers.empty():
            self.n_open = max(0, self.n_open - 1)
            yield self._answers.get()

    def last_words(self) -> str:
        """Return the last error that the log holds; empty if there is none."""
        return last_error(self._log)

    def close(self) -> None:
        """End it; a training that nobody needs any more is not waited for."""
        process, self._process = self._process, None
        if process is None or self._reader is None:
            return
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reader.join()

    def _read(self, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self._answers.put(line)
