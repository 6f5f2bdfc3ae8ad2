"""The one way onto a Dask cluster that is there already: calls go out, and results come back.

joblib's Dask backend does not serve: it sends the recordings with every call, does not resolve
futures among the arguments, and returns the error of a cancelled task as its result.
"""

import logging
import re
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from bci_online.errors import BciError
from calibration.code_hash import OWN_CODE, code_versions
from calibration.installed import check_installed

__all__ = ["Call", "ClusterCalls", "handed_out"]

logger = logging.getLogger(__name__)

CONNECT_S = 10.0
LOOK_S = 0.1
CLOSE_S = 0.5


class Call(NamedTuple):
    """A call of a function, whose first argument is of the data that many calls share.

    Parameters
    ----------
    data : str
        Name of these data; the argument is None where there are none of that name.
    arguments : tuple
        All others.

    See Also
    --------
    handed_out : Hands calls to a cluster.
    """

    data: str
    arguments: tuple[Any, ...]


class ClusterCalls:
    """Calls that were handed to a cluster.

    Parameters
    ----------
    address : str
        Of the scheduler.
    futures : sequence of distributed.Future
        Of the calls; each gives a value, the address of its worker, and what that worker runs.
    module : str
        Where the called code is.

    See Also
    --------
    handed_out : Makes it.

    Examples
    --------
    >>> calls = ClusterCalls("tcp://node7:8786", [], "calibration.folds")
    >>> list(calls.in_order(lambda: None))  # nothing was handed out
    []
    """

    def __init__(self, address: str, futures: Sequence[Any], module: str) -> None:
        self._address, self._futures = address, futures
        self._own = code_versions(module)
        self._told = set[str]()

    def as_done(self) -> Iterator[Any]:
        """Yield all results, in the order in which they come."""
        for _, value in self._numbered(lambda: None):
            yield value

    def in_order(self, waiting: Callable[[], None]) -> Iterator[Any]:
        """Yield all results in the order of the calls; `waiting` is called ten times a second."""
        early: dict[int, Any] = {}
        following = 0
        for number, value in self._numbered(waiting):
            early[number] = value
            while following in early:
                yield early.pop(following)
                following += 1

    def _numbered(self, waiting: Callable[[], None]) -> Iterator[tuple[int, Any]]:
        """Yield each result when it comes, and whose it is: what is wrong is said at once."""
        left = dict(enumerate(self._futures))
        while left:
            done = [number for number, future in left.items() if future.done()]
            for number in done:
                yield number, self._result(left.pop(number))
            if not done:
                time.sleep(LOOK_S)
                waiting()

    def _result(self, future: Any) -> Any:
        """Return a result; whatever went wrong with the cluster is an error of one line."""
        import distributed

        at = f"--scheduler {self._address}"
        try:
            value, worker, versions = future.result()
        except ImportError as error:
            raise BciError(
                f"{at}: a worker lacks a module: {error}; install the same there as here"
            ) from None
        except distributed.KilledWorker:
            raise BciError(
                f"{at}: every worker that tried one of the calls was killed (out of memory?); give "
                "the workers more memory and run the same command again"
            ) from None
        except (distributed.client.FutureCancelledError, OSError) as error:
            if future.status == "error":
                raise BciError(
                    f"{at}: a worker cannot read or write a file: {error}; the files must be "
                    "there under the same path as here"
                ) from None
            raise BciError(
                f"{at}: the cluster was lost ({type(error).__name__}); start it and run the same "
                "command again, or leave --scheduler out"
            ) from None
        self._compare(worker, versions)
        return value

    def _compare(self, worker: str, versions: Mapping[str, str]) -> None:
        """Refuse a worker of other code than here; say which libraries are of other versions."""
        if versions[OWN_CODE] != self._own[OWN_CODE]:
            raise BciError(
                f"--scheduler {self._address}: worker {worker} runs other code of {OWN_CODE} than "
                "this computer, and its results would be mixed with those of here; install the "
                "same version on both"
            )
        other = [
            f"{name} {versions.get(name)} (here {own})"
            for name, own in self._own.items()
            if versions.get(name) != own
        ]
        if other and worker not in self._told:
            self._told.add(worker)
            text = "worker %s has %s: results can differ from those of this computer"
            logger.warning(text, worker, ", ".join(other))


@contextmanager
def handed_out(
    address: str, function: Callable[..., Any], data: Mapping[str, Any], calls: Sequence[Call],
    module: str,
) -> Iterator[ClusterCalls]:  # fmt: skip
    """Hand calls to the workers of a Dask cluster; what is not done at the end is cancelled.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://node7:8786``.
    function : callable
        ``function(data, *arguments)``, at the top of a module that the workers have.
    data : mapping
        What calls share, by name. Each of them is sent once.
    calls : sequence of Call
        What to compute.
    module : str
        Name of a module. It, and all that it imports of this project, must be the same on a worker.

    Yields
    ------
    calls : ClusterCalls
        Gives the results.

    Raises
    ------
    BciError
        If the ``cluster`` extra is missing or no cluster answers; from the results, if it was lost,
        cannot compute a call, or has other code.

    See Also
    --------
    calibration.worker_processes.shared_out : The same in processes of this machine.
    calibration.experiments.workers.on_cluster : Cells of a table.

    Notes
    -----
    When a worker dies, another one computes its call. A worker of other code computes nothing, and
    says so at its first call, whenever it comes. A worker ends the call that it is at, even after a
    Ctrl-C here; then it is free for others.

    Examples
    --------
    >>> with handed_out("tcp://127.0.0.1:1", print, {}, [], "calibration"):  # doctest: +SKIP
    ...     pass
    Traceback (most recent call last):
    bci_online.errors.BciError: --scheduler tcp://127.0.0.1:1: no Dask scheduler answers there ...
    """
    check_installed("distributed", "cluster", "--scheduler")
    client = _client(address)
    futures: list[Any] = []
    try:
        futures = _submitted(client, function, data, calls, module)
        yield ClusterCalls(address, futures, module)
    finally:
        if client.status == "running":
            client.cancel(futures)
        client.close(timeout=CLOSE_S)


def _submitted(
    client: Any,
    function: Callable[..., Any],
    data: Mapping[str, Any],
    calls: Sequence[Call],
    module: str,
) -> list[Any]:
    """Hand all calls to a cluster; return their futures."""
    from distributed.protocol.pickle import dumps

    token, compute, own = uuid.uuid4().hex, _by_value(), code_versions(module)[OWN_CODE]
    with warnings.catch_warnings():
        # Recordings are large on purpose, and sent once.
        warnings.filterwarnings("ignore", "Sending large graph")
        # As tasks, not scattered: scattered data are lost with their worker, a task runs again.
        # All is sent as bytes: a worker that cannot read its task ends, and says nothing.
        shared = {
            name: client.submit(bytes, dumps(value), key=f"data-{name}-{token}")
            for name, value in data.items()
        }
    return [
        client.submit(
            compute, module, own, dumps((function, call.arguments)), shared.get(call.data),
            key=f"call-{number}-{token}",
        )
        for number, call in enumerate(calls)
    ]  # fmt: skip


def _by_value() -> Callable[..., tuple[Any, str, Mapping[str, str]]]:
    """Return what computes one call on a worker.

    As a function within a function it is sent with its code: one at the top of a module is looked
    up there by the worker, which may lack it.
    """

    def compute(
        module: str, own: str, call: bytes, data: bytes | None
    ) -> tuple[Any, str, Mapping[str, str]]:
        from importlib import import_module

        from distributed import get_worker
        from distributed.protocol.pickle import loads

        worker = get_worker().address
        try:
            code = import_module("calibration.code_hash")
            versions = code.code_versions(module)
            if versions[code.OWN_CODE] != own:
                return None, worker, versions
            function, arguments = loads(call)
            shared = None if data is None else loads(data)
        except AttributeError as error:
            raise ImportError(str(error)) from None
        return function(shared, *arguments), worker, versions

    return compute


def _client(address: str) -> Any:
    """Connect to a scheduler that has at least one worker."""
    if not re.fullmatch(r"[a-z]+://([^\s:]+|\[[^\s\]]+\]):[0-9]+", address):
        raise BciError(f"--scheduler {address}: must be like tcp://node7:8786")
    import distributed

    # What is wrong is said once, in one line.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise BciError(
            f"--scheduler {address}: no Dask scheduler answers there ({type(error).__name__}); "
            "write tcp://HOST:PORT as dask-scheduler shows it"
        ) from None
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        client.close()
        raise BciError(
            f"--scheduler {address}: has no worker; start some with: dask worker {address}"
        ) from None
    return client
