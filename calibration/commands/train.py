"""`bci-calibrate train`: its options, read into one request."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bci_online.commands.options import JsonLines
from bci_online.console import note
from bci_online.errors import BciError
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import page_file, parse_json, parse_trials
from calibration.experiments.evaluate_options import Scheduler
from calibration.method_names import (
    AUTO,
    FLASH_NETWORKS,
    POOLED_FIRST,
    MethodName,
    RefitName,
    ScalingName,
    TuneName,
    WeightingName,
)

if TYPE_CHECKING:
    from bci_online.config import Config, DecoderHeader
    from calibration.networks.network_start import NetworkStart
    from calibration.training_request import SensorNumber, TrainingRequest

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
        typer.Option(help="of the CPU, that train a network; 1, which repeats to the bit", min=1),
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
    from calibration.commands.trained import carry_out
    from calibration.networks.network_training import parse_network_training
    from calibration.recordings import found_in
    from calibration.training_request import TrainingRequest

    chosen_method = _own_network(network, method) if network else _meant(method, library)
    goes_on = _read_start(start, tune, chosen_method, loss_weighting, bool(pool or library))
    chosen_method = goes_on[0].network if goes_on else chosen_method
    options = loss_weighting, loss_weights, loss_step, max_epochs, device, scaling, threads
    if networks and chosen_method != AUTO:
        raise BciError(f"--networks: is for --method auto, not {chosen_method}; leave it out")
    names = FLASH_NETWORKS if networks else (chosen_method,)
    parsed = [parse_network_training(name, *options) for name in names]
    if report is not None:
        page_file(report, "--report")
    found, config_path = found_in(recordings, config)
    request = TrainingRequest(
        recordings=tuple(found),
        config=_config(config_path, paradigm, drawn=report or figure),
        config_path=config_path,
        output=output,
        method=chosen_method,
        network=None if networks else parsed[0],
        networks=tuple(filter(None, parsed)) if networks else (),
        trials=parse_trials(trials),
        sensors=_number(sensors),
        preferred=tuple(prefer.replace(",", " ").split()),
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
    carry_out(request if goes_on is None else _going_on(request, *goes_on, tune))


def _meant(method: str, library: Path | None) -> str:
    """Return the method; with a library auto means one that learns with others."""
    return POOLED_FIRST if library is not None and method == AUTO else method


def _own_network(network: str, method: str) -> str:
    """Return MODULE:NAME of a network, which then is allowed in this process.

    Raises
    ------
    BciError
        If it is no such name, or cannot be imported.
    """
    if method != AUTO:
        raise BciError(f"--network {network}: is a method of its own; leave --method {method} out")
    if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", network) is None:
        raise BciError(f"--network {network}: must be MODULE:NAME, such as my_lab.networks:TinyNet")
    from calibration.installed import check_installed

    check_installed("torch", "networks", f"--network {network}")
    if network.startswith("braindecode"):
        check_installed("braindecode", "braindecode", f"--network {network}")
    from calibration.networks.one_training import allowed

    allowed(network)
    return network


def _read_start(
    start: Path | None,
    tune: TuneName | None,
    method: str,
    loss_weighting: str | None,
    pools: bool,
) -> "tuple[NetworkStart, DecoderHeader] | None":
    """Read the network that the training goes on from; None if there is none.

    Raises
    ------
    BciError
        If it is no network, or other options are for another one.
    """
    if start is None:
        if tune is not None:
            raise BciError(f"--tune {tune}: says how to go on from a network; name it with --from")
        return None
    if pools:
        raise BciError(
            "--from: --pool and --library train a network to go on from as well; give one of them"
        )
    from calibration.networks.network_start import read_start

    found, header = read_start(start)
    if method not in (AUTO, found.network):
        raise BciError(f"--method {method}: {start} holds {found.network}; leave --method out")
    if tune == "head" and loss_weighting not in (None, "fixed"):
        raise BciError(
            f"--loss-weighting {loss_weighting}: with --tune head one loss is learnt; leave it out"
        )
    return found, header


def _going_on(
    request: "TrainingRequest", start: "NetworkStart", header: "DecoderHeader", tune: str | None
) -> "TrainingRequest":
    """Return a request whose network goes on from another one, on epochs as that one has them."""
    import msgspec

    from calibration.networks.network_start import config_like

    config, notes = config_like(start.name, header, request.config)
    for text in notes:
        note(text)
    training = request.network
    if training is not None:
        training = msgspec.structs.replace(training, start=start, tune=tune or "all")
    return msgspec.structs.replace(request, config=config, network=training)


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
