"""Processes of this machine that wait for work."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, TypeVar

from calibration.blas_threads import one_blas_thread

if TYPE_CHECKING:
    from joblib.externals.loky import ProcessPoolExecutor

__all__ = ["NOBODY", "NOT_BEGUN", "Workers", "in_one_thread", "workers_begun"]

Result = TypeVar("Result")

NOT_BEGUN = (RuntimeError, OSError, MemoryError)
"""What `Workers.submit` raises if the processes have ended, or none can begin."""


class Workers:
    """Processes that wait for work; none where there is one process alone.

    Parameters
    ----------
    executor : ProcessPoolExecutor or None
        Starts them when they first get work.
    n : int
        How many they are.

    See Also
    --------
    workers_begun : Begins and ends them.
    calibration.worker_processes.shared_out : Gives them items.

    Examples
    --------
    >>> Workers(None).executor is None
    True
    """

    def __init__(self, executor: "ProcessPoolExecutor | None", n: int = 0) -> None:
        self.executor, self.n = executor, n

    def submit(self, call: Callable[..., Result], *given: Any) -> Future[Result]:
        """Begin to compute ``call(*given)``, with one BLAS thread.

        Raises
        ------
        RuntimeError, OSError, MemoryError
            If the processes have ended, or none can begin.
        """
        assert self.executor is not None
        # What they are given is no argument of `_begin`: there it would keep this process waiting
        # until each one, in turn, has started and read it.
        with _no_ctrl_c():
            return self.executor.submit(in_one_thread, call, *given)


NOBODY = Workers(None)
"""This process alone."""


@contextmanager
def workers_begun(processes: int, *modules: str) -> Iterator[Workers]:
    """Begin processes; at the end of the context they are ended.

    Parameters
    ----------
    processes : int
        How many, this one among them.
    *modules : str
        They import them at once, while this process does something else.

    Yields
    ------
    workers : Workers
        What they are given.

    See Also
    --------
    calibration.worker_processes.shared_out : Gives them work.

    Examples
    --------
    >>> with workers_begun(1) as workers:
    ...     workers.executor is None
    True
    """
    if processes < 2:
        yield NOBODY
        return
    from joblib.externals.loky import ProcessPoolExecutor

    # The workers end when the other end is closed, or has no process any more.
    theirs, ours = multiprocessing.Pipe(duplex=False)
    executor = ProcessPoolExecutor(processes - 1, initializer=_begin, initargs=(theirs,))
    workers = Workers(executor, processes - 1)
    try:
        # Where none can begin, this process does everything.
        with suppress(*NOT_BEGUN):
            for _ in range(workers.n):
                workers.submit(_import, modules)
        yield workers
    finally:
        # Not by the executor: where items still wait, its own thread fails when it kills.
        ours.close()
        executor.shutdown()
        theirs.close()


@contextmanager
def _no_ctrl_c() -> Iterator[None]:
    """Start processes that no Ctrl-C reaches, not even while they load their libraries."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # What is ignored is inherited. A mask of signals would be, too, but starting a process makes
    # multiprocessing start its resource tracker, and that unblocks SIGINT again.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _import(modules: tuple[str, ...]) -> None:
    for module in modules:
        import_module(module)


def _begin(end: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(end,), name="end", daemon=True).start()


def _end_with(end: Connection) -> None:
    with suppress(EOFError):
        end.recv_bytes()
    os._exit(0)


def in_one_thread(call: Callable[..., Result], *given: Any) -> Result:
    """Return ``call(*given)``, computed with one BLAS thread.

    Parameters
    ----------
    call : callable
        Any function.
    *given : object
        Its arguments.

    Returns
    -------
    result : object
        What it returns.

    See Also
    --------
    calibration.blas_threads.one_blas_thread : Several are slower.

    Examples
    --------
    >>> in_one_thread(max, 1, 2)
    2
    """
    with one_blas_thread():
        return call(*given)
