"""The processes of a session: started by argument list, watched, ended."""

import atexit
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bci_online.acquisition.lsl import CONFIG_VARIABLE, loopback_config
from bci_online.console import error_lines

__all__ = ["Processes", "end_with_parent", "only_this_machine"]

PATIENCE_S = 1.5
TICK_S = 0.02
# An error is the last line of a log.
LOG_READ = 1 << 16


def only_this_machine(session: str) -> Path:
    """Keep the LSL streams of this process, and of those it starts, to this machine and session.

    Call it before anything else of LSL: liblsl reads its configuration once. Returns the folder
    that holds the configuration.
    """
    folder = Path(tempfile.mkdtemp(prefix="bci-online-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[CONFIG_VARIABLE] = str(loopback_config(folder, session))
    return folder


def end_with_parent(end: Callable[[], object]) -> None:
    """Call `end`, in a thread, once the process that started this one is gone.

    The parent holds the other end of standard input, which closes whenever it ends.
    """

    def wait() -> None:
        while os.read(0, 1024):
            pass
        end()

    threading.Thread(target=wait, name="parent", daemon=True).start()


class Processes:
    """Child processes by name; leaving the context ends all of them.

    Parameters
    ----------
    log : Path, optional
        The file that their output is appended to; if not given, it goes where this process's goes.
    environment : mapping, optional
        This process's own if not given.
    """

    def __init__(
        self, log: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self._environment = dict(environment or os.environ)
        self._log = log
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        """Start ``python -m bci_online part NAME …``."""
        with ExitStack() as opened:
            log = None if self._log is None else opened.enter_context(self._log.open("ab"))
            # A separate process group: the terminal's Ctrl-C reaches the conductor alone, which
            # ends its processes in order.
            self._children[name] = subprocess.Popen(
                [sys.executable, "-m", "bci_online", "part", name, *arguments],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ended(self) -> dict[str, int]:
        """Return name and exit code of every process that is no longer there."""
        codes = {name: child.poll() for name, child in self._children.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def _end_of_log(self) -> str:
        assert self._log is not None
        with self._log.open("rb") as file:
            file.seek(max(0, file.seek(0, io.SEEK_END) - LOG_READ))
            return file.read().decode("utf-8", "replace")

    def last_words(self, name: str, code: int) -> str:
        """Return in one line that a process ended with `code`, and why if the log says so."""
        how = f"was killed (signal {-code})" if code < 0 else f"ended (exit code {code})"
        errors: list[str] = []
        if self._log is not None:
            with suppress(OSError):
                errors = error_lines(self._end_of_log())
        why = f": {errors[-1]}" if errors and code > 0 else ""
        return f"the session's {name} {how}{why}"

    def wait(self, name: str, timeout: float) -> bool:
        """Wait at most `timeout` seconds for a process to end by itself; return whether it did."""
        try:
            self._children[name].wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """Ask every process to end, and kill those that do not within 1.5 s."""
        running = [child for child in self._children.values() if child.poll() is None]
        for child in running:
            child.send_signal(signal.SIGINT)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and any(child.poll() is None for child in running):
            time.sleep(TICK_S)
        for child in self._children.values():
            if child.poll() is None:
                child.kill()
            child.wait()
            if child.stdin is not None:
                child.stdin.close()
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
