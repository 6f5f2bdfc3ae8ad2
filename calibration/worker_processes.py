"""Work that other processes do, of this machine or of a cluster, while this one goes on."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, wait
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bci_online.errors import BciError
from calibration.blas_threads import one_blas_thread
from calibration.cluster import Call, handed_out

if TYPE_CHECKING:
    from joblib.externals.loky import ProcessPoolExecutor

__all__ = ["Workers", "processes_for", "shared_out", "workers_begun"]

Item = TypeVar("Item")
Result = TypeVar("Result")

LOOK_S = 0.1


def processes_for(jobs: int | None, is_much: bool) -> int:
    """Return how many processes to use, this one among them.

    Parameters
    ----------
    jobs : int or None
        What was asked for; None: as many as there are cores, if there is much to do.
    is_much : bool
        Whether the work is worth the second that a process takes to start.

    Returns
    -------
    n : int
        At least 1.

    See Also
    --------
    shared_out : Uses them.

    Examples
    --------
    >>> processes_for(None, is_much=False), processes_for(3, is_much=False)
    (1, 3)
    """
    if jobs is not None:
        return jobs
    if not is_much:
        return 1
    from joblib import cpu_count

    return cpu_count()


@contextmanager
def shared_out(
    work: Callable[[Any, Item], Result],
    shared: Any,
    items: Sequence[Item],
    processes: int,
    waiting: Callable[[], None] = lambda: None,
    scheduler: str = "",
    begun: "Workers | None" = None,
) -> Iterator[Iterator[Result]]:
    """Begin to compute ``work(shared, item)`` for each item in other processes.

    They have one BLAS thread each. A Ctrl-C reaches this process alone. At the end of the context
    they are ended, whatever they do; if this process is killed, they end by themselves. Once this
    process asks for results, it computes some itself, the last ones first.

    Parameters
    ----------
    work : callable
        A function of a module, so that other processes can import it.
    shared : object
        What all items need.
    items : sequence
        Small.
    processes : int
        How many, this one among them; 1: each result is computed here when it is asked for.
    waiting : callable
        Called ten times a second while a result is waited for, and before this process computes
        one. What it raises ends the wait.
    scheduler : str
        Address of a Dask scheduler, whose workers then compute everything.
    begun : Workers, optional
        Of `workers_begun`; by default processes begin now.

    Yields
    ------
    results : iterator
        In the order of the items.

    Raises
    ------
    BciError
        If a process was killed, or the cluster was lost.

    See Also
    --------
    calibration.p300.evaluation.evaluation_begun : Shares out folds.
    calibration.cluster.handed_out : The way onto a cluster.

    Examples
    --------
    >>> import operator
    >>> with shared_out(operator.add, 10, [1, 2, 3], processes=1) as results:
    ...     list(results)
    [11, 12, 13]
    """
    if scheduler and items:
        calls = [Call("shared", (work, item)) for item in items]
        with handed_out(scheduler, _one, {"shared": shared}, calls, work.__module__) as handed:
            yield handed.in_order(waiting)
        return
    if processes < 2 or not items:
        yield (work(shared, item) for item in items)
        return
    if begun is not None and begun.executor is not None:
        yield _Shared(begun, work, shared, items).results(waiting)
        return
    with workers_begun(min(processes, len(items) + 1)) as begun:
        yield _Shared(begun, work, shared, items).results(waiting)


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

    Examples
    --------
    >>> Workers(None).executor is None
    True
    """

    def __init__(self, executor: "ProcessPoolExecutor | None", n: int = 0) -> None:
        self.executor, self.n = executor, n

    def submit(self, call: Callable[..., Result], *given: Any) -> Future[Result]:
        """Begin to compute ``call(*given)``."""
        assert self.executor is not None
        # What they are given is no argument of `_begin`: there it would keep this process waiting
        # until each one, in turn, has started and read it.
        with _no_ctrl_c():
            return self.executor.submit(call, *given)


@contextmanager
def workers_begun(processes: int, module: str = "") -> Iterator[Workers]:
    """Begin processes for `shared_out`; at the end of the context they are ended.

    Parameters
    ----------
    processes : int
        How many, this one among them.
    module : str
        They import it at once, while this process does something else.

    Yields
    ------
    workers : Workers
        What they are given.

    See Also
    --------
    shared_out : Gives them work.

    Examples
    --------
    >>> with workers_begun(1) as workers:
    ...     workers.executor is None
    True
    """
    if processes < 2:
        yield Workers(None)
        return
    from joblib.externals.loky import ProcessPoolExecutor

    # The workers end when the other end is closed, or has no process any more.
    theirs, ours = multiprocessing.Pipe(duplex=False)
    executor = ProcessPoolExecutor(processes - 1, initializer=_begin, initargs=(theirs,))
    workers = Workers(executor, processes - 1)
    try:
        for _ in range(workers.n if module else 0):
            workers.submit(import_module, module)
        yield workers
    finally:
        # Not by the executor: where items still wait, its own thread fails when it kills.
        ours.close()
        executor.shutdown()
        theirs.close()


class _Shared(Generic[Item, Result]):
    """Items of which each process gets the next one when it has done one."""

    def __init__(
        self,
        workers: Workers,
        work: Callable[[Any, Item], Result],
        shared: Any,
        items: Sequence[Item],
    ) -> None:
        self._workers, self._work, self._shared = workers, work, shared
        self._n, self._left = len(items), deque(enumerate(items))
        self._theirs: dict[int, Future[Result]] = {}
        for _ in range(workers.n):
            self._next()

    def _next(self, _: Future[Result] | None = None) -> None:
        """Hand out the next item; a thread of the executor calls this, too."""
        with suppress(IndexError):
            number, item = self._left.popleft()
            try:
                begun = self._workers.submit(_one, self._shared, self._work, item)
            except RuntimeError:
                # The processes have ended. Who waits for what they had is told so.
                self._left.append((number, item))
            else:
                self._theirs[number] = begun
                begun.add_done_callback(self._next)

    def results(self, waiting: Callable[[], None]) -> Iterator[Result]:
        ours: dict[int, Result] = {}
        try:
            for number in range(self._n):
                while number not in ours:
                    theirs = [self._theirs[number]] if number in self._theirs else []
                    if theirs and theirs[0].done():
                        ours[number] = _result(theirs[0])
                        break
                    waiting()
                    try:
                        last, item = self._left.pop()
                    except IndexError:
                        wait(theirs, LOOK_S)
                    else:
                        ours[last] = _one(self._shared, self._work, item)
                yield ours.pop(number)
        finally:
            self._left.clear()


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except BrokenExecutor:
        raise BciError(
            "a worker process was killed (out of memory?); run it again with --jobs 1"
        ) from None


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


def _begin(end: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(end,), name="end", daemon=True).start()


def _end_with(end: Connection) -> None:
    with suppress(EOFError):
        end.recv_bytes()
    os._exit(0)


def _one(shared: Any, work: Callable[[Any, Item], Result], item: Item) -> Result:
    with one_blas_thread():
        return work(shared, item)
