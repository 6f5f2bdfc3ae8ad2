"""The typed commands of `bci-calibrate evaluate`. Their work is imported when one of them runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.errors import BciError
from bci_online.interrupts import end_soon_after_interrupt
from bci_online.option_values import parse_json
from calibration.experiments.evaluate_options import (
    Cache,
    Classes,
    ConfigOption,
    DataDir,
    Dataset,
    Device,
    FixedCentres,
    Jobs,
    Json,
    KeepNetworks,
    LearningRate,
    LossStep,
    LossWeights,
    MaxEpochs,
    Methods,
    MinEpochs,
    MoabbPreset,
    MoabbPresetOption,
    MoabbProtocol,
    MoabbProtocols,
    Monitor,
    MonitorOption,
    NetworkOption,
    Output,
    Part,
    Precision,
    PrecisionOption,
    PresetOption,
    Protocol,
    Protocols,
    Scaling,
    ScalingOption,
    Scheduler,
    Seed,
    SplitName,
    SplitOption,
    Splits,
    Subjects,
    Subsampling,
    Threads,
    TrainShare,
    Weightings,
)
from calibration.method_names import NetworkName

if TYPE_CHECKING:
    from calibration.experiments.flash_protocols import Splitting
    from calibration.experiments.run_options import RunOptions

app = typer.Typer(
    name="evaluate",
    help="Compare methods: the paper's simulated experiment, your recordings, or public sets.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


FOR_METHODS = ("config", "methods", "splits", "train_share")
FOR_NETWORKS = (
    "loss_weighting", "loss_step", "loss_weights", "learning_rate", "fixed_centres", "subsampling",
    "scaling", "split", "classes", "monitor", "min_epochs", "max_epochs", "keep_networks",
    "device", "threads", "precision", "cache",
)  # fmt: skip


@app.command()
def simulated(
    output: Output,
    part: Annotated[
        Part, typer.Option(help="sensors: the paper's table; subjects: learning curves")
    ] = Part.all,
    methods: Methods = "",
    runs: Annotated[int, typer.Option(min=1, help="how often everything is drawn anew")] = 10,
    jobs: Jobs = 1,
    seed: Seed = 0,
    scheduler: Scheduler = "",
    json: Json = "",
) -> None:
    """Make the simulated experiment: 16 sensors, 8 of which carry a P300."""
    from calibration.experiments.flash_tables import evaluate_simulated

    options = _options(output, jobs, scheduler, json)
    evaluate_simulated(part.value, methods, runs, seed, options)


@app.command()
def recordings(
    context: typer.Context,
    recordings: Annotated[
        list[Path], typer.Argument(help="XDF files or session folders; sub-XX names the subject")
    ],
    output: Output,
    protocol: Protocols = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    methods: Methods = "",
    splits: Splits = 10,
    train_share: TrainShare = 0.8,
    jobs: Jobs = 1,
    seed: Seed = 0,
    scheduler: Scheduler = "",
    json: Json = "",
) -> None:
    """Compare methods on your own recordings, subject by subject."""
    from calibration.experiments.flash_tables import (
        Comparison,
        evaluate_new_subjects,
        evaluate_recordings,
    )

    asked = tuple(dict.fromkeys(chosen.value for chosen in protocol or []))
    comparison = Comparison(
        methods=methods,
        config=config,
        preset=preset.value if preset else "",
        protocols=asked or (Protocol.paper.value, Protocol.by_run.value),
        splitting=_splitting(splits, train_share, seed),
    )
    options = _options(output, jobs, scheduler, json)
    if Protocol.learning_curve.value not in asked:
        evaluate_recordings(recordings, comparison, options)
        return
    if len(asked) > 1:
        raise BciError(
            "--protocol learning-curve: makes a separate table; use it without other protocols"
        )
    _refuse(context, ("train_share", "seed"), "is not for --protocol learning-curve")
    evaluate_new_subjects(recordings, comparison, options)


@app.command()
def moabb(
    context: typer.Context,
    dataset: Dataset,
    output: Output,
    data_dir: DataDir = None,
    subject: Subjects = None,
    protocol: MoabbProtocols = None,
    preset: MoabbPresetOption = None,
    config: ConfigOption = None,
    methods: Methods = "",
    splits: Splits = 10,
    train_share: TrainShare = 0.8,
    network: NetworkOption = None,
    loss_weighting: Weightings = None,
    loss_step: LossStep = 0.01,
    loss_weights: LossWeights = "",
    learning_rate: LearningRate = 1e-3,
    fixed_centres: FixedCentres = False,
    subsampling: Subsampling = None,
    scaling: ScalingOption = Scaling.microvolts,
    split: SplitOption = SplitName.sessions,
    classes: Classes = "",
    monitor: MonitorOption = Monitor.classification,
    min_epochs: MinEpochs = 1,
    max_epochs: MaxEpochs = 100,
    keep_networks: KeepNetworks = False,
    device: Device = "cpu",
    threads: Threads = 1,
    precision: Precision = PrecisionOption.float32,
    cache: Cache = None,
    jobs: Jobs = 1,
    seed: Seed = 0,
    scheduler: Scheduler = "",
    json: Json = "",
) -> None:
    """Compare methods or networks on a public set; MOABB fetches it unless you have a copy."""
    from calibration.experiments.moabb_sets import AskedSet

    options = _options(output, jobs, scheduler, json)
    people = tuple(sorted(set(subject or [])))
    asked = AskedSet(dataset=dataset, data_dir=data_dir, subjects=people)
    protocols = _protocols(protocol, network)
    is_paper = preset == MoabbPreset.alphagrad_paper
    if network is None:
        _refuse(context, FOR_NETWORKS, "needs --network")
        if is_paper:
            raise BciError("--preset alphagrad-paper: needs --network")
        from calibration.experiments.flash_tables import Comparison, evaluate_moabb

        comparison = Comparison(
            methods=methods,
            config=config,
            preset=preset.value if preset else "",
            protocols=protocols,
            splitting=_splitting(splits, train_share, seed),
        )
        evaluate_moabb(asked, comparison, options)
        return
    _refuse(context, FOR_METHODS if is_paper else ("preset", *FOR_METHODS), "is not for --network")
    from calibration.experiments.asked_networks import asked_networks

    given = {name for name in context.params if _is_given(context, name)}
    comparison = asked_networks(context.params, given, protocols, is_paper)
    from calibration.experiments.network_tables import evaluate_networks

    evaluate_networks(asked, comparison, options)


def _options(output: Path, jobs: int, scheduler: str, json: str) -> "RunOptions":
    """Return where cells are computed, and how the table is shown."""
    end_soon_after_interrupt()
    from calibration.experiments.run_options import RunOptions, table_folder

    if jobs == 0:
        raise BciError("--jobs 0: must be 1 or more, or -1 for one per core")
    as_json = parse_json(json)
    return RunOptions(output=table_folder(output), jobs=jobs, scheduler=scheduler, as_json=as_json)


def _protocols(asked: list[MoabbProtocol] | None, network: NetworkName | None) -> tuple[str, ...]:
    """Return the requested protocols, of those that networks or methods have."""
    names = [one.value for one in MoabbProtocol]
    own = names[:2] if network is None else names[2:]
    for one in asked or []:
        if one.value not in own:
            way = "--network goes with" if network else "without --network there are"
            raise BciError(f"--protocol {one.value}: {way} {' and '.join(own)}")
    return tuple(dict.fromkeys(one.value for one in asked or [])) or tuple(own)


def _refuse(context: typer.Context, names: Sequence[str], why: str) -> None:
    """Refuse options that would be passed over in silence."""
    for name in names:
        if _is_given(context, name):
            raise BciError(f"--{name.replace('_', '-')}: {why}")


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _splitting(splits: int, train_share: float, seed: int) -> "Splitting":
    from calibration.experiments.flash_protocols import Splitting

    if not 0 < train_share < 1:
        raise BciError(f"--train-share {train_share:g}: must lie between 0 and 1, such as 0.8")
    return Splitting(splits=splits, train_share=train_share, seed=seed)
