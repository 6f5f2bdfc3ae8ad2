"""`bci-online doctor`: what a session needs, and what to do about what is missing."""

from pathlib import Path
from typing import Annotated

import typer

from bci_online.commands.options import JsonLines, StreamsConfig
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import parse_json

__all__ = ["doctor"]


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
    """Check what a session needs, and print how to correct what is missing."""
    as_json = parse_json(json)
    end_soon_after_interrupt()
    if flash:
        from bci_online.commands.bodies.photodiode import flash_and_measure

        raise typer.Exit(flash_and_measure(channel, config, folder, as_json))
    if photodiode is None:
        from bci_online.commands.bodies.system_checks import examine

        raise typer.Exit(examine(folder, as_json))
    from bci_online.commands.bodies.photodiode import measure_display

    raise typer.Exit(measure_display(photodiode, channel, config, as_json))
