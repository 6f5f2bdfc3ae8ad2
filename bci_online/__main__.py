"""Command `bci-online`: reads, assembles, shows."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bci_online import console

app = typer.Typer(
    name="bci-online",
    help="Spell or imagine live, and replay recordings through the very same code.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Stopping(StrEnum):
    """When a letter is decided."""

    rule = "rule"
    off = "off"


@app.callback()
def bci_online() -> None:
    """Spell or imagine live, and replay recordings through the very same code."""


@app.command()
def replay(
    recording: Annotated[Path, typer.Argument(help="an XDF file")],
    decoder: Annotated[Path, typer.Option(help="made by `bci-calibrate train`")],
    config: Annotated[
        Path | None, typer.Option(help="TOML that says which streams and markers to read")
    ] = None,
    speed: Annotated[str, typer.Option(help="max, or times real time: 1, 10")] = "max",
    stopping: Annotated[
        Stopping, typer.Option(help="rule: at the stated error rate; off: after all repetitions")
    ] = Stopping.rule,
    max_repetitions: Annotated[
        int | None, typer.Option(help="use at most so many repetitions of each letter")
    ] = None,
    trials: Annotated[str, typer.Option(help="which letters count, such as 1-3,5")] = "",
    json: Annotated[str, typer.Option(help="- for JSON lines on standard output")] = "",
) -> None:
    """Run a recording through the online chain and say what it decides."""
    from bci_online.commands.replay import replay_recording

    replay_recording(
        recording,
        decoder,
        config,
        speed=console.parse_speed(speed),
        dynamic=stopping is Stopping.rule,
        max_repetitions=max_repetitions,
        trials=console.parse_trials(trials),
        as_json=console.parse_json(json),
    )


@app.command()
def simulate(
    output: Annotated[Path, typer.Option("--output", "-o", help="the XDF file to write")],
    word: Annotated[str, typer.Option(help="what the simulated subject copies")],
    config: Annotated[Path | None, typer.Option(help="TOML: subject, layout, timing")] = None,
    seed: Annotated[
        int | None, typer.Option(help="another seed is another session of the same kind", min=0)
    ] = None,
) -> None:
    """Write a recording of a simulated subject who copies a word."""
    from bci_online.commands.simulate import simulate_recording

    simulate_recording(config, word, output, seed)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(console.run(app))


if __name__ == "__main__":
    main()
