"""`bci-online export`: a session in a form that others read."""

from pathlib import Path
from typing import Annotated

import typer

from bci_online.commands.options import JsonLines, StreamsConfig
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import parse_json

__all__ = ["app"]

app = typer.Typer(
    help="Write a session in a form that others read.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def bids(
    session: Annotated[Path, typer.Argument(help="a session's folder, or a recording")],
    output: Annotated[Path, typer.Option("--output", "-o", help="the BIDS data set's folder")],
    config: StreamsConfig = None,
    task: Annotated[str, typer.Option(help="where the recording's name has none")] = "",
    line_freq: Annotated[float, typer.Option(help="mains, Hz", min=1, max=1000)] = 50.0,
    json: JsonLines = "",
) -> None:
    """Write a session's recording as BIDS: raw samples, markers as events."""
    end_soon_after_interrupt()
    from bci_online.commands.bodies.bids import export_bids

    export_bids(session, output, config, task=task, line_freq=line_freq, as_json=parse_json(json))
