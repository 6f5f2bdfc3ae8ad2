"""`bci-online feedback`, as typed; nothing heavy is imported before it runs."""

from pathlib import Path
from typing import Annotated

import typer

from bci_online import console
from bci_online.commands.options import (
    AcceptQuality,
    Headless,
    JsonLines,
    Run,
    Session,
    SessionOutput,
    Simulate,
    Subject,
)

__all__ = ["feedback"]


def feedback(
    decoder: Annotated[Path, typer.Option("--decoder", help="of motor imagery")],
    output: SessionOutput,
    config: Annotated[
        Path | None, typer.Option(help="TOML: streams, classes and trials, times, the screen")
    ] = None,
    subject: Subject = "01",
    session: Session = "01",
    run: Run = 1,
    simulate: Simulate = False,
    headless: Headless = False,
    accept_quality: AcceptQuality = "",
    json: JsonLines = "",
) -> None:
    """Cue motor imagery, decode it live and show the subject how it goes; all is recorded."""
    from bci_online.commands.feedback_session import give_feedback
    from bci_online.commands.session_request import SessionRequest

    request = SessionRequest(
        output=output,
        config_path=config,
        subject=subject,
        session=session,
        run=run,
        simulate=simulate,
        headless=headless,
        accept_quality=accept_quality,
        as_json=console.parse_json(json),
    )
    give_feedback(decoder, request)
