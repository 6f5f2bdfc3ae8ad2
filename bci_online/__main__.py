"""Command `bci-online`: reads, assembles, shows."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bci_online import console
from bci_online.errors import BciError

app = typer.Typer(
    name="bci-online",
    help="Spell or imagine live, and replay recordings through the very same code.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Stopping(StrEnum):
    """When a letter is decided."""

    rule = "rule"
    off = "off"


DecoderFile = Annotated[Path, typer.Option("--decoder", help="made by `bci-calibrate train`")]
StreamsConfig = Annotated[
    Path | None, typer.Option("--config", help="TOML: which streams and markers to read")
]
StoppingRule = Annotated[
    Stopping,
    typer.Option("--stopping", help="rule: at the stated error rate; off: after all repetitions"),
]
SessionName = Annotated[
    str, typer.Option("--session", help="the session's name in its streams; made up if not given")
]
JsonLines = Annotated[str, typer.Option("--json", help="- for JSON lines on standard output")]


# The processes of a session, started by the one that the user started.
part = typer.Typer(hidden=True, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(part, name="part")


@app.callback()
def bci_online() -> None:
    """Spell or imagine live, and replay recordings through the very same code."""


@app.command()
def replay(
    recording: Annotated[Path, typer.Argument(help="an XDF file")],
    decoder: DecoderFile,
    config: StreamsConfig = None,
    speed: Annotated[str, typer.Option(help="max, or times real time: 1, 10")] = "max",
    stopping: StoppingRule = Stopping.rule,
    max_repetitions: Annotated[
        int | None, typer.Option(help="use at most so many repetitions of each letter")
    ] = None,
    trials: Annotated[str, typer.Option(help="which letters count, such as 1-3,5")] = "",
    lsl: Annotated[bool, typer.Option("--lsl", help="play it into LSL and decode it live")] = False,
    json: JsonLines = "",
) -> None:
    """Run a recording through the online chain and say what it decides."""
    times = console.parse_speed(speed)
    if lsl:
        from bci_online.commands.live import replay_over_lsl as replayed
    else:
        from bci_online.commands.replay import replay_recording as replayed
    replayed(
        recording,
        decoder,
        config,
        speed=times,
        dynamic=stopping is Stopping.rule,
        max_repetitions=max_repetitions,
        trials=console.parse_trials(trials),
        as_json=console.parse_json(json),
    )


@app.command()
def run(
    decoder: DecoderFile,
    config: StreamsConfig = None,
    stopping: StoppingRule = Stopping.rule,
    session: SessionName = "",
    json: JsonLines = "",
) -> None:
    """Decode the streams of the network live, until the session ends or Ctrl-C."""
    from bci_online.commands.live import run_live

    run_live(
        decoder,
        config,
        session,
        dynamic=stopping is Stopping.rule,
        as_json=console.parse_json(json),
    )


@app.command()
def play(
    recording: Annotated[Path, typer.Argument(help="an XDF file")],
    config: StreamsConfig = None,
    speed: Annotated[float, typer.Option(help="times real time", min=0.01, max=1000)] = 1.0,
    session: SessionName = "",
) -> None:
    """Play a recording into LSL outlets, as if its amplifier were there again."""
    from bci_online.commands.streaming import play_recording

    play_recording(recording, config, speed, session)


@app.command()
def simulate(
    config: Annotated[Path | None, typer.Option(help="TOML: subject, layout, timing")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="write a recording instead of streaming")
    ] = None,
    word: Annotated[str, typer.Option(help="what the subject copies in the recording")] = "",
    seed: Annotated[
        int | None, typer.Option(help="another seed is another session of the same kind", min=0)
    ] = None,
    session: SessionName = "",
    seconds: Annotated[float | None, typer.Option(help="how long to stream", min=0)] = None,
) -> None:
    """Be an LSL amplifier whose simulated subject answers markers; or write a recording of it."""
    if output is not None:
        from bci_online.commands.simulate import simulate_recording

        simulate_recording(config, word, output, seed)
        return
    if word or seed is not None:
        raise BciError("--word and --seed belong to a recording: give --output too")
    from bci_online.commands.streaming import stream_simulation

    stream_simulation(config, session, seconds)


@app.command()
def streams(json: JsonLines = "") -> None:
    """List what is on the network: rates nominal and measured, clock offsets."""
    from bci_online.commands.streaming import show_streams

    show_streams(console.parse_json(json))


@part.command(name="player")
def player(
    recording: Path,
    config: StreamsConfig = None,
    speed: Annotated[float, typer.Option()] = 1.0,
    session: SessionName = "",
) -> None:
    """Play a recording for the process that started this one."""
    play(recording, config, speed, session)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(console.run(app))


if __name__ == "__main__":
    main()
