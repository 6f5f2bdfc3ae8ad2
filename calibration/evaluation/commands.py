"""What `bci-calibrate evaluate` does: plan cells, compute them under a progress bar, show."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bci_online.config import Config, read_config
from bci_online.console import json_line, plain
from bci_online.errors import BciError
from calibration.evaluation import protocols, simulated, simulated_subjects
from calibration.evaluation.cells import Cell, Cells, run_cells
from calibration.evaluation.figures import draw_curves, draw_table
from calibration.evaluation.methods import MULTI, SINGLE, checked_methods
from calibration.evaluation.moabb_sets import open_dataset, read_dataset
from calibration.evaluation.presets import with_preset
from calibration.evaluation.recorded_subjects import described, read_subjects
from calibration.evaluation.tables import Row, summarise, write_cells, write_table
from calibration.evaluation.workers import Work

__all__ = ["Running", "evaluate_moabb", "evaluate_recordings", "evaluate_simulated"]

PAPERS = ("svm", "svm-1", "gsvm-2", "gsvm-q", "gsvm-a")
NOTHING = "–"
Draw = Callable[[Path, Sequence[Row], str], None]


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """Where cells are computed and kept, and how the table is shown."""

    output: Path
    jobs: int = 1
    scheduler: str = ""
    as_json: bool = False


def evaluate_simulated(part: str, methods: str, runs: int, seed: int, running: Running) -> None:
    """Make the table of the simulated experiment, the learning curves, or both.

    Raises
    ------
    BciError
        If something given is not usable.
    """
    folder = _output_folder(running.output)
    if part in {"sensors", "all"}:
        names = checked_methods(methods, SINGLE, SINGLE)
        cells = simulated.plan(names, runs, seed, simulated.Setup())
        title = f"simulated sensors, {runs} runs"
        table = _Experiment("simulated", title, simulated.compute, cells, "", draw_table)
        _make(table, folder, running)
    if part in {"subjects", "all"}:
        names = checked_methods(methods if part == "subjects" else "", MULTI, MULTI)
        setup = simulated_subjects.Subjects()
        cells = simulated_subjects.plan(names, runs, seed, setup)
        title = f"{setup.n_subjects} simulated subjects, {runs} runs"
        work = simulated_subjects.compute
        curves = _Experiment("subjects", title, work, cells, "flashes", draw_curves)
        _make(curves, folder, running)


def evaluate_recordings(
    paths: Sequence[Path],
    config_path: Path | None,
    preset: str,
    asked: Sequence[str],
    methods: str,
    splitting: protocols.Splitting,
    running: Running,
) -> None:
    """Compare methods on a lab's own recordings.

    Raises
    ------
    BciError
        If something given is not usable.
    """
    names = checked_methods(methods, SINGLE, PAPERS)
    config, notes = _configured(config_path, preset)
    folder = _output_folder(running.output)
    with _bar(running) as bar:
        task = bar.add_task("recordings", total=len(paths))
        subjects = read_subjects(
            paths, config, lambda name: bar.update(task, description=plain(name), advance=1)
        )
    cells, data = protocols.plan(subjects, asked, names, splitting)
    title = f"{len(paths)} recordings of {len(subjects)} subject{'s' * (len(subjects) > 1)}"
    _say([*notes, *described(subjects)])
    table = _Experiment("recordings", title, protocols.compute, cells, "protocol", draw_table, data)
    _make(table, folder, running)


def evaluate_moabb(
    dataset: Any,
    data_dir: Path | None,
    people: Sequence[int],
    config_path: Path | None,
    preset: str,
    asked: Sequence[str],
    methods: str,
    splitting: protocols.Splitting,
    running: Running,
) -> None:
    """Compare methods on a public P300 set, by its name or as MOABB's own object.

    Raises
    ------
    BciError
        If something given is not usable, or the set cannot be loaded.
    """
    names = checked_methods(methods, SINGLE, PAPERS)
    config, notes = _configured(config_path, preset)
    if isinstance(dataset, str):
        dataset = open_dataset(dataset, data_dir)
    folder = _output_folder(running.output)
    with _bar(running) as bar:
        task = bar.add_task("loading", total=len(people) or len(dataset.subject_list))
        subjects = read_dataset(
            dataset,
            people,
            config,
            lambda name: bar.update(task, description=plain(name), advance=1),
        )
    cells, data = protocols.plan(subjects, asked, names, splitting)
    _say([*notes, *described(subjects)])
    table = _Experiment(
        "moabb", dataset.code, protocols.compute, cells, "protocol", draw_table, data
    )
    _make(table, folder, running)


def _configured(path: Path | None, preset: str) -> tuple[Config, list[str]]:
    config = read_config(path)
    if config.paradigm != "p300":
        raise BciError(f"{path}: paradigm {config.paradigm!r} cannot be evaluated, only 'p300'")
    if not preset:
        return config, []
    config, deviation = with_preset(config, preset)
    return config, [deviation]


def _output_folder(folder: Path) -> Path:
    """Return the folder, made if need be; one that holds something else is not written into."""
    if folder.exists() and not folder.is_dir():
        raise BciError(f"--output {folder}: is a file; name a folder")
    if not folder.parent.is_dir():
        raise BciError(f"--output {folder}: folder {folder.parent} does not exist; make it first")
    if folder.is_dir() and not (folder / "cells").is_dir() and any(folder.iterdir()):
        raise BciError(f"--output {folder}: holds something else; name a new folder")
    folder.mkdir(exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise BciError(f"--output {folder}: cannot be written to")
    return folder


class _Experiment(msgspec.Struct, frozen=True, eq=False):
    """What a table is made of, and what it is called."""

    name: str
    title: str
    work: Work
    cells: Sequence[Cell]
    part: str
    draw: Draw
    data: Mapping[str, Any] | None = None


def _make(experiment: _Experiment, folder: Path, running: Running) -> None:
    """Compute the cells, write table and figure, and show them."""
    found = _computed(experiment, folder / "cells", running)
    name, title, part = experiment.name, experiment.title, experiment.part
    rows = summarise(experiment.cells, found.results, part)
    table, figure = folder / f"{name}.csv", folder / f"{name}.svg"
    write_table(table, rows)
    write_cells(folder / f"{name}_cells.csv", experiment.cells, found.results)
    experiment.draw(figure, rows, title)
    _say(found.notes())
    if running.as_json:
        sys.stdout.write(json_line(_summary(name, rows, found, table, figure)))
    else:
        _show(title, part, rows, [table, figure])


def _computed(experiment: _Experiment, folder: Path, running: Running) -> Cells:
    """Compute the cells under a progress bar."""
    cells, n_done = experiment.cells, 0
    try:
        with _bar(running) as bar:
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
        _say([f"{n_done} of {len(cells)} cells are kept; the same command goes on from there"])
        raise


def _bar(running: Running) -> Progress:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    screen = Console(stderr=True)
    hidden = running.as_json or not screen.is_terminal
    return Progress(*columns, console=screen, transient=True, disable=hidden)


def _say(notes: Sequence[str]) -> None:
    for note in notes:
        sys.stderr.write(f"note: {plain(note)}\n")


def _summary(
    name: str, rows: Sequence[Row], found: Cells, table: Path, figure: Path
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


def _show(title: str, part: str, rows: Sequence[Row], paths: Sequence[Path]) -> None:
    console = Console(highlight=False)
    shown = [_shown(row) for row in rows]
    # A column that no row has anything in is left out, as F where the truth is not known.
    heads = [name for name in shown[0] if any(row[name] != NOTHING for row in shown)]
    table = Table(title=f"{escape(plain(title))}: means over {rows[0].units}", title_justify="left")
    for head in heads:
        name = part if head == "part" else head
        table.add_column(name, justify="left" if head in {"part", "method"} else "right")
    for row in shown:
        table.add_row(*(escape(row[head]) for head in heads))
    console.print(table)
    for path in paths:
        console.print(escape(plain(str(path))), soft_wrap=True)


def _shown(row: Row) -> dict[str, str]:
    """Return a row as it is read, by heading."""

    def number(value: float | None, form: str) -> str:
        return NOTHING if value is None else format(value, form)

    between = f"{number(row.auc_low, '.3f')}-{number(row.auc_high, '.3f')}"
    return {
        "part": row.part or NOTHING,
        "method": row.method,
        "n": str(row.n),
        "AUC": f"{row.auc:.3f}",
        "95 %": NOTHING if row.auc_low is None else between,
        "sd": number(row.auc_sd, ".3f"),
        "sensors": f"{100 * row.selection_rate:.0f} %",
        "F": number(row.f_measure, ".3f"),
        "p": number(row.p, ".2g"),
    }
