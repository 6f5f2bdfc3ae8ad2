"""`bci-online look`: what a recording or the network holds, before anything is trained on it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.commands.options import JsonLines, StreamsConfig
from bci_online.counted import counted
from bci_online.errors import BciError
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import parse_json
from bci_online.output_paths import output_file, page_file

if TYPE_CHECKING:
    from bci_online.look import Look

__all__ = ["look"]

LOOK_S = 10.0


def look(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[RECORDING|STREAM]",
            help="a recording, a session's folder, or the name or source_id of an EEG stream; "
            "none: the network",
        ),
    ] = "",
    config: StreamsConfig = None,
    toml: Annotated[
        Path | None, typer.Option(help="where to write the configuration that reads it")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="an HTML page to write as well")] = None,
    seconds: Annotated[
        float | None,
        typer.Option(help="how long streams are read; 10 if left out", min=1.0, max=600.0),
    ] = None,
    json: JsonLines = "",
) -> None:
    """Look at a recording or at streams: what they hold, what is wrong, and what mends it."""
    as_json = parse_json(json)
    end_soon_after_interrupt()
    if html is not None:
        page_file(html, "--html")
    if toml is not None:
        output_file(toml, "configuration", _is_toml, "--toml")
    found = _look(what, config, seconds)
    _write(found, toml, html)
    if as_json:
        from bci_online.console import json_line

        sys.stdout.write(json_line(found))
        return
    from bci_online.terminal.look_output import show_look

    show_look(found, with_toml=toml is None)


def _look(what: str, config: Path | None, seconds: float | None) -> "Look":
    from bci_online.acquisition.file_names import is_other_format
    from bci_online.config import read_config, read_tables

    read_config(config)
    tables = {} if config is None else read_tables(config)
    path = Path(what)
    is_name = os.sep not in what and not what.casefold().endswith((".xdf", ".xdfz", ".xdf.gz"))
    if what and path.is_dir():
        path = _only_recording(path)
    if what and (path.exists() or not is_name or is_other_format(path)):
        if seconds is not None:
            raise BciError(f"--seconds {seconds:g}: a recording is read as a whole; leave it out")
        from bci_online.look import look_at

        return look_at(path, tables)
    from bci_online.commands.bodies.live_look import look_live

    return look_live(what, tables, LOOK_S if seconds is None else seconds)


def _only_recording(folder: Path) -> Path:
    from bci_online.session.folder import recordings_in

    found = recordings_in(folder)
    if len(found) != 1:
        listed = ", ".join(path.name for path in found[:6]) or "no *.xdf"
        raise BciError(f"{folder}: holds {counted(len(found), 'recording')} ({listed}); name one")
    return found[0]


def _write(found: "Look", toml: Path | None, html: Path | None) -> None:
    from bci_online.atomic_write import write_atomically

    if toml is not None:
        write_atomically(toml, found.toml.encode())
    if html is not None:
        from bci_online.look.page import look_page

        write_atomically(html, look_page(found).encode())


def _is_toml(path: Path) -> bool:
    return path.suffix == ".toml"
