"""What the work of a cell may know of where it runs: its file, how far it is, its own GPU."""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

__all__ = ["forget_reports", "inside", "own_device", "part_done", "report", "training_file"]

AT, TRAINING = ".at", ".training"


class _Inside(NamedTuple):
    """A cell that is being computed: its own name, and the folder of those that are."""

    name: str
    folder: Path


_cell: ContextVar[_Inside | None] = ContextVar("cell", default=None)


@contextmanager
def inside(name: str, folder: Path | None) -> Iterator[None]:
    """Let the work in this context know its cell.

    Parameters
    ----------
    name : str
        The same in every run that would compute the same.
    folder : Path or None
        Of files while cells are computed; it is there. None: nothing is written.

    Yields
    ------
    nothing : None
        Behind it the cell's report is gone; its training file is not, if it did not end.

    See Also
    --------
    report, training_file : What the work can do.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with inside("ab", Path(folder)):
    ...         report(1, 4)
    ...         within = part_done(Path(folder))
    ...     within, part_done(Path(folder))
    (0.25, 0.0)
    """
    if folder is None:
        yield
        return
    before = _cell.set(_Inside(name, folder))
    try:
        yield
    finally:
        _cell.reset(before)
        (folder / f"{name}{AT}").unlink(missing_ok=True)


def report(done: int, of: int) -> None:
    """Say how far the work of a cell is.

    Parameters
    ----------
    done, of : int
        Passes, for instance.

    See Also
    --------
    part_done : What all cells have said.

    Examples
    --------
    >>> report(3, 50)  # outside of a cell nobody listens
    """
    cell = _cell.get()
    if cell is not None:
        # A bar is no reason to end a training on a full disk.
        with suppress(OSError):
            (cell.folder / f"{cell.name}{AT}").write_text(f"{done} {of}")


def part_done(folder: Path) -> float:
    """Return how many cells the parts are worth that are done of those under way.

    Parameters
    ----------
    folder : Path
        As for `inside`.

    Returns
    -------
    cells : float
        0 if none is under way.

    See Also
    --------
    report : What is counted.

    Examples
    --------
    >>> part_done(Path("nowhere"))
    0.0
    """
    parts = 0.0
    for path in folder.glob(f"*{AT}"):
        # It may be gone, or be half written, when it is read.
        with suppress(OSError, ValueError, ZeroDivisionError):
            done, of = map(int, path.read_text().split())
            parts += min(1.0, done / of)
    return parts


def forget_reports(folder: Path) -> None:
    """Remove the reports of cells that were killed.

    Parameters
    ----------
    folder : Path
        As for `inside`.

    See Also
    --------
    part_done : Would count them.

    Examples
    --------
    >>> forget_reports(Path("nowhere"))
    """
    for path in folder.glob(f"*{AT}"):
        path.unlink(missing_ok=True)


def training_file() -> Path | None:
    """Return the file that a cell's training goes on from if it is killed.

    Returns
    -------
    path : Path or None
        None outside of a cell, and on a cluster, whose workers may share no folder.

    See Also
    --------
    calibration.networks.network_classifier.NetworkClassifier : Its parameter ``checkpoint``.

    Examples
    --------
    >>> training_file() is None
    True
    """
    cell = _cell.get()
    return None if cell is None else cell.folder / f"{cell.name}{TRAINING}"


def own_device(device: str) -> str:
    """Return the GPU of this process, where several share several.

    Parameters
    ----------
    device : str
        As asked for; "cuda" alone is shared out, "cuda:1" and "cpu" are what they are.

    Returns
    -------
    device : str
        Such as "cuda:1" for every second worker process of a computer with two GPUs.

    See Also
    --------
    calibration.experiments.workers.on_this_machine : Starts worker processes.

    Examples
    --------
    >>> own_device("cpu"), own_device("cuda:1")
    ('cpu', 'cuda:1')
    """
    if device != "cuda" or multiprocessing.parent_process() is None:
        return device
    # Only now: it imports PyTorch.
    from calibration.networks.torch_runs import n_gpus

    return _shared_out(_worker(), n_gpus())


def _shared_out(worker: int, n_devices: int) -> str:
    return f"cuda:{worker % n_devices}" if n_devices > 1 else "cuda"


def _worker() -> int:
    """Return the number of this worker process, from 0; its parent counts them in its name."""
    _, _, number = multiprocessing.current_process().name.rpartition("-")
    return int(number) - 1 if number.isdigit() else os.getpid()
