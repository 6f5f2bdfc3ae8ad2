"""`bci-online repair`: a cut or damaged recording, or a session without a summary, made usable."""

from pathlib import Path
from typing import Annotated

import typer

from bci_online.commands.options import JsonLines
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import parse_json

__all__ = ["repair"]


def repair(
    damaged: Annotated[Path, typer.Argument(help="a recording, or a session's folder")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="the repaired file; else NAME_repaired.xdf beside it"),
    ] = None,
    json: JsonLines = "",
) -> None:
    """Repair a damaged recording so that every XDF reader opens it, and say what is missing.

    A session whose conductor was killed gets its summary from the recording.
    """
    end_soon_after_interrupt()
    from bci_online.commands.bodies.repair import repair_file, repair_session

    as_json = parse_json(json)
    if damaged.is_dir():
        repair_session(damaged, output, as_json=as_json)
    else:
        repair_file(damaged, output, as_json=as_json)
