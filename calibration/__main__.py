"""Command `bci-calibrate`: reads, trains, shows."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bci_online import console
from calibration.evaluation import command_line as evaluation

app = typer.Typer(
    name="bci-calibrate",
    help="Find the numbers that bci-online lives by: train decoders and evaluate methods.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(evaluation.app, name="evaluate")


class Method(StrEnum):
    """How weights and sensors are found; the same names as `calibration.methods.METHODS`.

    ``csp-lda`` is for motor imagery, the others are for flashes.
    """

    lda = "lda"
    svm = "svm"
    svm_1 = "svm-1"
    gsvm_2 = "gsvm-2"
    gsvm_q = "gsvm-q"
    gsvm_a = "gsvm-a"
    gsvm_time = "gsvm-time"
    csp_lda = "csp-lda"
    mgsvm_2 = "mgsvm-2"
    mgsvm_2s = "mgsvm-2s"
    asymmetric = "asymmetric"


@app.callback()
def bci_calibrate() -> None:
    """Find the numbers that bci-online lives by: train decoders and evaluate methods."""


@app.command()
def train(
    recordings: Annotated[
        list[Path], typer.Argument(help="XDF files or session folders, oldest first")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="the decoder file to write")],
    method: Annotated[
        Method, typer.Option(help="lda and svm use every sensor, gsvm choose; csp-lda: imagery")
    ],
    config: Annotated[
        Path | None, typer.Option(help="TOML: streams, markers, filter, latencies, layout")
    ] = None,
    trials: Annotated[
        str, typer.Option(help="which letters or cues to train on, such as 1-3,5")
    ] = "",
    sensors: Annotated[
        str, typer.Option(help="at most so many electrodes; auto: the fewest within one error")
    ] = "",
    prefer: Annotated[
        str, typer.Option(help="places near which electrodes cost less, such as Cz,Pz,PO7,PO8")
    ] = "",
    pool: Annotated[
        list[str] | None,
        typer.Option(
            help="another subject's or session's FILE[,FILE...][=CONFIG.toml] to learn with; "
            "lda, svm, mgsvm-2, mgsvm-2s and asymmetric can; may be given several times"
        ),
    ] = None,
    no_refit: Annotated[
        bool, typer.Option("--no-refit", help="keep the shrunken weights of gsvm methods")
    ] = False,
    figure: Annotated[
        Path | None, typer.Option(help="PNG or SVG to draw: AUC against the number of sensors")
    ] = None,
    no_evaluation: Annotated[
        bool, typer.Option("--no-evaluation", help="write the decoder only: no held-out figures")
    ] = False,
    json: Annotated[str, typer.Option(help="- for a JSON line on standard output")] = "",
) -> None:
    """Train a decoder on recordings; every figure comes from held-out runs, letters or cues."""
    from calibration.commands import train_decoder

    train_decoder(
        recordings,
        output,
        method.value,
        config,
        trials=console.parse_trials(trials),
        sensors=sensors,
        prefer=prefer,
        pool=pool or (),
        refit=not no_refit,
        figure=figure,
        evaluation=not no_evaluation,
        as_json=console.parse_json(json),
    )


record = typer.Typer(
    help="Record cued sessions to train on.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(record, name="record")


@record.callback()
def records() -> None:
    """Record cued sessions to train on."""


@record.command(name="p300")
def record_p300(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="a folder for the session; must hold none")
    ],
    config: Annotated[
        Path | None, typer.Option(help="TOML: streams, matrix, timing, words to copy")
    ] = None,
    subject: Annotated[str, typer.Option(help="a number or pseudonym, never a name")] = "01",
    session: Annotated[str, typer.Option(help="the subject's session, for the file's name")] = "01",
    run: Annotated[int, typer.Option(help="the session's run, from 1", min=1, max=99)] = 1,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="with a simulated amplifier and subject")
    ] = False,
    headless: Annotated[bool, typer.Option("--headless", help="without windows")] = False,
    json: Annotated[str, typer.Option(help="- for JSON lines on standard output")] = "",
) -> None:
    """Copy words: the subject looks at letter after letter, everything is recorded."""
    from calibration.protocol import record_p300 as recorded

    recorded(
        output,
        config,
        subject=subject,
        session=session,
        run=run,
        simulate=simulate,
        headless=headless,
        as_json=console.parse_json(json),
    )


@app.command()
def toy_losses(
    output: Annotated[Path, typer.Option("--output", "-o", help="the PNG or SVG file to draw")],
) -> None:
    """Draw how weightings of two losses descend over a plane, from three starts."""
    from calibration.networks.showing import draw_toy_losses

    draw_toy_losses(output)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(console.run(app))


if __name__ == "__main__":
    main()
