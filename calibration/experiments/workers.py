"""Where cells are computed: processes of this machine, or the workers of a Dask cluster.

There are two ways, because neither serves both places: `calibration.cluster` says why. joblib needs
no extra, and shares large arrays with its processes through files.
"""

import multiprocessing
import signal
import threading
import warnings
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any

import msgspec
from joblib import Parallel, delayed

from bci_online.errors import BciError
from calibration.blas_threads import one_blas_thread
from calibration.cluster import Call, handed_out
from calibration.experiments.inside_cells import inside

__all__ = ["Done", "Outcomes", "Work", "on_cluster", "on_this_machine"]

Work = Callable[[Mapping[str, Any], Any], dict[str, Any]]
"""From a cell's parameters and its data to its result."""


class Done(msgspec.Struct, frozen=True):
    """A cell that was tried.

    Parameters
    ----------
    number : int
        Place in the list of cells.
    result : dict
        Empty if it failed.
    warnings : tuple of str
        What its libraries warned of.
    error : str
        Why it has no result; empty if it has one.

    See Also
    --------
    on_this_machine, on_cluster : Where cells are tried.
    """

    number: int
    result: dict[str, Any]
    warnings: tuple[str, ...] = ()
    error: str = ""


Outcomes = Generator[Done, None, None]
Place = Callable[[Work, Mapping[int, Mapping[str, Any]], Mapping[str, Any]], Outcomes]


def on_this_machine(
    jobs: int,
    running: Path | None = None,
    name_of: Callable[[Mapping[str, Any]], str] = lambda cell: "",
) -> Place:
    """Return a function that computes cells in `jobs` processes, in the order they are done.

    Parameters
    ----------
    jobs : int
        Processes; -1 for as many as there are cores.
    running : Path, optional
        A folder for what cells leave while they are computed.
    name_of : callable
        Given a cell, returns its name there.

    Returns
    -------
    place : callable
        ``place(work, cells, data)`` yields a `Done` for each cell.

    Raises
    ------
    BciError
        When run, if a worker process is killed.

    See Also
    --------
    on_cluster : The same on several machines.
    """

    def compute(
        work: Work, cells: Mapping[int, Mapping[str, Any]], data: Mapping[str, Any]
    ) -> Outcomes:
        # One cell at a time: batches would be lost as a whole when the run is stopped.
        parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        try:
            yield from parallel(
                delayed(_compute)(
                    data.get(cell.get("data", "")), work, number, cell, running, name_of(cell)
                )
                for number, cell in cells.items()
            )
        except BrokenExecutor:
            raise BciError(
                "a worker process was killed (out of memory?); run the same command again, with "
                "fewer --jobs: finished cells are kept"
            ) from None

    return compute


def on_cluster(address: str) -> Place:
    """Return a function that computes cells on the workers of an existing Dask cluster.

    Parameters
    ----------
    address : str
        Of the scheduler.

    Returns
    -------
    place : callable
        ``place(work, cells, data)`` yields a `Done` for each cell.

    Raises
    ------
    BciError
        When run, if the cluster cannot be used.

    See Also
    --------
    on_this_machine : The same without a cluster.
    calibration.cluster.handed_out : The way onto the cluster.

    Notes
    -----
    When a worker dies, another one computes its cell.
    """

    def compute(
        work: Work, cells: Mapping[int, Mapping[str, Any]], data: Mapping[str, Any]
    ) -> Outcomes:
        calls = [Call(cell.get("data", ""), (work, number, cell)) for number, cell in cells.items()]
        with handed_out(address, _compute, data, calls, work.__module__) as handed:
            yield from handed.as_done()

    return compute


def _compute(
    data: Any,
    work: Work,
    number: int,
    cell: Mapping[str, Any],
    running: Path | None = None,
    name: str = "",
) -> Done:
    """Compute one cell with one BLAS thread."""
    if multiprocessing.parent_process() is not None and _is_main_thread():
        # Ctrl-C reaches the whole process group; the parent ends its workers in order.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with warnings.catch_warnings(record=True) as caught, one_blas_thread(), inside(name, running):
        warnings.simplefilter("always")
        try:
            result = work(cell, data)
        # torch raises RuntimeError when a GPU has no memory left.
        except (BciError, ValueError, RuntimeError, MemoryError) as error:
            return Done(number, {}, error=f"{_name(cell)}: {error}")
    texts = sorted({f"{_name(cell)}: {warning.message}" for warning in caught})
    return Done(number, result, tuple(texts))


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _name(cell: Mapping[str, Any]) -> str:
    """Return the parameters that distinguish a cell, short enough for one line."""
    short = {key: value for key, value in cell.items() if isinstance(value, int | float | str)}
    hashes = {"data", "contents", "estimator"}
    return " ".join(f"{key}={value}" for key, value in short.items() if key not in hashes)
