"""Programs of ours that are started as a user starts them, read, stopped and killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

Line = tuple[float, str]


class Program:
    """A program that runs; each line of its output is kept with the time it came.

    Parameters
    ----------
    arguments : str
        Behind ``python -m``, the module first; or a file and what it takes.
    environment : dict, optional
        Added to this process's own.
    python : Path, optional
        Another interpreter, which has nothing of ours.
    """

    def __init__(
        self,
        *arguments: object,
        environment: dict[str, str] | None = None,
        python: Path | None = None,
    ) -> None:
        self.lines: list[Line] = []
        # What a shell runs in the background ignores Ctrl-C, and so would the program.
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        begin = [sys.executable, "-m"] if python is None else [str(python)]
        given = dict(environment or {}) if python is None else {"PYTHONPATH": ""}
        self._process = subprocess.Popen(
            [*begin, *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", start_new_session=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **given},
        )  # fmt: skip
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append((time.monotonic(), line.rstrip("\n")))

    @property
    def text(self) -> str:
        """All that it said."""
        return "\n".join(line for _, line in list(self.lines))

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def said(self, *texts: str, since: float = 0.0) -> Line | None:
        """Return the first line since then that holds one of `texts`."""
        for at, line in list(self.lines):
            if at >= since and any(text in line for text in texts):
                return at, line
        return None

    def wait_for(self, *texts: str, timeout: float, since: float = 0.0) -> Line | None:
        """Wait until it says one of `texts`; None where it does not, or ends before."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if (line := self.said(*texts, since=since)) is not None:
                return line
            if self.code is not None:
                self._reader.join(2.0)
                return self.said(*texts, since=since)
            time.sleep(0.01)
        return None

    def ended(self, timeout: float) -> float | None:
        """Wait for its end; return ``time.monotonic`` then, None where it does not end."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        at = time.monotonic()
        self._reader.join(2.0)
        return at

    def rows(self) -> list[dict]:
        """Return the lines of JSON that it wrote."""
        return [json.loads(line) for _, line in list(self.lines) if line.startswith("{")]

    def family(self) -> list[psutil.Process]:
        """Return all processes that it started, directly or not; none once it has ended."""
        # The number of a program that has ended may be that of somebody else's by now.
        if self.code is not None:
            return []
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def parts(self) -> dict[str, psutil.Process]:
        """Return the first of its processes for each thing that they do."""
        found: dict[str, psutil.Process] = {}
        for child in self.family():
            try:
                found.setdefault(role(child.cmdline()), child)
            except psutil.Error:
                continue
        return found

    def part(self, name: str, timeout: float = 60.0) -> psutil.Process | None:
        """Wait for a part; None where it does not come."""
        if name == "conductor":
            return psutil.Process(self.pid) if self.code is None else None
        until = time.monotonic() + timeout
        while time.monotonic() < until and self.code is None:
            if name in (parts := self.parts()):
                return parts[name]
            time.sleep(0.05)
        return None

    def interrupt(self) -> None:
        """Send Ctrl-C as a terminal does: to the whole process group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGINT)

    def end(self, timeout: float = 15.0) -> None:
        """End it and all that it started, whatever it takes."""
        family = self.family()
        if self.code is None:
            self._process.send_signal(signal.SIGINT)
            if self.ended(timeout) is None:
                self._process.kill()
                self._process.wait()
        for process in family:
            if process.is_running():
                process.kill()
        self._reader.join(2.0)


def role(command: list[str]) -> str:
    """Return what a process does in a session, from its command line."""
    if "part" in command[:-1]:
        return command[command.index("part") + 1]
    words = [Path(word).name.lower() for word in command]
    if any("labrecorder" in word for word in words):
        return "recorder"
    for name in ("panel", "train"):
        if name in words:
            return name
    return "another"
