"""What `bci-online` does between sessions, as typed: look at the computer, hand recordings on.

Imported with the command line itself, so it imports nothing heavy before a command runs.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bci_online import console
from bci_online.commands.options import JsonLines, StreamsConfig

__all__ = ["doctor", "export", "monitors"]

export = typer.Typer(
    help="Write a session in a form that others read.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def doctor(
    photodiode: Annotated[
        Path | None, typer.Option(help="a recording in which the screen's patch toggled")
    ] = None,
    flash: Annotated[
        bool, typer.Option("--flash", help="flash the patch now, and measure it in --channel")
    ] = False,
    channel: Annotated[str, typer.Option(help="where the photodiode is, such as AUX")] = "AUX",
    config: StreamsConfig = None,
    folder: Annotated[Path, typer.Option(help="where recordings are to go")] = Path(),
    json: JsonLines = "",
) -> None:
    """Look at what a session needs, and say what to do about what is missing."""
    as_json = console.parse_json(json)
    if flash:
        from bci_online.commands.photodiode import flash_and_measure

        raise typer.Exit(flash_and_measure(channel, config, folder, as_json))
    if photodiode is None:
        from bci_online.commands.doctor import examine

        raise typer.Exit(examine(folder, as_json))
    from bci_online.commands.photodiode import measure_display

    raise typer.Exit(measure_display(photodiode, channel, config, as_json))


@export.command(name="bids")
def export_to_bids(
    session: Annotated[Path, typer.Argument(help="a session's folder, or a recording")],
    output: Annotated[Path, typer.Option("--output", "-o", help="the BIDS data set's folder")],
    config: StreamsConfig = None,
    task: Annotated[str, typer.Option(help="where the recording's name has none")] = "",
    line_freq: Annotated[float, typer.Option(help="mains, Hz", min=1, max=1000)] = 50.0,
    json: JsonLines = "",
) -> None:
    """Write a session's recording as BIDS: raw samples, markers as events."""
    from bci_online.commands.export import export_bids

    export_bids(
        session, output, config, task=task, line_freq=line_freq, as_json=console.parse_json(json)
    )


def monitors() -> None:
    """Say what the monitors are, and how evenly they show frames."""
    from bci_online.gui.frames.monitors import monitors as probed

    for monitor in probed():
        sys.stdout.write(console.json_line(monitor))
        sys.stdout.flush()
