"""The processes of a session: started by argument list, watched, ended."""

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bci_online.console import error_lines

__all__ = ["Processes", "last_error"]

PATIENCE_S = 1.5
TICK_S = 0.02
# More than can wait: beats are bytes, and only that some came is of interest.
MOST_BEATS = 1 << 20
# An error is the last line of a log.
LOG_READ = 1 << 16


def last_error(log: Path) -> str:
    """Return the last error that a log holds.

    Parameters
    ----------
    log : Path
        It may grow, or not exist.

    Returns
    -------
    error : str
        One line; empty if there is none near the end.

    See Also
    --------
    bci_online.console.error_lines : What counts as one.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = Path(folder) / "session.log"
    ...     n_written = log.write_text("error: no EEG stream")
    ...     last_error(log), last_error(Path(folder) / "none.log")
    ('no EEG stream', '')
    """
    if not log.is_file():
        # A pipe or a device would never end.
        return ""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, io.SEEK_END) - LOG_READ))
            errors = error_lines(file.read().decode("utf-8", "replace"))
    except OSError:
        return ""
    return errors[-1] if errors else ""


class _Child:
    """A process and the line to it.

    Attributes
    ----------
    beaten_at : float or None
        When it last said that it does its work (``time.monotonic``); None before the first time.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", line: socket.socket) -> None:
        self.process, self._line = process, line
        self.beaten_at: float | None = None

    def listen(self, now: float) -> None:
        """Take what it has said since the last time."""
        with suppress(OSError):
            if self._line.recv(MOST_BEATS, socket.MSG_DONTWAIT):
                self.beaten_at = now

    def close(self) -> None:
        """Wait for its end, and close the line."""
        self.process.wait()
        self._line.close()


class Processes:
    """Child processes by name; leaving the context ends all of them.

    Parameters
    ----------
    log : Path, optional
        The file that their output is appended to; if not given, it goes where this process's goes.
    environment : mapping, optional
        This process's own if not given.

    See Also
    --------
    bci_online.session.parent.end_with_parent : The child's side.
    """

    def __init__(
        self, log: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self._environment = dict(environment or os.environ)
        self._log = log
        self._children: dict[str, _Child] = {}

    def start(self, name: str, *arguments: str) -> None:
        """Start ``python -m bci_online part NAME …``."""
        with ExitStack() as opened:
            log = None if self._log is None else opened.enter_context(self._log.open("ab"))
            # Both ways: it reads the end of this process from it, and sends beats through it.
            line, other_end = socket.socketpair()
            opened.enter_context(other_end)
            # A separate process group: the terminal's Ctrl-C reaches the conductor alone, which
            # ends its processes in order.
            process = subprocess.Popen(
                [sys.executable, "-m", "bci_online", "part", name, *arguments],
                env=self._environment,
                stdin=other_end.fileno(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            self._children[name] = _Child(process, line)

    def silent(self, now: float) -> dict[str, float]:
        """Return for how long each process that runs and ever called `beat` has not called it.

        Parameters
        ----------
        now : float
            ``time.monotonic``.

        Returns
        -------
        seconds : dict of str to float
            By name.
        """
        seconds = {}
        for name, child in self._children.items():
            child.listen(now)
            if child.beaten_at is not None and child.process.poll() is None:
                seconds[name] = now - child.beaten_at
        return seconds

    def ended(self) -> dict[str, int]:
        """Return name and exit code of every process that is no longer there."""
        codes = {name: child.process.poll() for name, child in self._children.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def last_words(self, name: str, code: int) -> str:
        """Return in one line that a process ended with `code`, and why if the log says so."""
        how = f"was killed (signal {-code})" if code < 0 else f"ended (exit code {code})"
        why = last_error(self._log) if self._log is not None and code > 0 else ""
        return f"the session's {name} {how}{why and f': {why}'}"

    def wait(self, name: str, timeout: float) -> bool:
        """Wait at most `timeout` seconds for a process to end by itself; return whether it did."""
        try:
            self._children[name].process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """Ask every process to end, and kill those that do not within 1.5 s."""
        processes = [child.process for child in self._children.values()]
        running = [process for process in processes if process.poll() is None]
        for process in running:
            # Not SIGINT: Python turns that into a traceback until a program has begun, and a shell
            # lets what it starts in the background ignore it.
            process.terminate()
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and any(process.poll() is None for process in running):
            time.sleep(TICK_S)
        for child in self._children.values():
            if child.process.poll() is None:
                child.process.kill()
            child.close()
        self._children.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
