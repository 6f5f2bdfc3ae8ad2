"""`bci-online look`: what a recording holds, before anything is trained on it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bci_online.commands.options import JsonLines, StreamsConfig
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import output_file, parse_json

__all__ = ["look"]


def look(
    recording: Annotated[Path, typer.Argument(help="an XDF file, or one of another format")],
    config: StreamsConfig = None,
    toml: Annotated[
        Path | None, typer.Option(help="where to write the configuration that reads it")
    ] = None,
    json: JsonLines = "",
) -> None:
    """Look at a recording: streams, clocks, channels, markers, what is wrong and what mends it."""
    as_json = parse_json(json)
    end_soon_after_interrupt()
    from bci_online.atomic_write import write_atomically
    from bci_online.config import read_config, read_tables
    from bci_online.console import json_line, note, plain
    from bci_online.look import look_at
    from bci_online.terminal.look_output import show_look

    if toml is not None:
        output_file(toml, "configuration", _is_ours, "--toml")
    read_config(config)
    found = look_at(recording, {} if config is None else read_tables(config))
    if toml is not None:
        write_atomically(toml, found.toml.encode())
    if as_json:
        sys.stdout.write(json_line(found))
        return
    show_look(found, with_toml=toml is None)
    if toml is not None:
        note(f"{plain(str(toml))} has the configuration that reads it")


def _is_ours(path: Path) -> bool:
    return path.suffix == ".toml"
