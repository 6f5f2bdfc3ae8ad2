"""`bci-online lab`: the lab's window."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bci_online.errors import BciError

__all__ = ["lab"]

SHOWS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


class Language(StrEnum):
    """Of the window."""

    system = ""
    en = "en"
    de = "de"


def lab(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="subjects, sessions and decoders; made if it is not there",
            show_default="bci-lab at home",
        ),
    ] = None,
    language: Annotated[
        Language, typer.Option(help="of the window; if left out, the system's")
    ] = Language.system,
) -> None:
    """Open a window for a whole session: amplifier, calibration, decoder, spelling."""
    if sys.platform == "linux" and not any(os.environ.get(name) for name in SHOWS):
        raise BciError("no display for the lab's window: set DISPLAY, or use the commands it runs")
    if folder is not None and folder.is_file():
        raise BciError(f"{folder}: is a file; a lab is a folder")
    folder = (Path.home() / "bci-lab" if folder is None else folder).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BciError(f"{folder}: cannot be made: {error.strerror}") from error
    # Imported late: Qt takes long to load.
    from bci_online.gui.lab.application import run_lab

    run_lab(folder, language.value)
