"""How every table is made: its cells are computed, then it is written, drawn and shown."""

import csv
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bci_online.atomic_write import write_atomically
from bci_online.console import json_line, note, plain
from bci_online.errors import BciError
from bci_online.progress import progress_bar
from calibration.experiments.cell_store import Cell, Cells, run_cells
from calibration.experiments.workers import Work

__all__ = [
    "NOTHING",
    "Experiment",
    "RunOptions",
    "loading",
    "make_table",
    "number",
    "output_folder",
    "say",
]

NOTHING = "–"
WIDTH = 160


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where cells are computed and kept, and how the table is shown."""

    output: Path
    jobs: int = 1
    scheduler: str = ""
    as_json: bool = False


class Experiment(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """The cells of a table, its name, and how its rows are made and shown.

    ``summarise(cells, results, part)`` returns its rows, ``shown(row)`` the texts of a row by
    heading; ``draw(path, rows, title)`` draws its figure.
    """

    name: str
    title: str
    work: Work
    cells: Sequence[Cell]
    part: str
    summarise: Callable[..., Sequence[Any]]
    shown: Callable[[Any], dict[str, str]]
    draw: Callable[[Path, Sequence[Any], str], None]
    data: Mapping[str, Any] | None = None


def output_folder(folder: Path) -> Path:
    """Return the folder for a table; one that holds something else is refused.

    It is made with the first cell.

    Raises
    ------
    BciError
        If it cannot be used.
    """
    if folder.exists() and not folder.is_dir():
        raise BciError(f"--output {folder}: is a file; name a folder")
    if not folder.parent.is_dir():
        raise BciError(f"--output {folder}: folder {folder.parent} does not exist; make it first")
    if folder.is_dir() and not (folder / "cells").is_dir() and any(folder.iterdir()):
        raise BciError(f"--output {folder}: holds something else; name a new folder")
    if not os.access(folder if folder.is_dir() else folder.parent, os.W_OK):
        raise BciError(f"--output {folder}: cannot be written to")
    return folder


def make_table(experiment: Experiment, folder: Path, options: RunOptions) -> None:
    """Compute the cells, write table and figure, and show them."""
    found = _computed(experiment, folder / "cells", options)
    name, title, part = experiment.name, experiment.title, experiment.part
    rows = experiment.summarise(experiment.cells, found.results, part)
    table, figure = folder / f"{name}.csv", folder / f"{name}.svg"
    write_table(table, rows)
    write_cells(folder / f"{name}_cells.csv", experiment.cells, found.results)
    experiment.draw(figure, rows, title)
    say(found.notes())
    if options.as_json:
        sys.stdout.write(json_line(_summary(name, rows, found, table, figure)))
    else:
        _show(experiment, rows, [table, figure])


def _computed(experiment: Experiment, folder: Path, options: RunOptions) -> Cells:
    """Compute the cells under a progress bar."""
    cells, n_done = experiment.cells, 0
    try:
        with progress_bar(counted=True, hidden=options.as_json) as bar:
            task = bar.add_task(experiment.title, total=len(cells))

            def show(done: int, of: int) -> None:
                nonlocal n_done
                n_done = done
                bar.update(task, completed=done)

            return run_cells(
                experiment.work,
                cells,
                folder,
                experiment.data,
                jobs=options.jobs,
                scheduler=options.scheduler,
                progress=show,
            )
    except KeyboardInterrupt:
        say([f"{n_done} of {len(cells)} cells are kept; run the same command to continue"])
        raise


@contextmanager
def loading(options: RunOptions, title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar while data are loaded; yields a function to call with the name of each piece."""
    with progress_bar(counted=True, hidden=options.as_json) as bar:
        task = bar.add_task(title, total=total)
        yield lambda name: bar.update(task, description=plain(name), advance=1)


def say(notes: Sequence[str]) -> None:
    """Write notes to standard error, a line each."""
    for text in notes:
        note(text)


def number(value: float | None, form: str) -> str:
    """Return a number as text of a table."""
    return NOTHING if value is None else format(value, form)


def _summary(
    name: str, rows: Sequence[Any], found: Cells, table: Path, figure: Path
) -> dict[str, Any]:
    return {
        "type": "summary",
        "experiment": name,
        "rows": rows,
        "cells": len(found.results),
        "failed": len(found.failures),
        "warned": len(found.warnings),
        "damaged": len(found.corrupt),
        "table": str(table),
        "figure": str(figure),
    }


def _show(experiment: Experiment, rows: Sequence[Any], paths: Sequence[Path]) -> None:
    # In a file or pipe nothing has to be folded.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    parts = list(dict.fromkeys(row.part for row in rows))
    if experiment.part == "protocol":
        for part in parts:
            own = [row for row in rows if row.part == part]
            console.print(_table(experiment, f"{experiment.title}, {part}", own))
    else:
        console.print(_table(experiment, experiment.title, rows))
    for path in paths:
        console.print(escape(plain(str(path))), soft_wrap=True)


def _table(experiment: Experiment, title: str, rows: Sequence[Any]) -> Table:
    """Return the rows as a table for people; columns without information are left out."""
    shown = [experiment.shown(row) for row in rows]
    heads = [name for name in shown[0] if any(row[name] != NOTHING for row in shown)]
    units = rows[0].units
    if len({row.n for row in rows}) == 1:
        heads.remove("n")
        units = f"{rows[0].n} {units}" if rows[0].n > 1 else f"1 {units.removesuffix('s')}"
    if len({row.part for row in rows}) == 1 and "part" in heads:
        heads.remove("part")
    table = Table(title=f"{escape(plain(title))}: means over {units}", title_justify="left")
    for head in heads:
        justify: Literal["left", "right"] = "left" if head in {"part", "method"} else "right"
        # Folded, never cut: half a number would be a wrong number.
        name = experiment.part if head == "part" else head
        table.add_column(name, justify=justify, overflow="fold")
    for row in shown:
        table.add_row(*(escape(row[head]) for head in heads))
    return table


def write_table(path: Path, rows: Sequence[Any]) -> None:
    """Write the table as CSV."""
    _write(path, [msgspec.to_builtins(row) for row in rows])


def write_cells(
    path: Path, cells: Sequence[Cell], results: Sequence[Mapping[str, Any] | None]
) -> None:
    """Write every finished cell's parameters and result as CSV, in the order of the cells."""
    _write(
        path,
        [
            {**cell, **result}
            for cell, result in zip(cells, results, strict=True)
            if result is not None
        ],
    )


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _text(value) for name, value in row.items()})
    write_atomically(path, table.getvalue().encode())


def _text(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value
