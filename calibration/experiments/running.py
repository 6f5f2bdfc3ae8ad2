"""How every table is made: cells computed under a progress bar, written, drawn and shown."""

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

from bci_online.console import json_line, plain
from bci_online.errors import BciError
from bci_online.progress import progress_bar
from calibration.experiments.cells import Cell, Cells, run_cells
from calibration.experiments.tables import write_cells, write_table
from calibration.experiments.workers import Work

__all__ = [
    "NOTHING",
    "Experiment",
    "Running",
    "loading",
    "make_table",
    "number",
    "output_folder",
    "say",
]

NOTHING = "–"
WIDTH = 160


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """Where cells are computed and kept, and how the table is shown."""

    output: Path
    jobs: int = 1
    scheduler: str = ""
    as_json: bool = False


class Experiment(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """What a table is made of, what it is called, and how its rows come about and are read.

    ``summarise(cells, results, part)`` gives its rows, ``shown(row)`` what is read of one by
    heading, ``draw(path, rows, title)`` its figure.
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
    """Return the folder, which is made with the first cell; one with something else is refused.

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


def make_table(experiment: Experiment, folder: Path, running: Running) -> None:
    """Compute the cells, write table and figure, and show them."""
    found = _computed(experiment, folder / "cells", running)
    name, title, part = experiment.name, experiment.title, experiment.part
    rows = experiment.summarise(experiment.cells, found.results, part)
    table, figure = folder / f"{name}.csv", folder / f"{name}.svg"
    write_table(table, rows)
    write_cells(folder / f"{name}_cells.csv", experiment.cells, found.results)
    experiment.draw(figure, rows, title)
    say(found.notes())
    if running.as_json:
        sys.stdout.write(json_line(_summary(name, rows, found, table, figure)))
    else:
        _show(experiment, rows, [table, figure])


def _computed(experiment: Experiment, folder: Path, running: Running) -> Cells:
    """Compute the cells under a progress bar."""
    cells, n_done = experiment.cells, 0
    try:
        with progress_bar(counted=True, hidden=running.as_json) as bar:
            task = bar.add_task(experiment.title, total=len(cells))

            def told(done: int, of: int) -> None:
                nonlocal n_done
                n_done = done
                bar.update(task, completed=done)

            return run_cells(
                experiment.work,
                cells,
                folder,
                experiment.data,
                jobs=running.jobs,
                scheduler=running.scheduler,
                progress=told,
            )
    except KeyboardInterrupt:
        say([f"{n_done} of {len(cells)} cells are kept; the same command goes on from there"])
        raise


@contextmanager
def loading(running: Running, title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show how far a loading is, by what is called with the name of each piece."""
    with progress_bar(counted=True, hidden=running.as_json) as bar:
        task = bar.add_task(title, total=total)
        yield lambda name: bar.update(task, description=plain(name), advance=1)


def say(notes: Sequence[str]) -> None:
    """Write notes to standard error, a line each."""
    for note in notes:
        sys.stderr.write(f"note: {plain(note)}\n")


def number(value: float | None, form: str) -> str:
    """Return a number as it is read in a table."""
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
    # Into a file or pipe nothing need be folded.
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
    """Return rows as they are read; columns that say nothing of their own are left out."""
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
        # Folded where it must be, never cut short: half a number is a wrong one.
        name = experiment.part if head == "part" else head
        table.add_column(name, justify=justify, overflow="fold")
    for row in shown:
        table.add_row(*(escape(row[head]) for head in heads))
    return table
