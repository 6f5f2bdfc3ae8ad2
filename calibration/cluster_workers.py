"""The workers of a Dask cluster: what they run, and whether that is the same as here."""

import functools
import platform
import time
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bci_online.errors import BciError
from calibration.code_hash import code_hash

__all__ = ["OURS", "ClusterWorkers", "code_versions", "other_code"]

OURS = "bci-online"
OTHERS = ("numpy", "scipy", "scikit-learn", "numba", "pyriemann", "torch")
"""Whose versions can change a result."""

NEW_WORKERS_S = 1.0


class ClusterWorkers:
    """Workers of a cluster, of which those of other code are refused, whenever they come.

    One that lacks a function would be asked again for it without an end.

    Parameters
    ----------
    client : distributed.Client
        Connected with the scheduler.
    address : str
        Of the scheduler.
    module : str
        Where the called code is.

    See Also
    --------
    calibration.cluster.handed_out : Asks before it hands out calls, and while it waits.

    Examples
    --------
    >>> class Client:
    ...     def nthreads(self):
    ...         return {"tcp://node3:1": 1}
    ...     def run(self, function, module, workers, on_error):
    ...         return {worker: {OURS: "another"} for worker in workers}
    >>> try:
    ...     ClusterWorkers(Client(), "tcp://node7:8786", "calibration.folds").look()
    ... except BciError as error:
    ...     print(str(error)[:59])
    --scheduler tcp://node7:8786: worker tcp://node3:1 runs oth
    """

    def __init__(self, client: Any, address: str, module: str) -> None:
        self._client, self._address, self._module = client, address, module
        self._asked = set[str]()
        self._next = 0.0

    def look(self) -> None:
        """Ask those that were not asked before, once a second at most."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + NEW_WORKERS_S
        try:
            new = sorted(set(self._client.nthreads()) - self._asked)
            if not new:
                return
            found = self._client.run(code_versions, self._module, workers=new, on_error="return")
        except (OSError, AttributeError):
            return  # The cluster was lost, its client closed; the results say so.
        for worker, answer in found.items():
            if isinstance(answer, OSError):
                continue  # It ended just now, or is asked again.
            self._asked.add(worker)
            if isinstance(answer, Exception) or answer[OURS] != code_versions(self._module)[OURS]:
                raise other_code(self._address, worker)


def other_code(address: str, worker: str) -> BciError:
    """Return the error of a worker whose code is another.

    Parameters
    ----------
    address, worker : str
        Of the scheduler and of the worker.

    Returns
    -------
    error : BciError
        One line.

    See Also
    --------
    ClusterWorkers : Raises it.

    Examples
    --------
    >>> str(other_code("tcp://node7:8786", "tcp://node3:1"))[:64]
    '--scheduler tcp://node7:8786: worker tcp://node3:1 runs other co'
    """
    return BciError(
        f"--scheduler {address}: worker {worker} runs other code of {OURS} than this computer, and "
        "its results would be mixed with those of here; install the same version on both"
    )


@functools.cache
def code_versions(module: str) -> Mapping[str, str]:
    """Return what a result depends on, apart from its arguments: versions, and a hash of our code.

    Parameters
    ----------
    module : str
        What is called is in it.

    Returns
    -------
    versions : mapping of str to str
        By the name of a library; that of our code is its hash.

    See Also
    --------
    calibration.code_hash.code_hash : The hash.

    Examples
    --------
    >>> sorted(code_versions("calibration.folds"))[:3]
    ['Python', 'bci-online', 'numba']
    """
    import_module(module)  # Of a module that is not ours the file is known once it is loaded.
    found = {OURS: code_hash(module), "Python": platform.python_version()}
    for name in OTHERS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
