"""How every table is made: its cells are computed, then it is written, drawn and shown."""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bci_online.console import json_line, plain
from bci_online.progress import progress_bar
from calibration.experiments.cell_store import RUNNING, Cell, Cells, run_cells
from calibration.experiments.inside_cells import part_done
from calibration.experiments.run_options import RunOptions, say
from calibration.experiments.table_files import write_cells, write_table
from calibration.experiments.workers import Work

__all__ = [
    "NOTHING",
    "Experiment",
    "make_table",
    "number",
]

NOTHING = "–"
WIDTH = 160
LOOK_S = 0.5


class Experiment(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """The cells of a table, its name, and how its rows are made and shown.

    Parameters
    ----------
    name : str
        Of its files.
    title : str
        Above the table and the figure.
    work : callable
        Computes a cell; see `run_cells`.
    cells : sequence of Cell
        All of them.
    part : str
        Which parameter divides the table into parts.
    summarise : callable
        ``summarise(cells, results, part)`` returns the rows.
    shown : callable
        ``shown(row)`` returns the texts of a row by heading.
    draw : callable
        ``draw(path, rows, title)`` draws the figure.
    draw_more : callable, optional
        ``draw_more(folder, experiment, results)`` draws further figures and returns their paths.
    data : mapping, optional
        Data of the cells, by name.

    See Also
    --------
    make_table : Runs it.
    """

    name: str
    title: str
    work: Work
    cells: Sequence[Cell]
    part: str
    summarise: Callable[..., Sequence[Any]]
    shown: Callable[[Any], dict[str, str]]
    draw: Callable[[Path, Sequence[Any], str], None]
    draw_more: Callable[..., list[Path]] = lambda folder, experiment, results: []
    data: Mapping[str, Any] | None = None


def make_table(experiment: Experiment, folder: Path, options: RunOptions) -> None:
    """Compute the cells, write table and figure, and show them.

    Parameters
    ----------
    experiment : Experiment
        The cells and how they are shown.
    folder : Path
        Where files are written: the table, its cells, the figure.
    options : RunOptions
        Where cells are computed.

    See Also
    --------
    calibration.experiments.cell_store.run_cells : Computes the cells.
    """
    found = _computed(experiment, folder / "cells", options)
    name, title, part = experiment.name, experiment.title, experiment.part
    rows = experiment.summarise(experiment.cells, found.results, part)
    table, figure = folder / f"{name}.csv", folder / f"{name}.svg"
    write_table(table, rows)
    write_cells(folder / f"{name}_cells.csv", experiment.cells, found.results)
    experiment.draw(figure, rows, title)
    figures = [figure, *experiment.draw_more(folder, experiment, found.results)]
    say(found.notes())
    if options.as_json:
        sys.stdout.write(json_line(_summary(name, rows, found, table, figures)))
    else:
        _show(experiment, rows, [table, *figures])


def _computed(experiment: Experiment, folder: Path, options: RunOptions) -> Cells:
    """Compute the cells under a progress bar."""
    cells, n_done = experiment.cells, 0
    try:
        with progress_bar(counted=True, hidden=options.as_json, remaining=True) as bar:
            task = bar.add_task(experiment.title, total=len(cells))

            def show(done: int, of: int) -> None:
                nonlocal n_done
                n_done = done

            def move() -> None:
                bar.update(task, completed=min(len(cells), n_done + part_done(folder / RUNNING)))

            with _again_and_again(move, unless=bar.disable):
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
def _again_and_again(move: Callable[[], None], unless: bool) -> Iterator[None]:
    """Call a function twice a second while the context lasts, from another thread."""
    if unless:
        yield
        return
    over = threading.Event()

    def run() -> None:
        while not over.wait(LOOK_S):
            move()

    thread = threading.Thread(target=run, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def number(value: float | None, form: str) -> str:
    """Return a number as text of a table.

    Parameters
    ----------
    value : float or None
        None: there is no such number.
    form : str
        As for `format`.

    Returns
    -------
    text : str
        A dash if there is no number.

    See Also
    --------
    make_table : Shows such texts.

    Examples
    --------
    >>> number(0.9345, ".3f"), number(None, ".3f")
    ('0.934', '–')
    """
    return NOTHING if value is None else format(value, form)


def _summary(
    name: str, rows: Sequence[Any], found: Cells, table: Path, figures: Sequence[Path]
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
        "figure": str(figures[0]),
        "figures": list(map(str, figures)),
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
