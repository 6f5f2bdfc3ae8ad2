"""Options that several commands have, as typed; imports nothing heavy before a command runs."""

import functools
import inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bci_online.errors import BciError
from bci_online.option_values import parse_json, parse_steer
from bci_online.output_paths import output_folder

if TYPE_CHECKING:
    from bci_online.commands.session_request import SessionRequest

__all__ = [
    "DecoderFile",
    "EarlierRuns",
    "ErrorPotentials",
    "JsonLines",
    "NoCalibration",
    "OptionalDecoder",
    "Resume",
    "SessionName",
    "SteerLines",
    "Stopping",
    "StoppingRule",
    "StreamsConfig",
    "check_decoder",
    "earlier_recordings",
    "session_command",
]


class Stopping(StrEnum):
    """When a letter is decided."""

    rule = "rule"
    off = "off"


DecoderFile = Annotated[Path, typer.Option("--decoder", help="made by `bci-calibrate train`")]
OptionalDecoder = Annotated[
    Path | None, typer.Option("--decoder", help="made by `bci-calibrate train`")
]
NoCalibration = Annotated[
    bool,
    typer.Option("--no-calibration", help="spell without a decoder: nothing is learnt beforehand"),
]
ErrorPotentials = Annotated[
    Path | None,
    typer.Option(
        "--errp",
        help="made by `bci-calibrate train --paradigm errp`: error potentials take letters back",
    ),
]
EarlierRuns = Annotated[
    list[Path] | None,
    typer.Option(
        "--after",
        help="imagery: an earlier run of this session (recording or folder), again for each; "
        "recentring goes on from there",
    ),
]
JsonLines = Annotated[str, typer.Option("--json", help="- for JSON lines on standard output")]
SteerLines = Annotated[
    str,
    typer.Option(
        "--steer",
        help="- for commands on standard input, one a line: pause, resume, undo, go_back, correct, "
        "finish, abort, note TEXT",
    ),
]
Resume = Annotated[
    Path | None,
    typer.Option("--resume", help="a folder whose calibration was cut short: show what is left"),
]
SessionName = Annotated[
    str, typer.Option("--session", help="the session's name in its streams; made up if not given")
]
StoppingRule = Annotated[
    Stopping,
    typer.Option("--stopping", help="rule: at the stated error rate; off: after all repetitions"),
]
StreamsConfig = Annotated[
    Path | None, typer.Option("--config", help="TOML: which streams and markers to read")
]


def check_decoder(decoder: Path | None, *, no_calibration: bool) -> None:
    """Refuse a decoder beside ``--no-calibration``, and neither of them."""
    if (decoder is None) != no_calibration:
        raise BciError("give --decoder FILE, or --no-calibration to spell without one: one of them")


def earlier_recordings(after: list[Path] | None) -> tuple[Path, ...]:
    """Return the recordings that ``--after`` names, those of a folder run by run."""
    from bci_online.session.folder import recordings_in

    found: list[Path] = []
    for path in after or ():
        recordings = recordings_in(path) if path.is_dir() else [path]
        if not recordings:
            raise BciError(f"--after {path}: the folder holds no recording")
        found += recordings
    return tuple(found)


def session_command(body: Callable[..., None]) -> Callable[..., None]:
    """Return `body` as a command with the options of every recorded session.

    typer reads a signature. The command's signature has these options after the options of `body`.
    `body` gets a `SessionRequest` in their place, as its first argument.
    """
    own = list(inspect.signature(body).parameters.values())[1:]
    shared = list(inspect.signature(_request).parameters.values())

    @functools.wraps(body)
    def command(**typed: Any) -> None:
        options = {option.name: typed.pop(option.name) for option in shared}
        if (options["output"] is None) == (typed.get("resume") is None):
            ways = ", or --resume FOLDER, one of them" if "resume" in typed else ""
            raise BciError(f"give --output FOLDER{ways}")
        named = "--output" if options["output"] else "--resume"
        options["output"] = output_folder(options["output"] or typed["resume"], named)
        body(_request(**options), **typed)

    both = [option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in (*own, *shared)]
    command.__dict__["__signature__"] = inspect.Signature(both)
    command.__annotations__ = {option.name: option.annotation for option in both}
    return command


def _request(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="a folder for the session; must hold none"),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML: streams, what is shown and when, the screen")
    ] = None,
    subject: Annotated[str, typer.Option(help="a number or pseudonym, never a name")] = "01",
    session: Annotated[str, typer.Option(help="the subject's session, for the file's name")] = "01",
    run: Annotated[int, typer.Option(help="the session's run, from 1", min=1, max=99)] = 1,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="with a simulated amplifier and subject")
    ] = False,
    headless: Annotated[bool, typer.Option("--headless", help="without windows")] = False,
    accept_quality: Annotated[
        str,
        typer.Option(help="why to begin with electrodes that are not good, without being asked"),
    ] = "",
    json: JsonLines = "",
    steer: SteerLines = "",
) -> "SessionRequest":
    from bci_online.commands.session_request import SessionRequest

    assert output is not None  # or that of --resume
    return SessionRequest(
        output=output,
        config_path=config,
        subject=subject,
        session=session,
        run=run,
        simulate=simulate,
        headless=headless,
        accept_quality=accept_quality,
        as_json=parse_json(json),
        steered=parse_steer(steer),
    )
