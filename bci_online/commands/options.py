"""Options that several commands have, as typed; imports nothing heavy."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AcceptQuality",
    "Headless",
    "JsonLines",
    "Run",
    "Session",
    "SessionOutput",
    "Simulate",
    "StreamsConfig",
    "Subject",
]

StreamsConfig = Annotated[
    Path | None, typer.Option("--config", help="TOML: which streams and markers to read")
]
JsonLines = Annotated[str, typer.Option("--json", help="- for JSON lines on standard output")]

# Of every recorded session.
SessionOutput = Annotated[
    Path, typer.Option("--output", "-o", help="a folder for the session; must hold none")
]
Subject = Annotated[str, typer.Option(help="a number or pseudonym, never a name")]
Session = Annotated[str, typer.Option(help="the subject's session, for the file's name")]
Run = Annotated[int, typer.Option(help="the session's run, from 1", min=1, max=99)]
Simulate = Annotated[
    bool, typer.Option("--simulate", help="with a simulated amplifier and subject")
]
Headless = Annotated[bool, typer.Option("--headless", help="without windows")]
AcceptQuality = Annotated[
    str, typer.Option(help="why to begin with electrodes that are not good, without being asked")
]
