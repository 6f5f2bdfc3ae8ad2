"""Command `bci-calibrate`: reads, trains, shows."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online import console
from bci_online.commands.options import JsonLines, session_command
from calibration.experiments import evaluate

if TYPE_CHECKING:
    from bci_online.commands.session_request import SessionRequest

app = typer.Typer(
    name="bci-calibrate",
    help="Find the numbers that bci-online lives by: train decoders and evaluate methods.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(evaluate.app, name="evaluate")


class Method(StrEnum):
    """How weights and sensors are found; the same names as `calibration.p300.methods.METHODS`.

    ``csp-lda`` and ``fbmsnet`` are for motor imagery, ``min2net`` and ``eegnet`` for both, the
    others for flashes.
    """

    lda = "lda"
    svm = "svm"
    svm_1 = "svm-1"
    gsvm_2 = "gsvm-2"
    gsvm_q = "gsvm-q"
    gsvm_a = "gsvm-a"
    gsvm_time = "gsvm-time"
    csp_lda = "csp-lda"
    min2net = "min2net"
    fbmsnet = "fbmsnet"
    eegnet = "eegnet"
    mgsvm_2 = "mgsvm-2"
    mgsvm_2s = "mgsvm-2s"
    asymmetric = "asymmetric"


class Weighting(StrEnum):
    """How much each loss of a network counts; `calibration.networks.loss_weighting.STRATEGIES`."""

    alphagrad = "alphagrad"
    adamt = "adamt"
    gradapprox = "gradapprox"
    fixed = "fixed"
    uw = "uw"
    dwa = "dwa"


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
        Method,
        typer.Option(
            help="lda and svm use every sensor, gsvm choose; csp-lda and fbmsnet are for imagery, "
            "min2net and eegnet for both"
        ),
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
        Path | None,
        typer.Option(
            help="PNG or SVG to draw: AUC against the number of sensors, or a network's training"
        ),
    ] = None,
    loss_weighting: Annotated[
        Weighting | None,
        typer.Option(help="of a network with several losses; fixed if left out"),
    ] = None,
    loss_weights: Annotated[
        str, typer.Option(help="to start with, or fixed: min2net's three such as 0.5,0.5,1")
    ] = "",
    loss_step: Annotated[
        float | None,
        typer.Option(help="alphagrad's, 0.01; the more batches, the smaller it should be"),
    ] = None,
    max_epochs: Annotated[
        int | None, typer.Option(help="a network's passes over the data at most; 50", min=1)
    ] = None,
    device: Annotated[str, typer.Option(help="where a network trains: cpu, cuda, mps")] = "",
    no_evaluation: Annotated[
        bool, typer.Option("--no-evaluation", help="write the decoder only: no held-out figures")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="an HTML page of the decoder to write as well")
    ] = None,
    json: JsonLines = "",
) -> None:
    """Train a decoder on recordings; every figure comes from held-out runs, letters or cues."""
    from calibration.commands import train_decoder
    from calibration.network_methods import network_method

    weighting = None if loss_weighting is None else loss_weighting.value
    network = network_method(method.value, weighting, loss_weights, loss_step, max_epochs, device)
    train_decoder(
        recordings,
        output,
        network or method.value,
        config,
        trials=console.parse_trials(trials),
        sensors=sensors,
        prefer=prefer,
        pool=pool or (),
        refit=not no_refit,
        figure=figure,
        evaluation=not no_evaluation,
        report=report,
        as_json=console.parse_json(json),
    )


@app.command(name="report")
def report_decoder(
    target: Annotated[Path, typer.Argument(help="a decoder file, or a session's folder")],
    output: Annotated[Path, typer.Option("--output", "-o", help="the HTML page to write")],
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="RECORDINGS", help="as --recordings")
    ] = None,
    recordings: Annotated[
        list[Path] | None, typer.Option(help="XDF files that the decoder was trained on")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML: which streams of foreign recordings to read")
    ] = None,
    sensor_path: Annotated[
        bool, typer.Option("--sensor-path", help="measure AUC against the number of sensors, too")
    ] = False,
) -> None:
    """Write a page of all that is known of a decoder, to be looked at before going live."""
    from calibration.report.commands import write_report

    every = [*(recordings or ()), *(more or ())]
    write_report(target, every, output, config, sensor_path=sensor_path)


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
@session_command
def record_p300(request: "SessionRequest") -> None:
    """Copy words: the subject looks at letter after letter, everything is recorded."""
    from calibration.record import record_p300 as recorded

    recorded(request)


@record.command(name="mi")
@session_command
def record_mi(request: "SessionRequest") -> None:
    """Cue motor imagery without feedback: cross, arrow, imagery; everything is recorded."""
    from calibration.record import record_mi as recorded

    recorded(request)


@app.command()
def toy_losses(
    output: Annotated[Path, typer.Option("--output", "-o", help="the PNG or SVG file to draw")],
) -> None:
    """Draw how weightings of two losses descend over a plane, from three starts."""
    from calibration.network_figures import draw_toy_losses

    draw_toy_losses(output)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(console.run(app))


if __name__ == "__main__":
    main()
