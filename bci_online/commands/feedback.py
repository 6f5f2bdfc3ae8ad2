"""`bci-online feedback`, as typed; nothing heavy is imported before it runs."""

from pathlib import Path
from typing import Annotated

import typer

from bci_online import console
from bci_online.commands.upkeep import AcceptQuality, JsonLines

__all__ = ["feedback"]


def feedback(
    decoder: Annotated[Path, typer.Option("--decoder", help="of motor imagery")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="a folder for the session; must hold none")
    ],
    config: Annotated[
        Path | None, typer.Option(help="TOML: streams, classes and trials, times, the screen")
    ] = None,
    subject: Annotated[str, typer.Option(help="a number or pseudonym, never a name")] = "01",
    session: Annotated[str, typer.Option(help="the subject's session, for the file's name")] = "01",
    run: Annotated[int, typer.Option(help="the session's run, from 1", min=1, max=99)] = 1,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="with a simulated amplifier and subject")
    ] = False,
    headless: Annotated[bool, typer.Option("--headless", help="without windows")] = False,
    accept_quality: AcceptQuality = "",
    json: JsonLines = "",
) -> None:
    """Cue motor imagery, decode it live and show the subject how it goes; all is recorded."""
    from bci_online.commands.feedback_session import give_feedback

    give_feedback(
        decoder,
        output,
        config,
        subject=subject,
        session=session,
        run=run,
        simulate=simulate,
        headless=headless,
        accept_quality=accept_quality,
        as_json=console.parse_json(json),
    )
