"""Command `bci-calibrate`: reads, trains, shows."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bci_online import console

app = typer.Typer(
    name="bci-calibrate",
    help="Find the numbers that bci-online lives by: train decoders and evaluate methods.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Method(StrEnum):
    """How weights and sensors are found; the same names as `calibration.fitting.METHODS`."""

    lda = "lda"
    svm = "svm"
    gsvm_2 = "gsvm-2"
    gsvm_a = "gsvm-a"


@app.callback()
def bci_calibrate() -> None:
    """Find the numbers that bci-online lives by: train decoders and evaluate methods."""


@app.command()
def train(
    recordings: Annotated[list[Path], typer.Argument(help="XDF files, oldest first")],
    output: Annotated[Path, typer.Option("--output", "-o", help="the decoder file to write")],
    method: Annotated[Method, typer.Option(help="lda and svm use every sensor, gsvm choose")],
    config: Annotated[
        Path | None, typer.Option(help="TOML: streams, markers, filter, latencies, layout")
    ] = None,
    trials: Annotated[str, typer.Option(help="which letters to train on, such as 1-3,5")] = "",
    no_refit: Annotated[
        bool, typer.Option("--no-refit", help="keep the shrunken weights of gsvm methods")
    ] = False,
    no_evaluation: Annotated[
        bool, typer.Option("--no-evaluation", help="write the decoder only: no held-out figures")
    ] = False,
    json: Annotated[str, typer.Option(help="- for a JSON line on standard output")] = "",
) -> None:
    """Train a decoder on recordings; every figure comes from held-out runs or letters."""
    from calibration.commands import train_decoder

    train_decoder(
        recordings,
        output,
        method.value,
        config,
        trials=console.parse_trials(trials),
        refit=not no_refit,
        evaluation=not no_evaluation,
        as_json=console.parse_json(json),
    )


def main() -> None:
    """Run the command line and exit."""
    sys.exit(console.run(app))


if __name__ == "__main__":
    main()
