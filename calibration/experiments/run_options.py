"""What a user says of a table's run: where its cells are computed and kept, and how it is shown."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bci_online.console import note, plain
from bci_online.errors import BciError
from bci_online.output_paths import output_folder
from bci_online.progress import progress_bar

__all__ = ["RunOptions", "loading", "say", "table_folder"]


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where cells are computed and kept, and how the table is shown.

    Parameters
    ----------
    output : Path
        Folder of the table and its cells.
    jobs : int
        Processes on this machine; -1 for as many as there are cores.
    scheduler : str
        Address of a Dask scheduler; empty means this machine.
    as_json : bool
        Show one JSON line instead of a table.

    See Also
    --------
    calibration.experiments.table_run.make_table : Follows them.
    """

    output: Path
    jobs: int = 1
    scheduler: str = ""
    as_json: bool = False


def table_folder(folder: Path) -> Path:
    """Return the folder for a table; one that holds something else is refused.

    It is made with the first cell.

    Parameters
    ----------
    folder : Path
        As the user named it.

    Returns
    -------
    folder : Path
        The same; it may not exist yet.

    Raises
    ------
    BciError
        If it cannot be used.

    See Also
    --------
    bci_online.output_paths.output_folder : For a folder that may hold anything.
    calibration.experiments.table_run.make_table : Writes there.

    Examples
    --------
    >>> table_folder(Path("no/such/place"))
    Traceback (most recent call last):
    bci_online.errors.BciError: --output no/such/place: folder no/such does not exist; make it first
    """
    output_folder(folder)
    if not folder.parent.is_dir():
        raise BciError(f"--output {folder}: folder {folder.parent} does not exist; make it first")
    if folder.is_dir() and not (folder / "cells").is_dir() and any(folder.iterdir()):
        raise BciError(f"--output {folder}: holds something else; name a new folder")
    return folder


@contextmanager
def loading(options: RunOptions, title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar while data are loaded; yields a function to call with the name of each piece.

    Parameters
    ----------
    options : RunOptions
        With ``as_json`` there is no bar.
    title : str
        Beside the bar.
    total : int
        Pieces to load.

    Yields
    ------
    loaded : callable
        To be called with the name of each piece.

    See Also
    --------
    calibration.experiments.table_run.make_table : Comes after.
    """
    with progress_bar(counted=True, hidden=options.as_json) as bar:
        task = bar.add_task(title, total=total)
        yield lambda name: bar.update(task, description=plain(name), advance=1)


def say(notes: Sequence[str]) -> None:
    """Write notes to standard error, a line each.

    Parameters
    ----------
    notes : sequence of str
        One line each.

    See Also
    --------
    bci_online.console.note : Writes one.

    Examples
    --------
    >>> say([])  # standard output is for the table
    """
    for text in notes:
        note(text)
