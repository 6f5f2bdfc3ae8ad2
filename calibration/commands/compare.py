"""`bci-calibrate compare`: every method on the same recordings, as a table, a figure and a page."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.atomic_write import write_atomically
from bci_online.commands.options import JsonLines
from bci_online.console import json_line, note, plain
from bci_online.errors import BciError
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import parse_json
from bci_online.output_paths import output_folder
from bci_online.progress import progress_bar
from calibration.experiments.evaluate_options import Scheduler
from calibration.method_names import AUTO, FLASH_NETWORKS, LINEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bci_online.page.blocks import Picture
    from calibration.experiments.compared_recordings import MethodRow

__all__ = ["compare"]


def compare(
    recordings: Annotated[
        list[Path], typer.Argument(help="XDF files or session folders to train on")
    ],
    test: Annotated[list[Path], typer.Option(help="what to test on; may be given several times")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="folder of compare.csv, .svg, .html and scores")
    ],
    config: Annotated[
        Path | None, typer.Option(help="TOML: streams, markers, filter, latencies, layout")
    ] = None,
    methods: Annotated[
        str, typer.Option(help="which ones, such as lda,xdawn,auto; most linear ones if left out")
    ] = "",
    networks: Annotated[
        bool, typer.Option("--networks", help="eegnet and min2net, too; takes minutes")
    ] = False,
    jobs: Annotated[int, typer.Option(help="how many are trained at once", min=1, max=256)] = 1,
    scheduler: Scheduler = "",
    json: JsonLines = "",
) -> None:
    """Train every method on some recordings and test it on others; a stopped run continues."""
    end_soon_after_interrupt()
    as_json = parse_json(json)
    # Only now: these import scikit-learn, and `--help` must not wait for it.
    from bci_online.config import read_config
    from calibration.experiments.compared_methods import checked_methods
    from calibration.experiments.compared_recordings import (
        COMPARED,
        Recordings,
        rows_of,
    )
    from calibration.experiments.compared_recordings import compare as trained_and_tested
    from calibration.recordings import found_in

    chosen = checked_methods(methods, (AUTO, *LINEAR, *FLASH_NETWORKS), COMPARED)
    if networks:
        chosen = (*chosen, *(name for name in FLASH_NETWORKS if name not in chosen))
    training, config_path = found_in(recordings, config)
    tested, _ = found_in(test, config)
    read = read_config(config_path)
    if read.paradigm != "p300":
        raise BciError(f"{config_path}: paradigm must be 'p300', got {read.paradigm!r}")
    output_folder(output)
    of = Recordings(training=tuple(training), test=tuple(tested), config=read)
    with progress_bar(counted=True, hidden=as_json) as bar:
        task = bar.add_task("methods", total=len(chosen))

        def progress(done: int, of: int) -> None:
            bar.update(task, completed=done)

        cells = trained_and_tested(of, chosen, output / "scores", jobs, progress, scheduler)
    rows = rows_of(cells.results)
    of_recordings = (text for one in cells.results if one is not None for text in one["notes"])
    for text in (*cells.notes(), *dict.fromkeys(of_recordings)):
        note(text)
    _write(output, rows, of.training, of.test)
    for row in rows if as_json else ():
        sys.stdout.write(json_line({"type": "method", **_plain(row)}))
    if not as_json:
        _show(rows)
        sys.stdout.write(f"{plain(str(output / 'compare.html'))}\n")


def _plain(row: "MethodRow") -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


HEADER = ("method", "AUC, 95 %", "behind the best", "letters", "sensors", "s")


def _texts(row: "MethodRow") -> tuple[str, ...]:
    letters = f"{row.letters_right} of {row.letters}" if row.letters else ""
    return (
        row.method,
        f"{row.auc:.3f}, {row.auc_ci[0]:.3f}–{row.auc_ci[1]:.3f}",
        f"{row.behind:.3f}, {row.behind_ci[0]:.3f}…{row.behind_ci[1]:.3f}",
        letters,
        str(row.sensors),
        f"{row.seconds:.1f}",
    )


def _show(rows: "Sequence[MethodRow]") -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="methods, the best first", title_justify="left", box=SIMPLE, padding=(0, 1))
    for name in HEADER:
        table.add_column(name)
    for row in rows:
        table.add_row(*(escape(plain(text)) for text in _texts(row)))
    Console(highlight=False).print(table)


def _write(
    output: Path, rows: "Sequence[MethodRow]", training: "Sequence[Path]", test: "Sequence[Path]"
) -> None:
    """Write the table, the figure and the page."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from calibration.experiments.compared_recordings import paint_methods
    from calibration.experiments.table_files import write_table
    from calibration.report.drawing import drawn

    height = 1.2 + 0.28 * len(rows)
    write_table(output / "compare.csv", rows)
    plot = Figure(figsize=(7.5, height), layout="constrained")
    paint_methods(plot, rows)
    # The same picture is the same file.
    with rc_context({"svg.hashsalt": "methods"}):
        plot.savefig(output / "compare.svg", metadata={"Date": None})
    shown = drawn(
        lambda figure: paint_methods(figure, rows),
        height,
        "How far each method is behind the best.",
        "Points: the difference of the AUCs on the same flashes. Lines: 95 % intervals, with whole "
        "letters drawn again. Where a line reaches 0, the letters are too few to tell the methods "
        "apart.",
    )
    names = [("trained on", ", ".join(path.name for path in training))]
    names.append(("tested on", ", ".join(path.name for path in test)))
    write_atomically(output / "compare.html", _page(rows, shown, names).encode())


def _page(rows: "Sequence[MethodRow]", shown: "Picture", names: "Sequence[tuple[str, str]]") -> str:
    from bci_online.page.blocks import facts, figure, paragraph, table
    from bci_online.page.document import page, section

    best = rows[0]
    return page(
        "Methods side by side",
        f"{best.method} is best, with an AUC of {best.auc:.3f}.",
        [
            section("Figure", figure(shown)),
            section(
                "Table",
                table(HEADER, [_texts(row) for row in rows]),
                paragraph("The best of several looks a little better than it is.", "note"),
            ),
            section("Recordings", facts(names)),
        ],
    )
