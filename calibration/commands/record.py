"""`bci-calibrate record`: cued sessions, to train a decoder on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.commands.options import Resume, session_command
from bci_online.console import command_line
from bci_online.errors import BciError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bci_online.commands.resumption import Resumption
    from bci_online.commands.session_request import SessionRequest
    from bci_online.config import Config
    from bci_online.session.conductor import SessionPlan
    from bci_online.session.summary import SessionSummary

__all__ = ["app", "looked_at"]

MOST_FINDINGS = 3

app = typer.Typer(
    help="Record cued sessions to train on.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def records() -> None:
    """Record cued sessions to train on."""


@app.command(name="p300")
@session_command
def record_p300(
    request: "SessionRequest",
    until: Annotated[
        str, typer.Option(help="end once the letters promise so many right, such as 9/10")
    ] = "",
    resume: Resume = None,
) -> None:
    """Copy words: the subject looks at letter after letter, everything is recorded."""
    # Only now: these import much, and `--help` must not wait for it.
    import msgspec

    from bci_online.session.conductor import conduct

    config, resumed = _config(request, resume, "p300", "p300")
    if until:
        try:
            shown = msgspec.structs.replace(config.presentation, until=until)
        except ValueError as error:
            raise BciError(f"--until: {error}") from None
        config = msgspec.structs.replace(config, presentation=shown)
    words = config.presentation.words
    plan = request.plan(config, "p300", "calibration", words=words, resumed=resumed)
    show = request.session_output()
    with show.session("calibration: copy the words", plan) as observe:
        summary = conduct(plan, observe, show.accept)
    show.summary(
        summary.row(), *_recorded("letters", "epochs", summary, plan), *looked_at(plan, request)
    )


@app.command(name="mi")
@session_command
def record_mi(request: "SessionRequest", resume: Resume = None) -> None:
    """Cue motor imagery without feedback: cross, arrow, imagery; everything is recorded."""
    from bci_online.session.conductor import conduct

    config, resumed = _config(request, resume, "mi", "motor_imagery")
    plan = request.plan(config, "imagery", "calibration", resumed=resumed)
    show = request.session_output()
    with show.session("calibration: imagine what is cued", plan) as observe:
        summary = conduct(plan, observe, show.accept)
    show.summary(
        summary.row(), *_recorded("trials", "windows", summary, plan), *looked_at(plan, request)
    )


@app.command(name="errp")
@session_command
def record_errp(request: "SessionRequest") -> None:
    """Show answers of the speller, some of them wrong on purpose, to learn error potentials."""
    from bci_online.config import for_error_potentials, read_config
    from bci_online.session.conductor import conduct

    config = for_error_potentials(read_config(request.config_path))
    plan = request.plan(config, "errp", "errp")
    show = request.session_output()
    with show.session("calibration: watch what the speller answers", plan) as observe:
        summary = conduct(plan, observe, show.accept)
    how = "--paradigm", "errp"
    show.summary(summary.row(), *_recorded("answers", "epochs", summary, plan, *how))


def _config(
    request: "SessionRequest", resume: Path | None, command: str, paradigm: str
) -> "tuple[Config, Resumption | None]":
    """Return the configuration, and what is left where a calibration goes on."""
    from bci_online.config import read_config

    given, resumed = request.config_path, None
    if resume is not None:
        from bci_online.commands.bodies.resuming import resumption_of

        resumed = resumption_of(resume, request)
    config = read_config(given) if resumed is None or given is not None else resumed.config
    if config.paradigm != paradigm:
        raise BciError(
            f"{given or resume or 'the default configuration'}: paradigm {config.paradigm!r} is "
            f"not what record {command} shows; give a --config with paradigm = {paradigm!r}"
        )
    return config, resumed


def looked_at(plan: "SessionPlan", request: "SessionRequest") -> "Iterator[str]":
    """Yield lines for a person: what is wrong with the recording, while it can still be repeated.

    Parameters
    ----------
    plan : SessionPlan
        Of the session that is over.
    request : SessionRequest
        With ``--json`` there are no lines.

    Yields
    ------
    line : str
        The first findings.

    See Also
    --------
    bci_online.look.looking.look_at : Finds them.
    """
    if request.as_json:
        return
    import msgspec

    from bci_online.look import look_at

    path = plan.folder.recording
    try:
        findings = look_at(path, msgspec.to_builtins(plan.config)).findings
    except BciError as error:
        yield f"look: {error}"
        return
    if not findings:
        yield "look: nothing is wrong with the recording"
        return
    yield from (f"look: {finding.text}" for finding in findings[:MOST_FINDINGS])
    yield f"all of it: {command_line('bci-online', 'look', path)}"


def _recorded(
    shown: str, cut: str, summary: "SessionSummary", plan: "SessionPlan", *how: str
) -> list[str]:
    """Return lines for a person: what was recorded, and how to train a decoder on it."""
    screen, engine, folder = summary.screen, summary.engine, plan.folder.folder
    trained = "bci-calibrate", "train", folder, *how
    lines = []
    if screen is not None and engine is not None:
        lines.append(
            f"{screen.trials} {shown}, {engine.epochs} {cut}; "
            f"{engine.lost_samples} samples lost; rejected: {engine.rejected or 'none'}"
        )
    return [
        *lines,
        f"recorded in {plan.folder.recording}; to train a decoder on it:",
        f"  {command_line(*trained, '-o', folder / 'my.decoder')}",
    ]
