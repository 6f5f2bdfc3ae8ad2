"""`bci-online verify`: whether a session is as it was, and decides again as it did."""

from pathlib import Path
from typing import Annotated

import typer

from bci_online.commands.options import JsonLines
from bci_online.option_values import parse_json

__all__ = ["verify"]


def verify(
    session: Annotated[Path, typer.Argument(help="a session's folder")], json: JsonLines = ""
) -> None:
    """Check every file of a session, and derive each of its decisions again.

    Exit code 0: all is right. 2: a line for each thing that is not.
    """
    from bci_online.commands.bodies.verification import verify_session

    if not verify_session(session, as_json=parse_json(json)):
        raise typer.Exit(2)
