"""Command `bci-online`: reads, assembles, shows."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online import console
from bci_online.commands import panel, upkeep
from bci_online.commands.options import JsonLines, StreamsConfig, session_command
from bci_online.errors import BciError

if TYPE_CHECKING:
    from bci_online.commands.session_request import SessionRequest

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


class Paradigm(StrEnum):
    """What a demo shows."""

    p300 = "p300"


DecoderFile = Annotated[Path, typer.Option("--decoder", help="made by `bci-calibrate train`")]
StoppingRule = Annotated[
    Stopping,
    typer.Option("--stopping", help="rule: at the stated error rate; off: after all repetitions"),
]
SessionName = Annotated[
    str, typer.Option("--session", help="the session's name in its streams; made up if not given")
]


# The processes of a session, started by the one that the user started.
part = typer.Typer(hidden=True, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(part, name="part")
app.add_typer(upkeep.export, name="export")
app.command()(upkeep.doctor)
app.command()(panel.panel)
part.command()(upkeep.monitors)
part.command(name="panel")(panel.beside)


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
@session_command
def spell(
    request: "SessionRequest",
    decoder: DecoderFile,
    copy: Annotated[str, typer.Option(help="what to copy; empty: as the subject likes")] = "",
    wish: Annotated[
        str, typer.Option(help="what the simulated subject writes, with suggestions and mistakes")
    ] = "",
    no_prior: Annotated[
        bool, typer.Option("--no-prior", help="every letter alike: no language")
    ] = False,
) -> None:
    """Spell live with a decoder; everything is recorded."""
    from bci_online.commands.spell import spell as spelled

    spelled(decoder, request, copy, wish=wish, prior=not no_prior)


@app.command()
@session_command
def feedback(
    request: "SessionRequest",
    decoder: Annotated[Path, typer.Option("--decoder", help="of motor imagery")],
) -> None:
    """Cue motor imagery, decode it live and show the subject how it goes; all is recorded."""
    from bci_online.commands.feedback import give_feedback

    give_feedback(decoder, request)


@app.command()
def demo(
    word: Annotated[str, typer.Option(help="what the simulated subject spells")] = "BCI",
    paradigm: Annotated[Paradigm, typer.Option(help="what is shown")] = Paradigm.p300,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="recordings and decoder go into a folder in it")
    ] = Path("demo-output"),
    headless: Annotated[
        bool, typer.Option("--headless", help="lines instead of a picture")
    ] = False,
    json: JsonLines = "",
) -> None:
    """Calibrate, train and spell a word with a simulated subject: all live, all recorded."""
    from bci_online.commands.demo import run_demo

    run_demo(word.upper(), output, headless=headless, as_json=console.parse_json(json))


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
    from bci_online.commands.parts import be_player

    be_player(recording, config, speed, session)


@part.command()
def amplifier(session: str, config: Annotated[Path, typer.Option()]) -> None:
    """Be the simulated amplifier of a session."""
    from bci_online.commands.parts import be_amplifier

    be_amplifier(session, config)


@part.command()
def engine(
    session: str,
    config: Annotated[Path, typer.Option()],
    summary: Annotated[Path, typer.Option()],
    decoder: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Decode a session, or watch a calibration."""
    from bci_online.commands.parts import be_engine

    be_engine(session, config, decoder, summary)


@part.command()
def screen(
    session: str,
    config: Annotated[Path, typer.Option()],
    summary: Annotated[Path, typer.Option()],
    mode: Annotated[str, typer.Option()],
    seed: Annotated[int, typer.Option()],
    word: Annotated[list[str] | None, typer.Option()] = None,
    wish: Annotated[str, typer.Option()] = "",
    headless: Annotated[bool, typer.Option("--headless")] = False,
    pictures: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Show a session to its subject."""
    from bci_online.commands.parts import be_screen

    be_screen(
        session,
        config,
        summary,
        mode=mode,
        words=word or [],
        wish=wish,
        seed=seed,
        headless=headless,
        pictures=pictures,
    )


def main() -> None:
    """Run the command line and exit."""
    sys.exit(console.run(app))


if __name__ == "__main__":
    main()
