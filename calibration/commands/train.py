"""`bci-calibrate train`: its options, read into one request."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bci_online.commands.options import JsonLines
from bci_online.errors import BciError
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import parse_json, parse_names, parse_trials
from calibration.experiments.evaluate_options import Scheduler
from calibration.method_names import (
    AUTO,
    FLASH_NETWORKS,
    POOLED_FIRST,
    MethodName,
    PrecisionName,
    RefitName,
    ScalingName,
    TuneName,
    WeightingName,
)

if TYPE_CHECKING:
    from bci_online.config import Config
    from calibration.training_request import SensorNumber

__all__ = ["train"]


def train(
    recordings: Annotated[
        list[Path], typer.Argument(help="recordings, session folders or BIDS folders, oldest first")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="the decoder file to write")],
    network: Annotated[
        str,
        typer.Option(help="MODULE:NAME of a network of your own, or braindecode.models:NAME"),
    ] = "",
    start: Annotated[
        Path | None,
        typer.Option(
            "--from", help="a network's decoder file: go on from it, and compare with from nothing"
        ),
    ] = None,
    tune: Annotated[
        TuneName | None,
        typer.Option(help="with --from: what goes on learning; all layers, or the head alone"),
    ] = None,
    method: Annotated[
        MethodName,
        typer.Option(
            help="auto takes one of lda, btlda and three forms of xdawn for flashes, and one of "
            "csp-lda, fbcsp, mdm and ts for imagery; these and svm use every sensor, gsvm methods "
            "choose some; fbmsnet is for imagery, min2net and eegnet for both"
        ),
    ] = "auto",
    config: Annotated[
        Path | None, typer.Option(help="TOML: streams, markers, filter, latencies, layout")
    ] = None,
    paradigm: Annotated[
        Literal["errp"] | None,
        typer.Option(
            help="errp: learn from the speller's answers which potentials follow a wrong one; if "
            "left out, as the configuration says"
        ),
    ] = None,
    networks: Annotated[
        bool, typer.Option("--networks", help="auto tries eegnet and min2net, too; takes minutes")
    ] = False,
    trials: Annotated[
        str, typer.Option(help="which letters or cues to train on, such as 1-3,5")
    ] = "",
    sensors: Annotated[
        str, typer.Option(help="most electrodes; auto: the fewest within one error")
    ] = "",
    prefer: Annotated[
        str, typer.Option(help="places near which electrodes cost less, such as Cz,Pz,PO7,PO8")
    ] = "",
    pool: Annotated[
        list[str] | None,
        typer.Option(
            help="another subject's or session's FILE[,FILE...][=CONFIG.toml] to learn with; "
            "lda, svm, mgsvm-2, mgsvm-2s, asymmetric and networks can; may be given several times"
        ),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option(
            help="a folder of earlier sessions to learn with, own ones first; auto means mgsvm-2s"
        ),
    ] = None,
    refit: Annotated[
        RefitName | None,
        typer.Option(
            help="what gives the weights on the sensors that a gsvm method chose; lda if left out, "
            "none keeps the method's own"
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            help="PNG or SVG to draw: AUC against the number of sensors, or a network's training"
        ),
    ] = None,
    loss_weighting: Annotated[
        WeightingName | None,
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
    scaling: Annotated[
        ScalingName | None,
        typer.Option(
            help="what a network's input is divided by: each channel's spread, nothing, or one "
            "number for all (the default for min2net with alphagrad on imagery)"
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="where a network trains: cpu, cuda, mps")] = "",
    threads: Annotated[
        int | None,
        typer.Option(
            help="of the CPU, that train a network; 1, which repeats to the bit", min=1, max=1024
        ),
    ] = None,
    precision: Annotated[
        PrecisionName | None,
        typer.Option(help="of a network's layers while they learn, float32; bfloat16: on a GPU"),
    ] = None,
    no_evaluation: Annotated[
        bool, typer.Option("--no-evaluation", help="write the decoder only: no held-out figures")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(help="processes at once; one for each core if left out", min=1, max=256),
    ] = None,
    scheduler: Scheduler = "",
    report: Annotated[
        Path | None, typer.Option(help="an HTML page of the decoder to write as well")
    ] = None,
    json: JsonLines = "",
) -> None:
    """Train a decoder on recordings; every figure comes from held-out runs, letters or cues."""
    end_soon_after_interrupt()
    # Only now: these import scikit-learn, and `--help` must not wait for it.
    from calibration.commands.named_networks import going_on, own_network, read_beginning
    from calibration.commands.trained import carry_out
    from calibration.networks.network_options import NetworkOptions
    from calibration.recordings import found_in
    from calibration.training_request import TrainingRequest

    chosen_method = own_network(network, method) if network else _meant(method, library)
    goes_on = read_beginning(start, tune, chosen_method, loss_weighting, bool(pool or library))
    chosen_method = goes_on[0].network if goes_on else chosen_method
    options = NetworkOptions(
        loss_weighting=loss_weighting, loss_weights=loss_weights, loss_step=loss_step,
        max_epochs=max_epochs, scaling=scaling, device=device, threads=threads, precision=precision,
    )  # fmt: skip
    trainings = [options.training(name) for name in _names(chosen_method, networks)]
    found, config_path = found_in(recordings, config)
    request = TrainingRequest(
        recordings=tuple(found),
        config=_config(config_path, paradigm, drawn=report or figure),
        config_path=config_path,
        output=output,
        method=chosen_method,
        network=None if networks else trainings[0],
        networks=tuple(filter(None, trainings)) if networks else (),
        trials=parse_trials(trials),
        sensors=_number(sensors),
        preferred=parse_names("--prefer", prefer),
        pools=tuple(pool or ()),
        library=library,
        refit=refit,
        evaluation=not no_evaluation,
        figure=figure,
        report=report,
        jobs=jobs,
        scheduler=scheduler,
        as_json=parse_json(json),
    )
    carry_out(request if goes_on is None else going_on(request, *goes_on, tune))


def _meant(method: str, library: Path | None) -> str:
    """Return the method; with a library auto means one that learns with others."""
    return POOLED_FIRST if library is not None and method == AUTO else method


def _names(method: str, networks: bool) -> tuple[str, ...]:
    """Return the methods whose options are read: the one that was chosen, or the networks tried."""
    if not networks:
        return (method,)
    if method != AUTO:
        raise BciError(f"--networks: is for --method auto, not {method}; leave it out")
    return FLASH_NETWORKS


def _config(path: Path | None, paradigm: str | None, drawn: Path | None) -> "Config":
    """Read the configuration; that of error potentials, if they are learnt, has no pictures."""
    from bci_online.config import for_error_potentials, read_config

    config = read_config(path)
    if paradigm is None:
        return config
    if drawn is not None:
        raise BciError("--report and --figure: are of letters and imagery; leave them out")
    return for_error_potentials(config)


def _number(text: str) -> "SensorNumber | None":
    """Read how many sensors are wanted; None if nothing was typed.

    Raises
    ------
    BciError
        If it is not a number of sensors.
    """
    if text == "":
        return None
    if text == "auto":
        return "auto"
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < 1:
        raise BciError(
            f"--sensors {text}: must be a number from 1 up, or auto for the fewest within one "
            "standard error of the best"
        )
    return int(text)
