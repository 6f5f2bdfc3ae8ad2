"""The cells of a table. Each is computed once and kept on disk, so that a run can be resumed.

A cell is a plain dictionary of everything that decides its result. The name of its file is the hash
of it and of the code that computes it: a changed parameter or program is a new cell, and an
unchanged cell is never computed again.
"""

import functools
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from bci_online.atomic_write import write_atomically
from bci_online.errors import BciError
from calibration.code_hash import code_hash
from calibration.experiments.inside_cells import forget_reports
from calibration.experiments.workers import Work, on_cluster, on_this_machine

__all__ = ["RUNNING", "Cell", "CellFiles", "Cells", "Result", "cell_key", "run_cells"]

logger = logging.getLogger(__name__)

RUNNING = "running"
"""The folder, beside the cells, of what those leave that are being computed."""

Cell = Mapping[str, Any]
"""What decides a result, in JSON's types; ``data`` names the data it is made of, if any."""

Result = dict[str, Any]
"""The result of a cell, in JSON's types."""


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """The cells of a table, as far as they were computed.

    Parameters
    ----------
    results : tuple of mapping or None
        In the order of the cells; None where one failed.
    n_kept : int
        How many were found on disk.
    corrupt : tuple of str
        Files that were damaged; their cells were made again.
    failures, warnings : tuple of str
        One line for each cell that failed, or warned.

    See Also
    --------
    run_cells : Computes them.

    Examples
    --------
    >>> Cells(results=({}, {}), n_kept=1, corrupt=(), failures=(), warnings=()).notes()
    ['1 of 2 cells were there from before']
    """

    results: tuple[Result | None, ...]
    n_kept: int
    corrupt: tuple[str, ...]
    failures: tuple[str, ...]
    warnings: tuple[str, ...]

    def notes(self) -> list[str]:
        """Return what a reader of the table must know, one line each."""
        notes = []
        if self.n_kept:
            notes.append(f"{self.n_kept} of {len(self.results)} cells were there from before")
        if self.corrupt:
            notes.append(f"{len(self.corrupt)} damaged cells made again: {', '.join(self.corrupt)}")
        for name, lines in (("failed", self.failures), ("warned", self.warnings)):
            if lines:
                notes.append(f"{len(lines)} of {len(self.results)} cells {name}, first: {lines[0]}")
        return notes


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    """A cell's file; ``digest`` covers the rest of it."""

    cell: dict[str, Any]
    version: str
    result: Result
    warnings: list[str]
    digest: str = ""

    def sealed(self) -> str:
        """Return the digest that this content has."""
        blank = msgspec.structs.replace(self, digest="")
        return hashlib.sha256(msgspec.json.encode(blank, order="sorted")).hexdigest()


@functools.cache
def _version() -> str:
    # Asked once: it reads a file each time, and tables have thousands of cells.
    return version("bci-online")


def cell_key(cell: Cell, code: str = "") -> str:
    """Return the name of a cell's file: a hash of all its parameters and of the code.

    Parameters
    ----------
    cell : mapping
        All parameters of the cell.
    code : str
        A hash of the code that computes it; see `code_hash`.

    Returns
    -------
    key : str
        32 hexadecimal digits; the order of the parameters changes nothing.

    See Also
    --------
    CellFiles : Names its files so.
    calibration.code_hash.code_hash : The code's hash.

    Examples
    --------
    >>> cell_key({"split": 0, "method": "lda"}) == cell_key({"method": "lda", "split": 0})
    True
    >>> cell_key({"split": 0}) == cell_key({"split": 1})
    False
    """
    known = msgspec.json.encode([code, dict(cell)], order="sorted")
    return hashlib.sha256(known).hexdigest()[:32]


class CellFiles:
    """Finished cells in a folder, one small JSON file each.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    code : str
        A hash of the code that computes the cells.

    See Also
    --------
    run_cells : Reads and writes through it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = CellFiles(Path(folder))
    ...     files.write({"split": 0}, {"auc": 0.9}, warnings=[])
    ...     files.read({"split": 0}), files.read({"split": 1})
    (({'auc': 0.9}, []), None)
    """

    def __init__(self, folder: Path, code: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._code = folder, code
        self.corrupt: list[str] = []

    def read(self, cell: Cell) -> tuple[Result, list[str]] | None:
        """Return a finished cell's result and warnings; None if the cell must be computed."""
        path = self._path(cell)
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            kept = None
        if kept is None or kept.digest != kept.sealed() or kept.cell != _plain(cell):
            self.corrupt.append(path.name)
            return None
        return kept.result, kept.warnings

    def write(self, cell: Cell, result: Result, warnings: Sequence[str]) -> None:
        """Keep a finished cell: the whole file, or none if this process is killed meanwhile."""
        kept = _Kept(_plain(cell), _version(), _plain(result), list(warnings))
        kept.digest = kept.sealed()
        write_atomically(self._path(cell), msgspec.json.encode(kept, order="sorted"))

    def _path(self, cell: Cell) -> Path:
        return self._folder / f"{cell_key(cell, self._code)}.json"


def run_cells(
    work: Work,
    cells: Sequence[Cell],
    folder: Path,
    data: Mapping[str, Any] | None = None,
    *,
    jobs: int = 1,
    scheduler: str = "",
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Cells:
    """Compute every cell that is not yet on disk, and return them all.

    Parameters
    ----------
    work : callable
        ``work(cell, data[cell["data"]])`` (None for a cell without data) returns its result. It
        runs in another process with one BLAS thread, and must be at the top of a module.
    cells : sequence of Cell
        All different.
    folder : Path
        Where finished cells are kept; in `RUNNING` there is what they leave before.
    data : mapping, optional
        Data of the cells, by name. A name must have one content only (a hash).
    jobs : int
        Processes on this machine, through joblib; -1 for as many as there are cores.
    scheduler : str
        Address of a Dask scheduler, whose workers then compute all cells.
    progress : callable
        Called with the number of cells that are done, and the number of all.

    Returns
    -------
    cells : Cells
        All results, from disk or computed now.

    Raises
    ------
    BciError
        If two cells are the same, no cell could be computed, or the workers are lost; what was
        finished is kept.

    See Also
    --------
    CellFiles : Where they are kept.
    calibration.experiments.table_run.make_table : Makes a table of them.

    Examples
    --------
    >>> import tempfile
    >>> from operator import itemgetter
    >>> cells = [{"split": 0, "data": "a"}, {"split": 1, "data": "b"}]
    >>> data = {"a": {"auc": 0.8}, "b": {"auc": 0.9}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run_cells(lambda cell, one: one, cells, Path(folder), data).results
    ({'auc': 0.8}, {'auc': 0.9})
    """
    if len({cell_key(cell) for cell in cells}) < len(cells):
        raise BciError("two cells of one table have the same parameters; name each method once")
    code = code_hash(work.__module__)
    files, running = CellFiles(folder, code), folder / RUNNING
    found = {i: kept for i, cell in enumerate(cells) if (kept := files.read(cell)) is not None}
    n_kept, failures = len(found), {}
    for name in files.corrupt:
        logger.warning("%s: damaged, the cell is made again", folder / name)
    todo = {i: cell for i, cell in enumerate(cells) if i not in found}
    progress(n_kept, len(cells))
    if todo:
        running.mkdir(exist_ok=True)
        forget_reports(running)
        named = functools.partial(cell_key, code=code)
        place = on_cluster(scheduler) if scheduler else on_this_machine(jobs, running, named)
        with closing(place(work, todo, data or {})) as outcomes:
            for done in outcomes:
                if done.error:
                    failures[done.number] = done.error
                else:
                    files.write(cells[done.number], done.result, done.warnings)
                    found[done.number] = (_plain(done.result), list(done.warnings))
                progress(len(found) + len(failures), len(cells))
    if not found:
        raise BciError(f"none of {len(cells)} cells could be computed: {failures[min(failures)]}")
    return Cells(
        results=tuple(found[i][0] if i in found else None for i in range(len(cells))),
        n_kept=n_kept,
        corrupt=tuple(files.corrupt),
        failures=tuple(failures[i] for i in sorted(failures)),
        warnings=tuple(text for i in sorted(found) for text in found[i][1][:1]),
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are read from disk: a resumed table equals one made in one run."""
    return msgspec.json.decode(msgspec.json.encode(dict(values), order="sorted"), type=dict)
