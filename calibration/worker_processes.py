"""Work that other processes do, of this machine or of a cluster, while this one goes on."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, wait
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeVar

from bci_online.errors import BciError
from calibration.cluster import Call, handed_out
from calibration.folds import Share
from calibration.workers import NOT_BEGUN, Workers, in_one_thread, workers_begun

__all__ = ["processes_for", "share_of", "shared_out"]

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
    begun: Workers | None = None,
    here: Any = None,
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
    here : object, optional
        In the place of `shared` where this process computes: it may know of an interruption.

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
    here = shared if here is None else here
    if processes < 2 or not items:
        yield (work(here, item) for item in items)
        return
    if begun is not None and begun.executor is not None:
        yield _HandedOut(begun, work, shared, items).results(waiting, here)
        return
    with workers_begun(min(processes, len(items) + 1)) as begun:
        yield _HandedOut(begun, work, shared, items).results(waiting, here)


def share_of(workers: Workers) -> Share:
    """Return what shares work out to processes and to this one, and waits for all of it.

    Parameters
    ----------
    workers : Workers
        Without processes this one does everything.

    Returns
    -------
    share : callable
        Given work, what is shared, and items, returns the results in the order of the items.

    See Also
    --------
    shared_out : Does not wait.

    Examples
    --------
    >>> import operator
    >>> share_of(Workers(None))(operator.add, 10, [1, 2, 3])
    [11, 12, 13]
    """

    def share(work: Callable[[Any, Any], Any], shared: Any, items: Sequence[Any]) -> list[Any]:
        with shared_out(work, shared, items, workers.n + 1, begun=workers) as results:
            return list(results)

    return share


class _HandedOut(Generic[Item, Result]):
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
                begun = self._workers.submit(self._work, self._shared, item)
            except NOT_BEGUN:
                # Who waits for what other processes had is told why.
                self._left.append((number, item))
            else:
                self._theirs[number] = begun
                begun.add_done_callback(self._next)

    def results(self, waiting: Callable[[], None], here: Any) -> Iterator[Result]:
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
                        if theirs:
                            wait(theirs, LOOK_S)
                        else:
                            time.sleep(LOOK_S)  # A thread of the executor is about to hand out.
                    else:
                        ours[last] = in_one_thread(self._work, here, item)
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


def _one(shared: Any, work: Callable[[Any, Item], Result], item: Item) -> Result:
    return in_one_thread(work, shared, item)
